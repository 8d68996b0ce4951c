"""Where the wizard stands and what lies ahead: a state of its own, without widgets."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from core.base.operation import Step
from core.base.text import Text, translate
from migration.run.models import Decision, MigrationResult, PreflightResult, RehearsalResult


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
