"""The one shape of all long work, the same for the window, the command line and a schedule.

An operation is an object with a `kind`, of which whatever is decided about it is asked, and a
`run(context)`.  It reports how far it is in bytes or rows, asks at safe points whether the
operator wants it to stop, returns a frozen model, and fails with an `OperationError` that says
what happened, in which state the data is now and what to do next.  It starts no threads; whoever
runs it decides where.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, StrEnum
from threading import Event
from typing import Protocol, TypeAlias, TypeVar

from core.base.model import Model
from core.base.text import Text, translate


class Effect(Enum):
    """What an operation is to the workspace: who may run beside what was cut off follows from it.

    Nothing that only looks, frees space or stops the program is ever kept waiting by a recovery
    that cannot be completed: it may be the remedy.
    """

    LOOK = "look"
    """Leaves store, live data and program as they are."""
    STORE = "store"
    """Reads or writes restore points, never the live data."""
    ROOM = "room"
    """Frees space."""
    CAPTURE = "capture"
    """Makes something of the live data, and leaves it as it is."""
    STOP = "stop"
    """Stops the program."""
    START = "start"
    """Starts the program on the live data."""
    CHANGE = "change"
    """Changes the live data, or what is in production."""
    RECOVER = "recover"
    """Finishes or undoes what was cut off."""

    @property
    def needs_whole_set(self) -> bool:
        """Whether it is refused while the live files are not all of one set."""
        return self in {Effect.CAPTURE, Effect.START, Effect.CHANGE}

    @property
    def needs_recovery(self) -> bool:
        """Whether it is refused until everything that was cut off is finished or undone."""
        return self is Effect.CHANGE

    @property
    def needs_journal(self) -> bool:
        """Whether it is refused where it cannot be written down, as on a full disk."""
        return self is Effect.CHANGE

    @property
    def is_remedy(self) -> bool:
        """Whether it gets the room that is kept for the day when there is none."""
        return self in {Effect.ROOM, Effect.STOP, Effect.RECOVER}


class Tab(StrEnum):
    """Where in the window an operation belongs."""

    BACKUP = "backup"
    ROLLBACK = "rollback"
    MIGRATION = "migration"
    HEALTH = "health"
    DEPLOYMENT = "deployment"
    PROGRAM = "program"
    """The panel of the program, beside the deployments."""


_Facts: TypeAlias = "tuple[str, Effect, Tab, Text | None, bool, bool]"


def _of(
    words: str,
    effect: Effect,
    tab: Tab,
    label: Text | None = None,
    *,
    replaces_data: bool = False,
    goes_back: bool = False,
) -> _Facts:
    return words, effect, tab, label, replaces_data, goes_back


class Kind(StrEnum):
    """A kind of operation; its value is the command, as the journal has it."""

    effect: Effect
    """What it is to the workspace."""
    tab: Tab
    label: Text | None
    """The operator's word for it; None: it is not journalled."""
    replaces_data: bool
    """Whether other data is live afterwards."""
    goes_back: bool
    """Whether what is live afterwards was live before."""

    def __new__(
        cls,
        words: str,
        effect: Effect,
        tab: Tab,
        label: Text | None,
        replaces_data: bool,
        goes_back: bool,
    ) -> Kind:
        """Let the member be the text of its command, and have the facts as attributes."""
        kind = str.__new__(cls, words)
        kind._value_ = words
        kind.effect, kind.tab, kind.label = effect, tab, label
        kind.replaces_data, kind.goes_back = replaces_data, goes_back
        return kind

    BACKUP_CREATE = _of(
        "backup create", Effect.CAPTURE, Tab.BACKUP, translate("operations", "Backup")
    )
    BACKUP_VERIFY = _of(
        "backup verify", Effect.STORE, Tab.BACKUP, translate("operations", "Verification")
    )
    BACKUP_EXPORT = _of(
        "backup export", Effect.STORE, Tab.BACKUP, translate("operations", "Export")
    )
    BACKUP_IMPORT = _of(
        "backup import", Effect.STORE, Tab.BACKUP, translate("operations", "Import")
    )
    BACKUP_PIN = _of("backup pin", Effect.STORE, Tab.BACKUP, translate("operations", "Pin or note"))
    BACKUP_COPY = _of(
        "backup copy",
        Effect.STORE,
        Tab.BACKUP,
        translate("operations", "Copy to or from another disk"),
    )
    BACKUP_PRUNE = _of("backup prune", Effect.ROOM, Tab.BACKUP, translate("operations", "Pruning"))
    BACKUP_DELETE = _of(
        "backup delete", Effect.ROOM, Tab.BACKUP, translate("operations", "Deletion")
    )
    BACKUP_DIFF = _of("backup diff", Effect.LOOK, Tab.BACKUP, translate("operations", "Comparison"))
    ROLLBACK = _of(
        "rollback",
        Effect.CHANGE,
        Tab.ROLLBACK,
        translate("operations", "Rollback"),
        replaces_data=True,
        goes_back=True,
    )
    ROLLBACK_PLAN = _of("rollback plan", Effect.LOOK, Tab.ROLLBACK)
    RECOVER = _of("recover", Effect.RECOVER, Tab.ROLLBACK, translate("operations", "Recovery"))
    VERIFY_DATA = _of("verify data", Effect.LOOK, Tab.HEALTH)
    VERIFY_ROLLBACK = _of("verify rollback", Effect.LOOK, Tab.HEALTH)
    VERIFY_SYSTEM = _of("verify system", Effect.LOOK, Tab.HEALTH)
    MIGRATE_REHEARSE = _of(
        "migrate rehearse",
        Effect.CAPTURE,
        Tab.MIGRATION,
        translate("operations", "Rehearsal of the migration"),
    )
    MIGRATE_RUN = _of(
        "migrate run",
        Effect.CHANGE,
        Tab.MIGRATION,
        translate("operations", "Migration"),
        replaces_data=True,
    )
    MIGRATE_UNDO = _of(
        "migrate undo",
        Effect.CHANGE,
        Tab.MIGRATION,
        translate("operations", "Undoing the migration"),
        replaces_data=True,
        goes_back=True,
    )
    MIGRATE_REPAIR = _of(
        "migrate repair",
        Effect.CHANGE,
        Tab.MIGRATION,
        translate("operations", "Repair of the history"),
    )
    MIGRATE_BASELINE = _of(
        "migrate baseline",
        Effect.CHANGE,
        Tab.MIGRATION,
        translate("operations", "Baseline of the history"),
    )
    MIGRATE_EXPORT = _of("migrate export", Effect.LOOK, Tab.MIGRATION)
    MIGRATE_PLAN = _of("migrate plan", Effect.LOOK, Tab.MIGRATION)
    MIGRATE_PREFLIGHT = _of("migrate preflight", Effect.LOOK, Tab.MIGRATION)
    MIGRATE_REPORT = _of("migrate report", Effect.LOOK, Tab.MIGRATION)
    MIGRATE_STANDING = _of("migrate standing", Effect.LOOK, Tab.MIGRATION)
    MIGRATE_STATUS = _of("migrate status", Effect.LOOK, Tab.MIGRATION)
    MIGRATE_UNDO_PLAN = _of("migrate undo plan", Effect.LOOK, Tab.MIGRATION)
    MIGRATE_VERIFY = _of("migrate verify", Effect.LOOK, Tab.MIGRATION)
    DEPLOY_INIT = _of(
        "deploy init",
        Effect.LOOK,
        Tab.DEPLOYMENT,
        translate("operations", "Deployment configuration"),
    )
    DEPLOY_REHEARSE = _of(
        "deploy rehearse",
        Effect.CAPTURE,
        Tab.DEPLOYMENT,
        translate("operations", "Rehearsal of the deployment"),
    )
    DEPLOY_RUN = _of(
        "deploy run",
        Effect.CHANGE,
        Tab.DEPLOYMENT,
        translate("operations", "Deployment"),
        replaces_data=True,
    )
    DEPLOY_ROLLBACK = _of(
        "deploy rollback",
        Effect.CHANGE,
        Tab.DEPLOYMENT,
        translate("operations", "Return to the former release"),
        replaces_data=True,
        goes_back=True,
    )
    DEPLOY_PLAN = _of("deploy plan", Effect.LOOK, Tab.DEPLOYMENT)
    SERVICE_START = _of(
        "service start", Effect.START, Tab.PROGRAM, translate("operations", "Program start")
    )
    SERVICE_STOP = _of(
        "service stop", Effect.STOP, Tab.PROGRAM, translate("operations", "Program stop")
    )
    SERVICE_RESTART = _of(
        "service restart", Effect.START, Tab.PROGRAM, translate("operations", "Program restart")
    )
    SERVICE_SUPERVISE = _of(
        "service supervise",
        Effect.START,
        Tab.PROGRAM,
        translate("operations", "Supervision of the program"),
    )
    SERVICE_INSTALL = _of(
        "service install",
        Effect.START,
        Tab.PROGRAM,
        translate("operations", "Installation of the supervisor"),
    )
    SERVICE_REMOVE = _of(
        "service remove",
        Effect.STOP,
        Tab.PROGRAM,
        translate("operations", "Removal of the supervisor"),
    )
    HEALTH_HISTORY = _of("health history", Effect.LOOK, Tab.HEALTH)
    MONITOR = _of("monitor", Effect.LOOK, Tab.HEALTH)

    @property
    def changes_release(self) -> bool:
        """Whether it changes what is in production together with the data."""
        return self.tab is Tab.DEPLOYMENT and self.effect is Effect.CHANGE

    @property
    def may_stop_program(self) -> bool:
        """Whether the program may be down, or its files on the move, while it runs."""
        return self.effect in {Effect.CHANGE, Effect.RECOVER, Effect.START, Effect.STOP}


def kind_of(words: str) -> Kind | None:
    """Return the kind of what the journal or the lock calls *words*; None: of another version."""
    return _BY_WORDS.get(words)


_BY_WORDS = {str(kind): kind for kind in Kind}


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
