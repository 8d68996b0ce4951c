"""The trading program as a process, its SQLite, and who else is at its databases."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil

from core.base.config.models import Settings
from core.base.open_files import Holder, holders
from core.base.owner import NO_WINDOW
from core.base.text import translate
from core.monitoring.models import Event, EventKind, Every, Fact, Moment, Reading, State, utc
from core.program.find import find_program, is_python, looks_like_program
from core.program.models import Program

SEARCH_SECONDS = 2.0
SEARCH_SHARE = 0.02
"""A search through all processes may take this share of the time."""
NEWS_SECONDS = 10.0
"""So long after a process appeared it is looked whether it became the trading program."""
FRESH_SECONDS = 3.0
"""So long a new process is looked at by itself: it may yet become another program."""
NO_NEWS_SECONDS = 60.0
"""How often all are looked through although none appeared."""
HOLDERS_SECONDS = 30.0
ASK_VERSION_SECONDS = 10.0


class ProgramProbe:
    """Follows the trading program from one process to the next."""

    name = "program"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: psutil.Process | None = None
        self._search = Every(SEARCH_SECONDS)
        self._pids: set[int] = set()
        self._fresh: dict[int, float] = {}
        self._searched = self._news_until = float("-inf")
        self._ran_before = False
        self._restarts = 0
        self._version: str | None = None
        self.pid: int | None = None
        """PID of the program, for the other probes."""
        self.logs: Path | None = None
        """Where it was told to write its logs."""

    def due(self, monotonic: float) -> bool:
        """At every tick."""
        return True

    def measure(self, moment: Moment) -> Reading:
        """Look at the program, or for it."""
        events: list[Event] = []
        values = self._values(moment)
        if values is None:
            if self._process is not None:
                events.append(self._ended(moment))
            if self._worth_a_search(moment.monotonic):
                begun = time.monotonic()
                event = self._find(moment)
                self._search.done(
                    moment.monotonic,
                    max(SEARCH_SECONDS, (time.monotonic() - begun) / SEARCH_SHARE),
                )
                events += [event] if event is not None else []
            values = self._values(moment)
        if values is None:
            values = {"program_running": 0.0}
        values["program_restarts"] = float(self._restarts)
        return Reading(values, self._facts(), tuple(events))

    def _worth_a_search(self, now: float) -> bool:
        """Whether a process appeared that may be it; the list of them costs next to nothing.

        Looking through all of them takes long on a busy machine, so it has its pauses; but one
        that has just been started is found at once, or it would be missed as not running.
        """
        pids = set(psutil.pids())
        fresh = pids - self._pids if self._pids else set()
        if pids - self._pids:
            self._news_until = now + NEWS_SECONDS
        self._pids = pids
        self._fresh |= dict.fromkeys(fresh, now)
        self._fresh = {
            pid: since
            for pid, since in self._fresh.items()
            if now - since <= FRESH_SECONDS and pid in pids
        }
        if any(looks_like_program(self._settings, pid) for pid in self._fresh):
            return True
        if not self._search.due(now):
            return False
        if now >= self._news_until and now - self._searched < NO_NEWS_SECONDS:
            return False
        self._searched = now
        return True

    def _values(self, moment: Moment) -> dict[str, float] | None:
        process = self._process
        if process is None:
            return None
        try:
            with process.oneshot():
                if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                    return None
                values = {
                    "program_running": 1.0,
                    "program_cpu_percent": float(process.cpu_percent(None)),
                    "program_rss_bytes": float(process.memory_info().rss),
                    "program_threads": float(process.num_threads()),
                    "program_uptime_seconds": max(0.0, moment.wall - process.create_time()),
                }
        except psutil.NoSuchProcess:
            return None
        except (psutil.Error, OSError):
            return {"program_running": 1.0}  # not ours to see, or not to be told just now
        with suppress(psutil.Error, OSError):  # not ours to see; a gap says so
            values["program_open_files"] = float(_open_files(process))
        return values

    def _find(self, moment: Moment) -> Event | None:
        program = find_program(self._settings)
        if program is None:
            return None
        try:
            self._process = psutil.Process(program.pid)
            self._process.cpu_percent(None)
            started = self._process.create_time()
        except (psutil.Error, OSError):
            self._process = None
            return None
        self.pid = program.pid
        told = program.environment.get(self._settings.program.variables.logs_name)
        self.logs = program.cwd / told if told else None
        self._version = sqlite_version_of(program)
        again, self._ran_before = self._ran_before, True
        if again:
            self._restarts += 1
        # Of one that started while nobody looked, too: the history knows whether it was told.
        return Event(
            at=utc(min(moment.wall, started) * 1000),
            kind=EventKind.PROGRAM_STARTED,
            text=translate(
                "health", "The trading program started (process {pid}).", pid=str(program.pid)
            ),
        )

    def _ended(self, moment: Moment) -> Event:
        pid = self.pid
        self._process = self.pid = None
        self._search = Every(SEARCH_SECONDS)
        return Event(
            at=utc(moment.wall * 1000),
            kind=EventKind.PROGRAM_ENDED,
            text=translate("health", "The trading program ended (process {pid}).", pid=str(pid)),
        )

    def _facts(self) -> tuple[Fact, ...]:
        if self._process is None:
            return ()
        try:
            started = datetime.fromtimestamp(self._process.create_time(), UTC)
        except (psutil.Error, OSError):
            return ()
        facts = [
            Fact(
                key="program_pid",
                name=translate("health", "Process of the trading program"),
                value=str(self.pid),
            ),
            Fact(
                key="program_started",
                name=translate("health", "Trading program started"),
                value=started.isoformat(),
            ),
        ]
        if self._version is not None:
            facts.append(version_fact(self._version))
        return tuple(facts)


def _open_files(process: psutil.Process) -> int:
    if sys.platform == "win32":
        return int(process.num_handles())
    return int(process.num_fds())


def sqlite_version_of(program: Program) -> str | None:
    """Return the version of the SQLite that the program's Python has, None if it cannot tell."""
    try:
        interpreter = psutil.Process(program.pid).exe()
    except (psutil.Error, OSError):
        return None
    if not is_python(interpreter):
        return None
    try:
        answer = subprocess.run(
            [interpreter, "-I", "-c", "import sqlite3; print(sqlite3.sqlite_version)"],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=ASK_VERSION_SECONDS,
            check=False,
            creationflags=NO_WINDOW,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = answer.stdout.strip()
    return version if parse_version(version) else None


def parse_version(version: str) -> tuple[int, ...] | None:
    """Return the numbers of ``3.40.1``, None for what is no version."""
    parts = version.split(".")
    if len(parts) < 3 or not all(part.isdigit() for part in parts):
        return None
    return tuple(int(part) for part in parts)


def version_of_number(number: int) -> str | None:
    """Return SQLITE_VERSION_NUMBER (3040001) as ``3.40.1``, None for 0."""
    if number < 3_000_000:
        return None
    return f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"


def may_lose_data(version: str) -> bool:
    """Whether this SQLite can lose committed pages in WAL mode.

    3.7.0 to 3.51.2 can, when one process checkpoints while another writes; 3.50.7 and 3.44.6
    are mended branches (https://www.sqlite.org/wal.html#walresetbug).
    """
    numbers = parse_version(version)
    if numbers is None or numbers < (3, 7, 0) or numbers >= (3, 51, 3):
        return False
    mended = {(3, 50): 7, (3, 44): 6}.get((numbers[0], numbers[1]))
    return mended is None or numbers[2] < mended


def version_fact(version: str) -> Fact:
    """Return what is to be said about the program's SQLite."""
    unsafe = may_lose_data(version)
    return Fact(
        key="program_sqlite_version",
        name=translate("health", "SQLite of the trading program"),
        value=version,
        state=State.WARNING if unsafe else State.OK,
        advice=translate(
            "health",
            "SQLite {version} can lose committed data in WAL mode when two processes use a "
            "database at once. Install 3.51.3 or newer in the trading program.",
            version=version,
        )
        if unsafe
        else None,
    )


class HoldersProbe:
    """Looks for programs other than the trading program that hold a database open."""

    name = "holders"

    def __init__(self, settings: Settings, program: ProgramProbe) -> None:
        self._settings = settings
        self._program = program
        self._every = Every(HOLDERS_SECONDS)

    def due(self, monotonic: float) -> bool:
        """Every half minute, and less often where it takes long."""
        return self._every.due(monotonic)

    def measure(self, moment: Moment) -> Reading:
        """Look through the open files of all processes that may be looked at."""
        begun = time.monotonic()
        paths = {file.name: file.path for file in self._settings.databases if file.path.is_file()}
        found = foreign_holders(self._settings, self._program.pid)
        values = {}
        for name, path in paths.items():
            real = os.path.realpath(path)
            count = sum(
                any(held.startswith(real) for held in one.paths or (real,)) for one in found
            )
            values[f"db.{name}.foreign_holders"] = float(count)
        self._every.done(
            moment.monotonic, max(HOLDERS_SECONDS, (time.monotonic() - begun) / SEARCH_SHARE)
        )
        return Reading(values, tuple(_holder_fact(one) for one in found))


def foreign_holders(settings: Settings, program_pid: int | None) -> tuple[Holder, ...]:
    """Return who holds the databases open and is neither the trading program nor a console."""
    script = settings.program.script
    return tuple(
        one
        for one in holders([file.path for file in settings.databases])
        if one.pid != program_pid
        # It has started since it was last looked for.
        and not any(Path(argument).name == script for argument in one.command)
    )


def _holder_fact(holder: Holder) -> Fact:
    return Fact(
        key=f"foreign_holder.{holder.pid}",
        name=translate("health", "Another program at the databases"),
        value=f"{holder.name} ({holder.pid})",
        state=State.WARNING,
        advice=translate(
            "health",
            "{name} (process {pid}) holds a database open. Close it: a rollback cannot go on "
            "while it does.",
            name=holder.name,
            pid=str(holder.pid),
        ),
    )
