"""Reads a page of the rows that differ in one table, and lets a file at rest be one side of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from core.backup.store.format import CHUNK, digest_of
from core.base.cleanup import attempt, concluding
from core.base.operation import Context
from core.base.sqlite import quote
from core.diff.database import Outcome, TablePlan, Window, compare_database, within
from core.diff.models import Page, RowDifference, RowKind, Value
from core.diff.pages import Side
from core.diff.sql import (
    LEFT,
    LONGEST_VALUE,
    RIGHT,
    Matching,
    Pair,
    Shape,
    Table,
    fold,
    identity_of,
    match,
)

AT_ONCE = 900
"""Values read by one statement; each is two columns of its result."""
_ORDER = (RowKind.RETURNING, RowKind.LEAVING, RowKind.CHANGING)


class _Select(NamedTuple):
    """What is selected for one kind of rows."""

    kind: RowKind
    windows: Sequence[Window]
    source: str
    condition: str
    key: tuple[str, ...]
    left: tuple[str, ...] | None
    right: tuple[str, ...] | None
    alias: str
    matching: Matching | None
    order: str

    def count(self, window: Window) -> int:
        """Return how many rows of the kind lie in *window*."""
        return window.changing if self.kind is RowKind.CHANGING else window.single


def read_page(
    pair: Pair, table: str, plan: TablePlan, kind: RowKind | None, offset: int, limit: int
) -> Page:
    """Return *limit* rows from *offset* on: first those returning, then leaving, then changing.

    Raises `KeyError` where neither side has the table, and `apsw.Error`.
    """
    columns, selects = _selects(pair, fold(table), plan)
    chosen = [select for select in selects if kind in {None, select.kind}]
    total = sum(select.count(window) for select in chosen for window in select.windows)
    rows: list[RowDifference] = []
    before = 0
    for select in chosen:
        for window in select.windows:
            count = select.count(window)
            skipped = max(0, offset - before)
            if skipped < count and len(rows) < limit:
                rows += _read(pair, select, window, limit - len(rows), skipped)
            before += count
    return Page(columns=columns, rows=tuple(rows), total=total, has_more=offset + len(rows) < total)


def _selects(pair: Pair, folded: str, plan: TablePlan) -> tuple[tuple[str, ...], list[_Select]]:
    ours = pair.tables(LEFT).get(folded) if pair.has_left else None
    theirs = pair.tables(RIGHT).get(folded) if pair.has_right else None
    if ours is None or theirs is None:
        return _one_sided(pair, ours, theirs, plan)
    matching = match(pair, ours, theirs)
    columns = matching.columns()
    left = tuple(_on("l", matching.left_shape, name) for name in columns)
    right = tuple(_on("r", matching.right_shape, name) for name in columns)
    shown = {
        RowKind.RETURNING: (left, None),
        RowKind.LEAVING: (None, right),
        RowKind.CHANGING: (left, right),
    }
    selects = []
    for kind in _ORDER:
        here, there = ("r", "l") if kind is RowKind.LEAVING else ("l", "r")
        missing = matching.missing(there)
        changing = kind is RowKind.CHANGING
        shape = matching.right_shape if here == "r" else matching.left_shape
        key = _key(here, shape)
        selects.append(
            _Select(
                kind=kind,
                windows=plan.right if here == "r" else plan.left,
                source=matching.source(here, there),
                condition=f"NOT ({missing}) AND {matching.differs()}" if changing else missing,
                key=key,
                left=shown[kind][0],
                right=shown[kind][1],
                alias=here,
                matching=matching,
                order=matching.order(here),
            )
        )
    return columns, selects


def _one_sided(
    pair: Pair, ours: Table | None, theirs: Table | None, plan: TablePlan
) -> tuple[tuple[str, ...], list[_Select]]:
    table, schema = (ours, LEFT) if ours else (theirs, RIGHT)
    if table is None:
        raise KeyError
    shape = pair.shape(schema, table)
    columns = tuple(column.name for column in shape.columns)
    values = tuple(_on("t", shape, name) for name in columns)
    key = _key("t", shape)
    select = _Select(
        kind=RowKind.RETURNING if ours else RowKind.LEAVING,
        windows=plan.left if ours else plan.right,
        source=f"FROM {schema}.{quote(table.name)} AS t",
        condition="1",
        key=key,
        left=values if ours else None,
        right=None if ours else values,
        alias="t",
        matching=None,
        order=f"t.{shape.rowid}" if shape.rowid else ", ".join(key) or identity_of("t", columns),
    )
    return columns, [select]


def _on(alias: str, shape: Shape, name: str) -> str:
    column = shape.named(name)
    return f"{alias}.{quote(column.name)}" if column else "NULL"


def _key(alias: str, shape: Shape) -> tuple[str, ...]:
    names = tuple(f"{alias}.{quote(column.name)}" for column in shape.key)
    return names or ((f"{alias}.{shape.rowid}",) if shape.rowid else ())


def _read(
    pair: Pair, select: _Select, window: Window, limit: int, offset: int
) -> list[RowDifference]:
    wanted = (*select.key, *(select.left or ()), *(select.right or ()))
    # A result has at most 2,000 columns, as many as a table: the widest rows are read in parts.
    parts = [
        _cells_of(pair, select, wanted[first : first + AT_ONCE], window, limit, offset)
        for first in range(0, len(wanted), AT_ONCE)
    ]
    found = []
    for row in zip(*parts, strict=True):
        cells = iter([cell for part in row for cell in part])
        key = tuple(next(cells) for _ in select.key)
        left = None if select.left is None else tuple(next(cells) for _ in select.left)
        right = None if select.right is None else tuple(next(cells) for _ in select.right)
        found.append(RowDifference(kind=select.kind, key=key, left=left, right=right))
    return found


def _cells_of(
    pair: Pair,
    select: _Select,
    wanted: Sequence[str],
    window: Window,
    limit: int,
    offset: int,
) -> list[list[Value]]:
    """Return the values of the expressions *wanted*, row by row, in the rows' one order."""
    where = " WHERE 1"
    values: tuple[int, ...] = ()
    if select.matching is not None:
        where, values = within(select.matching, select.alias, (window.low, window.high))
    shown = ", ".join(part for expression in wanted for part in _shown(expression))
    sql = (
        f"SELECT {shown} {select.source}{where} AND {select.condition} "
        f"ORDER BY {select.order} LIMIT ? OFFSET ?"
    )
    encoding = str(pair.connection.execute("PRAGMA main.encoding").get).lower()
    return [
        [_value(row[place], row[place + 1], encoding) for place in range(0, len(row), 2)]
        for row in pair.connection.execute(sql, (*values, limit, offset))
    ]


def _shown(expression: str) -> tuple[str, str]:
    """Select a value and its storage class; text as bytes, since it may be no text at all."""
    long = f"substr(CAST({expression} AS BLOB), 1, {LONGEST_VALUE})"
    value = f"CASE WHEN typeof({expression}) IN ('text', 'blob') THEN {long} ELSE {expression} END"
    return value, f"typeof({expression})"


def _value(value: object, kind: object, encoding: str) -> Value:
    if kind == "text" and isinstance(value, bytes):
        return value.decode(encoding, errors="replace")
    if value is None or isinstance(value, int | float | str | bytes):
        return value
    raise TypeError(type(value))


class FileContent:
    """The content of a file that nobody writes."""

    def __init__(self, path: Path) -> None:
        """Open the file at *path* and read it once; raises `OSError`."""
        self._file = path.open("rb")
        self.digests: list[bytes] = []
        self.size = 0
        try:
            while block := self._file.read(CHUNK):
                self.digests.append(digest_of(block))
                self.size += len(block)
        except BaseException:
            attempt(self._file.close)
            raise

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the file."""
        self._file.seek(offset)
        return self._file.read(length)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def compare_files(context: Context, name: str, left: Path, right: Path) -> Outcome:
    """Compare two states of the database *name*, both files at rest without a ``-wal``.

    Raises `apsw.Error` when one of them cannot be read, `OSError` and `Cancelled`.
    """
    sides: list[FileContent] = []
    try:
        sides += [FileContent(left), FileContent(right)]
        pair = Pair(context, left, right)
        with concluding(pair.close):
            return compare_database(
                pair, name, Side.of(sides[0], None), Side.of(sides[1], None),
                lambda _done, _total: context.check(),
            )  # fmt: skip
    finally:
        for side in sides:
            attempt(side.close)
