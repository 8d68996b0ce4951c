"""Asking a program to close, and letting one outlive the console, on Windows.

A terminate is a hard kill there, so the program's windows are asked to close instead, and one
without a window is sent CTRL_BREAK, on which Python raises SIGBREAK.  That reaches it by its
console and its process group alone: the console starts it in a group of its own, with a console
that nobody sees (https://learn.microsoft.com/windows/console/generateconsolectrlevent).
"""

from __future__ import annotations

import ctypes
import logging
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

import psutil

from core.base.entry import module_command
from core.program.models import Program

WM_CLOSE = 0x0010
DETACHED_PROCESS = 0x00000008
CREATE_NEW_PROCESS_GROUP = 0x00000200
CREATE_BREAKAWAY_FROM_JOB = 0x01000000


HELPER = "core.program.ctrl_break"
HELPER_SECONDS = 20.0

log = logging.getLogger(__name__)


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
    """Post WM_CLOSE to every top-level window of *process*; send one that has none CTRL_BREAK."""
    if not _close_windows(process.pid):
        _break(process.pid)


def ask_again(process: psutil.Process) -> None:
    """Ask *process*, which has not closed, in both ways; it may have opened its windows since."""
    _close_windows(process.pid)
    _break(process.pid)


def _close_windows(pid: int) -> bool:
    windows = windows_of(pid)
    if sys.platform == "win32":
        for window in windows:
            ctypes.windll.user32.PostMessageW(window, WM_CLOSE, 0, 0)
    return bool(windows)


def _break(pid: int) -> None:
    # A process has one console at most, so a helper takes on that of the program.
    helper = subprocess.run(
        [*module_command(HELPER, isolated=True), str(pid)], check=False,
        stdin=subprocess.DEVNULL, capture_output=True, timeout=HELPER_SECONDS, **DETACHED,
    )  # fmt: skip
    if helper.returncode:
        log.warning("process %s cannot be sent CTRL_BREAK: %s", pid, helper.returncode)


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


LAUNCHER = "__PYVENV_LAUNCHER__"
"""By this variable the real Python knows of which environment it is (CPython's `getpath.py`)."""


def of_real_python(
    command: Sequence[str], environment: Mapping[str, str]
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the command and environment that start the Python behind an environment's.

    They are as given where *command* names no Python of an environment by its whole path, or the
    one behind it is not there.
    """
    named = Path(command[0])
    base = _base_of(named) if named.is_absolute() else None
    if base is None:
        return tuple(command), dict(environment)
    return (str(base), *command[1:]), {**environment, LAUNCHER: str(named)}


def without_launchers(programs: Sequence[Program]) -> tuple[Program, ...]:
    """Return *programs* without those that wait for another of them, on Windows."""
    if sys.platform != "win32" or len(programs) < 2:
        return tuple(programs)
    waiting: set[int] = set()
    for program in programs:
        with suppress(psutil.Error, OSError):
            waiting.add(psutil.Process(program.pid).ppid())
    return tuple(one for one in programs if one.pid not in waiting)


def _base_of(python: Path) -> Path | None:
    """Return the Python that the environment of *python* was made with."""
    try:
        lines = (python.parent.parent / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    values = {
        key.strip(): value.strip() for key, _, value in (line.partition("=") for line in lines)
    }
    base = Path(values.get("home", "")) / python.name
    return base if base.is_absolute() and base.is_file() else None
