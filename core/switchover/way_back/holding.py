"""Whether nobody but the trading program holds the files: with them open nothing is swapped."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil

from core.base.cleanup import concluding
from core.base.config.models import Settings
from core.base.open_files import holders
from core.base.operation import Context
from core.base.process import run_in_process
from core.base.text import Finding, translate
from core.program.models import Program

if sys.platform != "win32":
    from core.base.sqlite_locks_unix import WAL_IN_USE, locked_by


def check_holders(context: Context, settings: Settings, programs: Sequence[Program]) -> Finding:
    """Whether nobody but the running *programs* holds the files open."""
    held = holders([file.path for file in settings.files])
    known = {program.pid for program in programs}
    strangers = {one.pid: one.name for one in held if one.pid not in known}
    if sys.platform != "win32" and os.geteuid() != 0 and not held:
        # Whose files they open is not to be seen of others, but SQLite's locks tell.
        paths = tuple(file.path for file in settings.databases)
        users = run_in_process(users_of, context, paths)
        strangers = {pid: name for pid, name in users.items() if pid not in known}
    if strangers:
        who = ", ".join(f"{name} ({pid})" for pid, name in strangers.items())
        return Finding(
            name="holders", state="failed",
            evidence=translate("deployment", "Not only the trading program holds the databases: "
                               "{who}.", who=who),
            to_do=translate("deployment", "Close these programs."),
        )  # fmt: skip
    if not programs:
        text = translate("deployment", "Nobody holds the databases open.")
    else:
        text = translate("deployment", "The trading program holds them (process {pids}).",
                         pids=", ".join(str(one.pid) for one in programs))  # fmt: skip
    return Finding(name="holders", state="ok", evidence=text)


def users_of(context: Context, databases: Sequence[Path]) -> dict[int, str]:
    """Return the processes that have one of *databases* open in WAL mode, with their users.

    No lock is taken; for `core.base.process.run_in_process`, as a file is opened and closed.
    """
    found: dict[int, str] = {}
    if sys.platform == "win32":
        return found
    for path in databases:
        context.check()
        try:
            descriptor = os.open(f"{path}-shm", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            continue  # nobody has it open, or it is an obstacle of its own
        with concluding(os.close, descriptor):
            pid = locked_by(descriptor, WAL_IN_USE, 1)
        if pid is not None:
            found[pid] = _described(pid)
    return found


def _described(pid: int) -> str:
    try:
        process = psutil.Process(pid)
        return f"{process.name()}, {process.username()}"
    except (psutil.Error, OSError, ValueError):
        return "?"
