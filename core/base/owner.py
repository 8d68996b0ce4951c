"""Whose something is: a process by its PID and the moment it began, never by the PID alone.

PIDs are given out again.  What a process leaves bears its mark; it is nobody's any more once no
process of that PID began at that moment.
"""

from __future__ import annotations

import getpass
import os
import re
import socket
from collections.abc import Callable
from typing import NamedTuple

import psutil

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
