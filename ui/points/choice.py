"""Which restore point the rollback tab has chosen before the operator chooses another.

Whoever opens this tab mostly wants what the last change took away: the newest good state
from before it.  A change is what the console itself did to the live databases (a rollback, a
migration, a deployment).  The snapshot that such an operation takes of the present, and the
set it parks, *are* the state before it, although they are written while it runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from core.journal import Entry, Outcome
from core.snapshot.models import ListedPoint, Reason

CHANGE_COUNTS_FOR = timedelta(days=7)
"""After a week of trading a change is no longer what somebody wants undone; going back behind
it would take the week's rows out of the live set, so the newest good state is offered then."""

SAFETY_REASONS = frozenset(
    {Reason.BEFORE_MIGRATION, Reason.BEFORE_ROLLBACK, Reason.BEFORE_DEPLOYMENT}
)


class Why(StrEnum):
    """Why a restore point was chosen."""

    BEFORE_CHANGE = "before_change"
    NEWEST_GOOD = "newest_good"


class Change(NamedTuple):
    """One operation of the console that replaced live data, from its start to its end (UTC)."""

    begun: datetime
    ended: datetime


class Choice(NamedTuple):
    """The restore point chosen, and why."""

    listed: ListedPoint
    why: Why


def when(listed: ListedPoint) -> datetime:
    """Return the moment whose state *listed* holds: for an import, when that was saved."""
    return listed.point.moment or listed.point.created


def newest(points: Iterable[ListedPoint]) -> ListedPoint | None:
    """Return the point with the newest state; of several from one moment, the last written."""
    return max(
        points,
        key=lambda listed: (when(listed), listed.point.created, listed.point.id),
        default=None,
    )


def choose(
    points: Sequence[ListedPoint],
    changes: Iterable[Change],
    now: datetime,
    missing: Iterable[str] = (),
) -> Choice | None:
    """Return the good restore point to offer, or None where there is no good one.

    The newest good state before the last change of the past week; where there is no such
    change, or no good state before it, the newest good state.  Where live databases are
    *missing*, only a restore point that brings them back is offered.
    """
    needed = set(missing)
    good = [
        listed
        for listed in points
        if listed.good and needed <= {file.name for file in listed.point.files}
    ]
    last = max(
        (change for change in changes if now - change.ended <= CHANGE_COUNTS_FOR),
        key=lambda change: (change.ended, change.begun),
        default=None,
    )
    if last is not None:
        before = newest(listed for listed in good if _before(listed, last))
        if before is not None:
            return Choice(before, Why.BEFORE_CHANGE)
    latest = newest(good)
    return None if latest is None else Choice(latest, Why.NEWEST_GOOD)


def _before(listed: ListedPoint, change: Change) -> bool:
    if when(listed) <= change.begun:
        return True
    return listed.point.reason in SAFETY_REASONS and listed.point.created <= change.ended


CHANGING = frozenset({"rollback", "migrate run", "migrate undo", "deploy run", "deploy rollback"})
"""Operations of the journal that replace live data."""


def changes(entries: Iterable[Entry]) -> tuple[Change, ...]:
    """Return the changes among the *entries* of the journal; undone ones changed nothing."""
    return tuple(
        Change(entry.begun, entry.ended or entry.begun)
        for entry in entries
        if entry.operation in CHANGING and entry.outcome in {Outcome.OK, Outcome.INTERRUPTED}
    )
