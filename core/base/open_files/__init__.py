"""Who holds files open: known by process, never guessed.

`BEGIN EXCLUSIVE` succeeds beside an idle reader of a WAL database and so proves nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence, Set
from pathlib import Path

from core.base.owner import Holder, is_console

if sys.platform == "win32":
    from core.base.open_files.windows import find_holders, in_use
else:
    from core.base.open_files.unix import find_holders, in_use

__all__ = ["SUFFIXES", "Holder", "family", "hold_each", "holders", "holders_of_each", "in_use"]

SUFFIXES = ("", "-wal", "-shm", "-journal")


def family(path: Path) -> tuple[Path, ...]:
    """Return a database file and the files that SQLite keeps beside it."""
    return tuple(Path(f"{path}{suffix}") for suffix in SUFFIXES)


def holders(paths: Sequence[Path], *, helpers: bool = False) -> tuple[Holder, ...]:
    """Return the processes that hold any of *paths* or the files beside them open.

    *helpers*: consoles and their helpers, which hold a file for moments, count too.
    """
    everything = {member for path in paths for member in family(path) if member.exists()}
    found = find_holders(sorted(everything))
    return tuple(one for one in found if helpers or not is_console(one.pid, one.command))


def holders_of_each(paths: Sequence[Path]) -> dict[Path, frozenset[int]]:
    """Return the processes, no console among them, that hold each of *paths* or a file beside it.

    Paths that are not there are left out.
    """
    there = [path for path in paths if path.is_file()]
    found = holders(there)
    if not all(holder.paths for holder in found):  # Windows does not say which of the files
        return {path: frozenset(holder.pid for holder in holders([path])) for path in there}
    held = {holder.pid: {_main_file(path) for path in holder.paths} for holder in found}
    return {
        path: frozenset(pid for pid, mains in held.items() if os.path.realpath(path) in mains)
        for path in there
    }


def hold_each(pids: Set[int], paths: Sequence[Path]) -> bool:
    """Whether each of *paths* that is there is held open by one of the processes *pids*.

    Where the system names nobody, it counts that the file is open: Windows is not bound to tell.
    """
    held = holders_of_each(paths)
    return all(bool(pids & who) if who else in_use(path) for path, who in held.items())


def _main_file(path: str) -> str:
    for suffix in SUFFIXES[1:]:
        path = path.removesuffix(suffix)
    return os.path.realpath(path)
