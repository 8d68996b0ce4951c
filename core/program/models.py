"""The trading program as a process."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field

from core.base.model import Model
from core.base.text import Text

MARK = "UPBIT_OPS_PROGRAM_OF"
"""The variable by which a release is known for the program of a folder: that folder's path.

A release runs from a folder of its own, and until it has opened the databases nothing else tells
whose it is.
"""


class User(Model):
    """A user of the system, with the groups that a process of his is in."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()


class Program(Model):
    """The running trading program; `environment` is what it was started with."""

    pid: int
    started: datetime
    command: tuple[str, ...]
    cwd: Path
    environment: dict[str, str] = Field(default={}, repr=False)
    user: User | None = None
    """None on Windows."""


class RunningProgram(Model):
    """The trading program as it is shown: without its environment."""

    pid: int
    started: datetime
    command: tuple[str, ...] = Field(repr=False)

    @classmethod
    def of(cls, program: Program) -> RunningProgram:
        """Return what may be shown of *program*."""
        return cls(pid=program.pid, started=program.started, command=program.command)


class Launch(Model):
    """How to start the program."""

    command: tuple[str, ...]
    cwd: Path
    environment: dict[str, str] = Field(repr=False)
    user: User | None = None
    """As whom; None: as whom the databases belong to."""


class Unit(Model):
    """A systemd unit or a scheduled task that starts the supervisor."""

    kind: Literal["systemd", "task"]
    name: str
    path: Path | None
    """The unit's file; None: the system keeps it elsewhere."""
    text: str
    """The unit, or the task's XML."""
    note: Text | None = None
    """What else the operator should know."""


class Removed(Model):
    """A unit or task that is not there any more."""

    name: str
    was_installed: bool
    program_runs: bool
