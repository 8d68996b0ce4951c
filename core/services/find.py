"""Finds the trading program: by its command line, by its open files, or by the console's mark."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import psutil

from core.config.models import Settings
from core.holders import SUFFIXES, holders
from core.services.models import MARK, Program


def find_programs(settings: Settings) -> tuple[Program, ...]:
    """Return every process of the trading program, the oldest first.

    A launcher that only waits for the real process (`uv run`, a shell) is not one of them, nor
    is a script of the same name in another folder, nor the console itself, nor a tool that has
    opened one of the databases.
    """
    pids = _holders_of_all(settings)
    mine = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = []
    marked = []
    holding = []
    for process in psutil.process_iter():
        if process.pid in mine and process.pid not in pids:
            continue
        program = describe(process)
        if program is None:
            continue
        marks = program.environment.get(MARK) == str(settings.app)
        if _runs_script(settings, program) or (marks and process.pid in pids):
            found.append(program)
        elif process.pid in pids:
            holding.append(program)
        elif marks:
            marked.append(program)
    # The mark is handed on to whatever the program starts, so it counts only while nothing
    # better is known: before a release has opened its databases.  That a process holds all
    # databases counts only where none is recognised: a program that was packaged, say.
    return tuple(sorted(found or holding or marked, key=lambda program: program.started))


def _holders_of_all(settings: Settings) -> set[int]:
    """Return who holds every database that is there: as the trading program does, no tool."""
    existing = [file.path for file in settings.databases if file.path.is_file()]
    found = holders(existing)
    if not all(holder.paths for holder in found):  # Windows does not say which of the files
        each = [{holder.pid for holder in holders([path])} for path in existing]
        return set.intersection(*each)
    count = len({os.path.realpath(path) for path in existing})
    return {
        holder.pid for holder in found if len({_main_file(path) for path in holder.paths}) == count
    }


def _main_file(path: str) -> str:
    for suffix in SUFFIXES[1:]:
        path = path.removesuffix(suffix)
    return os.path.realpath(path)


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
    except psutil.Error:
        return False
    if program is None:
        return False
    return _runs_script(settings, program) or program.environment.get(MARK) == str(settings.app)


def describe(process: psutil.Process) -> Program | None:
    """Return what can be told of a process; None where it is gone or not ours to see."""
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return Program(
            pid=process.pid,
            started=datetime.fromtimestamp(process.create_time(), UTC),
            command=tuple(process.cmdline()),
            cwd=Path(process.cwd()),
            environment=process.environ(),
        )
    except (psutil.Error, OSError):
        return None


def _runs_script(settings: Settings, program: Program) -> bool:
    """Whether an interpreter runs the script of this very folder."""
    script = settings.app / settings.program.script
    if len(program.command) < 2 or not Path(program.command[0]).name.lower().startswith("python"):
        return False
    return any(
        Path(argument).name == script.name and (program.cwd / argument).resolve() == script
        for argument in program.command[1:]
    )
