"""Digests of tables, computed outside SQLite.

A row is what SQLite hands out, written by `marshal` in its version 2: type by type, floats bit
by bit, integers, text and bytes apart, NULL apart from all.  BLAKE3 goes over them in order.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterable
from typing import NamedTuple

import apsw
from blake3 import blake3

from core.base.sqlite import quote
from migration.sql import Row, rows

BYTES_AT_A_TIME = 1 << 20


class Digest(NamedTuple):
    """How many rows, and their digest; ``b`` in front where text was taken as bytes."""

    rows: int
    value: str


def digest_rows(found: Iterable[Row], prefix: str = "") -> Digest:
    """Return the digest of *found* in order; memory for `BYTES_AT_A_TIME` and one row."""
    hasher = blake3()
    waiting: list[bytes] = []
    size = count = 0
    for row in found:
        count += 1
        written = marshal.dumps(row, 2)
        waiting.append(written)
        size += len(written)
        if size >= BYTES_AT_A_TIME:
            hasher.update(b"".join(waiting))
            waiting.clear()
            size = 0
    hasher.update(b"".join(waiting))
    return Digest(count, prefix + hasher.hexdigest())


def columns_of(connection: apsw.Connection, schema: str, table: str) -> list[str]:
    """Return the columns of a table as they are spelt."""
    return [
        str(row[1])
        for row in rows(connection, f"PRAGMA {quote(schema)}.table_xinfo({quote(table)})")
        if row[6] != 1
    ]


def as_bytes(column: str) -> str:
    """Return the SQL of *column* with text as the bytes that it is, and its storage class."""
    return (
        f"typeof({column}), CASE typeof({column}) WHEN 'text' THEN CAST({column} AS BLOB) "
        f"ELSE {column} END"
    )


def table_digest(connection: apsw.Connection, schema: str, table: str) -> Digest:
    """Return the digest of every row of a table, its row numbers included."""
    columns = columns_of(connection, schema, table)
    without_rowid = any(
        bool(row[4])
        for row in rows(connection, f"PRAGMA {quote(schema)}.table_list({quote(table)})")
        if row[0] == schema
    )
    lower = {column.lower() for column in columns}
    free = next((one for one in ("rowid", "_rowid_", "oid") if one not in lower), None)
    listed = [quote(column) for column in columns]
    if without_rowid or free is None:
        order = ", ".join(str(place) for place in range(1, len(columns) + 1))
    else:
        listed.insert(0, free)
        order = free
    place = f"{quote(schema)}.{quote(table)}"
    try:
        return digest_rows(
            connection.execute(f"SELECT {', '.join(listed)} FROM {place} ORDER BY {order}")
        )
    except UnicodeDecodeError:
        plain = ", ".join(as_bytes(column) for column in listed)
        if without_rowid or free is None:
            order = ", ".join(str(2 * place) for place in range(1, len(columns) + 1))
        return digest_rows(connection.execute(f"SELECT {plain} FROM {place} ORDER BY {order}"), "b")
