"""A worker process dies with the console that started it, whatever killed that one.

The system sees to it where it can: the kernel kills the child of a parent that died (Linux), a
job object takes its processes along when its last handle closes (Windows).  Everywhere a thread of
the child waits for the parent's end of a pipe, or for its process, as well; it also closes the
gap before the system has been told.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from multiprocessing.connection import wait
from threading import Thread

if sys.platform == "win32":
    from core.base.lifeline.windows import ask_system, bound
elif sys.platform == "linux":
    from core.base.lifeline.linux import ask_system, bound
else:
    from core.base.lifeline.elsewhere import ask_system, bound

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
