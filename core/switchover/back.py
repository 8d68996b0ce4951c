"""The way back: data, release and program as they were, from wherever a switchover had come.

Safe to begin again after any interruption: what is done already is seen and left.

A crash is recovered by the same.  Without a release the data is whole once `core.promote` has
recovered it, old or new, and the program is started on it.  With a release the former pair comes
back until the new program had been started; where that still runs and is well, it stays: it
serves, and what it has written since is worth more than a soak that nobody watched to its end.

The program is started only where somebody expects it: not when the machine was started anew since,
nor when somebody wants it stopped.  Where no copy of the intent can be read, nothing is started
and the operator is told, once: a wrong program must not run, nor a stopped one be forgotten.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

import psutil

from core.backup.store import Store
from core.base.cleanup import attempt, cleaning_up
from core.base.config.models import Settings
from core.base.operation import Context, OperationError
from core.base.text import Text, translate
from core.program.control import start_program, stop_program, verify_answers, wait_until_gone
from core.program.find import find_program, find_programs
from core.program.models import Program
from core.program.release import read_pointer, read_release, write_pointer
from core.program.runs import program_held, read_wanted, want, was_asked
from core.promote.condition import (
    Parked,
    describe_live,
    discard_parked,
    is_whole,
    list_parked,
    stopped_by_system,
)
from core.promote.engine import (
    Fingerprint,
    Replacement,
    discard_staged,
    fingerprint_of,
    promote,
    promote_parked,
)
from core.promote.recovery import Recovery, recover
from core.promote.swap import with_kept_aside
from core.switchover.intent import (
    Intent,
    IntentDamagedError,
    Phase,
    launch_before,
    read_intent,
    set_aside,
    write_intent,
)
from core.switchover.keep import keep_step
from core.switchover.plan import stage_point

log = logging.getLogger(__name__)


class Back(NamedTuple):
    """How it is after going back."""

    changed: bool
    """Whether there was anything to put back."""
    state: Text
    """One sentence for the operator."""
    program: Program | None = None
    problem: OperationError | None = None
    """Why the former state is not back: the intent stays on disk, for another try."""
    not_started: OperationError | None = None
    """Why the program does not run on the former state."""
    kept_point: str | None = None
    """The restore point of what was written meanwhile."""
    strays: tuple[str, ...] = ()
    """Files that stood in the way, each kept under the path given here."""


class _Returned(NamedTuple):
    """What was live before the former state was put back."""

    changed: bool
    displaced: Parked | None = None
    worthless: bool = False
    """Whether it is what had been staged: nobody had written to it."""
    strays: tuple[str, ...] = ()


def go_back(
    context: Context,
    settings: Settings,
    start: Callable[[], Program | None],
    clean: Fingerprint | None = None,
) -> Back:
    """Put data and release back as the intent on disk says, and *start* the program.

    *clean* is what the live files were like before anybody wrote to them; None: not known.  It is
    not cancelled half-way, and does not raise `OperationError`: what went wrong is said.  The
    intent stays where the way back could not be finished.
    """
    try:
        intent = read_intent(settings)
        if intent is None:
            raise ValueError("what is under way is written down until it is over")
        returned = _return_state(context, settings, intent, clean)
    except (OperationError, OSError) as error:
        log.exception("putting the former state back")
        known = error if isinstance(error, OperationError) else stopped_by_system(settings, error)
        return Back(True, known.data_state, problem=known)
    program, not_started = None, None
    try:
        program = start()
    except OperationError as error:
        log.exception("starting the program on the former state")
        not_started = error
    if not is_still_owed(not_started):
        attempt(write_intent, settings, None)
    strays, kept_point = returned.strays, None
    if returned.displaced is not None:
        strays = (*strays, *map(str, returned.displaced.strays))
        if returned.worthless:
            attempt(discard_parked, settings, returned.displaced.id)
        else:
            kept_point = keep_step(context, settings, returned.displaced).point_id
    return Back(
        changed=returned.changed,
        state=with_kept_aside(_how_it_runs(program, not_started), strays),
        program=program, not_started=not_started, kept_point=kept_point, strays=strays,
    )  # fmt: skip


def is_still_owed(not_started: OperationError | None) -> bool:
    """Whether a start that failed is to be tried again: the system did not let it begin.

    A program that does not start is told of, and not tried at every look.
    """
    return not_started is not None and isinstance(not_started.__cause__, OSError)


def _how_it_runs(program: Program | None, not_started: OperationError | None) -> Text:
    if not_started is not None:
        return translate(
            "rollback", "The former state is back, but the program does not run: {why}",
            why=not_started.happened,
        )  # fmt: skip
    if program is None:
        return translate("rollback", "The former state is back; no program ran before.")
    return translate("rollback", "The former state is back and the program runs on it.")


def _return_state(
    context: Context, settings: Settings, intent: Intent, clean: Fingerprint | None
) -> _Returned:
    """Make data and release what they were; afterwards nobody runs where anything had changed."""
    strays: tuple[str, ...] = ()
    if not is_whole(settings):
        strays = tuple(path for swap in recover(settings) for path in swap.stray)
    if intent.phase is Phase.RETURNED or not _is_changed(settings, intent):
        return _Returned(False, strays=strays)
    with context.step("put_back", translate("rollback", "Put the former state back")):
        intent = intent.model_copy(update={"phase": Phase.BACK})
        write_intent(settings, intent)
        stop_program(Context(), settings, find_programs(settings))
        recover(settings)
        present = fingerprint_of(settings)
        displaced = _return_data(settings, intent, present)
        intent = intent.model_copy(update={"fingerprint": fingerprint_of(settings)})
        if intent.switches_release:
            write_intent(settings, intent)
            write_pointer(settings, intent.before.pointer)
        write_intent(settings, intent.model_copy(update={"phase": Phase.RETURNED}))
    return _Returned(True, displaced, present == clean, strays)


def _is_changed(settings: Settings, intent: Intent) -> bool:
    if intent.phase is Phase.BACK or _parked_by(settings, intent) is not None:
        return True
    if not intent.switches_release or intent.phase is Phase.STOPPING:
        return False
    return (
        read_pointer(settings) != intent.before.pointer
        or intent.phase is Phase.STARTED
        or _is_written(intent, fingerprint_of(settings))
    )


def _parked_by(settings: Settings, intent: Intent) -> Parked | None:
    """Return the former data where other data was swapped in and is not back yet."""
    return next((set_ for set_ in list_parked(settings) if set_.id == intent.promote_id), None)


def _is_written(intent: Intent, present: Fingerprint) -> bool:
    """Whether the data that was to stay as it is did not."""
    return intent.promote_id is None and intent.fingerprint not in {None, present}


def _return_data(settings: Settings, intent: Intent, present: Fingerprint) -> Parked | None:
    """Make the former data live and return what it displaced, None where nothing had changed."""
    back_id = f"back-{secrets.token_hex(6)}"
    parked = _parked_by(settings, intent)
    if parked is not None:
        return promote_parked(settings, parked, back_id, present)
    if not _is_written(intent, present) or intent.restore_point is None:
        return None
    listed = Store(settings.store).get(intent.restore_point)
    with cleaning_up(discard_staged, settings, [file.path for file in settings.files], back_id):
        replacements = stage_point(Context(), settings, listed, back_id)
        named = {replacement.name for replacement in replacements}
        known = {path for path, *_ in intent.fingerprint or ()}
        made_since = [
            Replacement(name=file.name, live=file.path, suffixes=())
            for file in settings.files
            if file.name not in named and file.path.is_file() and str(file.path) not in known
        ]
        return promote(settings, back_id, [*replacements, *made_since], present, goes_back=True)


class Recovered(NamedTuple):
    """What was found, and what became of it."""

    swaps: tuple[Recovery, ...]
    """Promotes that were finished or undone."""
    intent: Intent | None = None
    """The switchover that was cut off."""
    finished: bool = False
    """Whether what it made stays."""
    program: Program | None = None
    """The program, where it was started again."""
    kept_point: str | None = None
    """The restore point of what a release wrote whose data went back."""
    problem: OperationError | None = None
    """Why the program does not run; the data is whole."""


def recover_switchover(context: Context, settings: Settings) -> Recovered:
    """Finish or undo what was cut off; harmless when nothing was.  Call it under the lock.

    Raises `OperationError` where it cannot, with nothing lost: it may be tried again; and `OSError`
    where it cannot be read just now whether anything was.
    """
    swaps = recover(settings)
    try:
        intent = read_intent(settings)
    except IntentDamagedError as error:
        return Recovered(swaps, problem=_told_once(settings, error))
    if intent is None:
        return Recovered(swaps)
    if intent.switches_release and intent.phase is not Phase.STOPPING:
        return _recover_release(context, settings, intent, swaps)
    if intent.phase in {Phase.BACK, Phase.RETURNED}:
        return _undone(settings, intent, swaps, _back(context, settings, intent))
    try:
        program, problem = _start_again(settings, intent), None
    except OperationError as error:
        program, problem = None, error
    if not is_still_owed(problem):
        attempt(write_intent, settings, None)
    finished = intent.promote_id is not None and not intent.switches_release
    return Recovered(swaps, intent, finished, program, problem=problem)


def _told_once(settings: Settings, error: IntentDamagedError) -> OperationError:
    aside = set_aside(settings)
    log.error("%s; kept as %s", error.happened, ", ".join(str(path) for path in aside))
    running = bool(find_programs(settings))
    if not running:
        want(settings, "stopped", "recovery")
    return OperationError(
        translate("services", "An interrupted operation had stopped the trading program, and its "
                  "record is damaged: {why}", why=error.happened),
        data_state=describe_live(settings),
        to_do=translate("services", "The program runs: look whether it is the release that you "
                        "want.")
        if running
        else translate("services", "The program does not run. Look at 'deploy status' which "
                       "release is in production, go back to a restore point where the data is "
                       "not what it should be, then 'service start'."),
    )  # fmt: skip


def _recover_release(
    context: Context, settings: Settings, intent: Intent, swaps: tuple[Recovery, ...]
) -> Recovered:
    if intent.phase is Phase.STARTED and _new_one_is_well(settings, intent):
        write_intent(settings, None)
        return Recovered(swaps, intent, finished=True)
    return _undone(settings, intent, swaps, _back(context, settings, intent))


def _back(context: Context, settings: Settings, intent: Intent) -> Back:
    return go_back(context, settings, lambda: _start_again(settings, intent))


def _undone(
    settings: Settings, intent: Intent, swaps: tuple[Recovery, ...], back: Back
) -> Recovered:
    if back.problem is not None:
        raise OperationError(
            translate("deployment", "'{operation}' was cut off and cannot be undone: {why}",
                      operation=intent.kind, why=back.problem.happened),
            data_state=describe_live(settings), to_do=back.problem.to_do,
        ) from back.problem  # fmt: skip
    return Recovered(
        swaps, intent, False, back.program, back.kept_point, problem=back.not_started
    )  # fmt: skip


def _new_one_is_well(settings: Settings, intent: Intent) -> bool:
    pointer = read_pointer(settings)
    program = find_program(settings)
    if pointer != intent.after or program is None:
        return False
    if pointer is not None and program.command != read_release(pointer.folder).command:
        return False  # somebody started the former one by hand
    try:
        verify_answers(settings)
    except OperationError:
        return False
    return True


def _start_again(settings: Settings, intent: Intent) -> Program | None:
    """Start what ran before, where that is still expected; return it, None where none is started.

    Raises `OperationError` where it does not start.
    """
    wanted = read_wanted(settings)
    stopped = wanted is not None and wanted.state == "stopped" and wanted.since > intent.begun
    if stopped or intent.begun.timestamp() < psutil.boot_time():
        return None
    with program_held(settings):
        asked = [
            program
            for program in find_programs(settings)
            if was_asked(settings, program.pid, program.started.timestamp())
        ]
        with suppress(OperationError):  # one that does not close after all runs on
            wait_until_gone(Context(), settings, asked)
        launch = launch_before(settings, intent)
        if launch is None or find_programs(settings):
            return None
        return start_program(Context(), settings, launch)
