"""When the next backup and the next restore drill are due; pure, the clock is handed in.

A run that was missed, because the machine slept or the console was closed, is made up once,
however many were missed.  A clock that jumped back does not stop the schedule: what lies in the
future was made by a wrong clock and does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo

from core.backup.models import ListedPoint, Proof, Reason
from core.backup.order import SLACK, newest_first
from core.backup.verify import Depth
from core.base.config.models import ScheduleSettings
from core.base.model import Strict

# A clock that is corrected by so much makes no extra backup.
TOLERANCE = SLACK


class Drill(Strict):
    """A restore point that is to be verified, and how."""

    point_id: str
    kind: Depth


def last_backup(listed: Sequence[ListedPoint], now: datetime) -> datetime | None:
    """Return when the newest restore point was made that spares a scheduled one.

    Any backup of the live files does; an import holds another state than that of its time, and
    what was copied here was made of other files.
    """
    made = [
        one.point.created
        for one in listed
        if one.point.reason is not Reason.IMPORTED and not one.foreign
    ]
    return max((moment for moment in made if moment <= now + TOLERANCE), default=None)


def next_backup(
    schedule: ScheduleSettings,
    last: datetime | None,
    now: datetime,
    zone: tzinfo | None = None,
) -> datetime | None:
    """Return when the next backup is to be made, in UTC; None: never by itself.

    What is not after *now* is due.  *last* comes from `last_backup`; times of day are those of
    *zone*, by default the local one.
    """
    if last is not None and last > now + TOLERANCE:
        last = None
    if schedule.every_minutes is not None:
        if last is None:
            return now.astimezone(UTC)
        return (last + timedelta(minutes=schedule.every_minutes)).astimezone(UTC)
    if schedule.at is not None:
        # Without any backup the last time of day that has passed was missed.
        since = last if last is not None else now - timedelta(days=1)
        return _first_after(schedule.at, since, zone)
    return None


def due(
    schedule: ScheduleSettings,
    last: datetime | None,
    now: datetime,
    zone: tzinfo | None = None,
) -> bool:
    """Whether a backup is to be made now."""
    when = next_backup(schedule, last, now, zone)
    return when is not None and when <= now


def _first_after(at: time, since: datetime, zone: tzinfo | None) -> datetime:
    """Return the first moment after *since* at which a clock in *zone* shows *at*.

    A time that does not exist, as summer time begins, is that much after the gap; one that
    comes twice is its first.
    """
    day = since.astimezone(zone).date() - timedelta(days=1)
    while (moment := _moment(datetime.combine(day, at.replace(tzinfo=None)), zone)) <= since:
        day += timedelta(days=1)
    return moment


def _moment(wall: datetime, zone: tzinfo | None) -> datetime:
    both = [
        (wall.replace(tzinfo=zone, fold=fold) if zone else wall.replace(fold=fold)).astimezone(UTC)
        for fold in (0, 1)
    ]
    shown = [one for one in both if one.astimezone(zone).replace(tzinfo=None, fold=0) == wall]
    return min(shown) if shown else max(both)


def next_drill(
    schedule: ScheduleSettings, listed: Sequence[ListedPoint], now: datetime
) -> tuple[datetime, Drill] | None:
    """Return when the next verification is due, and of what; None: none by itself.

    A drill is due so many days after the last one of its kind: each proves one restore point,
    in turn the newest one and the one that was not proven for the longest time.  A full drill
    is a quick one too.
    """
    candidates = [one for one in listed if one.good]
    if not candidates:
        return None
    kinds: tuple[tuple[Depth, int | None], ...] = (
        # Where both are due the full one is first: it spares the quick one.
        ("full", schedule.full_verify_days),
        ("quick", schedule.quick_verify_days),
    )
    found = [
        _drill(kind, timedelta(days=days), listed, candidates, now)
        for kind, days in kinds
        if days is not None
    ]
    return min(found, key=lambda one: max(one[0], now), default=None)


def due_drill(
    schedule: ScheduleSettings, listed: Sequence[ListedPoint], now: datetime
) -> Drill | None:
    """Return the verification that is to be made now; the next one after it is done."""
    found = next_drill(schedule, listed, now)
    return found[1] if found is not None and found[0] <= now else None


def _drill(
    kind: Depth,
    interval: timedelta,
    listed: Sequence[ListedPoint],
    candidates: Sequence[ListedPoint],
    now: datetime,
) -> tuple[datetime, Drill]:
    newest = newest_first(candidates)[0]
    proven = [(proof.at, one) for one in listed if (proof := _proof(one, kind, now)) is not None]
    if not proven:
        return now, Drill(point_id=newest.point.id, kind=kind)
    at, before = max(proven, key=lambda pair: pair[0])
    was_new = at - before.point.created <= interval
    stalest = min(candidates, key=lambda one: _proven_or_made(one, kind, now))
    chosen = stalest if was_new else newest
    return at + interval, Drill(point_id=chosen.point.id, kind=kind)


def _proof(one: ListedPoint, kind: Depth, now: datetime) -> Proof | None:
    """Return the newest proof that covers *kind*."""
    found = [one.annotations.full] + ([one.annotations.quick] if kind == "quick" else [])
    proofs = [proof for proof in found if proof is not None and proof.at <= now + TOLERANCE]
    return max(proofs, key=lambda proof: proof.at, default=None)


def _proven_or_made(one: ListedPoint, kind: Depth, now: datetime) -> tuple[datetime, str]:
    proof = _proof(one, kind, now)
    return (proof.at if proof else one.point.created), one.point.id
