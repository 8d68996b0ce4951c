"""By which rule the supervisor starts the program again, and what it says of itself.

The pause doubles with every end, from `first_seconds` to `longest_seconds`, without jitter: one
program on one machine has nobody to keep out of step with.  After `restarts` of them within
`within_minutes` it is given up.  A run of `settled_minutes` makes its end the first one again.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import ValidationError

from core.base.config.models import RestartSettings, Settings
from core.base.files import private_folder, write_durably
from core.base.model import Model
from core.base.owner import is_alive
from core.base.text import Text
from core.program.runs import folder


@dataclass(frozen=True)
class Count:
    """The restarts that still count."""

    in_a_row: int = 0
    """Ends since the program last ran for long."""
    times: tuple[float, ...] = ()
    """When restarts were decided within the window, in seconds of the caller's clock."""


@dataclass(frozen=True)
class Decision:
    """What follows an end."""

    pause: float | None
    """Seconds until the restart; None: it is given up."""
    count: Count


def decide(rules: RestartSettings, count: Count, now: float, ran_seconds: float) -> Decision:
    """Return what follows when the program ended at *now* after a run of *ran_seconds*."""
    if ran_seconds >= rules.settled_minutes * 60:
        count = Count()
    times = tuple(one for one in count.times if now - one < rules.within_minutes * 60)
    if len(times) >= rules.restarts:
        return Decision(None, Count(count.in_a_row, times))
    # Past 2^30 the limit holds whatever it is.
    pause = min(rules.longest_seconds, rules.first_seconds * 2.0 ** min(count.in_a_row, 30))
    return Decision(pause, Count(count.in_a_row + 1, (*times, now)))


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
