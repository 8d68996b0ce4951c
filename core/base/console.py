"""Which processes are consoles or helpers of one: they hold databases for moments, no longer.

None of them is ever taken for the trading program, be it of this console, of one on another
workspace, of another checkout or of an earlier version.  A console is known by its entry.  A
helper bears a mark in the environment that it was started with, so it is known whatever became
of who started it; the helpers of earlier versions are known by how Python starts them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock

import psutil

from core.base.cleanup import cleaning_up
from core.base.entry import is_entry, runs_module
from core.base.owner import me

MARK = "UPBIT_OPS_HELPER_OF"
"""The variable that helpers bear; its value says whose, for whoever looks at a process list."""
PROBES = "core.monitoring.probes.helper"
"""The module of the process with which the console's health looks into live databases."""
WORKER = "multiprocessing.spawn"
"""What stands in the command line of a process that Python's `multiprocessing` has started."""

_one_at_a_time = Lock()


def marked(environment: Mapping[str, str]) -> dict[str, str]:
    """Return *environment* for a helper of this process."""
    return {**environment, MARK: me().mark}


def unmarked(environment: Mapping[str, str]) -> dict[str, str]:
    """Return *environment* for what is no helper, such as the trading program."""
    return {name: value for name, value in environment.items() if name != MARK}


@contextmanager
def starting_helpers() -> Iterator[None]:
    """Let what is started here be marked; for what takes no environment of its own."""
    with _one_at_a_time, cleaning_up(_bring_back, os.environ.get(MARK)):
        os.environ[MARK] = me().mark
        yield


def _bring_back(former: str | None) -> None:
    if former is None:
        os.environ.pop(MARK, None)
    else:
        os.environ[MARK] = former


def is_console(pid: int, command: Sequence[str]) -> bool:
    """Whether process *pid*, started by *command*, is a console or a helper of one."""
    if pid == os.getpid() or is_entry(command) or runs_module(command, PROBES):
        return True
    try:
        process = psutil.Process(pid)
        if MARK in process.environ():
            return True
    except psutil.NoSuchProcess:
        return False
    except (psutil.Error, OSError):
        pass  # somebody else's: it is judged by what may be seen
    return any(WORKER in argument for argument in command) and _works_for_console(pid)


def _works_for_console(pid: int) -> bool:
    """Whether a worker of `multiprocessing`, which bears no mark, was started by a console.

    The trading program may have workers, too; but one that lost its parent is nobody's program.
    A worker runs on the interpreter of who started it, so another parent has only taken it in.
    """
    try:
        process = psutil.Process(pid)
        parents = process.parents()
        if not parents or parents[0].exe() != process.exe():
            return True
        return any(is_entry(one.cmdline()) for one in parents)
    except (psutil.Error, OSError):
        return False


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
