"""Who may stop and start the trading program just now: one at a time, by an OS lock.

An operation holds the program from before it asks it to stop until it is over; the supervisor
holds it while it starts it.  So no supervisor answers a deliberate stop with a start, nor starts
the program between the two halves of a swap.  The lock dies with its process: a console that is
killed leaves nothing that blocks.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from core.base.cleanup import attempt
from core.base.config.models import Settings
from core.base.folders import make_home
from core.base.operation import Context, OperationError
from core.base.text import translate

FILE = "program.lock"
WAIT_SECONDS = 30.0
SLICE_SECONDS = 0.1
_held: dict[Path, FileLock] = {}
_guard = threading.Lock()


def try_hold_program(settings: Settings) -> bool:
    """Hold the program if nobody else does; return whether it is held by this process now."""
    path = make_home(settings.home) / FILE
    with _guard:
        if path in _held:
            return True
        lock = FileLock(path, mode=0o600, thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return False
        _held[path] = lock
        return True


def hold_program(settings: Settings, context: Context | None = None) -> None:
    """Hold the program, waiting for a supervisor that is starting it; again is harmless.

    Raises `OperationError` when it is not free in time, and `Cancelled`.
    """
    context = context or Context()
    waited = 0.0
    while not try_hold_program(settings):
        context.check()
        if waited >= WAIT_SECONDS:
            raise OperationError(
                translate("services", "The trading program is being started or stopped elsewhere."),
                data_state=translate("services", "Nothing was touched."),
                to_do=translate("services", "Wait a little, then try again."),
            )
        threading.Event().wait(SLICE_SECONDS)
        waited += SLICE_SECONDS


def release_program(settings: Settings) -> None:
    """Let others stop and start the program again; harmless where it is not held."""
    with _guard:
        lock = _held.pop(settings.home / FILE, None)
    if lock is not None:
        lock.release(force=True)


def release_everything() -> None:
    """Let go of every program that this process holds: its operation is over.

    A rehearsal holds the program of a scratch root beside that of production.
    """
    with _guard:
        locks = list(_held.values())
        _held.clear()
    for lock in locks:
        attempt(lock.release, force=True)


@contextmanager
def program_held(settings: Settings, context: Context | None = None) -> Iterator[None]:
    """Hold the program meanwhile; one that was held already stays so."""
    before = settings.home / FILE in _held
    hold_program(settings, context)
    try:
        yield
    finally:
        if not before:
            attempt(release_program, settings)
