"""Where the wizard stands: a state of its own, without widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from core.operation import Step
from core.text import Text
from migration.run.models import MigrationResult, PreflightResult, RehearsalResult


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

    @property
    def may_rehearse(self) -> bool:
        """Whether nothing stands in the way of a rehearsal."""
        return self.preflight is not None and self.preflight.ok and not self.running

    @property
    def may_run(self) -> bool:
        """Whether a rehearsal went well, so that the real run may begin."""
        return self.rehearsal is not None and self.rehearsal.ok and not self.running

    def done(self, stage: Stage) -> bool:
        """Whether *stage* is behind us."""
        match stage:
            case Stage.PREFLIGHT:
                return self.preflight is not None and self.preflight.ok
            case Stage.REHEARSAL | Stage.REVIEW:
                return self.rehearsal is not None and self.rehearsal.ok and self.stage > stage
            case _:
                return self.result is not None or (self.running and self.stage > stage)

    def reached(self, steps: Sequence[Step]) -> Progress:
        """Return the progress after *steps* of the real run."""
        stages = [STEPS[step.name] for step in steps if step.name in STEPS]
        return replace(self, stage=max(stages, default=Stage.EXECUTE))
