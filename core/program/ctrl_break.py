"""Sends CTRL_BREAK to a process group on Windows: ``python -I ctrl_break.py PID``.

It takes on the console of process PID, which leads the group, and ends; it must not be asked of a
process that has a console of its own to keep.  Exit code: what the system answered, 0 for well.
https://learn.microsoft.com/windows/console/attachconsole
"""

from __future__ import annotations

import ctypes
import sys

CTRL_BREAK_EVENT = 1


def main(pid: int) -> int:
    """Send it to the group of process *pid*."""
    if sys.platform != "win32":
        return 1
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.FreeConsole()
    if not kernel.AttachConsole(pid):
        return ctypes.get_last_error() or 1
    if not kernel.GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, pid):
        return ctypes.get_last_error() or 1
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
