"""The steps of a rehearsal or a run before they happen: what lies ahead is in sight at once."""

from __future__ import annotations

import time
from collections.abc import Sequence

from core.base.operation import Step
from core.base.text import Text, translate

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
