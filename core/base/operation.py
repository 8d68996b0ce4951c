"""The one shape of all long work, the same for the window, the command line and a schedule.

An operation is an object with a `name` and a `run(context)`.  It reports how far it is in
bytes or rows, asks at safe points whether the operator wants it to stop, returns a frozen
model, and fails with an `OperationError` that says what happened, in which state the data is
now and what to do next.  It starts no threads; whoever runs it decides where.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from threading import Event
from typing import Protocol, TypeVar

from core.base.kind import Kind
from core.base.model import Model
from core.base.text import Text

Result_co = TypeVar("Result_co", covariant=True)


class Unit(StrEnum):
    """What progress is counted in."""

    BYTES = "bytes"
    ROWS = "rows"


class Progress(Model):
    """How far an operation is: *done* of *total* (None while unknown), in *unit*."""

    done: int
    total: int | None
    unit: Unit
    what: Text
    seconds_left: float | None = None
    """Of the whole operation, where it was rehearsed; None: only the pace of this part is known."""


class Step(Model):
    """One named step of an operation, its length in seconds and whether it went well.

    A *warning* is no step but something found on the way that did not stop the operation.
    """

    name: str
    what: Text
    seconds: float | None = None
    ok: bool | None = None
    note: Text | None = None
    warning: bool = False


class Cancelled(Exception):  # noqa: N818 (not an error: the operator asked for it)
    """The operator cancelled the operation; nothing of it is left behind."""


class OperationError(Exception):
    """A known failure, told to the operator in one sentence for each of three questions."""

    def __init__(self, happened: Text, *, data_state: Text, to_do: Text) -> None:
        super().__init__(happened, data_state, to_do)
        self.happened = happened
        self.data_state = data_state
        self.to_do = to_do

    def __str__(self) -> str:
        return f"{self.happened} {self.data_state} {self.to_do}"

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions with keyword-only arguments do not pickle by themselves, and these
        # cross from worker processes.
        return _rebuild, (type(self), self.happened, self.data_state, self.to_do)


def _rebuild(
    kind: type[OperationError], happened: Text, data_state: Text, to_do: Text
) -> OperationError:
    return kind(happened, data_state=data_state, to_do=to_do)


class Context:
    """What a running operation may ask of its surroundings.

    This base serves operations whose progress nobody watches.  The window and the command
    line subclass it and override `on_progress` and `on_step`.
    """

    def __init__(self, cancel: Event | None = None) -> None:
        self._cancel = cancel or Event()
        self.steps: list[Step] = []

    def cancel(self) -> None:
        """Ask the operation to stop at its next safe point; callable from any thread."""
        self._cancel.set()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancel.is_set()

    def check(self) -> None:
        """Raise `Cancelled` when the operator asked to stop."""
        if self._cancel.is_set():
            raise Cancelled

    def progress(self, done: int, total: int | None, unit: Unit, what: Text) -> None:
        """Report how far the work is."""
        self.on_progress(Progress(done=done, total=total, unit=unit, what=what))

    @contextmanager
    def step(self, name: str, what: Text) -> Iterator[None]:
        """Time one step of the operation, keep it in `steps`, and report its start and end."""
        begun = time.monotonic()
        index = len(self.steps)
        self.steps.append(Step(name=name, what=what))
        self.on_step(self.steps[index])
        ok = False
        try:
            yield
            ok = self.steps[index].ok is not False
        finally:
            self.steps[index] = self.steps[index].model_copy(
                update={"seconds": time.monotonic() - begun, "ok": ok}
            )
            self.on_step(self.steps[index])

    def fail(self, why: Text | None = None) -> None:
        """Let the step that is under way count as failed, and go on; *why* is kept with it.

        For a failure that is dealt with inside the step: a step that failed never looks well.
        """
        self._change_step(ok=False, **({"note": why} if why is not None else {}))

    def note(self, text: Text) -> None:
        """Keep *text*, what was found, with the step that is under way."""
        self._change_step(note=text)

    def _change_step(self, **changes: object) -> None:
        for index in reversed(range(len(self.steps))):
            if self.steps[index].seconds is None:
                self.steps[index] = self.steps[index].model_copy(update=changes)
                return

    def skipped(self, name: str, what: Text, why: Text) -> None:
        """Record a step that does not apply, and why."""
        step = Step(name=name, what=what, seconds=0.0, note=why)
        self.steps.append(step)
        self.on_step(step)

    def warn(self, text: Text) -> None:
        """Tell the operator *text*, which did not stop the operation, and keep it in `steps`."""
        self.keep_warning(Step(name="warning", what=text, seconds=0.0, warning=True))

    def keep_warning(self, step: Step) -> None:
        """Keep a warning, also one that comes from a worker process."""
        self.steps.append(step)
        self.on_step(step)

    def on_progress(self, progress: Progress) -> None:
        """Override: show *progress*."""

    def on_step(self, step: Step) -> None:
        """Override: show *step*; called at its start (``ok`` is None) and at its end."""


class Operation(Protocol[Result_co]):
    """Long work that the window and the command line run alike."""

    @property
    def kind(self) -> Kind:
        """What is asked about it; its words go into the journal."""
        ...

    def run(self, context: Context) -> Result_co:
        """Do the work; raise `Cancelled` or `OperationError`."""
        ...
