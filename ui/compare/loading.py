"""Fetches comparisons and pages of rows for the views, in the words that they show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from core.base.config.models import Settings
from core.base.operation import Context
from core.diff import Compare, Comparison, Page, RowDifference, RowKind, Status, row_page
from ui.compare.browser import PAGE_ROWS
from ui.compare.cells import Cell, cell, is_secret, masked, written
from ui.compare.rows import PageView, RowView
from ui.compare.tables import TableLine


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
    wholes += [(one.name, one.status) for one in comparison.files]
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
