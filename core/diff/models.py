"""What differs between a restore point and the present, or another restore point.

The left side is always the restore point to go back to, the right side the state of now (or a
later restore point).  Everything is told as what going back to the left would do: rows
*return* that only the left has, *leave* that only the right has, and *change* that both have
with different values.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from core.base.model import Model

Value = None | int | float | str | bytes


class Status(StrEnum):
    """What going back to the left does to a table, a schema object or a file."""

    SAME = "same"
    ADDED = "added"
    """It comes back: only the left has it."""
    REMOVED = "removed"
    """It goes: only the right has it."""
    SCHEMA_CHANGED = "schema_changed"
    """Its SQL differs; the rows are compared by the columns that both have."""
    CHANGED = "changed"
    """Its rows (or bytes) differ."""
    NOT_HELD = "not_held"
    """The restore point to go back to does not hold it: it stays as it is."""
    UNREADABLE = "unreadable"
    """SQLite cannot read it on one side."""


class RowKind(StrEnum):
    """What going back to the left does to a row."""

    RETURNING = "returning"
    LEAVING = "leaving"
    CHANGING = "changing"


class TableDifference(Model):
    """One table."""

    table: str
    """Its name as the left side writes it, where both have it."""
    status: Status
    rows_returning: int = 0
    rows_leaving: int = 0
    rows_changing: int = 0
    left_rows: int | None = None
    """None where the left has no such table, or it cannot be read; likewise on the right."""
    right_rows: int | None = None
    left_sql: str | None = None
    right_sql: str | None = None
    problem: str = ""
    """What SQLite said of an unreadable table."""

    @property
    def rows(self) -> int:
        """All rows that differ."""
        return self.rows_returning + self.rows_leaving + self.rows_changing


class ObjectDifference(Model):
    """An index, view or trigger that differs."""

    type: str
    name: str
    table: str
    status: Status
    left_sql: str | None
    right_sql: str | None


class FileDifference(Model):
    """A file that is compared as bytes; its content is never shown."""

    name: str
    status: Status


class DatabaseDifference(Model):
    """One database: all its tables, and the schema objects that differ."""

    name: str
    status: Status
    tables: tuple[TableDifference, ...] = ()
    objects: tuple[ObjectDifference, ...] = ()
    problem: str = ""

    @property
    def rows(self) -> int:
        """All rows that differ."""
        return sum(table.rows for table in self.tables)


class Comparison(Model):
    """All that differs between two states."""

    left: str
    """The restore point to go back to."""
    right: str | None
    """The restore point it is compared with; None: the live files."""
    moment: datetime
    """The moment of the right side, UTC."""
    databases: tuple[DatabaseDifference, ...]
    files: tuple[FileDifference, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing differs of what the left holds."""
        found = [database.status for database in self.databases] + [
            file.status for file in self.files
        ]
        return all(status in {Status.SAME, Status.NOT_HELD} for status in found)

    @property
    def not_held(self) -> tuple[str, ...]:
        """Names of what stays as it is, because the left does not hold it."""
        found = [(database.name, database.status) for database in self.databases]
        found += [(file.name, file.status) for file in self.files]
        return tuple(name for name, status in found if status is Status.NOT_HELD)

    @property
    def rows(self) -> int:
        """All rows that differ."""
        return sum(database.rows for database in self.databases)


class RowDifference(Model):
    """One row that differs; a value of a column that a side has not is None."""

    kind: RowKind
    key: tuple[Value, ...]
    """The values of the primary key, or the rowid."""
    left: tuple[Value, ...] | None
    right: tuple[Value, ...] | None


class Page(Model):
    """Some of the rows of a table that differ; text and blobs are cut after 64 KiB."""

    columns: tuple[str, ...]
    """The left's columns, then those that only the right has; generated ones are left out."""
    rows: tuple[RowDifference, ...]
    total: int
    """Rows of the kinds asked for on all pages."""
    has_more: bool
