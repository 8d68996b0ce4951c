"""What condition a guarded database is in: the look that the status strip shows.

The header is read before SQLite opens the file and the descriptor is closed by then, so that
this drops nobody's lock as long as no other connection to the file is open in the process.
That is the rule of the console: in its own process only this look opens live databases, on
one thread at a time; all else does so in a process of its own (`core.base.process`).
"""

from __future__ import annotations

import math
import stat
import time
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import apsw

from core.base.cleanup import concluding
from core.base.config.models import GuardedFile
from core.base.model import Model
from core.base.sqlite import (
    CUT_OFF,
    WAL_ALONE,
    is_hot,
    leftover_journal,
    open_immutable,
    open_live,
)
from core.base.text import Text, translate

HEADER = b"SQLite format 3\0"
LOOK_MS = 100
"""How long the look waits for a lock, in milliseconds, before it calls a database locked."""

ASK_SECONDS = 10.0
"""So long what SQLite said of a database that was well is believed; probes look every second."""


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


_WORDS: dict[Condition, Text] = {
    Condition.OK: translate("condition", "In place"),
    Condition.MISSING: translate("condition", "Missing"),
    Condition.EMPTY: translate("condition", "Empty"),
    Condition.NOT_SQLITE: translate("condition", "Not SQLite"),
    Condition.ENCRYPTED: translate("condition", "Encrypted"),
    Condition.CORRUPT: translate("condition", "Corrupt"),
    Condition.LOCKED: translate("condition", "Locked"),
    Condition.UNREADABLE: translate("condition", "Unreadable"),
}


def condition_words(condition: Condition) -> Text:
    """Return what a file is like, in a word or two: no more than was looked at.

    That a file is there and SQLite opens it says nothing of its pages, which `verify data` reads.
    """
    return _WORDS[condition]


class DatabaseState(Model):
    """One guarded file as it is now; sizes in bytes."""

    name: str
    path: Path
    condition: Condition
    size: int = 0
    wal_size: int = 0
    journal_mode: str = ""
    detail: str = ""
    """What SQLite or the system said, for the tooltip."""
    configured: Path | None = None
    """What the operator calls it, where that leads to `path`."""


class Answer(NamedTuple):
    """What SQLite says of a database."""

    condition: Condition
    detail: str = ""
    journal_mode: str = ""


class Examiner:
    """Looks again and again; SQLite is asked about a database that was well only now and then.

    Size and header are looked at each time, and another file in its place is asked about at
    once.  Belongs to one thread at a time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._well: dict[tuple[Path, int], tuple[float, Answer]] = {}

    def examine(self, file: GuardedFile) -> DatabaseState:
        """Look at *file*."""
        return examine(file, self._ask)

    def _ask(self, path: Path) -> Answer:
        head = _head(path)
        if isinstance(head, Answer):
            return head
        try:
            which = path, path.stat().st_ino
        except OSError as error:
            return Answer(Condition.UNREADABLE, str(error))
        asked, answer = self._well.pop(which, (float("-inf"), None))
        if answer is None or self._clock() - asked >= ASK_SECONDS:
            asked, answer = self._clock(), _ask_sqlite(path, head)
        if answer.condition is Condition.OK:
            self._well[which] = asked, answer
        return answer


def examine(file: GuardedFile, ask: Callable[[Path], Answer] | None = None) -> DatabaseState:
    """Look at *file*, read-only and within moments; *ask* is how SQLite is asked about it."""
    size = _size(file.path)
    state = DatabaseState(
        name=file.name,
        path=file.path,
        configured=file.configured,
        condition=Condition.OK,
        size=size or 0,
        wal_size=_size(Path(f"{file.path}-wal")) or 0,
    )
    if size is None:
        return state.model_copy(update={"condition": Condition.MISSING})
    if not file.path.is_file():
        # A pipe would keep whoever opens it waiting.
        return state.model_copy(
            update={"condition": Condition.UNREADABLE, "detail": "it is no regular file"}
        )
    if file.kind == "paired":
        return state
    if size == 0:
        alone = {"condition": Condition.CORRUPT, "detail": WAL_ALONE}
        return state.model_copy(update=alone if state.wal_size else {"condition": Condition.EMPTY})
    return state.model_copy(update=(ask or _ask)(file.path)._asdict())


def _size(path: Path) -> int | None:
    try:
        status = path.stat()
    except OSError:
        return None
    # A folder keeps the name while the file is being replaced (`core.promote`).
    return None if stat.S_ISDIR(status.st_mode) else status.st_size


def _ask(path: Path) -> Answer:
    head = _head(path)
    return head if isinstance(head, Answer) else _ask_sqlite(path, head)


def _head(path: Path) -> bytes | Answer:
    """Return the first bytes of a database, or why it is none."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        return Answer(Condition.UNREADABLE, str(error))
    return head if head.startswith(HEADER) else Answer(_foreign(head))


def _ask_sqlite(path: Path, head: bytes) -> Answer:
    # A read-only connection to a WAL database at rest would leave -wal and -shm behind.
    beside = Path(f"{path}-wal").exists() and Path(f"{path}-shm").exists()
    at_rest = head[18:20] == b"\2\2" and not beside
    if at_rest and leftover_journal(path):
        return Answer(Condition.OK, CUT_OFF)
    try:
        connection = open_immutable(path) if at_rest else open_live(path)
        connection.set_busy_timeout(LOOK_MS)
        with concluding(connection.close):
            journal = "wal" if at_rest else str(connection.execute("PRAGMA journal_mode").get)
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except (apsw.NotADBError, apsw.CorruptError) as error:
        return Answer(Condition.CORRUPT, str(error))
    except (apsw.BusyError, apsw.LockedError) as error:
        return Answer(Condition.LOCKED, str(error))
    except apsw.Error as error:
        if is_hot(error):
            return Answer(Condition.OK, CUT_OFF)
        return Answer(Condition.UNREADABLE, str(error))
    return Answer(Condition.OK, "", journal)


def _foreign(head: bytes) -> Condition:
    """Tell an encrypted database from a file that is something else.

    SQLCipher and SQLite's own SEE leave no header: the first page is noise from its first
    byte on, with close to 8 bits of entropy for each byte.
    """
    counts = Counter(head)
    entropy = -sum(n / len(head) * math.log2(n / len(head)) for n in counts.values())
    return Condition.ENCRYPTED if len(head) >= 1024 and entropy > 7.5 else Condition.NOT_SQLITE
