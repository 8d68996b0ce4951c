"""One writer for each store, whichever consoles share it.

The console's lock belongs to a workspace; a store may serve several.  And the process that writes
is a worker, which may outlive for a moment the console that holds that lock.  So whoever
publishes or removes anything in a store holds an OS lock on the store, in the very process that
does it: nobody's backup refers to a pack that somebody else is about to remove.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from core.backup.store.marker import LOCK
from core.base.cleanup import cleaning_up
from core.base.lock import Locked
from core.base.operation import Cancelled, Context
from core.base.text import translate

WAIT_SECONDS = 5.0
"""How long a console waits for another one that writes to the same store."""


@contextmanager
def store_lock(root: Path, context: Context | None = None, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock of the store at *root*; a thread that holds it already goes on.

    Raises `Locked` when somebody else holds it for longer than one waits, `Cancelled` when
    *context* is cancelled meanwhile, and `OSError` where no lock can be made.
    """

    def is_cancelled() -> bool:
        try:
            (context or Context()).check()
        except Cancelled:
            return True
        return False

    # One object for each path, so that a thread may take it again through another `Store`.
    lock = FileLock(root / LOCK, mode=0o600, is_singleton=True)
    try:
        lock.acquire(timeout=WAIT_SECONDS if wait else 0, cancel_check=is_cancelled)
    except Timeout as error:
        if context is not None:
            context.check()
        raise Locked(
            translate("snapshot", "Another console is writing to the store {path}.", path=root),
            data_state=translate("snapshot", "Nothing was changed."),
            to_do=translate("core", "Wait until it has finished, then try again."),
        ) from error
    with cleaning_up(lock.release):
        yield
