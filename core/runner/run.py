"""How every changing operation is run: alone, on a recovered workspace, and journalled."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from typing import TypeVar

from core.base.cleanup import cleaning_up
from core.base.config.models import Settings
from core.base.disk_reserve import keep_reserve, open_reserve
from core.base.kind import Effect
from core.base.lock import console_lock
from core.base.operation import Context, Operation
from core.base.rights import hand_over
from core.program.hold import release_everything
from core.runner.journalled import run_journalled, unwritable
from core.runner.recover import Recover, is_cut_off, needs_recovery, swap_is_cut_off

__all__ = ["is_cut_off", "needs_recovery", "recover_first", "run_operation"]

Result = TypeVar("Result")
log = logging.getLogger(__name__)


def run_operation(
    settings: Settings,
    operation: Operation[Result],
    context: Context,
    by: str,
    wait_seconds: float = 0,
) -> Result:
    """Run *operation* under the console's lock and return its result.

    What a crash left behind is finished or undone first, and journalled.  Raises `Locked` when
    somebody else holds the lock for longer than *wait_seconds*, and what the operation raises.
    """
    open_reserve(settings, operation.kind.effect)
    with ExitStack() as stack:
        try:
            stack.enter_context(console_lock(settings, operation.kind, wait_seconds))
        except OSError as error:
            raise unwritable(settings, error) from error
        # Whatever became of it, the program may be started by others again.
        stack.enter_context(cleaning_up(release_everything))
        # Last of all, after what is cleaned up was written.
        stack.enter_context(cleaning_up(hand_over, *settings.own_folders))
        stack.enter_context(cleaning_up(keep_reserve, settings))
        effect = operation.kind.effect
        recovered = effect is Effect.RECOVER or recover_first(settings, by, effect)
        result = run_journalled(settings, operation, context, by)
        if not recovered and effect is Effect.ROOM:
            # It may have been for want of the room that there is now.
            recover_first(settings, by, effect)
        return result


def recover_first(settings: Settings, by: str, effect: Effect) -> bool:
    """Recover the workspace where there is something to recover; call it under the lock.

    Returns whether nothing is left cut off.  Raises `OperationError` where something is and an
    operation of this *effect* cannot be made beside it; what looks, frees space or stops the
    program always can.
    """
    if not needs_recovery(settings):
        return True
    try:
        run_journalled(settings, Recover(settings), Context(), by)
    except Exception:
        if effect.needs_recovery or (effect.needs_whole_set and swap_is_cut_off(settings)):
            raise
        log.exception("the recovery before this could not be completed")
        return False
    return True
