"""Connections to SQLite databases: how the console opens, quotes and asks.

The console has one SQLite, the `apsw` package's.  Live databases are opened with
`open_live`, stored and staged ones that nobody writes with `open_immutable`.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote as url_quote

import apsw

# A probe of the console never makes the trading program wait, and does not wait long itself.
BUSY_TIMEOUT_MS = 2_000


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
    """
    connection = apsw.Connection(
        uri(path, "mode=ro"), flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    )
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    return connection


def open_immutable(path: Path) -> apsw.Connection:
    """Open a file that nobody writes; neither locks nor `-wal` nor `-shm` come to be.

    `immutable=1` also makes SQLite ignore a `-wal`: never use it on a live database.
    """
    return apsw.Connection(
        uri(path, "mode=ro&immutable=1"), flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    )


def open_own(path: Path) -> apsw.Connection:
    """Open (or create) a database of the console's own, or a staged copy, for writing."""
    connection = apsw.Connection(
        str(path),
        flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE | apsw.SQLITE_OPEN_URI,
    )
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    return connection
