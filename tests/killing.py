"""Ending a process as a crash does: by SIGKILL, on Windows by TerminateProcess."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

import psutil

KILL = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL
"""What `os.kill` does with it on Windows is TerminateProcess
(https://docs.python.org/3/library/os.html#os.kill)."""
INTERRUPT = KILL if sys.platform == "win32" else signal.SIGINT
"""Ctrl+C; nothing like it reaches a process of another console on Windows, so there it is ended."""
KILLED = int(KILL) if sys.platform == "win32" else -int(KILL)
"""The exit code of what was killed so."""


def ask_once(pid: int) -> None:
    """Ask process *pid* to close as the console does: by SIGTERM, on Windows by its windows."""
    if sys.platform == "win32":
        from core.program.windows import ask_to_close as ask

        ask(psutil.Process(pid))
    else:
        os.kill(pid, signal.SIGTERM)


def ask_to_close(pid: int) -> None:
    """Ask process *pid* to close, on Windows until it does."""
    if sys.platform != "win32":
        ask_once(pid)
        return
    process = psutil.Process(pid)
    while process.is_running():  # one that has just begun has no window to be asked by
        ask_once(pid)
        with suppress(psutil.TimeoutExpired):
            process.wait(1.0)


def kill(pid: int) -> None:
    """End process *pid* at once, if it is there: nothing in it cleans up."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, KILL)
