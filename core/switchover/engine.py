"""The one switchover of rollback, migration and deployment: other data, another release, or both.

What is to become live is staged and proven before; see `Change`.  From the request to stop the
program until another one is well, or the former one runs again::

    intent: stopping     from here on no supervisor starts the program
    stop                 in order, never killed
    (intent: stopped)    where a release is switched; its data gets a restore point unless it is
                         swapped: then the very files are parked
    swap                 all files or none (`core.promote`)
    (switch)             intent: switched, then the pointer to the release
    start, verify        (intent: started), then the checks of the release and its soak
    done                 the intent goes

Every failure and every crash ends in `core.switchover.back`, which brings
back what was, or leave on disk what another recovery goes by.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.cleanup import attempt
from core.base.config.models import Settings
from core.base.operation import Cancelled, Context, Kind, OperationError
from core.base.text import Text, translate
from core.program.control import (
    launch_of,
    start_program,
    stop_program,
    verify_answers,
    wait_until_gone,
)
from core.program.find import find_programs
from core.program.models import Launch, Program
from core.program.release import Pointer, read_pointer, write_pointer
from core.program.runs import hold_program
from core.promote.condition import Parked, describe_live, is_whole, stopped_by_system
from core.promote.engine import Fingerprint, fingerprint_of
from core.promote.swap import require_unheld, with_kept_aside
from core.switchover.back import Back, go_back
from core.switchover.intent import Before, Intent, Phase, SavedLaunch, write_intent

log = logging.getLogger(__name__)


def stop(
    context: Context,
    settings: Settings,
    programs: tuple[Program, ...],
    launch: Launch | None,
) -> None:
    """Stop *programs*; when that fails or is cancelled, see to it that the program runs."""
    what = translate("rollback", "Stop the trading program")
    if not programs:
        context.skipped("stop", what, translate("rollback", "It is not running."))
        return
    try:
        with context.step("stop", what):
            stop_program(context, settings, programs)
    except BaseException as error:
        if isinstance(error, Cancelled):
            # A request to close cannot be taken back: it may follow late, and would stay closed.
            attempt(wait_until_gone, Context(), settings, programs)
        # Cancelled or too slow: if it is gone by now, it is started again.
        if not find_programs(settings):
            second = _start_again(settings, launch)
            if second is not None and not isinstance(error, OperationError):
                raise second from error
            if second is not None and isinstance(error, OperationError):
                raise OperationError(
                    error.happened,
                    data_state=translate("rollback", "{state} The program does not run: {why}",
                                         state=error.data_state, why=second.happened),
                    to_do=error.to_do,
                ) from error  # fmt: skip
        raise


def _start_again(settings: Settings, launch: Launch | None) -> OperationError | None:
    """Start the program; return why it does not come up, None where it does."""
    try:
        start(Context(), settings, launch)
    except OperationError as error:
        log.exception("starting the program again")
        return error
    return None


def start(context: Context, settings: Settings, launch: Launch | None) -> Program | None:
    """Start the program as *launch* says and verify it; None where none is to run."""
    what = translate("rollback", "Start the trading program and verify it")
    if launch is None:
        context.skipped("start", what, translate("rollback", "It was not running before."))
        verify_answers(settings)
        return None
    with context.step("start", what):
        # Past the swap nothing is cancelled half-way.
        return start_program(Context(), settings, launch)


@dataclass(frozen=True)
class Saved:
    """The present, saved while the program still ran."""

    point_id: str | None
    """The restore point; None: no guarded file was there."""
    fingerprint: Fingerprint
    """Of the live files before they were read for it."""


@dataclass(frozen=True)
class DataChange:
    """A staged set of files, and how it becomes live."""

    promote_id: str
    swap: Callable[[Fingerprint], Parked]
    """Is given what the live files were like once the program was gone; raises
    `OperationError` with them as they were."""
    verify: Callable[[], None] | None = None
    """Proves what is live once the program runs on it; raises `OperationError`."""


@dataclass(frozen=True)
class ReleaseChange:
    """A staged release, and how it comes into production."""

    pointer: Callable[[str], Pointer | None]
    """Given the restore point of the data before, returns what is to be pointed at; None: the
    program as it was before the first release."""
    launch: Launch | None
    """How it is started; None: it is not, since nothing ran before."""
    watch: Callable[[], Callable[[Program], None]]
    """Called once nobody runs: what the logs gain from then on is the new program's.  What it
    returns checks and watches that; raises `OperationError` unless it is well."""
    artefact: str | None = None


@dataclass(frozen=True)
class Change:
    """What is to be live and in production afterwards, staged and proven."""

    id: str
    kind: Kind
    saved: Saved
    undone: Callable[[Text], Text]
    """Makes the sentence that says what was undone from the reason."""
    data: DataChange | None = None
    release: ReleaseChange | None = None
    note: str = ""
    """Of the restore point that is made of the data once the program has stopped."""


@dataclass
class Switched:
    """What became of it, filled in as it happens; durations in seconds."""

    before: Before | None = None
    after: Pointer | None = None
    restore_point: str | None = None
    """The data before; see `Intent.restore_point`."""
    parked: Parked | None = None
    program: Program | None = None
    downtime: float = 0.0
    """From the request to stop until the program answered again; 0 where none ran."""
    data_seconds: float = 0.0
    """Of these, the time that the data took."""
    undone: bool = False
    """Whether it was undone after the program had been stopped."""
    stuck: bool = False
    """Whether undoing failed, too."""
    kept_point: str | None = None
    """The restore point of what was written before it was undone."""


def save_present(context: Context, settings: Settings, reason: Reason, note: str = "") -> Saved:
    """Take a restore point of what is live while the program runs; raises `OperationError`."""
    what = translate("rollback", "Save the present")
    before = fingerprint_of(settings)
    if not any(file.path.is_file() for file in settings.files):
        context.skipped("safety", what, translate("rollback", "No guarded file is there."))
        return Saved(None, before)
    with context.step("safety", what):
        return Saved(create_restore_point(context, settings, reason, note).id, before)


def switch_over(context: Context, settings: Settings, change: Change, switched: Switched) -> None:
    """Stop the program, make *change*, start and verify the program; else put everything back.

    Fills in *switched* in either case.  Raises what went wrong: `OperationError` with the former
    state back and the program running on it, or with what stands in the way of that.
    """
    # Before it is looked whether the program runs: no supervisor starts it from here on.
    hold_program(settings, context)
    programs = find_programs(settings)
    launch = None
    if programs or change.release is not None:
        launch = launch_of(settings, programs[0] if programs else None)
    intent = _intent(settings, change, programs, launch)
    switched.before, switched.restore_point = intent.before, change.saved.point_id
    former = launch if programs else None
    write_intent(settings, intent)
    begun = time.monotonic()
    try:
        stop(context, settings, programs, former)
    except BaseException:
        # Whether it runs was seen to.
        attempt(write_intent, settings, None)
        raise
    clean: Fingerprint | None = None
    try:
        stopped = fingerprint_of(settings)
        if change.release is not None:
            intent = _save_stopped(context, settings, change, intent, stopped)
            switched.restore_point = intent.restore_point
        if change.data is not None:
            swapping = time.monotonic()
            switched.parked = change.data.swap(stopped)
            switched.data_seconds = time.monotonic() - swapping
        clean = fingerprint_of(settings)
        prove = change.release.watch() if change.release is not None else None
        if change.release is not None:
            _switch_release(context, settings, change.release, intent)
            switched.after = intent.after
        switched.program = start(
            context, settings, change.release.launch if change.release else former
        )
        if switched.program is not None:
            switched.downtime = time.monotonic() - begun
        if change.data is not None and change.data.verify is not None:
            change.data.verify()
        if prove is not None and switched.program is not None:
            prove(switched.program)
    except BaseException as failed:
        _undo(context, settings, change, switched, former, clean, failed)
        raise
    # What serves, serves: an intent that stays is finished by the next recovery.
    attempt(write_intent, settings, None)


def _intent(
    settings: Settings, change: Change, programs: tuple[Program, ...], launch: Launch | None
) -> Intent:
    before = Before(
        pointer=read_pointer(settings) if change.release else None,
        running=bool(programs),
        launch=SavedLaunch.of(launch, settings.program.variables.names) if launch else None,
    )
    return Intent(
        id=change.id, kind=change.kind, begun=datetime.now(UTC), phase=Phase.STOPPING,
        before=before, switches_release=change.release is not None,
        promote_id=change.data.promote_id if change.data else None,
        restore_point=change.saved.point_id,
        artefact=change.release.artefact if change.release else None,
    )  # fmt: skip


def _save_stopped(
    context: Context, settings: Settings, change: Change, intent: Intent, stopped: Fingerprint
) -> Intent:
    """Return *intent*, written down, with what the data of the former release is.

    Where no data is swapped the new release writes to the very files that are live: these get a
    restore point, unless nobody wrote since the present was saved.
    """
    point_id = intent.restore_point
    if change.data is None:
        require_unheld([file.path for file in settings.databases])
        what = translate("deployment", "Save the data")
        if stopped == change.saved.fingerprint and point_id is not None:
            nobody = translate("deployment", "Nobody wrote since it was saved.")
            context.skipped("save", what, nobody)
        else:
            with context.step("save", what):
                # The program is down: SQLite checks it once the program runs again.
                point_id = create_restore_point(
                    context, settings, Reason.BEFORE_DEPLOYMENT, change.note, check=False
                ).id
    after = change.release.pointer(point_id or "") if change.release else None
    saved = intent.model_copy(
        update={
            "phase": Phase.STOPPED, "restore_point": point_id, "after": after,
            "fingerprint": stopped if change.data is None else None,
        }
    )  # fmt: skip
    write_intent(settings, saved)
    return saved


def _switch_release(
    context: Context, settings: Settings, release: ReleaseChange, intent: Intent
) -> None:
    with context.step("switch", translate("deployment", "Switch to the other release")):
        write_intent(settings, intent.model_copy(update={"phase": Phase.SWITCHED}))
        write_pointer(settings, intent.after)
    if release.launch is not None:
        write_intent(settings, intent.model_copy(update={"phase": Phase.STARTED}))


def _undo(
    context: Context,
    settings: Settings,
    change: Change,
    switched: Switched,
    former: Launch | None,
    clean: Fingerprint | None,
    failed: BaseException,
) -> None:
    """Bring back what was; returns where *failed* itself tells all that is to be told.

    *former* is how what ran before is started, *clean* what the live files were like before the
    new program was.  Raises the `OperationError` that tells of both else.
    """
    torn = not is_whole(settings)
    back = go_back(context, settings, lambda: start(context, settings, former), clean)
    switched.undone, switched.stuck = True, back.problem is not None
    switched.kept_point = back.kept_point
    switched.after = switched.before.pointer if switched.before else None
    if isinstance(failed, Cancelled) and back.problem is None and back.not_started is None:
        return
    is_bug = not isinstance(failed, OperationError | OSError | Cancelled)
    if is_bug:
        log.error("a switchover", exc_info=failed)
        if not isinstance(failed, Exception) or (back.problem is None and not back.changed):
            return
    known = _known(settings, failed)
    if back.problem is not None:
        raise _stuck(settings, known, back, switched) from failed
    if back.changed:
        state = back.state
        if switched.parked is not None:
            state = with_kept_aside(state, switched.parked.strays)
        raise OperationError(
            change.undone(known.happened), data_state=state, to_do=known.to_do
        ) from failed
    if back.not_started is not None:
        raise OperationError(
            known.happened,
            data_state=translate("rollback", "{state} The program does not run: {why}",
                                 state=describe_live(settings), why=back.not_started.happened),
            to_do=known.to_do,
        ) from failed  # fmt: skip
    if torn:
        raise OperationError(
            known.happened,
            data_state=with_kept_aside(describe_live(settings), back.strays),
            to_do=translate("promote", "Remove the cause, then try again."),
        ) from failed


def _stuck(
    settings: Settings, known: OperationError, back: Back, switched: Switched
) -> OperationError:
    problem = back.problem or known
    state = describe_live(settings)
    if switched.restore_point is not None:
        state = translate("deployment", "The former data is safe in restore point {id}. {state}",
                          id=switched.restore_point, state=state)  # fmt: skip
    if not find_programs(settings):
        state = translate("rollback", "{state} The program was not started.", state=state)
    return OperationError(
        translate("deployment", "{why} Going back failed too: {problem}",
                  why=known.happened, problem=problem.happened),
        data_state=state, to_do=problem.to_do,
    )  # fmt: skip


def _known(settings: Settings, error: BaseException) -> OperationError:
    """Return what the operator is told of *error*."""
    if isinstance(error, OperationError):
        return error
    if isinstance(error, OSError):
        return stopped_by_system(settings, error)
    happened = translate("deployment", "An unexpected error: {why}", why=str(error))
    if isinstance(error, Cancelled):
        happened = translate("deployment", "The operator cancelled it.")
    return OperationError(
        happened,
        data_state=describe_live(settings),
        to_do=translate("deployment", "Remove the cause, then try again."),
    )
