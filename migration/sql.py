"""Small questions to SQLite, typed, and the table from which scripts make something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, cast

import apsw

from core.base.sqlite import quote

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


class Source(NamedTuple):
    """A legacy table that is to be converted.

    `id` is its number in `migration_sources`; `schema` the name under which its database is
    open.  `row` is the expression that numbers its rows.
    """

    id: int
    database: str
    schema: str
    table: str
    shape: StrEnum
    """Which of the sets of columns that its adapter knows it has."""
    kind: StrEnum
    """What it holds."""
    columns: tuple[str, ...]
    key: str | None
    rowid: str | None
    """None of a table WITHOUT ROWID."""
    primary: tuple[str, ...]
    references: tuple[tuple[str, str], ...] = ()
    """Columns, and the tables of its own database to which they refer; both in lower case."""

    def name(self, column: str) -> str | None:
        """Return how the table spells *column*, None where it has none such."""
        return next((one for one in self.columns if one.lower() == column), None)

    def col(self, column: str) -> str:
        """Return *column* of ``o`` in SQL, NULL where the table has none such."""
        found = self.name(column)
        return "NULL" if found is None else f"o.{quote(found)}"

    @property
    def rows_sql(self) -> str:
        """A FROM term with the columns and ``source_row``, a number for each row."""
        listed = ", ".join(quote(column) for column in self.columns)
        place = f"{quote(self.schema)}.{quote(self.table)}"
        if self.rowid is not None:
            return f"(SELECT {self.rowid} AS source_row, {listed} FROM {place})"
        order = ", ".join(quote(column) for column in self.primary)
        return f"(SELECT row_number() OVER (ORDER BY {order}) AS source_row, {listed} FROM {place})"
