"""Finds the trading program: by its command line, by its open files, or by the console's mark."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import psutil

from core.config.models import Settings
from core.holders import holders
from core.services.models import MARK, Program


def find_programs(settings: Settings) -> tuple[Program, ...]:
    """Return every process of the trading program, the oldest first.

    A launcher that only waits for the real process (`uv run`, a shell) is not one of them, nor
    is a script of the same name in another folder, nor the console itself.
    """
    pids = {holder.pid for holder in holders([file.path for file in settings.databases])}
    mine = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = []
    marked = []
    for process in psutil.process_iter():
        if process.pid in mine and process.pid not in pids:
            continue
        program = _describe(process)
        if program is None:
            continue
        if process.pid in pids or _runs_script(settings, program):
            found.append(program)
        elif program.environment.get(MARK) == str(settings.app):
            marked.append(program)
    # The mark is handed on to whatever the program starts, so it counts only while nothing
    # better is known: before a release has opened its databases.
    return tuple(sorted(found or marked, key=lambda program: program.started))


def find_program(settings: Settings) -> Program | None:
    """Return the running trading program, None where there is none."""
    found = find_programs(settings)
    return found[0] if found else None


def is_recognised(settings: Settings, program: Program) -> bool:
    """Whether *program* is the trading program by more than that it holds a database open."""
    return _runs_script(settings, program) or program.environment.get(MARK) == str(settings.app)


def _describe(process: psutil.Process) -> Program | None:
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
