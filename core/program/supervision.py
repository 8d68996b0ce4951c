"""What the supervisor says of itself, for everybody else to read."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import ValidationError

from core.base.config.models import Settings
from core.base.files import private_folder, write_durably
from core.base.model import Model
from core.base.owner import is_alive
from core.base.text import Text
from core.program.runs import folder

FILE = "supervisor.json"
LEAVE = "leave"

RunBy = Literal["systemd", "task", "hand"]
"""Who started the supervisor: a systemd unit, a scheduled task, or somebody by hand."""


class Phase(StrEnum):
    """What the supervisor is at."""

    WATCHING = "watching"
    """The program runs."""
    WAITING = "waiting"
    """It ended by itself, and is started again after a pause."""
    HELD = "held"
    """It was stopped on purpose by an operation, and is started when that is over."""
    STOPPED = "stopped"
    """An operator stopped it: it stays so until it is wanted again."""
    ENDED = "ended"
    """It closed in order by itself, as when its window is closed."""
    GIVEN_UP = "given_up"
    """It ended too often."""


class Supervision(Model):
    """The supervisor, as it last wrote itself down; times are UTC."""

    pid: int
    began: float
    """Unix seconds at which its process began."""
    since: datetime
    run_by: RunBy
    phase: Phase
    program_pid: int | None = None
    restarts: int = 0
    """How often it started the program again by itself."""
    last_exit_code: int | None = None
    next_start_at: datetime | None = None
    what: Text | None = None
    """The last thing that it has to say, in one sentence."""


def write_supervision(settings: Settings, supervision: Supervision | None) -> None:
    """Write the supervisor down; None: there is none any more."""
    path = private_folder(folder(settings)) / FILE
    if supervision is None:
        path.unlink(missing_ok=True)
    else:
        write_durably(path, supervision.model_dump_json().encode())


def read_supervision(settings: Settings) -> Supervision | None:
    """Return the supervisor that lives; what a dead one left counts for nothing."""
    try:
        found = Supervision.model_validate_json((folder(settings) / FILE).read_bytes())
    except (OSError, ValidationError):
        return None
    return found if is_alive(found.pid, found.began) else None


def ask_to_leave(settings: Settings, supervision: Supervision) -> None:
    """Ask a supervisor to end without stopping the program."""
    path = private_folder(folder(settings)) / LEAVE
    path.write_text(str(supervision.pid), encoding="utf-8")


def is_asked_to_leave(settings: Settings, pid: int) -> bool:
    """Whether the supervisor *pid* was asked to end without stopping the program."""
    with suppress(OSError):
        return (folder(settings) / LEAVE).read_text(encoding="utf-8") == str(pid)
    return False


def forget_leave(settings: Settings) -> None:
    """Remove a request to leave, which was fulfilled or meant a supervisor that is gone."""
    with suppress(OSError):
        (folder(settings) / LEAVE).unlink(missing_ok=True)
