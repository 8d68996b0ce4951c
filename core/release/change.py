"""From the request to stop the program until another one is well: the part that can be undone.

Everything that leads here touches nothing that runs.  From here on what is about to happen is
written down first (`core.release.pointer.Intent`), and every failure ends in `go_back`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.cleanup import attempt
from core.base.config.models import Settings
from core.base.open_files import holders
from core.base.operation import Cancelled, Context, OperationError
from core.base.text import Text, translate
from core.program.control import launch_of, start_program, stop_program
from core.program.find import find_programs
from core.program.models import Launch, Program
from core.program.release import Pointer, Release, read_pointer, write_pointer
from core.promote import Fingerprint, Parked, fingerprint_of
from core.release.back import go_back
from core.release.config import DeploymentConfig
from core.release.hooks import Hooks
from core.release.models import Origin, RecordKind
from core.release.pointer import Intent, Phase, read_intent, write_intent
from core.release.watch import LogErrors, soak, verify


@dataclass(frozen=True)
class Target:
    """What is to be in production afterwards."""

    kind: RecordKind
    deployment: str
    release: Release | None
    """None: the program as it was before the first deployment."""
    launch: Launch | None
    """How the program is started afterwards; None: it is not."""
    change_data: Callable[[Context, Fingerprint], Parked | None] | None = None
    """Changes the data while nobody holds it, and returns what was replaced if that is to be kept
    here; it is told how the data was when it was saved.  Raises `OperationError` with the data as
    it was."""
    what: Text | None = None
    """What that change is."""
    restore_point: str | None = None
    """The data that the pointer is to name; None: the one that is made on the way."""
    artefact: str | None = None


@dataclass
class Changed:
    """What became of it."""

    before: Origin
    after: Pointer | None = None
    restore_point: str | None = None
    program: Program | None = None
    parked: Parked | None = None
    downtime: float = 0.0
    undone: bool = False
    """Whether the pair went back after a failure."""
    stuck: bool = False
    kept_point: str | None = None
    begun: datetime = field(default_factory=lambda: datetime.now(UTC))


def origin_of(settings: Settings) -> tuple[Origin, Launch | None]:
    """Return what is in production now, and how it would be started again."""
    programs = find_programs(settings)
    launch = launch_of(settings, programs[0] if programs else None)
    pointer = read_pointer(settings)
    legacy = launch if pointer is None else None
    origin = Origin(
        pointer=pointer,
        running=bool(programs),
        command=legacy.command if legacy else None,
        cwd=legacy.cwd if legacy else None,
    )
    return origin, launch


def change(
    context: Context,
    settings: Settings,
    config: DeploymentConfig,
    hooks: Hooks,
    goal: Target,
    changed: Changed,
    old: Launch | None,
) -> None:
    """Reach *goal* and fill in *changed*, or raise with the former pair back and running.

    *old* is how what runs now is started again.
    """
    intent = Intent(
        deployment=goal.deployment, kind=goal.kind, begun=changed.begun, phase=Phase.DRAIN,
        before=changed.before, after=None, artefact=goal.artefact,
    )  # fmt: skip
    begun = time.monotonic()
    write_intent(settings, intent)
    try:
        _drain(context, settings, old)
    except BaseException:
        attempt(write_intent, settings, None)
        raise
    errors = LogErrors(*(folder for folder in (config.logs, settings.app / "logs") if folder))
    try:
        with context.step("save", translate("deployment", "Save the data")):
            point = create_restore_point(
                context, settings, Reason.BEFORE_DEPLOYMENT, note=goal.deployment
            )
        changed.restore_point = point.id
        after = _pointer(goal, point.id)
        saved = fingerprint_of(settings)
        intent = intent.model_copy(
            update={
                "phase": Phase.SAVED, "restore_point": point.id, "after": after,
                "fingerprint": saved,
            }
        )  # fmt: skip
        write_intent(settings, intent)
        _change_data(context, settings, goal, changed, intent, saved)
        with context.step("switch", translate("deployment", "Switch to the other release")):
            write_intent(settings, intent.model_copy(update={"phase": Phase.SWITCHED}))
            write_pointer(settings, after)
        changed.after = after
        started = intent.model_copy(update={"phase": Phase.STARTED})
        _start(context, settings, config, hooks, goal, changed, started, errors)
        changed.downtime = time.monotonic() - begun
        if changed.program is not None:
            with context.step("soak", translate("deployment", "Watch the program")):
                soak(context, settings, config, changed.program, errors)
    except BaseException as error:
        _undo(context, settings, changed, old, error)
        raise
    # What serves, serves: an intent that stays is finished by the next recovery.
    attempt(write_intent, settings, None)


def _pointer(goal: Target, point_id: str) -> Pointer | None:
    if goal.release is None:
        return None
    return Pointer(
        deployment=goal.deployment, release=goal.release.id, folder=goal.release.folder,
        version=goal.release.version, restore_point=goal.restore_point or point_id,
        since=datetime.now(UTC),
    )  # fmt: skip


def _drain(context: Context, settings: Settings, old: Launch | None) -> None:
    """Stop the program in order; it is never killed.  Raises with the program running."""
    what = translate("deployment", "Stop the program in order")
    programs = find_programs(settings)
    if not programs:
        _require_nobody(settings)
        context.skipped("drain", what, translate("deployment", "It is not running."))
        return
    try:
        with context.step("drain", what):
            _stop(context, settings, programs)
            _require_nobody(settings)
    except BaseException as error:
        # Cancelled or too slow: if it is gone by now, it is started again.
        try:
            if not find_programs(settings) and old is not None:
                start_program(Context(), settings, old)
        except OperationError as second:
            raise OperationError(
                translate("deployment", "{why} Starting the program again failed too: {problem}",
                          why=_why(error), problem=second.happened),
                data_state=second.data_state, to_do=second.to_do,
            ) from error  # fmt: skip
        raise


def _why(error: BaseException) -> Text:
    """Return what *error* says to the operator."""
    if isinstance(error, OperationError):
        return error.happened
    if isinstance(error, Cancelled):
        return translate("deployment", "The operator cancelled it.")
    return translate("deployment", "An unexpected error: {why}", why=str(error))


def _require_nobody(settings: Settings) -> None:
    """Raise `OperationError` while anybody holds the databases open, be it the program or not."""
    held = holders([file.path for file in settings.databases])
    if held:
        raise OperationError(
            translate("deployment", "The databases are still held open by {who}.",
                      who=", ".join(f"{one.name} ({one.pid})" for one in held)),
            data_state=translate("deployment", "Nothing was changed."),
            to_do=translate("deployment", "Close these programs, then try again."),
        )  # fmt: skip


def _stop(context: Context, settings: Settings, programs: tuple[Program, ...]) -> None:
    try:
        stop_program(context, settings, programs)
    except OperationError as error:
        raise OperationError(
            error.happened,
            data_state=error.data_state,
            to_do=translate(
                "deployment",
                "It was asked to close and may still do so: look with 'service status', and start "
                "it with 'service start' if it is gone. Then try again.",
            ),
        ) from error


def _change_data(
    context: Context,
    settings: Settings,
    goal: Target,
    changed: Changed,
    intent: Intent,
    saved: Fingerprint,
) -> None:
    what = goal.what or translate("deployment", "Migrate the data")
    if goal.change_data is None:
        context.skipped("migrate", what, translate("deployment", "The data stays as it is."))
        return
    write_intent(settings, intent.model_copy(update={"phase": Phase.MIGRATE}))
    with context.step("migrate", what):
        changed.parked = goal.change_data(context, saved)


def _start(
    context: Context,
    settings: Settings,
    config: DeploymentConfig,
    hooks: Hooks,
    goal: Target,
    changed: Changed,
    started: Intent,
    errors: LogErrors,
) -> None:
    what = translate("deployment", "Start the program")
    if goal.launch is None:
        context.skipped("start", what, translate("deployment", "It did not run before."))
        return
    write_intent(settings, started)
    with context.step("start", what):
        changed.program = start_program(context, settings, goal.launch)
    verify(context, settings, config, hooks, goal.release, changed.program, errors)


def _undo(
    context: Context,
    settings: Settings,
    changed: Changed,
    old: Launch | None,
    error: BaseException,
) -> None:
    """Bring the former pair back; raises the `OperationError` that tells of both."""
    changed.undone = True
    # What is written down is how far it came: it was written before it was done.
    try:
        intent = read_intent(settings)
    except OperationError as second:
        changed.stuck = True
        raise _both(settings, _why(error), second, second.data_state) from error
    if intent is None:
        raise ValueError("what is under way is written down until it is over") from error
    back = go_back(context, settings, intent, old)
    changed.kept_point = back.kept_point
    changed.stuck = back.problem is not None
    changed.after = changed.before.pointer
    if isinstance(error, Cancelled) and back.problem is None:
        return
    if not isinstance(error, OperationError | OSError | Cancelled):
        return
    if back.problem is not None:
        raise _both(settings, _why(error), back.problem, back.state) from error
    raise OperationError(
        translate("deployment", "The deployment was undone: {why}", why=_why(error)),
        data_state=back.state,
        to_do=error.to_do if isinstance(error, OperationError)
        else translate("deployment", "Remove the cause, then try again."),
    ) from error  # fmt: skip


def _both(settings: Settings, why: Text, second: OperationError, state: Text) -> OperationError:
    """Return the failure that tells first why, then what stood in the way of going back."""
    if not find_programs(settings):
        state = translate("rollback", "{state} The program was not started.", state=state)
    return OperationError(
        translate("deployment", "{why} Going back failed too: {problem}",
                  why=why, problem=second.happened),
        data_state=state, to_do=second.to_do,
    )  # fmt: skip
