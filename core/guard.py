"""How every changing operation is run: alone, on a recovered workspace, and journalled."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from typing import TypeVar

from core.config.models import Settings
from core.journal import run_journalled, unwritable
from core.lock import console_lock
from core.operation import Context, Operation, OperationError
from core.recover import Recover, needs_recovery, swap_is_cut_off
from core.reserve import keep_reserve, open_reserve
from core.services.hold import release_everything
from core.snapshot.store import Store

__all__ = ["needs_recovery", "recover_first", "run_guarded"]

Result = TypeVar("Result")
log = logging.getLogger(__name__)
HARMLESS = ("backup ", "service ", "monitor")
"""Beginnings of the names of operations that leave the live data as it is."""


def run_guarded(
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
    open_reserve(settings, operation.name)
    with ExitStack() as stack:
        try:
            stack.enter_context(console_lock(settings, operation.name, wait_seconds))
        except OSError as error:
            raise unwritable(settings, error) from error
        # Whatever became of it, the program may be started by others again.
        stack.callback(release_everything)
        stack.callback(keep_reserve, settings)
        if operation.name != Recover.name:
            recover_first(settings, by, operation.name)
        return run_journalled(settings, operation, context, by)


def recover_first(settings: Settings, by: str, operation: str) -> None:
    """Recover the workspace where there is something to recover; call it under the lock.

    A deployment that cannot be undone yet does not hold up what leaves the live data as it is:
    who has to free some space for it must be able to.
    """
    if needs_recovery(settings):
        try:
            run_journalled(settings, Recover(settings), Context(), by)
        except OperationError:
            if swap_is_cut_off(settings) or not operation.startswith(HARMLESS):
                raise
            log.exception("recovery before %s", operation)
    elif settings.store.exists():
        Store(settings.store).sweep()
