"""What the console writes down about the program: its runs, what is wanted, who was asked to stop.

Everything lies in the folder ``program`` of the console's own, in small files of which each has
one writer at a time:

``runs/…``      by the launcher: which process, since when, and with which code it ended
``wanted.json`` whether the program is to run; only an operator's word changes it
``asked.json``  the processes that were asked to close: their end is nobody's failure

Each is replaced whole or appended to by one process, so what a crash leaves is readable.  None
of them is needed to start or stop the program: a lost one makes the console know less.

Supervision: the pause doubles with every end, from `first_seconds` to `longest_seconds`, without
jitter.  After `restarts` of them within `within_minutes` the program is given up.  A run of
`settled_minutes` makes its end the first one again.

Who may stop and start the program just now is one at a time, by an OS lock.  An operation holds
it from before it asks the program to stop until it is over; the supervisor while it starts it.
So no supervisor answers a deliberate stop with a start, nor starts the program between the two
halves of a swap.  The lock dies with its process: a console that is killed blocks nothing.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal, NamedTuple

from filelock import FileLock, Timeout
from pydantic import ValidationError

from core.base.cleanup import attempt
from core.base.config.models import RestartSettings, Settings
from core.base.files import private_folder, write_durably
from core.base.folders import make_home
from core.base.model import Model
from core.base.operation import Context, OperationError
from core.base.owner import SAME_SECONDS, is_alive
from core.base.text import Text, translate
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


LOCK_FILE = "program.lock"
WAIT_SECONDS = 30.0
SLICE_SECONDS = 0.1
_held: dict[Path, FileLock] = {}
_guard = threading.Lock()


def try_hold_program(settings: Settings) -> bool:
    """Hold the program if nobody else does; return whether it is held by this process now."""
    path = make_home(settings.home) / LOCK_FILE
    with _guard:
        if path in _held:
            return True
        lock = FileLock(path, mode=0o600, thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return False
        _held[path] = lock
        return True


def hold_program(settings: Settings, context: Context | None = None) -> None:
    """Hold the program, waiting for a supervisor that is starting it; again is harmless.

    Raises `OperationError` when it is not free in time, and `Cancelled`.
    """
    context = context or Context()
    waited = 0.0
    while not try_hold_program(settings):
        context.check()
        if waited >= WAIT_SECONDS:
            raise OperationError(
                translate("services", "The trading program is being started or stopped elsewhere."),
                data_state=translate("services", "Nothing was touched."),
                to_do=translate("services", "Wait a little, then try again."),
            )
        threading.Event().wait(SLICE_SECONDS)
        waited += SLICE_SECONDS


def release_program(settings: Settings) -> None:
    """Let others stop and start the program again; harmless where it is not held."""
    with _guard:
        lock = _held.pop(settings.home / LOCK_FILE, None)
    if lock is not None:
        lock.release(force=True)


def release_everything() -> None:
    """Let go of every program that this process holds: its operation is over.

    A rehearsal holds the program of a scratch root beside that of production.
    """
    with _guard:
        locks = list(_held.values())
        _held.clear()
    for lock in locks:
        attempt(lock.release, force=True)


@contextmanager
def program_held(settings: Settings, context: Context | None = None) -> Iterator[None]:
    """Hold the program meanwhile; one that was held already stays so."""
    before = settings.home / LOCK_FILE in _held
    hold_program(settings, context)
    try:
        yield
    finally:
        if not before:
            attempt(release_program, settings)
