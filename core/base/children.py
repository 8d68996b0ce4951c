"""What every child process of the console is started with, and how a worker steps back."""

from __future__ import annotations

import os
import subprocess
import sys

import psutil

NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""``creationflags``: no black window flashes up where the console itself has none.

https://learn.microsoft.com/windows/win32/procthread/process-creation-flags
"""


def lower_priority() -> None:
    """Let the trading program go first, in the worker process that calls this."""
    if sys.platform == "win32":
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(5)
