"""Ending a process as a crash does: by SIGKILL, on Windows by TerminateProcess."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

KILL = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL
"""What `os.kill` does with it on Windows is TerminateProcess
(https://docs.python.org/3/library/os.html#os.kill)."""
KILLED = int(KILL) if sys.platform == "win32" else -int(KILL)
"""The exit code of what was killed so."""


def kill(pid: int) -> None:
    """End process *pid* at once, if it is there: nothing in it cleans up."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, KILL)
