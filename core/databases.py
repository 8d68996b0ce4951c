"""What condition a guarded database is in: the look that the status strip shows.

The header is read before SQLite opens the file and the descriptor is closed by then, so that
this drops nobody's lock as long as no other connection to the file is open in the process.
That is the rule of the console: in its own process only this look opens live databases, on
one thread at a time; all else does so in a process of its own (`core.process`).
"""

from __future__ import annotations

import math
from collections import Counter
from enum import StrEnum
from pathlib import Path

import apsw
from pydantic import BaseModel, ConfigDict

from core.config.models import GuardedFile
from core.sqlite import open_immutable, open_live

HEADER = b"SQLite format 3\0"
LOOK_MS = 100
"""How long the look waits for a lock, in milliseconds, before it calls a database locked."""


class Condition(StrEnum):
    """What a guarded file is like."""

    OK = "ok"
    MISSING = "missing"
    EMPTY = "empty"
    NOT_SQLITE = "not_sqlite"
    ENCRYPTED = "encrypted"
    CORRUPT = "corrupt"
    LOCKED = "locked"
    UNREADABLE = "unreadable"


class DatabaseState(BaseModel):
    """One guarded file as it is now; sizes in bytes."""

    model_config = ConfigDict(frozen=True)

    name: str
    path: Path
    condition: Condition
    size: int = 0
    wal_size: int = 0
    journal_mode: str = ""
    detail: str = ""
    """What SQLite or the system said, for the tooltip."""


def examine(file: GuardedFile) -> DatabaseState:
    """Look at *file*, read-only and within moments."""
    size = _size(file.path)
    state = DatabaseState(
        name=file.name,
        path=file.path,
        condition=Condition.OK,
        size=size or 0,
        wal_size=_size(Path(f"{file.path}-wal")) or 0,
    )
    if size is None:
        return state.model_copy(update={"condition": Condition.MISSING})
    if file.kind == "paired":
        return state
    if size == 0 and not state.wal_size:
        return state.model_copy(update={"condition": Condition.EMPTY})
    condition, detail, journal = _ask(file.path)
    return state.model_copy(
        update={"condition": condition, "detail": detail, "journal_mode": journal}
    )


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _ask(path: Path) -> tuple[Condition, str, str]:
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        return Condition.UNREADABLE, str(error), ""
    if not head.startswith(HEADER):
        return _foreign(head), "", ""
    # A read-only connection to a WAL database at rest would leave -wal and -shm behind.
    beside = Path(f"{path}-wal").exists() and Path(f"{path}-shm").exists()
    at_rest = head[18:20] == b"\2\2" and not beside
    try:
        connection = open_immutable(path) if at_rest else open_live(path)
        connection.set_busy_timeout(LOOK_MS)
        try:
            journal = "wal" if at_rest else str(connection.execute("PRAGMA journal_mode").get)
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        finally:
            connection.close()
    except (apsw.NotADBError, apsw.CorruptError) as error:
        return Condition.CORRUPT, str(error), ""
    except (apsw.BusyError, apsw.LockedError) as error:
        return Condition.LOCKED, str(error), ""
    except apsw.Error as error:
        return Condition.UNREADABLE, str(error), ""
    return Condition.OK, "", journal


def _foreign(head: bytes) -> Condition:
    """Tell an encrypted database from a file that is something else.

    SQLCipher and SQLite's own SEE leave no header: the first page is noise from its first
    byte on, with close to 8 bits of entropy for each byte.
    """
    counts = Counter(head)
    entropy = -sum(n / len(head) * math.log2(n / len(head)) for n in counts.values())
    return Condition.ENCRYPTED if len(head) >= 1024 and entropy > 7.5 else Condition.NOT_SQLITE
