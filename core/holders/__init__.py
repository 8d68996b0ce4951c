"""Who holds files open: known by process, never guessed.

`BEGIN EXCLUSIVE` succeeds beside an idle reader of a WAL database and so proves nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from core.holders.models import Holder

if sys.platform == "win32":
    from core.holders.windows import find_holders
else:
    from core.holders.unix import find_holders

__all__ = ["Holder", "family", "holders"]

SUFFIXES = ("", "-wal", "-shm", "-journal")


def family(path: Path) -> tuple[Path, ...]:
    """Return a database file and the files that SQLite keeps beside it."""
    return tuple(Path(f"{path}{suffix}") for suffix in SUFFIXES)


def holders(paths: Sequence[Path], *, helpers: bool = False) -> tuple[Holder, ...]:
    """Return the processes that hold any of *paths* or the files beside them open.

    *helpers*: the console's own, which only look, for moments, count too.
    """
    everything = {member for path in paths for member in family(path) if member.exists()}
    return find_holders(sorted(everything), helpers=helpers)
