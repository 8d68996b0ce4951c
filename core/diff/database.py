"""Compares one database: schema first, then the rows of the tables that can differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import apsw

from core.base.model import Model
from core.base.sqlite import quote
from core.diff.models import (
    DatabaseDifference,
    ObjectDifference,
    Status,
    TableDifference,
)
from core.diff.pages import GREATEST_ROWID, LEAST_ROWID, Narrowed, Range, Side, narrow
from core.diff.sql import (
    LEFT,
    RIGHT,
    Matching,
    Pair,
    Table,
    fold,
    match,
)

WINDOW_ROWS = 20_000
"""Rows compared by one statement: between two, progress is told."""


class Window(Model):
    """Some rows of one side (all where the ends are None) and how many of them differ."""

    low: int | None
    high: int | None
    single: int
    """Rows without counterpart: returning on the left, leaving on the right."""
    changing: int = 0


class TablePlan(Model):
    """Where in a table the rows that differ lie, so that a page of them is found quickly."""

    left: tuple[Window, ...] = ()
    right: tuple[Window, ...] = ()


@dataclass
class Work:
    """The rows of one table that have to be compared; None: all of them."""

    matching: Matching
    left: list[Range] | None
    right: list[Range] | None
    estimate: int


@dataclass
class Outcome:
    """What became of one database."""

    difference: DatabaseDifference
    plans: dict[str, TablePlan] = field(default_factory=dict)
    """By folded name of the table."""


Report = Callable[[int, int], None]
"""Called with rows done and rows in all, the latter as an estimate."""


def compare_database(pair: Pair, name: str, left: Side, right: Side, report: Report) -> Outcome:
    """Compare the database *name*, both sides of which are attached to *pair*.

    Raises `apsw.Error` when the schema of one side cannot be read, and `Cancelled`.
    """
    tables = pair.tables(LEFT), pair.tables(RIGHT)
    found: dict[str, TableDifference] = {}
    plans: dict[str, TablePlan] = {}
    works: dict[str, Work] = {}
    narrowed = narrow(pair, left, right, tables)
    for folded in sorted(tables[0].keys() | tables[1].keys()):
        ours, theirs = tables[0].get(folded), tables[1].get(folded)
        if ours is None or theirs is None:
            recorded = left.rows if ours else right.rows
            found[folded], plans[folded] = one_sided(pair, ours, theirs, recorded)
        elif _same_rows(narrowed, folded, ours, theirs):
            found[folded] = _same(ours, theirs, left)
        else:
            try:
                works[folded] = _work(pair, narrowed, folded, (ours, theirs), (left, right))
            except apsw.Error as error:
                found[folded] = _unreadable(ours, theirs, error)
    total = sum(work.estimate for work in works.values())
    done = 0
    for folded, work in works.items():

        def advance(count: int) -> None:
            nonlocal done
            done += count
            report(min(done, total), total)

        try:
            found[folded], plans[folded] = _compare_rows(pair, work, left, advance)
        except apsw.Error as error:
            found[folded] = _unreadable(work.matching.left, work.matching.right, error)
    differences = tuple(found[folded] for folded in sorted(found))
    objects = _objects(pair)
    same = not objects and all(difference.status is Status.SAME for difference in differences)
    return Outcome(
        DatabaseDifference(
            name=name,
            status=Status.SAME if same else Status.CHANGED,
            tables=differences,
            objects=objects,
        ),
        {folded: plan for folded, plan in plans.items() if plan.left or plan.right},
    )


def one_sided(
    pair: Pair, ours: Table | None, theirs: Table | None, recorded: Mapping[str, int]
) -> tuple[TableDifference, TablePlan]:
    """Describe a table that only one side has; *recorded* are rows of that side."""
    table, schema = (ours, LEFT) if ours else (theirs, RIGHT)
    if table is None:
        raise ValueError("a table of neither side")
    rows: int | None = None
    problem = ""
    try:
        # The rows of a virtual table lie in ordinary ones beside it, or not in the database.
        rows = None if table.virtual else recorded.get(fold(table.name))
        if rows is None and not table.virtual:
            rows = pair.count(schema, table)
    except apsw.Error as error:
        problem = str(error)
    window = (Window(low=None, high=None, single=rows),) if rows else ()
    if ours:
        difference = TableDifference(
            table=table.name, status=Status.ADDED, rows_returning=rows or 0, left_rows=rows,
            left_sql=table.sql, problem=problem,
        )  # fmt: skip
        return difference, TablePlan(left=window)
    difference = TableDifference(
        table=table.name, status=Status.REMOVED, rows_leaving=rows or 0, right_rows=rows,
        right_sql=table.sql, problem=problem,
    )  # fmt: skip
    return difference, TablePlan(right=window)


def _same_rows(narrowed: Narrowed | None, folded: str, ours: Table, theirs: Table) -> bool:
    if ours.sql != theirs.sql:
        return ours.virtual and theirs.virtual
    if ours.virtual:
        return True
    return narrowed is not None and narrowed.get(folded) == ([], [])


def _same(ours: Table, theirs: Table, left: Side) -> TableDifference:
    rows = None if ours.virtual else left.rows.get(fold(ours.name))
    return TableDifference(
        table=ours.name,
        status=Status.SAME if ours.sql == theirs.sql else Status.SCHEMA_CHANGED,
        left_rows=rows,
        right_rows=rows,
        left_sql=ours.sql,
        right_sql=theirs.sql,
    )


def _unreadable(ours: Table, theirs: Table, error: Exception) -> TableDifference:
    return TableDifference(
        table=ours.name,
        status=Status.UNREADABLE,
        left_sql=ours.sql,
        right_sql=theirs.sql,
        problem=str(error),
    )


def _work(
    pair: Pair,
    narrowed: Narrowed | None,
    folded: str,
    tables: tuple[Table, Table],
    sides: tuple[Side, Side],
) -> Work:
    matching = match(pair, *tables)
    found = narrowed.get(folded) if narrowed else None
    if found is not None:
        rows = sum(one.rows for one in (*found[0], *found[1]))
        return Work(matching, found[0], found[1], rows)
    known = [side.rows.get(folded) for side in sides]
    guess = max(rows or 0 for rows in known)
    return Work(matching, None, None, sum(guess if rows is None else rows for rows in known))


def _compare_rows(
    pair: Pair, work: Work, left: Side, advance: Callable[[int], None]
) -> tuple[TableDifference, TablePlan]:
    matching = work.matching
    left_windows = []
    left_seen = 0
    for window in _windows(pair, matching, "l", work.left):
        seen, single, changing = _count(pair, matching, "l", "r", window)
        left_seen += seen
        advance(seen)
        if single or changing:
            left_windows.append(
                Window(low=window[0], high=window[1], single=single, changing=changing)
            )
    right_windows = []
    for window in _windows(pair, matching, "r", work.right):
        seen, single, _ = _count(pair, matching, "r", "l", window)
        advance(seen)
        if single:
            right_windows.append(Window(low=window[0], high=window[1], single=single))
    returning = sum(window.single for window in left_windows)
    leaving = sum(window.single for window in right_windows)
    left_rows = left_seen if work.left is None else left.rows.get(fold(matching.left.name))
    if left_rows is None:
        left_rows = pair.count(LEFT, matching.left)
    difference = TableDifference(
        table=matching.left.name,
        status=Status.SAME,
        rows_returning=returning,
        rows_leaving=leaving,
        rows_changing=sum(window.changing for window in left_windows),
        left_rows=left_rows,
        right_rows=left_rows - returning + leaving,
        left_sql=matching.left.sql,
        right_sql=matching.right.sql,
    )
    status = Status.CHANGED if difference.rows else Status.SAME
    if matching.left.sql != matching.right.sql:
        status = Status.SCHEMA_CHANGED
    return (
        difference.model_copy(update={"status": status}),
        TablePlan(left=tuple(left_windows), right=tuple(right_windows)),
    )


def _windows(
    pair: Pair, matching: Matching, alias: str, only: Sequence[Range] | None
) -> Iterator[tuple[int | None, int | None]]:
    """Yield the rows to compare, by rowid, some at a time."""
    if not matching.windowed:
        yield None, None
        return
    for low, high, rows in only if only is not None else [Range(LEAST_ROWID, GREATEST_ROWID, -1)]:
        if 0 <= rows <= WINDOW_ROWS:
            yield low, high
        else:
            yield from _split(pair, matching, alias, low, high)


def _split(
    pair: Pair, matching: Matching, alias: str, low: int, high: int
) -> Iterator[tuple[int, int]]:
    schema, table = (LEFT, matching.left) if alias == "l" else (RIGHT, matching.right)
    rowid = matching.rowid(alias)
    sql = (
        f"SELECT max(found) FROM (SELECT {rowid} AS found FROM {schema}.{quote(table.name)} "
        f"WHERE {rowid} BETWEEN ? AND ? ORDER BY {rowid} LIMIT {WINDOW_ROWS})"
    )
    while low <= high:
        found = pair.connection.execute(sql, (low, high)).get
        if found is None:
            return
        yield low, int(str(found))
        low = int(str(found)) + 1


def _count(
    pair: Pair, matching: Matching, here: str, there: str, window: tuple[int | None, int | None]
) -> tuple[int, int, int]:
    """Return rows *here*, those of them without counterpart, and (left) with another one."""
    missing = matching.missing(there)
    changing = f"NOT ({missing}) AND {matching.differs()}" if here == "l" else "0"
    where, values = within(matching, here, window)
    # The limit keeps the inner query one of its own: an aggregate has at most 2,000 terms, and
    # a table may have as many columns on each side.
    row = pair.connection.execute(
        "SELECT count(*), coalesce(sum(single), 0), coalesce(sum(changing), 0) FROM "
        f"(SELECT {missing} AS single, {changing} AS changing "
        f"{matching.source(here, there)}{where} LIMIT -1)",
        values,
    ).fetchone()
    if row is None:
        return 0, 0, 0
    seen, single, changed = (int(str(value)) for value in row)
    return seen, single, changed


def within(
    matching: Matching, alias: str, window: tuple[int | None, int | None]
) -> tuple[str, tuple[int, ...]]:
    """Return the WHERE clause of *window*, and its values."""
    low, high = window
    if low is None or high is None:
        return " WHERE 1", ()
    return f" WHERE {alias}.{matching.rowid(alias)} BETWEEN ? AND ?", (low, high)


def _objects(pair: Pair) -> tuple[ObjectDifference, ...]:
    ours, theirs = pair.objects(LEFT), pair.objects(RIGHT)
    found = []
    for key in sorted(ours.keys() | theirs.keys()):
        before, after = ours.get(key), theirs.get(key)
        if before and after and before.sql == after.sql:
            continue
        one = before or after
        if one is None:
            continue
        status = Status.SCHEMA_CHANGED
        if after is None:
            status = Status.ADDED
        elif before is None:
            status = Status.REMOVED
        found.append(
            ObjectDifference(
                type=one.type,
                name=one.name,
                table=one.table,
                status=status,
                left_sql=before.sql if before else None,
                right_sql=after.sql if after else None,
            )
        )
    return tuple(found)
