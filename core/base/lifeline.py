"""A worker process dies with the console that started it, whatever killed that one.

The system sees to it where it can: the kernel kills the child of a parent that died (Linux), a
job object takes its processes along when its last handle closes (Windows).  Everywhere a thread of
the child waits for the parent's end of a pipe, or for its process, as well; it also closes the
gap before the system has been told.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from threading import Thread

if sys.platform == "win32":
    from core.base.lifeline_windows import ask_system, bound
else:
    PR_SET_PDEATHSIG = 1
    """https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html"""

    def ask_system(parent: int) -> bool:
        """Let the kernel kill this process when its parent dies; return whether that still lives.

        Where the kernel cannot be asked, or refuses (a sandbox), the thread is all there is.
        """
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        # A parent that died before the call sends nothing any more; its child has another parent.
        return os.getppid() == parent

    @contextmanager
    def bound(child: BaseProcess) -> Iterator[None]:
        """The child has asked for it itself; whoever started it waits in the same thread."""
        yield


__all__ = ["ask_system", "bound", "die_with_parent"]

ORPHANED = 113
"""Exit code of a child whose parent was gone."""


def die_with_parent() -> None:
    """End this process, started by `multiprocessing`, as soon as its parent has ended.

    Returns only while the parent lives.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return  # nobody's child: called in the console itself
    if not ask_system(parent.pid or 0) or not parent.is_alive():
        os._exit(ORPHANED)
    Thread(target=_watch, args=(parent.sentinel,), name="lifeline", daemon=True).start()


def _watch(sentinel: int) -> None:
    wait([sentinel])
    # Not by an exception: the work may be anywhere, and nothing of it may go on.
    os._exit(ORPHANED)
