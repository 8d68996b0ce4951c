"""Small questions to SQLite, typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import apsw

Value = None | int | float | str | bytes
Row = tuple[Value, ...]


def rows(
    connection: apsw.Connection,
    sql: str,
    bindings: Sequence[Value] | Mapping[str, Value] | None = None,
) -> list[Row]:
    """Return all rows of *sql*."""
    # apsw's types say of a blob that it is a buffer; what is read is bytes.
    return cast("list[Row]", connection.execute(sql, bindings).fetchall())


def number(
    connection: apsw.Connection,
    sql: str,
    bindings: Sequence[Value] | Mapping[str, Value] | None = None,
) -> int:
    """Return the one integer that *sql* asks for; NULL counts as 0."""
    found = connection.execute(sql, bindings).fetchone()
    return int(str(found[0])) if found and found[0] is not None else 0


def literal(text: str) -> str:
    """Return *text* as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
