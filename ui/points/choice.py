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

from core.backup.models import ListedPoint, Place, Reason
from core.backup.order import newest_state_first, state_of
from core.base.journal import Entry, Outcome

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
    number: int = 0
    """Its place in the journal, which tells more surely than a clock what came last."""


class Choice(NamedTuple):
    """The restore point chosen, and why."""

    listed: ListedPoint
    why: Why


def when(listed: ListedPoint) -> datetime:
    """Return the moment whose state *listed* holds: for an import, when that was saved."""
    return state_of(listed)


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
        for listed in newest_state_first(points)
        if listed.good and needed <= {file.name for file in listed.point.files}
    ]
    last = max(
        (change for change in changes if now - change.ended <= CHANGE_COUNTS_FOR),
        key=lambda change: (change.number, change.ended, change.begun),
        default=None,
    )
    if last is not None:
        border = _border(points, last)
        before = next((listed for listed in good if _before(listed, last, border)), None)
        if before is not None:
            return Choice(before, Why.BEFORE_CHANGE)
    return Choice(good[0], Why.NEWEST_GOOD) if good else None


def as_of(
    points: Sequence[ListedPoint], moment: datetime, missing: Iterable[str] = ()
) -> ListedPoint | None:
    """Return the newest good state of *moment* or before; None where there is none.

    Where live databases are *missing*, only a restore point that brings them back counts.
    """
    needed = set(missing)
    return next(
        (
            listed
            for listed in newest_state_first(points)
            if listed.good
            and when(listed) <= moment
            and needed <= {file.name for file in listed.point.files}
        ),
        None,
    )


def _border(points: Iterable[ListedPoint], change: Change) -> Place | None:
    """Return the place of the last state that *change* saved before it changed anything."""
    first, last = sorted((change.begun, change.ended))
    saved = (
        listed.place
        for listed in points
        if listed.point.reason in SAFETY_REASONS and first <= listed.point.created <= last
    )
    return max(saved, default=None)


def _before(listed: ListedPoint, change: Change, border: Place | None) -> bool:
    """Whether *listed* holds a state from before *change*: by the order of making, if it tells."""
    if border is not None and listed.point.moment is None:
        return listed.place <= border
    return when(listed) <= change.begun


def changes(entries: Iterable[Entry]) -> tuple[Change, ...]:
    """Return the changes among the *entries* of the journal; undone ones changed nothing."""
    return tuple(
        Change(entry.begun, entry.ended or entry.begun, entry.id)
        for entry in entries
        if entry.replaces_data and entry.outcome in {Outcome.OK, Outcome.INTERRUPTED}
    )
