"""What differs between two states, in the words in which the window and the command show it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from core.base.config.models import Settings
from core.base.operation import Context
from core.base.text import Text, translate
from core.diff.models import Comparison, Page, RowDifference, RowKind, Status
from core.diff.operation import Compare, row_page
from ui.language import count_text, say

PAGE_ROWS = 100
"""The rows of a table that are read and shown at a time."""
SIGNS = {RowKind.RETURNING: "+", RowKind.LEAVING: "−", RowKind.CHANGING: "~"}

SqlValue = None | int | float | str | bytes

LONGEST = 200
"""Characters of a value shown in a cell."""

BLOB_BYTES_SHOWN = 12

SECRET_TABLES = frozenset({"secure_keys"})
"""Tables whose values never reach the screen: the key of the exchange credentials lives there."""

_CLASSES = {type(None): "NULL", int: "INTEGER", float: "REAL", str: "TEXT", bytes: "BLOB"}


# ---- values ---------------------------------------------------------------------------


class Cell(NamedTuple):
    """One cell of a row as it is shown: what it was, what it would be, whether they differ."""

    before: str | None
    after: str | None
    differs: bool


def storage_class(value: SqlValue) -> str:
    """Return SQLite's name of the type of *value* (https://www.sqlite.org/datatype3.html)."""
    return _CLASSES[type(value)]


def written(value: SqlValue, longest: int = LONGEST) -> str:
    """Return *value* on one line, cut to *longest* characters."""
    match value:
        case None:
            return "NULL"
        case bytes():
            more = "…" if len(value) > BLOB_BYTES_SHOWN else ""
            shown = f"x'{value[:BLOB_BYTES_SHOWN].hex()}{more}'"
            size = translate("compare", "{shown} ({size} bytes)", shown=shown, size=len(value))
            return say(size)
        case float():
            return repr(value)  # the shortest decimal that reads back as the same number
        case str():
            line = value[: longest + 1].replace("\n", "⏎").replace("\r", "").replace("\t", "⇥")
            return line if len(line) <= longest else line[:longest] + "…"
        case _:
            return str(value)


def named(name: str) -> str:
    """Return the name of a table or a column as it is shown: one of blanks alone in quotes."""
    return name if name.strip() else f'"{name}"'


def masked(value: SqlValue) -> str:
    """Return a stand-in for a value that must not be shown."""
    return "NULL" if value is None else "••••••••"


def same(before: SqlValue, after: SqlValue) -> bool:
    """Whether two values are the same to SQLite's storage: class and content."""
    return type(before) is type(after) and (before == after or before is after)


def cell(before: SqlValue, after: SqlValue, *, secret: bool) -> Cell:
    """Return the cell of a row that exists on both sides.

    Where two values look alike and only their storage class differs, the class is written.
    """
    if same(before, after):
        text = masked(after) if secret else written(after)
        return Cell(text, text, differs=False)
    old, new = (masked(before), masked(after)) if secret else (written(before), written(after))
    if type(before) is not type(after):
        old, new = f"{old} {storage_class(before)}", f"{new} {storage_class(after)}"
    return Cell(old, new, differs=True)


def is_secret(table: str) -> bool:
    """Whether the values of *table* must not be shown; SQLite's names know no case."""
    return table.lower() in SECRET_TABLES


def sides(cell: Cell) -> list[str]:
    """Return the one or two values that a cell shows."""
    if not cell.differs:
        return [cell.after if cell.after is not None else cell.before or ""]
    return [side for side in (cell.before, cell.after) if side is not None]


def one_line(cell: Cell) -> str:
    """Return a cell's values on one line."""
    return " → ".join(sides(cell))


# ---- tables and rows ------------------------------------------------------------------


class TableLine(NamedTuple):
    """One table that differs; rows by what going from the left side to the right does to them."""

    database: str
    table: str
    status: Status
    added: int
    removed: int
    changed: int
    before_sql: str | None
    after_sql: str | None

    @property
    def rows(self) -> int:
        """All rows that differ."""
        return self.added + self.removed + self.changed

    @property
    def said(self) -> str:
        """What happens to it as a whole, in a word or two."""
        whole = self.before_sql is None and self.after_sql is None
        return whole_text(self.status) if whole else status_text(self.status)


def status_text(status: Status) -> str:
    """Return what happens to a table as a whole, in a word or two; empty when nothing does."""
    texts: dict[Status, Text] = {
        Status.ADDED: translate("compare", "new table"),
        Status.REMOVED: translate("compare", "table goes"),
        Status.SCHEMA_CHANGED: translate("compare", "structure differs"),
        Status.UNREADABLE: translate("compare", "cannot be read"),
    }
    return say(texts[status]) if status in texts else ""


def whole_text(status: Status) -> str:
    """Return what happens to a database or a file as a whole; empty when nothing does."""
    texts: dict[Status, Text] = {
        Status.ADDED: translate("compare", "comes back"),
        Status.REMOVED: translate("compare", "goes"),
        Status.CHANGED: translate("compare", "differs"),
        Status.NOT_HELD: translate("compare", "not in the restore point, stays as it is"),
    }
    return say(texts[status]) if status in texts else status_text(status)


def describe(line: TableLine) -> str:
    """Return one table's differences as a sentence."""
    text = say(
        translate(
            "compare",
            "{database} · {table}: {added} rows return, {removed} leave, {changed} change",
            database=line.database,
            table=named(line.table),
            added=count_text(line.added),
            removed=count_text(line.removed),
            changed=count_text(line.changed),
        )
    )
    status = line.said
    return f"{text} ({status})" if status else text


class RowView(NamedTuple):
    """One row as it is shown."""

    kind: RowKind
    cells: tuple[Cell, ...]


class PageView(NamedTuple):
    """One page of rows as it is shown."""

    columns: tuple[str, ...]
    rows: tuple[RowView, ...]


def kind_text(kind: RowKind) -> str:
    """Return what happens to a row, in a word."""
    texts: dict[RowKind, Text] = {
        RowKind.RETURNING: translate("compare", "returns"),
        RowKind.LEAVING: translate("compare", "leaves"),
        RowKind.CHANGING: translate("compare", "changes"),
    }
    return say(texts[kind])


# ---- reading --------------------------------------------------------------------------


class Difference(NamedTuple):
    """What differs between two states."""

    left: str
    """The restore point to go back to."""
    at: datetime
    """The moment of the state that it is compared with."""
    lines: tuple[TableLine, ...]
    found: Comparison


def compare(settings: Settings, left: str, right: str | None) -> Callable[[Context], Difference]:
    """Return the work of comparing *left* with *right*, or with the live data."""

    def work(context: Context) -> Difference:
        found = Compare(settings, left, right).run(context)
        return Difference(left, found.moment, lines_of(found), found)

    return work


def lines_of(comparison: Comparison) -> tuple[TableLine, ...]:
    """Return one line for each table, and for each file or database, that differs."""
    lines = [
        TableLine(
            database=database.name,
            table=table.table,
            status=table.status,
            added=table.rows_returning,
            removed=table.rows_leaving,
            changed=table.rows_changing,
            before_sql=table.right_sql,
            after_sql=table.left_sql,
        )
        for database in comparison.databases
        for table in database.tables
        if table.status is not Status.SAME
    ]
    lines += [
        TableLine(database.name, found.name, Status.SCHEMA_CHANGED, 0, 0, 0,
                  found.right_sql, found.left_sql)
        for database in comparison.databases
        for found in database.objects
    ]  # fmt: skip
    wholes = [(one.name, one.status) for one in comparison.databases if not one.tables]
    wholes += [(file.name, file.status) for file in comparison.files]
    lines += [
        TableLine(name, name, status, 0, 0, 0, None, None)
        for name, status in wholes
        if status is not Status.SAME
    ]
    return tuple(lines)


def read_page(
    settings: Settings,
    left: str,
    right: str | None,
    line: TableLine,
    kind: RowKind | None,
    first: int,
) -> Callable[[Context], PageView]:
    """Return the work of reading one page of the rows of *line*."""

    def work(context: Context) -> PageView:
        if not line.rows:
            return PageView((), ())
        page = row_page(
            settings, left, right, line.database, line.table, kind, first, PAGE_ROWS, context
        )
        return page_view(page, secret=is_secret(line.table))

    return work


def page_view(page: Page, *, secret: bool) -> PageView:
    """Return *page* as it is shown; values of a *secret* table are masked."""
    rows = tuple(RowView(row.kind, _cells(row, secret=secret)) for row in page.rows)
    return PageView(page.columns, rows)


def _cells(row: RowDifference, *, secret: bool) -> tuple[Cell, ...]:
    show = masked if secret else written
    if row.left is None or row.right is None:
        values = row.left if row.left is not None else row.right or ()
        return tuple(Cell(None, show(value), differs=False) for value in values)
    # What is now stands before what it would become again.
    return tuple(
        cell(now, then, secret=secret) for now, then in zip(row.right, row.left, strict=True)
    )
