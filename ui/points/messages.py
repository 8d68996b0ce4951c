"""What is said of restore points: times, condition, and which one the rollback tab chooses first.

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
from core.backup.order import SLACK, newest_state_first, state_of
from core.base.journal import Entry, Outcome
from core.base.text import Text, translate
from ui.language import bytes_text, count_text, duration_text, say

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
    good = _good(points, missing)
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
    good = _good(points, missing)
    return next((listed for listed in good if when(listed) <= moment), None)


def _good(points: Sequence[ListedPoint], missing: Iterable[str]) -> list[ListedPoint]:
    """Return the good ones that bring back all that is *missing*, the newest state first."""
    needed = set(missing)
    return [
        listed
        for listed in newest_state_first(points)
        if listed.good and needed <= {file.name for file in listed.point.files}
    ]


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


HEAP_TIP_LINES = 8
JUST_NOW_SECONDS = 10
LONGEST_ZONE = 5


_REASONS: dict[Reason, Text] = {
    Reason.MANUAL: translate("points", "Manual"),
    Reason.SCHEDULED: translate("points", "Scheduled"),
    Reason.BEFORE_MIGRATION: translate("points", "Before migration"),
    Reason.BEFORE_ROLLBACK: translate("points", "Before rollback"),
    Reason.BEFORE_DEPLOYMENT: translate("points", "Before deployment"),
    Reason.IMPORTED: translate("points", "Imported"),
}


def reason_name(reason: Reason) -> str:
    """Return why a restore point was made, in a word or two."""
    return say(_REASONS[reason])


def clock(at: datetime, now: datetime, *, exact: bool = False) -> str:
    """Return *at* as short as it is clear beside *now*, in local time: 14:32, 22 Nov 14:32.

    With *exact* to the second, for when two restore points stand in the same minute.
    """
    local, today = at.astimezone(), now.astimezone()
    time = f"{local:%H:%M:%S}" if exact else f"{local:%H:%M}"
    if local.date() == today.date():
        return time
    if local.year == today.year:
        return say(
            translate(
                "points",
                "{month}/{day} {time}",
                month=local.month,
                day=local.day,
                time=time,
            )
        )
    return f"{local:%Y-%m-%d} {time}"


def ago(at: datetime, now: datetime) -> str:
    """Return how long *at* lies back, such as ``23 min ago``, in whole seconds at the least.

    What has not come yet has no age: a clock was wrong when it was made, or is wrong now.
    """
    if at > now + SLACK:
        ahead = duration_text(round((at - now).total_seconds()))
        return say(translate("points", "{duration} ahead of the clock", duration=ahead))
    seconds = round((now - at).total_seconds())
    if seconds < JUST_NOW_SECONDS:
        return say(translate("points", "just now"))
    return say(translate("points", "{duration} ago", duration=duration_text(seconds)))


def future_text(count: int) -> Text:
    """Return the sentence that tells of *count* restore points that are dated later than now."""
    return translate(
        "points",
        "Dated in the future: {count} restore points. A clock was wrong then, or is wrong now; "
        "what was made last still counts as the newest.",
        count=count,
    )


def exact_time(at: datetime) -> str:
    """Return *at* in full in local time, to the second, with its zone: ``KST``, ``UTC+09:00``.

    Windows has no short names, and ``strftime`` there fails at the long ones (``%Z`` in Korean).
    """
    local = at.astimezone()
    name = local.tzname() or ""
    short = name.isascii() and name.isalpha() and len(name) <= LONGEST_ZONE
    zone = name if short else f"UTC{local.isoformat()[-6:]}"
    return f"{local:%Y-%m-%d %H:%M:%S} {zone}"


def condition(listed: ListedPoint) -> str:
    """Return whether one can go back to *listed*, and how that is known."""
    notes = listed.annotations
    if not listed.checked and not listed.damaged:
        return say(translate("points", "Saved; SQLite has not checked it yet"))
    if not listed.point.sound:
        return say(translate("points", "Damaged: SQLite found errors in it"))
    if not listed.good:
        return say(translate("points", "Damaged: its last verification failed"))
    if notes.full is not None:
        at = f"{notes.full.at.astimezone():%Y-%m-%d %H:%M}"
        return say(translate("points", "Good: restored in a drill on {at}", at=at))
    if notes.quick is not None:
        at = f"{notes.quick.at.astimezone():%Y-%m-%d %H:%M}"
        return say(translate("points", "Good: stored bytes checked on {at}", at=at))
    return _verified_when_made(listed.point.checked_in_part)


def _verified_when_made(rest: datetime | None) -> str:
    """Return that it was, and when the *rest*, which had not changed by then."""
    if rest is None:
        return say(translate("points", "Good: verified when it was made"))
    at = f"{rest.astimezone():%Y-%m-%d %H:%M}"
    return say(
        translate("points", "Good: verified when it was made; what had not changed, on {at}", at=at)
    )


def proven(listed: ListedPoint, now: datetime) -> str:
    """Return when *listed* was last proven restorable, as short as a table needs it."""
    notes = listed.annotations
    if not listed.checked and not listed.damaged:
        return say(translate("points", "Saved, not checked yet"))
    if not listed.good:
        return say(translate("points", "✗ Damaged"))
    if notes.full is not None:
        return say(translate("points", "✓ Restored in a drill {ago}", ago=ago(notes.full.at, now)))
    if notes.quick is not None:
        return say(translate("points", "✓ Bytes checked {ago}", ago=ago(notes.quick.at, now)))
    return say(translate("points", "✓ Verified when made"))


def note_of(listed: ListedPoint) -> str:
    """Return the note of *listed*, or that it is damaged; it is kept as if pinned, then."""
    if listed.annotations.lost:
        return say(translate("points", "(note damaged)"))
    return listed.annotations.note


def point_tip(listed: ListedPoint) -> str:
    """Return the tooltip of one restore point."""
    lines = [
        exact_time(when(listed)),
        reason_name(listed.point.reason),
        condition(listed),
        bytes_text(listed.point.size),
    ]
    if listed.annotations.pinned:
        lines.append(say(translate("points", "Pinned: never removed by retention")))
    if note := note_of(listed):
        lines.append(note)
    return "\n".join(lines)


def heap_tip(members: Sequence[ListedPoint]) -> str:
    """Return the tooltip of several restore points that stand together, newest first."""
    newest_first = list(reversed(members))
    head = say(translate("points", "{count} restore points", count=count_text(len(newest_first))))
    lines = [head]
    for listed in newest_first[:HEAP_TIP_LINES]:
        mark = "✓" if listed.good else "✕"
        at = when(listed).astimezone()
        lines.append(f"{mark} {at:%m-%d %H:%M:%S} · {reason_name(listed.point.reason)}")
    if len(newest_first) > HEAP_TIP_LINES:
        rest = count_text(len(newest_first) - HEAP_TIP_LINES)
        lines.append(say(translate("points", "… and {count} older ones", count=rest)))
    lines.append(say(translate("points", "Double click to see them apart")))
    return "\n".join(lines)


def spoken(listed: ListedPoint | None, count: int) -> str:
    """Return what a screen reader says of the time line with *listed* chosen out of *count*."""
    if listed is None:
        return say(
            translate("points", "{count} restore points, none chosen", count=count_text(count))
        )
    return say(
        translate(
            "points",
            "Chosen of {count}: {time}, {reason}, {condition}",
            count=count_text(count),
            time=exact_time(when(listed)),
            reason=reason_name(listed.point.reason),
            condition=condition(listed),
        )
    )
