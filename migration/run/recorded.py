"""Lets the steps of a worker process count as steps of the operation that started it."""

from __future__ import annotations

from core.base.operation import Cancelled, Context, Progress, Step


class Recorded(Context):
    """Hands everything on to *real* and keeps the steps that come from a worker in it."""

    def __init__(self, real: Context) -> None:
        super().__init__()
        self._real = real

    @property
    def cancelled(self) -> bool:
        """Whether *real* was cancelled."""
        return self._real.cancelled

    def check(self) -> None:
        """Raise `Cancelled` when *real* was cancelled."""
        if self._real.cancelled:
            raise Cancelled

    def on_progress(self, progress: Progress) -> None:
        """Hand *progress* on."""
        self._real.on_progress(progress)

    def on_step(self, step: Step) -> None:
        """Keep *step*, or its end, and hand it on."""
        steps = self._real.steps
        # Steps hold others: the end belongs to the newest one of its name that is still open.
        open_ones = (n for n in reversed(range(len(steps))) if steps[n].seconds is None)
        place = next((n for n in open_ones if steps[n].name == step.name), None)
        if step.ok is not None and place is not None:
            steps[place] = step
        else:
            steps.append(step)
        self._real.on_step(step)
