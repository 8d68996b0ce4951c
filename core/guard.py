"""How every changing operation is run: alone, on a recovered workspace, and journalled."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TypeVar

from core.config.models import Settings
from core.journal import run_journalled, unwritable
from core.lock import console_lock
from core.operation import Context, Operation
from core.promote.intent import AREA
from core.rollback import Recover
from core.services.hold import release_everything
from core.snapshot.store import Store

Result = TypeVar("Result")


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
    with ExitStack() as stack:
        try:
            stack.enter_context(console_lock(settings, operation.name, wait_seconds))
        except OSError as error:
            raise unwritable(settings, error) from error
        # Whatever became of it, the program may be started by others again.
        stack.callback(release_everything)
        if operation.name != Recover.name:
            recover_first(settings, by)
        return run_journalled(settings, operation, context, by)


def recover_first(settings: Settings, by: str) -> None:
    """Recover the workspace where there is something to recover; call it under the lock."""
    if needs_recovery(settings):
        run_journalled(settings, Recover(settings), Context(), by)
    elif settings.store.exists():
        Store(settings.store).sweep()


def needs_recovery(settings: Settings) -> bool:
    """Whether an interrupted operation left an intent, a parked or a staged set."""
    if any((settings.home / "promote").glob("*.json")):
        return True
    return any((file.path.parent / AREA).exists() for file in settings.files)
