"""The trading program as a process."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

MARK = "UPBIT_OPS_PROGRAM_OF"
"""The variable by which a release is known for the program of a folder: that folder's path.

A release runs from a folder of its own, and until it has opened the databases nothing else tells
whose it is.
"""


class Program(BaseModel):
    """The running trading program; `environment` is what it was started with."""

    model_config = ConfigDict(frozen=True)

    pid: int
    started: datetime
    command: tuple[str, ...]
    cwd: Path
    environment: dict[str, str] = Field(default={}, repr=False)


class Launch(BaseModel):
    """How to start the program."""

    model_config = ConfigDict(frozen=True)

    command: tuple[str, ...]
    cwd: Path
    environment: dict[str, str] = Field(repr=False)
