"""What the console writes down about the program: its runs, what is wanted, who was asked to stop.

Everything lies in the folder ``program`` of the console's own, in small files of which each has
one writer at a time:

``runs/…``      by the keeper: which process, since when, and with which code it ended
``wanted.json`` whether the program is to run; only an operator's word changes it
``asked.json``  the processes that were asked to close: their end is nobody's failure

Each is replaced whole or appended to by one process, so what a crash leaves is readable.  None
of them is needed to start or stop the program: a lost one makes the console know less.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import ValidationError

from core.base.config.models import Settings
from core.base.files import private_folder, write_durably
from core.base.model import Model
from core.base.owner import SAME_SECONDS, is_alive
from core.program.models import Program

FOLDER = "program"
KEPT_RUNS = 20


class ProgramRun(Model):
    """One run of the program that the console or its supervisor started."""

    keeper: int
    """PID of the process that reads its output."""
    pid: int
    begun: float
    """Unix seconds, like `ended`."""
    by: str = ""
    ended: float | None = None
    exit_code: int | None = None
    """None: it runs, or nobody saw its end; negative: ended by that signal."""

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self.ended is None and is_alive(self.pid, self.begun)


class Wanted(Model):
    """Whether the program is to run, by an operator's word."""

    state: Literal["running", "stopped"]
    since: datetime
    by: str = ""


class _Asked(Model):
    processes: tuple[tuple[int, float], ...] = ()


class LogPaths(NamedTuple):
    """Where the program's output goes."""

    out: Path
    err: Path


def folder(settings: Settings) -> Path:
    """Return the folder of what is known of the program."""
    return settings.home / FOLDER


def log_paths(settings: Settings) -> LogPaths:
    """Return where standard output and standard error go: to the program's own logs."""
    logs = settings.app / settings.health.logs
    return LogPaths(logs / "ops_console_program.out.log", logs / "ops_console_program.err.log")


# ---- runs --------------------------------------------------------------------------------


def new_record(settings: Settings) -> Path:
    """Return where the next run is to be written down; the oldest ones are removed."""
    runs = private_folder(folder(settings) / "runs")
    with suppress(OSError):
        for path in sorted(runs.iterdir())[: -KEPT_RUNS + 1]:
            path.unlink(missing_ok=True)
    return runs / f"{time.time_ns():020d}-{os.getpid()}.jsonl"


def read_run(path: Path) -> ProgramRun | None:
    """Return the run that is written down in *path*; None where it cannot be read."""
    facts: dict[str, object] = {}
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            with suppress(ValueError):  # a line that a crash cut off
                found = json.loads(line)
                facts |= found if isinstance(found, dict) else {}
        return ProgramRun.model_validate(facts)
    except (OSError, ValueError, ValidationError):
        return None


def newest_run_path(settings: Settings) -> Path | None:
    """Return where the newest run is written down."""
    try:
        return max((folder(settings) / "runs").glob("*.jsonl"), default=None)
    except OSError:
        return None


def newest_run(settings: Settings) -> ProgramRun | None:
    """Return the newest run that the console knows of."""
    path = newest_run_path(settings)
    return read_run(path) if path is not None else None


def last_end(settings: Settings) -> ProgramRun | None:
    """Return the newest run that is over."""
    with suppress(OSError):
        for path in sorted((folder(settings) / "runs").glob("*.jsonl"), reverse=True):
            run = read_run(path)
            if run is not None and not run.alive:
                return run
    return None


# ---- what is wanted ----------------------------------------------------------------------


def read_wanted(settings: Settings) -> Wanted | None:
    """Return what the operator said last; None where nobody said anything."""
    try:
        return Wanted.model_validate_json((folder(settings) / "wanted.json").read_bytes())
    except (OSError, ValidationError):
        return None


def write_wanted(settings: Settings, wanted: Wanted | None) -> None:
    """Write down what the operator wants; None: what nobody said."""
    path = private_folder(folder(settings)) / "wanted.json"
    if wanted is None:
        path.unlink(missing_ok=True)
    else:
        write_durably(path, wanted.model_dump_json().encode())


def want(settings: Settings, state: Literal["running", "stopped"], by: str) -> Wanted | None:
    """Write down what is wanted from now on, and return what was before."""
    before = read_wanted(settings)
    write_wanted(settings, Wanted(state=state, since=datetime.now(UTC), by=by))
    return before


# ---- who was asked to stop ---------------------------------------------------------------


def mark_asked(settings: Settings, programs: Sequence[Program]) -> None:
    """Write down that *programs* are asked to close, before they are."""
    asked = _Asked(processes=tuple((one.pid, one.started.timestamp()) for one in programs))
    path = private_folder(folder(settings)) / "asked.json"
    write_durably(path, asked.model_dump_json().encode())


def was_asked(settings: Settings, pid: int, began: float) -> bool:
    """Whether the process *pid* that began at *began* was asked to close."""
    try:
        asked = _Asked.model_validate_json((folder(settings) / "asked.json").read_bytes())
    except (OSError, ValidationError):
        return False
    return any(
        known == pid and abs(since - began) < SAME_SECONDS for known, since in asked.processes
    )
