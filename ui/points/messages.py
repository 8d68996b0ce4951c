"""What the rollback tab says: times, restore points, the way back, in the operator's language.

Pure functions of what is known to what is read, so that the exact words can be tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.backup.models import ListedPoint, Reason
from core.backup.order import SLACK
from core.base.text import Text, translate
from ui.format import bytes_text, count_text, duration_text
from ui.language import say
from ui.points.choice import when

HEAP_TIP_LINES = 8
JUST_NOW_SECONDS = 10


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
    """Return *at* in full in local time, to the second, with its distance from UTC."""
    local = at.astimezone()
    return f"{local:%Y-%m-%d %H:%M:%S} (UTC{local:%z})"


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
