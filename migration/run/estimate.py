"""What a run will take: the rehearsal's own times, and what was measured here of the rest.

A rehearsal neither saves the present nor stops and starts the program.  How long these take here
is told by the journal: every operation that did so left its times there.
"""

from __future__ import annotations

from core.base.config.models import Settings
from core.base.journal import Entry, Outcome, known_entries
from core.base.kind import Kind
from core.base.text import Text, translate
from migration.run.models import Estimate
from migration.run.rehearsal_record import RehearsalRecord, read_rehearsal_record
from migration.run.timing import Part, seconds_of

BEFORE = ("safety",)
AFTER = ("stop", "promote", "start", "verify", "keep")
MADE = ("stage", "migrate", "validate", "describe")
"""The steps that a rehearsal and a run have in common."""
DOWN = ("stop", "promote", "start")
"""The steps during which the program is down."""
ENTRIES = 200


def measured(journal: tuple[Entry, ...]) -> dict[str, float]:
    """Return the newest length of every step that went well, and of a backup as ``safety``."""
    found: dict[str, float] = {}
    for entry in journal:
        for step in entry.steps:
            if step.ok and step.seconds is not None:
                found.setdefault(step.name, step.seconds)
        took = entry.length_seconds
        if (
            entry.operation == Kind.BACKUP_CREATE
            and entry.outcome is Outcome.OK
            and took is not None
        ):
            found.setdefault("safety", took)
    return found


def run_parts(kept: RehearsalRecord | None, known: dict[str, float]) -> tuple[Part, ...]:
    """Return the parts that a run will have; empty without a rehearsal."""
    if kept is None:
        return ()
    made = [part for part in kept.parts if part.step in MADE or part.after]

    def whole(names: tuple[str, ...]) -> list[Part]:
        return [Part(step=name, seconds=known[name]) for name in names if name in known]

    return (*whole(BEFORE), *made, *whole(AFTER))


def forecast_of_run(settings: Settings) -> tuple[Part, ...]:
    """Return the parts that a run will have here."""
    kept = read_rehearsal_record(settings)
    return run_parts(kept, measured(known_entries(settings, ENTRIES))) if kept else ()


def estimate(settings: Settings) -> Estimate | None:
    """Return what a run will take here, None before a rehearsal."""
    kept = read_rehearsal_record(settings)
    if kept is None:
        return None
    parts = run_parts(kept, measured(known_entries(settings, ENTRIES)))
    down = seconds_of(parts, DOWN)
    there = {part.step for part in parts}
    return Estimate(
        seconds=sum(part.seconds for part in parts),
        downtime_seconds=down,
        downtime_most_seconds=down + seconds_of(parts, MADE),
        rehearsed_at=kept.at,
        unmeasured=tuple(name for name in (*BEFORE, *AFTER) if name not in there),
    )


def estimate_text(found: Estimate) -> Text:
    """Return the estimate as a sentence."""
    values = {
        "time": duration(found.seconds),
        "down": duration(found.downtime_seconds),
        "most": duration(found.downtime_most_seconds),
    }
    if {"stop", "start"} & set(found.unmeasured):
        return translate(
            "migration",
            "About {time} by the rehearsal, and the time that the program takes to stop and start, "
            "which was never measured here.",
            time=values["time"],
        )
    return translate(
        "migration",
        "About {time} by the rehearsal, of these {down} with the program down; {most} where the "
        "copies have to be made again because of rows written meanwhile.",
        time=values["time"], down=values["down"], most=values["most"],
    )  # fmt: skip


def duration(seconds: float) -> Text:
    """Return a length of time as a sentence can hold it."""
    if seconds < 1:
        return translate("migration", "a second")
    if seconds < 90:
        return translate("migration", "{seconds} seconds", seconds=round(seconds))
    return translate("migration", "{minutes} minutes", minutes=round(seconds / 60))
