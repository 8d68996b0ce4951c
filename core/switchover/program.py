"""Stops and starts the program as a switchover does: it runs afterwards, or the reason is told."""

from __future__ import annotations

import logging

from core.base.cleanup import attempt
from core.base.config.models import Settings
from core.base.operation import Cancelled, Context, OperationError
from core.base.text import translate
from core.program.control import start_program, stop_program, verify_answers, wait_until_gone
from core.program.find import find_programs
from core.program.models import Launch, Program

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
