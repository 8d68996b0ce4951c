"""What is done about a switchover that the console's death cut off.

Without a release the data is whole once `core.promote` has recovered it, old or new, and the
program is started on it.  With a release the former pair comes back until the new program had been
started; where that still runs and is well, it stays: it serves, and what it has written since is
worth more than a soak that nobody watched to its end.

The program is started only where somebody expects it: not when the machine was started anew since,
nor when somebody wants it stopped.  Where no copy of the intent can be read, nothing is started
and the operator is told, once: a wrong program must not run, nor a stopped one be forgotten.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import NamedTuple

import psutil

from core.base.cleanup import attempt
from core.base.config.models import Settings
from core.base.operation import Context, OperationError
from core.base.text import translate
from core.program.control import start_program, verify_answers, wait_until_gone
from core.program.find import find_program, find_programs
from core.program.hold import program_held
from core.program.models import Program
from core.program.release import read_pointer, read_release
from core.program.runs import read_wanted, want, was_asked
from core.promote.condition import describe_live
from core.promote.recovery import Recovery, recover
from core.switchover.back import Back, go_back, is_still_owed
from core.switchover.intent import (
    Intent,
    IntentDamagedError,
    Phase,
    launch_before,
    read_intent,
    set_aside,
    write_intent,
)

log = logging.getLogger(__name__)


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
