"""Linux: the kernel sends a signal to the child when the thread that started it has ended.

https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
"""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

PR_SET_PDEATHSIG = 1


def ask_system(parent: int) -> bool:
    """Let the kernel kill this process when its parent dies; return whether that still lives.

    Where the kernel refuses (a sandbox), the thread that watches the pipe is all there is.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    # A parent that died before the call sends nothing any more; its child has another parent.
    return os.getppid() == parent


@contextmanager
def bound(child: BaseProcess) -> Iterator[None]:
    """The child has asked for it itself; whoever started it waits in the same thread."""
    yield
