"""What happened, as it is marked on every graph: the console's operations, and restarts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from core.base.journal import Entry, Outcome
from core.base.kind import Kind
from core.base.text import translate
from core.monitoring.models import Event, EventKind
from ui.format import duration_text, operation_name, outcome_text
from ui.language import say
from ui.points.messages import exact_time

MARKED = {Kind.BACKUP_CREATE, Kind.RECOVER}
"""Operations that are marked besides those that make other data live."""
BAD = {Outcome.FAILED, Outcome.INTERRUPTED}
_EVENTS = {
    EventKind.PROGRAM_STARTED: translate("health", "Program started"),
    EventKind.PROGRAM_ENDED: translate("health", "Program ended"),
    EventKind.CLOCK_JUMPED: translate("health", "Clock set"),
    EventKind.PAUSED: translate("health", "Machine paused"),
    EventKind.HISTORY: translate("health", "History begun anew"),
}


class Mark(NamedTuple):
    """Something that happened at `begin`, in Unix seconds, or that lasted until `end`."""

    begin: float
    end: float
    label: str
    tip: str
    colour: str
    """The theme's name of its colour."""


def marks_of(journal: Iterable[Entry], events: Iterable[Event], now: datetime) -> tuple[Mark, ...]:
    """Return what is marked, the oldest first; what still runs lasts until *now*."""
    operations = [
        _operation(entry, now) for entry in journal if entry.replaces_data or entry.kind in MARKED
    ]
    others = [_event(event, operations) for event in events]
    return tuple(sorted([*operations, *others]))


def _operation(entry: Entry, now: datetime) -> Mark:
    name = operation_name(entry.operation)
    # What died without a word has no end: only that it began is certain.
    end = entry.ended or (now if entry.outcome is Outcome.RUNNING else entry.begun)
    bad = entry.outcome in BAD
    lines = [name, exact_time(entry.begun)]
    length = entry.length_seconds
    if length is None:  # it still runs, or nobody knows
        length = (end - entry.begun).total_seconds()
    if length > 0:
        lines.append(f"{outcome_text(entry.outcome)} · {duration_text(length)}")
    else:
        lines.append(outcome_text(entry.outcome))
    return Mark(
        entry.begun.timestamp(), end.timestamp(), f"✕ {name}" if bad else name,
        "\n".join(lines), "danger" if bad else "safety",
    )  # fmt: skip


def _event(event: Event, operations: Sequence[Mark]) -> Mark:
    at = event.at.timestamp()
    wanted = any(mark.begin - 1 <= at <= mark.end + 5 for mark in operations)
    died = event.kind is EventKind.PROGRAM_ENDED and not wanted
    tip = f"{say(event.text)}\n{exact_time(event.at)}"
    return Mark(at, at, say(_EVENTS[event.kind]), tip, "danger" if died else "faint")


def marks_near(marks: Sequence[Mark], at: float, reach: float) -> tuple[Mark, ...]:
    """Return those of *marks* that lie within *reach* seconds of *at*."""
    return tuple(mark for mark in marks if mark.begin - reach <= at <= mark.end + reach)


def heaps(marks: Sequence[Mark], reach: float) -> tuple[tuple[Mark, ...], ...]:
    """Return *marks*, which are in order, in heaps; *reach* seconds part one from the next."""
    found: list[list[Mark]] = []
    for mark in marks:
        if found and mark.begin - found[-1][0].begin < reach:
            found[-1].append(mark)
        else:
            found.append([mark])
    return tuple(tuple(heap) for heap in found)


def heap_label(heap: Sequence[Mark]) -> tuple[str, str]:
    """Return what is written over a heap and its colour: what is worst, and how many more."""
    worst = max(heap, key=lambda mark: (mark.colour == "danger", mark.colour == "safety"))
    more = f" +{len(heap) - 1}" if len(heap) > 1 else ""
    return f"{worst.label}{more}", worst.colour
