"""Where the wizard stands, and what its tab says of scripts, validators and stages; no widgets."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from core.base.operation import Step
from core.base.text import Text, translate
from migration.engine.plan import State
from migration.models import ReviewRow, validator_words
from migration.run.models import (
    Decision,
    MigrationResult,
    Outcome,
    PreflightResult,
    RehearsalResult,
)
from ui.language import count_text, duration_text, say


class Stage(IntEnum):
    """The stages, in their order."""

    PREFLIGHT = 0
    REHEARSAL = 1
    REVIEW = 2
    EXECUTE = 3
    VALIDATE = 4
    CUT_OVER = 5
    REPORT = 6


# Steps of the run, and the stage that they belong to.
STEPS = {
    "safety": Stage.EXECUTE,
    "stage": Stage.EXECUTE,
    "migrate": Stage.EXECUTE,
    "validate": Stage.VALIDATE,
    "describe": Stage.VALIDATE,
    "stop": Stage.CUT_OVER,
    "catch_up": Stage.CUT_OVER,
    "promote": Stage.CUT_OVER,
    "start": Stage.CUT_OVER,
    "verify": Stage.CUT_OVER,
    "put_back": Stage.CUT_OVER,
    "keep": Stage.CUT_OVER,
}


@dataclass(frozen=True)
class Progress:
    """What was reached and found; a failure keeps what was found before it."""

    stage: Stage = Stage.PREFLIGHT
    running: bool = False
    failed: bool = False
    preflight: PreflightResult | None = None
    rehearsal: RehearsalResult | None = None
    result: MigrationResult | None = None
    hint: Text | None = None
    """What the operator should know of before."""
    cancelled: bool = False
    """Whether the run or rehearsal before was cancelled, and nothing followed it."""
    decisions: frozenset[Decision] = frozenset()
    """What is decided by now, as far as it changes what a run makes."""
    rehearsed: frozenset[Decision] = frozenset()
    """The same as it was when the rehearsal began."""

    @property
    def nothing_to_do(self) -> bool:
        """Whether all is well and there is no script left to run."""
        return self.preflight is not None and self.preflight.ok and not self.preflight.pending

    @property
    def may_rehearse(self) -> bool:
        """Whether there is something to rehearse and nothing in its way."""
        return (
            self.preflight is not None
            and self.preflight.ok
            and self.preflight.pending > 0
            and not self.running
        )

    @property
    def unrehearsed(self) -> bool:
        """Whether the real run would do something that the rehearsal has not shown."""
        return self.rehearsal is not None and self.decisions != self.rehearsed

    @property
    def may_run(self) -> bool:
        """Whether exactly what would run was rehearsed and went well."""
        return (
            self.rehearsal is not None
            and self.rehearsal.ok
            and not self.unrehearsed
            and not self.running
        )

    def done(self, stage: Stage) -> bool:
        """Whether *stage* is behind us."""
        match stage:
            case Stage.PREFLIGHT:
                return self.preflight is not None and self.preflight.ok
            case Stage.REHEARSAL | Stage.REVIEW:
                return self.rehearsal is not None and self.rehearsal.ok and self.stage > stage
            case _:
                return self.result is not None or self.stage > stage

    def reached(self, steps: Sequence[Step]) -> Progress:
        """Return the progress after *steps* of the real run."""
        stages = [STEPS[step.name] for step in steps if step.name in STEPS]
        return replace(self, stage=max(stages, default=Stage.EXECUTE))


# As the operations themselves name them; steps that only some runs have come when they come.
_COPIES = ("stage", "migrate", "validate", "describe")
_NAMES = {
    "migrate rehearse": _COPIES,
    "migrate run": ("safety", *_COPIES, "stop", "promote", "start", "verify", "keep"),
}


def _text(name: str) -> Text:
    texts: dict[str, Text] = {
        "safety": translate("migration", "Save the present"),
        "stage": translate("migration", "Copy the databases"),
        "migrate": translate("migration", "Migrate the copies"),
        "validate": translate("migration", "Validate the result"),
        "describe": translate("migration", "Compare before and after"),
        "stop": translate("rollback", "Stop the trading program"),
        "promote": translate("migration", "Swap the files"),
        "start": translate("rollback", "Start the trading program and verify it"),
        "verify": translate("migration", "Verify what is live"),
        "keep": translate("migration", "Keep what was replaced"),
    }
    return texts[name]


class Course:
    """What has happened of an operation and what is still to come."""

    def __init__(self, operation: str) -> None:
        self.operation = operation
        self._begun = time.monotonic()
        self._first = Step(name="look", what=translate("migrating", "Look at what is to be done"))

    def behind(self, steps: Sequence[Step], *, over: bool = False) -> tuple[Step, ...]:
        """Return *steps* after the look that precedes them; *over*: none follows."""
        if self._first.ok is None and (steps or over):
            seconds = time.monotonic() - self._begun
            self._first = self._first.model_copy(update={"seconds": seconds, "ok": bool(steps)})
        return (self._first, *steps)

    def ahead(self, steps: Sequence[Step]) -> tuple[Text, ...]:
        """Return what follows the furthest of *steps*."""
        names = _NAMES.get(self.operation, ())
        seen = {step.name for step in steps}
        reached = max((place + 1 for place, name in enumerate(names) if name in seen), default=0)
        return tuple(_text(name) for name in names[reached:])


STATES: dict[State, Text] = {
    State.PENDING: translate("migrating", "pending"),
    State.SUCCESS: translate("migrating", "done"),
    State.FAILED: translate("migrating", "failed"),
    State.OUT_OF_ORDER: translate("migrating", "out of order"),
    State.MISSING: translate("migrating", "missing"),
    State.FUTURE: translate("migrating", "from a newer console"),
    State.BASELINE: translate("migrating", "baseline"),
    State.EDITED: translate("migrating", "edited"),
}


def validator_name(name: str) -> str:
    """Return what a validator looks at."""
    words = validator_words(name)
    return words if isinstance(words, str) else say(words)


STAGES: dict[Stage, Text] = {
    Stage.PREFLIGHT: translate("migrating", "Preflight"),
    Stage.REHEARSAL: translate("migrating", "Rehearsal"),
    Stage.REVIEW: translate("migrating", "Review"),
    Stage.EXECUTE: translate("migrating", "Execute"),
    Stage.VALIDATE: translate("migrating", "Validate"),
    Stage.CUT_OVER: translate("migrating", "Cut-over"),
    Stage.REPORT: translate("migrating", "Report"),
}


HINTS: dict[Stage, Text] = {
    Stage.PREFLIGHT: translate("migrating", "What could stand in the way"),
    Stage.REHEARSAL: translate("migrating", "All of it on a copy; the program runs on"),
    Stage.REVIEW: translate("migrating", "See what changes, and decide"),
    Stage.EXECUTE: translate("migrating", "Save, copy and migrate"),
    Stage.VALIDATE: translate("migrating", "Prove that nothing is lost"),
    Stage.CUT_OVER: translate("migrating", "Swap the files, start, verify"),
    Stage.REPORT: translate("migrating", "Evidence, and the way back"),
}


def reason_text(row: ReviewRow) -> str:
    """Return why *row* needs review; a reason that has no words of its own is shown as it is."""
    return say(row.why) if row.why is not None else row.reason


HELPED = {"no_role", "no_strategy"}
"""Reasons that a role or a strategy does away with."""


ROLES: dict[str, Text] = {
    "ENTRY": translate("migrating", "Entry"),
    "EXIT": translate("migrating", "Exit"),
    "MANAGEMENT": translate("migrating", "Management"),
}


def decision_text(decision: Decision, strategy: str | None) -> str:
    """Return what was decided, in a few words; *strategy* is the name of the chosen one."""
    if decision.leave:
        what = say(translate("migrating", "stays in review"))
    else:
        role = say(ROLES[decision.role]) if decision.role else ""
        what = " · ".join(one for one in (role, strategy) if one)
    if decision.row is None:
        return say(translate("migrating", "✓ {decision} (whole table)", decision=what))
    return f"✓ {what}"


def named_text(names: Mapping[str, Text], key: str) -> str:
    """Return what *key* is called among *names*; one that has no name is shown as it is."""
    return say(names[key]) if key in names else key


RULES: dict[str, Text] = {
    "python_to_json": translate("migrating", "Python list to JSON"),
    "float_to_decimal": translate("migrating", "float to decimal"),
    "numeric_text": translate("migrating", "Number spelt plainly"),
    "older_table": translate("migrating", "Taken over from the older table"),
    "table_made": translate("migrating", "Table made"),
}


CHANGES: dict[str, Text] = {
    "new": translate("migrating", "New"),
    "changed": translate("migrating", "Changed"),
    "gone": translate("migrating", "Gone"),
}


TYPES: dict[str, Text] = {
    "table": translate("migrating", "Table"),
    "index": translate("migrating", "Index"),
    "view": translate("migrating", "View"),
    "trigger": translate("migrating", "SQL trigger"),
}


def words(progress: Progress) -> tuple[str, str]:
    """Return the title and the line below it."""
    match progress.stage:
        case Stage.PREFLIGHT:
            return _of_preflight(progress)
        case Stage.REHEARSAL:
            return _of_rehearsal(progress)
        case Stage.REVIEW if progress.rehearsal is not None:
            return _of_review(progress)
        case Stage.REPORT if progress.result is not None:
            return _of_report(progress)
        case _:
            return _of_run(progress)


def _of_preflight(progress: Progress) -> tuple[str, str]:
    found = progress.preflight
    if found is None:
        if progress.failed:
            return say(translate("migrating", "Not ready to migrate")), ""
        return say(translate("migrating", "Looking at everything…")), ""
    if progress.nothing_to_do:
        title = translate("migrating", "There is nothing to migrate")
        below = translate(
            "migrating",
            "Every script has run in these databases already, though no report of it is kept "
            "here. Nothing has to be done; 'migrate verify' checks that all is as it should be.",
        )
    elif found.ok:
        title = translate("migrating", "Nothing stands in the way")
        below = translate("migrating", "A rehearsal works on a copy, while the program runs on.")
    else:
        title = translate("migrating", "Not ready to migrate")
        below = translate("migrating", "Mend what is marked with a cross, then check again.")
    return say(title), say(progress.hint or below)


def _of_rehearsal(progress: Progress) -> tuple[str, str]:
    if progress.running:
        title = translate("migrating", "Rehearsing on a copy")
        below = translate("migrating", "The program runs on; the live data is only read.")
    elif progress.cancelled:
        title = translate("migrating", "The rehearsal was cancelled")
        below = translate(
            "migrating", "The live data was only read. Rehearse again whenever you like."
        )
    else:
        title = translate("migrating", "The rehearsal failed")
        below = translate(
            "migrating", "The live data was only read. Check again, then rehearse again."
        )
    return say(title), say(below)


def _of_review(progress: Progress) -> tuple[str, str]:
    rehearsal = progress.rehearsal
    if rehearsal is None:
        return "", ""
    if progress.unrehearsed:
        title = translate("migrating", "Decided, but not rehearsed yet")
        below = translate(
            "migrating",
            "Only what was rehearsed is run. Rehearse again, or withdraw what was decided since.",
        )
        return say(title), say(below)
    if not rehearsal.ok:
        title = translate("migrating", "The rehearsal found problems")
        below = translate(
            "migrating", "Do not migrate. Mend what is named below, then rehearse again."
        )
        return say(title), say(below)
    title = translate("migrating", "Rehearsed in {time}", time=duration_text(rehearsal.seconds))
    found = summary(rehearsal.outcome)
    return say(title), f"{say(progress.hint)}\n{found}" if progress.hint else found


def _of_report(progress: Progress) -> tuple[str, str]:
    result = progress.result
    if result is None:
        return "", ""
    found = summary(result.outcome)
    if result.interrupted:
        more = translate(
            "migrating",
            "The console was cut off after the files were swapped; the next start finished it.",
        )
        found = f"{say(more)}\n{found}"
    if result.downtime_seconds is None:
        return say(translate("migrating", "Migrated")), found
    time = duration_text(result.downtime_seconds)
    return say(translate("migrating", "Migrated; {time} of downtime", time=time)), found


def _of_run(progress: Progress) -> tuple[str, str]:
    if progress.running:
        title = translate("migrating", "Migrating")
        below = translate("migrating", "If anything fails, the former state comes back by itself.")
    elif progress.cancelled:
        title = translate("migrating", "The migration was cancelled")
        below = translate(
            "migrating",
            "The live data is as it was, and the program runs if it ran before. Check again to "
            "go on from there.",
        )
    else:
        title = translate("migrating", "The migration failed")
        below = translate("migrating", "Check again to see where everything stands, and go on.")
    return say(title), say(below)


def run_text(progress: Progress) -> Text:
    """Return what stands on the button of the real run."""
    if progress.unrehearsed:
        return translate("migrating", "Rehearse again before you migrate")
    return translate("migrating", "Stop the program and &migrate")


def summary(outcome: Outcome) -> str:
    """Return how much an outcome changes, in one line."""
    converted = sum(table.converted for table in outcome.tables)
    return say(
        translate(
            "migrating",
            "{converted} rows converted, {review} to review, {settings} settings normalised",
            converted=count_text(converted),
            review=count_text(outcome.review_total),
            settings=count_text(len(outcome.setting_changes)),
        )
    )
