"""Asking a program to close, and letting one outlive the console, on Windows.

A terminate is a hard kill there, so the program's windows are asked to close instead.
"""

from __future__ import annotations

import ctypes
import sys
from typing import TypedDict

import psutil

WM_CLOSE = 0x0010
DETACHED_PROCESS = 0x00000008
CREATE_NEW_PROCESS_GROUP = 0x00000200
CREATE_BREAKAWAY_FROM_JOB = 0x01000000


class Detached(TypedDict, total=False):
    """Arguments of `subprocess.Popen`."""

    start_new_session: bool
    creationflags: int


DETACHED: Detached = {"creationflags": DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP}
LOOSE: Detached = {
    "creationflags": DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP | CREATE_BREAKAWAY_FROM_JOB
}
"""Out of the job of whoever starts it, too: the Task Scheduler ends its tasks by their jobs."""


def ask_to_close(process: psutil.Process) -> None:
    """Post WM_CLOSE to every top-level window of *process*."""
    if sys.platform != "win32":
        return
    for window in windows_of(process.pid):
        ctypes.windll.user32.PostMessageW(window, WM_CLOSE, 0, 0)


def windows_of(pid: int) -> tuple[int, ...]:
    """Return the top-level windows of process *pid*, which can be asked to close."""
    found: list[int] = []
    if sys.platform != "win32":
        return ()
    user32 = ctypes.windll.user32
    callback = ctypes.WINFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, ctypes.c_void_p)

    def visit(window: int, _parameter: int) -> bool:
        owner = ctypes.c_ulong()
        user32.GetWindowThreadProcessId(window, ctypes.byref(owner))
        if owner.value == pid:
            found.append(window)
        return True

    user32.EnumWindows(callback(visit), 0)
    return tuple(found)
