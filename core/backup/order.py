"""Which restore point is the newest: by the order of making, never by the clock alone.

A clock that was wrong dates a restore point into the future, or before others that were made
earlier.  Every restore point therefore has a number of its store, given under the store's lock;
`ListedPoint.place` is the order that follows.  Clocks still say how old something is, but a time
that has not come yet is no age, and what is dated so is told.

Where an age decides what is removed, only time counts that has passed for certain.  Between one
restore point and the next a clock that jumped ahead looks like a pause, so a pause of more than a
day counts as a day, and a clock set back as no time at all.  The sum is written down with each
(`RestorePoint.elapsed`): it stays when those between are gone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from core.backup.models import ListedPoint, Reason, RestorePoint

SLACK = timedelta(minutes=5)
"""Clocks are corrected by so much every day; what is further ahead is from the future."""


LONGEST = timedelta(days=1)
"""A longer pause counts as so much: what was kept for days must not go when a clock jumps."""


def newest_first(listed: Iterable[ListedPoint]) -> list[ListedPoint]:
    """Return *listed* in the order of making, what was made last first."""
    return sorted(listed, key=lambda one: one.place, reverse=True)


def next_sequence(listed: Iterable[ListedPoint]) -> int:
    """Return the number of the next restore point of the store that holds *listed*.

    It is greater than every number there, those of copied ones included: who saw them is later.
    """
    return 1 + max((one.point.sequence or 0 for one in listed), default=0)


def next_elapsed(listed: Iterable[ListedPoint], created: datetime) -> int:
    """Return `RestorePoint.elapsed` of the next one, made at *created*, in seconds."""
    before = next(iter(newest_first(listed)), None)
    if before is None:
        return 0
    return (before.point.elapsed or 0) + int(
        _certain(before.point.created, created).total_seconds()
    )


def certain_ages(listed: Iterable[ListedPoint], now: datetime) -> dict[str, timedelta]:
    """Return for each restore point, by its id, how much time has passed since for certain."""
    ages: dict[str, timedelta] = {}
    age, later = timedelta(0), None
    for one in newest_first(listed):
        age += _between(one.point, later, now)
        ages[one.point.id] = age
        later = one.point
    return ages


def _between(earlier: RestorePoint, later: RestorePoint | None, now: datetime) -> timedelta:
    if later is None:
        return _certain(earlier.created, now)
    if earlier.elapsed is None or later.elapsed is None or earlier.store != later.store:
        return _certain(earlier.created, later.created)
    return timedelta(seconds=max(0, later.elapsed - earlier.elapsed))


def _certain(earlier: datetime, later: datetime) -> timedelta:
    return min(max(later - earlier, timedelta(0)), LONGEST)


def is_from_future(one: ListedPoint, now: datetime) -> bool:
    """Whether *one* is dated later than *now*: a clock was wrong then, or is wrong now."""
    return one.point.created > now + SLACK


def state_of(listed: ListedPoint) -> datetime:
    """Return the moment whose state a restore point holds, as the clocks had it."""
    return listed.point.moment or listed.point.created


def newest_state_first(listed: Iterable[ListedPoint]) -> list[ListedPoint]:
    """Return *listed* by the states they hold, the newest state first.

    What was captured from the live files holds the state of when it was made, so its order is that
    of making.  An imported one holds an older state: it stands among those made before it, where
    its moment belongs.  Where a clock makes that doubtful, what came from elsewhere counts as the
    older one.
    """
    reached: list[datetime] = []
    states: list[ListedPoint] = []
    for one in reversed(newest_first(listed)):
        point = one.point
        latest = reached[-1] if reached else point.created
        # An import cannot be of a later moment than that at which it was made.
        if point.reason is Reason.IMPORTED and point.moment and point.moment <= point.created:
            at = bisect_right(reached, point.moment)
            reached.insert(at, point.moment)
            states.insert(at, one)
        else:
            reached.append(max(latest, point.created))
            states.append(one)
    return states[::-1]


def newest_good(listed: Sequence[ListedPoint]) -> ListedPoint | None:
    """Return the good restore point with the newest state, None where none is good."""
    return next((one for one in newest_state_first(listed) if one.good), None)
