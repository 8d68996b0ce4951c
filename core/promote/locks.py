"""The locks that SQLite itself respects, held across a swap.

As long as they are held no connection, old or new, reads or writes one of the databases: a
program that opens one in the middle of a swap is told that it is busy.  Every connection takes
the SHARED range of the main file before it reads a byte, in WAL mode, too, and the bytes 120 to
128 of the ``-shm`` belong to writers, checkpoints, readers and to being open at all
(https://www.sqlite.org/lockingv3.html, https://www.sqlite.org/walformat.html#locks).
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from core.base.open_files import Holder, holders

if sys.platform == "win32":
    from core.promote.locks_windows import locked
else:
    from core.promote.locks_unix import locked

__all__ = ["PATIENCE_SECONDS", "locked", "still_held", "until_free"]


PATIENCE_SECONDS = 5.0
"""How long the console's own probes, a virus scanner or a search index may hold a file."""
SLICE_SECONDS = 0.02
Found = TypeVar("Found")


def until_free(look: Callable[[], Found]) -> Found:
    """Return what *look* finds, at once when it is falsy, else what it finds at last."""
    end = time.monotonic() + PATIENCE_SECONDS  # a look takes longer than a slice where it is busy
    while (found := look()) and time.monotonic() < end:
        threading.Event().wait(SLICE_SECONDS)
    return found


def still_held(paths: Sequence[Path]) -> tuple[Holder, ...]:
    """Return who has one of *paths* or what SQLite keeps beside it open, after some patience."""
    return until_free(lambda: holders(paths, helpers=True) or _nameless(paths))


def _nameless(paths: Sequence[Path]) -> tuple[Holder, ...]:
    """Return that somebody has one of *paths* open, where the system does not say who.

    On Windows alone: there it is proven by opening the file without sharing.
    """
    if sys.platform == "win32":
        try:
            with locked(paths):
                return ()
        except BlockingIOError as error:
            return (Holder(pid=0, name="?", paths=(str(error.filename),)),)
    return ()
