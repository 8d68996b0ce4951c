"""All checks of the way back, in one list; nobody is asked to close, and nothing is taken."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import psutil

from core.backup.models import ListedPoint
from core.base.cleanup import concluding
from core.base.config.models import Settings
from core.base.open_files import holders
from core.base.operation import Context
from core.base.placement import check_placement
from core.base.process import run_in_process
from core.base.rights import user_name
from core.base.text import Finding, translate
from core.program.find import find_programs
from core.program.models import Program
from core.switchover.obstacles import Obstacle, obstacles
from core.switchover.way_back.room import Need, check_room, needs_of_return
from core.switchover.way_back.start import check_start
from core.switchover.way_back.trial import try_way_back

if sys.platform == "win32":
    from core.program.windows import windows_of


def check_stop(programs: Sequence[Program]) -> Finding:
    """Return why one of the running *programs* would not close in order, or that nothing speaks
    against it.
    """
    look = _on_windows if sys.platform == "win32" else _by_signal
    for program in programs:
        finding = look(program.pid)
        if finding is not None:
            return finding
    if not programs:
        text = translate("wayback", "The trading program does not run: there is nothing to stop.")
        return Finding(name="stop", state="ok", evidence=text)
    text = translate("wayback", "The trading program (process {pids}) can be asked to close.",
                     pids=", ".join(str(one.pid) for one in programs))  # fmt: skip
    return Finding(name="stop", state="ok", evidence=text)


def _on_windows(pid: int) -> Finding | None:
    if sys.platform != "win32" or windows_of(pid):
        return None
    text = translate("wayback", "The trading program (process {pid}) has no window that could be "
                     "asked to close; it hears CTRL_BREAK only where the console started it.",
                     pid=str(pid))  # fmt: skip
    to_do = translate(
        "wayback", "Close it yourself before you go back, or start it by the console."
    )
    return Finding(name="stop", state="warning", evidence=text, to_do=to_do)


def _by_signal(pid: int) -> Finding | None:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return _of_another(pid)
    close = translate("wayback", "Close it yourself before you go back.")
    if _has_sigterm(pid, "SigIgn") or _has_sigterm(pid, "SigBlk"):
        text = translate("wayback", "The trading program (process {pid}) does not listen to the "
                         "request to close (SIGTERM).", pid=str(pid))  # fmt: skip
        return Finding(name="stop", state="failed", evidence=text, to_do=close)
    if sys.platform == "linux" and not _has_sigterm(pid, "SigCgt"):
        text = translate("wayback", "The trading program (process {pid}) does not close in order "
                         "when asked to (SIGTERM): it ends at once.", pid=str(pid))  # fmt: skip
        return Finding(name="stop", state="warning", evidence=text, to_do=close)
    return None


def _of_another(pid: int) -> Finding:
    text = translate(
        "wayback", "The trading program (process {pid}) belongs to {owner}: this user cannot ask "
        "it to close.", pid=str(pid), owner=user_name(psutil.Process(pid).uids().real),
    )  # fmt: skip
    to_do = translate("wayback", "Run the console as its user or as the administrator.")
    return Finding(name="stop", state="failed", evidence=text, to_do=to_do)


def _has_sigterm(pid: int, mask: str) -> bool:
    """Whether SIGTERM is in a *mask* of the process (`man 5 proc_pid_status`); False: unknown."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    bits = next((line.split()[1] for line in lines if line.startswith(f"{mask}:")), "0")
    return bool(int(bits, 16) >> (signal.SIGTERM - 1) & 1)


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


def check_way_back(
    context: Context,
    settings: Settings,
    point: ListedPoint | None,
    names: Iterable[str] | None = None,
    *,
    more: Sequence[Need] = (),
) -> list[Finding]:
    """Return what would fail, and what was tried, of going back to *point*.

    *names* are the guarded files that would be swapped, all of them if None; *more* is what else
    takes room before one goes back.  Without a *point* a small set is swapped in its place, for
    callers that ask often.  Raises `Cancelled`; nothing is left, and the program is not disturbed.
    """
    wanted = {file.name for file in settings.files} if names is None else set(names)
    files = [file for file in settings.files if file.name in wanted]
    running = find_programs(settings)
    in_the_way = obstacles(settings, wanted)
    found = [*_swappable(in_the_way), *check_placement(settings.data_folder)]
    found.append(check_holders(context, settings, running))
    needs = [*needs_of_return(settings, point, files), *more]
    room = check_room(needs)
    found += room
    context.check()
    # Where one could not be swapped anyway, or a disk would be filled, the rest is still tried.
    barred = {one.name for one in in_the_way}
    free = [file for file in files if file.name not in barred]
    fits = all(one.state != "failed" for one in room)
    if free:
        found += try_way_back(context, settings, free, point if fits else None)
    context.check()
    return [*found, check_stop(running), check_start(context, settings, running)]


def check_swappable(settings: Settings) -> Finding:
    """Whether every guarded file can be swapped; the first that not."""
    return _swappable(obstacles(settings))[0]


def _swappable(in_the_way: Sequence[Obstacle]) -> list[Finding]:
    text = translate("verification", "Every guarded file can be swapped.")
    return [
        Finding(name="swappable", state="failed", evidence=one.what, to_do=one.to_do)
        for one in in_the_way
    ] or [Finding(name="swappable", state="ok", evidence=text)]
