"""Whose something is: a process by its PID and the moment it began, never by the PID alone.

PIDs are given out again.  What a process leaves bears its mark; it is nobody's any more once no
process of that PID began at that moment.

Consoles and their helpers hold databases for moments, and none of them is ever taken for the
trading program, be it of this console, of one on another workspace, of another checkout or of an
earlier version.  A console is known by its entry.  A helper bears a mark in the environment that
it was started with; the helpers of earlier versions are known by how Python starts them.
"""

from __future__ import annotations

import getpass
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import NamedTuple

import psutil

from core.base.cleanup import cleaning_up
from core.base.entry import is_entry, runs_module
from core.base.model import Model

SAME_SECONDS = 10.0
"""A process that began within this time of what is written down is the one that is meant."""
MARK = re.compile(r"(?<![0-9])([0-9]{1,10})-([0-9]{10,16})(?![0-9])")


class Owner(NamedTuple):
    """A process; `began` in Unix seconds."""

    pid: int
    began: float

    @property
    def mark(self) -> str:
        """What the names of its files bear."""
        return f"{self.pid}-{round(self.began * 1000)}"

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return is_alive(self.pid, self.began)


class Holder(Model):
    """A process and the files that it holds open."""

    pid: int
    name: str
    command: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


def user_name() -> str:
    """Return the name of the user; the number of one who has none, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError):  # by the version and the system
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "?"


def user_at_host() -> str:
    """Return who does something, and on which machine."""
    return f"{user_name()}@{socket.gethostname()}"


def me() -> Owner:
    """Return this process."""
    return Owner(os.getpid(), psutil.Process().create_time())


def owner_of(name: str) -> Owner | None:
    """Return the process whose mark *name* bears; None where it bears none."""
    found = MARK.search(name)
    return Owner(int(found[1]), int(found[2]) / 1000) if found else None


def is_alive(pid: int, began: float) -> bool:
    """Whether process *pid* runs and is the one that began at *began* (Unix seconds)."""
    return _runs(pid, lambda since: abs(since - began) < SAME_SECONDS)


def ran_at(pid: int, moment: float) -> bool:
    """Whether process *pid* runs and ran already at *moment* (Unix seconds)."""
    return _runs(pid, lambda since: since < moment + SAME_SECONDS)


def _runs(pid: int, fits: Callable[[float], bool]) -> bool:
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and fits(process.create_time())
    except psutil.NoSuchProcess:
        return False
    except (psutil.Error, OSError):
        return True  # somebody's whom this user may not look at, or one that cannot be told now


HELPER_OF = "UPBIT_OPS_HELPER_OF"
"""The variable that helpers bear; its value says whose, for whoever looks at a process list."""
PROBES = "core.monitoring.probes.helper"
"""The module of the process with which the console's health looks into live databases."""
WORKER = "multiprocessing.spawn"
"""What stands in the command line of a process that Python's `multiprocessing` has started."""

_one_at_a_time = Lock()


def marked(environment: Mapping[str, str]) -> dict[str, str]:
    """Return *environment* for a helper of this process."""
    return {**environment, HELPER_OF: me().mark}


def unmarked(environment: Mapping[str, str]) -> dict[str, str]:
    """Return *environment* for what is no helper, such as the trading program."""
    return {name: value for name, value in environment.items() if name != HELPER_OF}


@contextmanager
def starting_helpers() -> Iterator[None]:
    """Let what is started here be marked; for what takes no environment of its own."""
    with _one_at_a_time, cleaning_up(_bring_back, os.environ.get(HELPER_OF)):
        os.environ[HELPER_OF] = me().mark
        yield


def _bring_back(former: str | None) -> None:
    if former is None:
        os.environ.pop(HELPER_OF, None)
    else:
        os.environ[HELPER_OF] = former


def is_console(pid: int, command: Sequence[str]) -> bool:
    """Whether process *pid*, started by *command*, is a console or a helper of one."""
    if pid == os.getpid() or is_entry(command) or runs_module(command, PROBES):
        return True
    try:
        process = psutil.Process(pid)
        if HELPER_OF in process.environ():
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
