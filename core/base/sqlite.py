"""Connections to SQLite databases: how the console opens, quotes and asks.

The console has one SQLite, the `apsw` package's.  Live databases are opened with
`open_live`, stored and staged ones that nobody writes with `open_immutable`.

A database that somebody made on purpose is opened like any other, so none is trusted: what its
schema calls must be harmless, and nothing writes the schema as text
(https://www.sqlite.org/security.html).
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote as url_quote

import apsw

# A probe of the console never makes the trading program wait, and does not wait long itself.
BUSY_TIMEOUT_MS = 2_000
STEPS_BETWEEN_CHECKS = 20_000
"""About a millisecond of SQLite's virtual machine between two questions whether to go on."""

PENDING_BYTE = 1 << 30
"""Where SQLite's locks begin; it never stores anything in the page with this byte.

https://www.sqlite.org/fileformat2.html#the_lock_byte_page
"""

CUT_OFF = "a transaction was cut off; SQLite takes it back when the program next opens the database"
"""What is to be said of a hot journal: all is well with such a database, but nobody can read it."""
WAL_ALONE = "it is empty, and SQLite would delete the -wal beside it, with what is in it"
"""What is to be said of a -wal without its database."""


def quote(identifier: str) -> str:
    """Return *identifier* quoted for SQL (https://www.sqlite.org/lang_keywords.html)."""
    return '"' + identifier.replace('"', '""') + '"'


def uri(path: Path, parameters: str) -> str:
    """Return the ``file:`` URI of *path* with *parameters* (https://www.sqlite.org/uri.html)."""
    # Windows drives need the third slash: https://www.sqlite.org/uri.html#the_uri_path
    plain = path.absolute().as_posix()
    return f"file:{'' if plain.startswith('/') else '/'}{url_quote(plain)}?{parameters}"


def open_live(path: Path) -> apsw.Connection:
    """Open a database that another program may be writing, for reading only.

    Raises `apsw.CantOpenError` when it is missing.  In WAL mode SQLite makes `-wal` and
    `-shm` files where there are none, so callers that must leave no trace look for them first.
    Beside a file without a byte even a reader deletes a `-wal` or a journal: that one is
    opened as it is.
    """
    if path.exists() and not path.stat().st_size:
        return open_immutable(path)
    connection = _distrusted(
        apsw.Connection(
            uri(path, "mode=ro"), flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        )
    )
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    return connection


def leftover_journal(path: Path) -> bool:
    """Whether a rollback journal beside *path* may be hot: its writer died, or is still at it.

    Which of the two it is only SQLite's locks tell.  A journal that was emptied, or whose header
    was zeroed (``journal_mode`` TRUNCATE, PERSIST), is over, and so is one beside a file without
    a byte (https://www.sqlite.org/lockingv3.html#hot_journals).
    """
    try:
        with Path(f"{path}-journal").open("rb") as journal:
            begun = journal.read(1) not in {b"", b"\0"}
        return begun and path.stat().st_size > 0
    except FileNotFoundError:
        return False


def is_hot(error: apsw.Error) -> bool:
    """Whether *error* says that a hot journal waits, which a reader must not roll back."""
    found: int = getattr(error, "extendedresult", 0)
    return found == apsw.SQLITE_READONLY_ROLLBACK


def open_immutable(path: Path) -> apsw.Connection:
    """Open a file that nobody writes; neither locks nor `-wal` nor `-shm` come to be.

    `immutable=1` also makes SQLite ignore a `-wal`: never use it on a live database.
    """
    return _distrusted(
        apsw.Connection(
            uri(path, "mode=ro&immutable=1"),
            flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI,
        )
    )


def open_quietly(path: Path) -> apsw.Connection:
    """Open a live database and leave no trace beside one at rest."""
    with path.open("rb") as file:
        wal = file.read(20)[18:20] == b"\2\2"
    at_rest = wal and not Path(f"{path}-wal").exists()
    return open_immutable(path) if at_rest else open_live(path)


def open_own(path: Path) -> apsw.Connection:
    """Open (or create) a database of the console's own, or a staged copy, for writing."""
    connection = _distrusted(
        apsw.Connection(
            str(path),
            flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE | apsw.SQLITE_OPEN_URI,
        )
    )
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    return connection


def open_memory() -> apsw.Connection:
    """Open a database that lies in memory; what is attached to it is opened by its URI."""
    return _distrusted(
        apsw.Connection(
            ":memory:",
            flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE | apsw.SQLITE_OPEN_URI,
        )
    )


def _distrusted(connection: apsw.Connection) -> apsw.Connection:
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    return connection
