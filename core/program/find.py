"""Finds the trading program: by its script and folder, or by what else tells that it is the one."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path

import psutil

from core.base.config.models import Settings
from core.base.open_files import holders_of_each
from core.base.owner import SAME_SECONDS, is_console
from core.program.models import MARK, Program
from core.program.runs import ProgramRun, newest_run
from core.program.user import user_of
from core.program.windows import without_launchers


class _Known(IntEnum):
    """By what a process is known for the trading program; what comes first counts alone."""

    SCRIPT = 0
    """It runs the script of this folder, or holds the databases as a release of it."""
    HOLDER = 1
    """It holds every database, and is an executable of the folder, what `program.start` names, or
    a child of what the console started: a program that was packaged, say."""
    STARTED = 2
    """The console started it, and it still runs."""
    MARKED = 3
    """It bears the mark of a release, which is handed on to whatever that starts."""


def find_programs(settings: Settings) -> tuple[Program, ...]:
    """Return every process of the trading program, the oldest first.

    A launcher that only waits for the real process (`uv run`, a shell) is not one of them, nor
    is a script of the same name in another folder, one that works on other data, any console or
    its helpers, or a tool that has opened the databases.
    """
    held = tuple(holders_of_each([file.path for file in settings.databases]).values())
    of_all = frozenset.intersection(*held) if held else frozenset()
    of_any = frozenset[int]().union(*held)
    run = newest_run(settings)
    found: dict[_Known, list[Program]] = {}
    for process in psutil.process_iter():
        program = _seen(process)
        if program is None:
            continue
        known = _known(settings, program, run, program.pid in of_all, program.pid in of_any)
        if known is None or is_console(program.pid, program.command):
            continue
        described = _with_user(process, program)
        if described is not None:
            found.setdefault(known, []).append(described)
    best = found[min(found)] if found else []
    return without_launchers(sorted(best, key=lambda program: program.started))


def _known(
    settings: Settings, program: Program, run: ProgramRun | None, holds_all: bool, holds_any: bool
) -> _Known | None:
    marked = program.environment.get(MARK) == str(settings.app)
    if marked and holds_all:
        return _Known.SCRIPT
    if _runs_script(settings, program) and (holds_any or not _works_elsewhere(settings, program)):
        return _Known.SCRIPT
    if holds_all and (
        _is_of_folder(settings, program)
        or _is_as_configured(settings, program)
        or (run is not None and _is_of_run(run, program))
    ):
        return _Known.HOLDER
    if run is not None and _is_run(run, program):
        return _Known.STARTED
    return _Known.MARKED if marked else None


def find_program(settings: Settings) -> Program | None:
    """Return the running trading program, None where there is none."""
    found = find_programs(settings)
    return found[0] if found else None


def looks_like_program(settings: Settings, pid: int) -> bool:
    """Whether process *pid* may be the trading program, at a glance; `find_programs` decides.

    Costs a fraction of looking through all processes and their open files.
    """
    try:
        program = describe(psutil.Process(pid))
    except (psutil.Error, OSError):
        return False
    if program is None or is_console(pid, program.command):
        return False
    return _runs_script(settings, program) or program.environment.get(MARK) == str(settings.app)


def describe(process: psutil.Process) -> Program | None:
    """Return what can be told of a process; None where it is gone or not ours to see.

    Of another user's on Linux command and times are told, but not its folder and its environment.
    """
    program = _seen(process)
    return _with_user(process, program) if program is not None else None


def _seen(process: psutil.Process) -> Program | None:
    """Return what a process is known by; its user, which is dearer, is not looked up."""
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        started = datetime.fromtimestamp(process.create_time(), UTC)
        command = tuple(process.cmdline())
        try:
            cwd, environment = process.cwd(), process.environ()
        except psutil.AccessDenied:
            if sys.platform == "win32":
                return None
            cwd, environment = os.sep, {}
        return Program(
            pid=process.pid, started=started, command=command, cwd=Path(cwd),
            environment=environment,
        )  # fmt: skip
    except (psutil.Error, OSError):
        return None


def _with_user(process: psutil.Process, program: Program) -> Program | None:
    try:
        return program.model_copy(update={"user": user_of(process)})
    except (psutil.Error, OSError):
        return None


# ---- what a process is ---------------------------------------------------------------------


def is_python(executable: str) -> bool:
    """Whether *executable* is a Python, by its name."""
    return Path(executable).name.lower().startswith("python")


def _is_interpreter(program: Program) -> bool:
    return bool(program.command) and is_python(program.command[0])


def _runs_script(settings: Settings, program: Program) -> bool:
    """Whether an interpreter runs the script of this very folder, and no tool that reads it."""
    script = script_of(program.command) if _is_interpreter(program) else None
    return script is not None and _is_script(settings, program, script)


def _is_script(settings: Settings, program: Program, argument: str) -> bool:
    script = settings.app / settings.program.script
    return Path(argument).name == script.name and (program.cwd / argument).resolve() == script


def script_of(command: Sequence[str]) -> str | None:
    """Return what the Python of *command* runs; None for a module, code, or standard input.

    https://docs.python.org/3/using/cmdline.html#command-line
    """
    arguments = iter(command[1:])
    for argument in arguments:
        if not argument.startswith("-"):
            return argument
        if argument in {"-", "--check-hash-based-pycs"}:
            if argument == "-":
                return None
            next(arguments, None)
        elif not argument.startswith("--"):
            place = next((at for at, letter in enumerate(argument) if letter in "cmXW"), None)
            if place is None:
                continue
            if argument[place] in "cm":
                return None
            if place == len(argument) - 1:  # the value of -X or -W follows
                next(arguments, None)
    return None


def _works_elsewhere(settings: Settings, program: Program) -> bool:
    """Whether the program was told to work on other data than what is guarded here."""
    told = program.environment.get(next(iter(settings.program.variables.data), ""))
    if not told:
        return False
    ours = {settings.data_folder, *(file.path.parent for file in settings.databases)}
    return os.path.realpath(program.cwd / told) not in {os.path.realpath(our) for our in ours}


def _is_of_folder(settings: Settings, program: Program) -> bool:
    """Whether it is an executable of the folder, or its script under a debugger, say."""
    if _is_interpreter(program):
        return any(_is_script(settings, program, one) for one in program.command[1:])
    return _executable(program).is_relative_to(settings.app)


def _is_as_configured(settings: Settings, program: Program) -> bool:
    """Whether it is what ``program.start`` names: executable and, for an interpreter, script."""
    start = settings.program.start
    if start is None or not program.command:
        return False
    configured = program.model_copy(update={"command": start, "cwd": settings.app})
    if _is_interpreter(configured) or _is_interpreter(program):
        return program.command[1:] == start[1:] and len(start) > 1
    return _executable(program) == _executable(configured)


def _executable(program: Program) -> Path:
    return Path(os.path.realpath(program.cwd / program.command[0])) if program.command else Path()


def _is_run(run: ProgramRun, program: Program) -> bool:
    began = program.started.timestamp()
    return run.ended is None and run.pid == program.pid and abs(began - run.begun) < SAME_SECONDS


def _is_of_run(run: ProgramRun, program: Program) -> bool:
    """Whether it is the program of *run*, or was started by that."""
    if run.ended is not None:
        return False
    try:
        above = [parent.pid for parent in psutil.Process(program.pid).parents()]
    except (psutil.Error, OSError):
        return False
    return _is_run(run, program) or run.keeper in above


NEWS_SECONDS = 10.0
"""So long after a process appeared it is looked whether it became the trading program."""
NO_NEWS_SECONDS = 30.0
"""How often all are looked through although nothing changed."""


class ProcessTracker:
    """Remembers the program that was found; belongs to one thread at a time."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._known: Program | None = None
        self._pids: set[int] = set()
        self._searched = self._news_until = float("-inf")
        self.searches = 0
        """How often all processes were looked through."""

    def find(self) -> Program | None:
        """Return the running trading program, None where there is none."""
        now, known = self._clock(), self._known
        pids = set(psutil.pids())
        appeared, self._pids = bool(pids - self._pids), pids
        if appeared:
            self._news_until = now + NEWS_SECONDS
        fresh = now - self._searched < NO_NEWS_SECONDS
        if known is not None and known.pid in pids and fresh and _is_same(known):
            return known
        if known is None and fresh and now >= self._news_until:
            return None
        self._searched = now
        self.searches += 1
        self._known = find_program(self._settings)
        return self._known


def _is_same(known: Program) -> bool:
    """Whether the process is still the one that was found: its number may be another's by now,
    and it may have become another program.
    """
    try:
        found = describe(psutil.Process(known.pid))
    except (psutil.Error, OSError):
        return False
    return found is not None and (found.started, found.command) == (known.started, known.command)
