"""Makes a database the way the trading program does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

STAMP = "2025-09-07 12:20:00"
"""The one time of making in every generated row: the same seed gives the same bytes."""


@contextmanager
def new_database(path: Path) -> Iterator[sqlite3.Connection]:
    """Make the database at *path* in WAL mode and commit what is done with it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA page_size = 4096")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        yield connection
        connection.commit()
