"""The trading program as a process."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


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
