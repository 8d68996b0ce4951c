"""Plain database files as the sides of a comparison, and a slow comparison to measure against."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from core.backup.store.format import CHUNK, digest_of
from core.base.operation import Context
from core.diff.database import Outcome, compare_database
from core.diff.models import RowKind
from core.diff.pages import Side
from core.diff.rows import read_page
from core.diff.sql import Pair

Row = tuple[Any, ...]


class FileContent:
    """A database file at rest."""

    def __init__(self, path: Path) -> None:
        self._bytes = path.read_bytes()
        self.size = len(self._bytes)
        self.digests = [
            digest_of(self._bytes[start : start + CHUNK]) for start in range(0, self.size, CHUNK)
        ]
        self.reads = 0

    def read(self, offset: int, length: int) -> bytes:
        self.reads += 1
        return self._bytes[offset : offset + length]

    def close(self) -> None:
        """Nothing is open."""


@contextmanager
def attached(left: Path, right: Path) -> Iterator[tuple[Pair, FileContent, FileContent]]:
    contents = FileContent(left), FileContent(right)
    with closing(Pair(Context(), *contents)) as pair:
        yield pair, *contents


def compared(left: Path, right: Path) -> Outcome:
    with attached(left, right) as (pair, ours, theirs):
        return compare_database(
            pair, "plain", Side(ours, {}), Side(theirs, {}), lambda _done, _total: None
        )


def pages(left: Path, right: Path, table: str, kind: RowKind, limit: int = 7) -> list[Any]:
    """Read all rows of one kind, page by page."""
    outcome = compared(left, right)
    plan = outcome.plans.get(table.lower())
    found: list[Any] = []
    if plan is None:
        return found
    with attached(left, right) as (pair, *_):
        while True:
            page = read_page(pair, table, plan, kind, len(found), limit)
            found += page.rows
            if not page.has_more:
                assert page.total == len(found)
                return found


def slowly(left: Path, right: Path, table: str, key: str) -> dict[RowKind, Counter[Row]]:
    """Return the keys of the rows that differ by reading both tables whole.

    *key* is SQL for what rows are matched by.
    """
    sides = [_rows(path, table, key) for path in (left, right)]
    return {
        RowKind.RETURNING: Counter(sides[0].keys() - sides[1].keys()),
        RowKind.LEAVING: Counter(sides[1].keys() - sides[0].keys()),
        RowKind.CHANGING: Counter(
            found
            for found in sides[0].keys() & sides[1].keys()
            if sides[0][found] != sides[1][found]
        ),
    }


def _rows(path: Path, table: str, key: str) -> dict[Row, list[tuple[type, Any]]]:
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as connection:
        width = len(connection.execute(f"SELECT {key} FROM {table} LIMIT 0").description)
        return {
            row[:width]: [(type(value), value) for value in row[width:]]
            for row in connection.execute(f"SELECT {key}, * FROM {table}")
        }
