"""Takes rows that were written meanwhile into one staged copy.

Rows of tables that nothing was made from are taken over as they are.  What was made of others
the adapter renews, as far as nothing is derived from what changed, and proves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import apsw

from core.base.cleanup import concluding
from core.base.operation import Context
from core.base.sqlite import quote, uri
from core.diff.database import TablePlan
from core.diff.pages import GREATEST_ROWID, LEAST_ROWID
from core.diff.sql import fold
from migration.adapter import Conversions
from migration.engine.apply import Staged, keeping, open_staged, settle_copy
from migration.engine.lint import confined
from migration.sql import Source, rows
from migration.validation.validate import attach_before

BEFORE = "old"
"""The name under which the copy that was migrated is attached."""

Window = tuple[int, int]


class Impossible(Exception):  # noqa: N818 (all copies are made anew then)
    """What was written cannot be taken in; the message says why, for the log."""


def apply_delta(
    context: Context,
    name: str,
    before: dict[str, Path],
    now: dict[str, Path],
    target: Path,
    plans: Mapping[str, TablePlan],
    read: Mapping[str, Source | None],
    conversions: Conversions,
) -> None:
    """Write the rows of *plans* into the staged copy *target* of the database *name*.

    *before* and *now* are the copies that were migrated, and of what is live now; *read* names
    the tables of it from which something was made.  Raises `Impossible`, `NotVerified`,
    `apsw.Error` and `OSError`.
    """
    connection = open_staged(Staged(name, target, {}))
    with concluding(connection.close):
        connection.execute(
            f"ATTACH ? AS {BEFORE}", (uri(before[name], "mode=ro&immutable=1"),)
        ).fetchall()
        sources = {
            fold(one.table): one
            for one in attach_before(connection, now, conversions)
            if one.database == name
        }
        _require_plain(connection)
        connection.execute("PRAGMA ignore_check_constraints = ON").fetchall()
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)
        converted = {table: sources[table] for table in plans if table in read}
        changed = {table: _changed(context, connection, name, at, table, _windows(plan))
                   for at, (table, plan) in enumerate(plans.items())}  # fmt: skip
        renewed = conversions.renewed if converted else ()
        others = _others(connection, [*plans, *renewed])
        with connection, confined(connection, keeping(others)):
            for table, rows_of in sorted(changed.items(), key=_last_if_internal):
                context.check()
                _replace(connection, name, table, rows_of)
            for table, source in converted.items():
                conversions.renew(connection, source, changed[table], BEFORE)
        for table in [*plans, *renewed]:
            context.check()
            lines = rows(connection, f"PRAGMA main.integrity_check({quote(table)})")
            if lines != [("ok",)]:
                raise Impossible(f"{table}: {lines[0][0]!s}")
        for table, source in converted.items():
            if not conversions.come_back(connection, source, changed[table]):
                raise Impossible(f"{table} cannot be turned back")
        settle_copy(connection, target, before[name])


def _last_if_internal(item: tuple[str, str]) -> bool:
    # Inserting moves the counters of AUTOINCREMENT; what is live has the last word.
    return item[0] == "sqlite_sequence"


def _require_plain(connection: apsw.Connection) -> None:
    if any(row[2] == "virtual" for row in rows(connection, "PRAGMA main.table_list")):
        raise Impossible("there are virtual tables")


def _others(connection: apsw.Connection, changed: Iterable[str]) -> frozenset[str]:
    """Return the tables that are to stay as they are."""
    return frozenset(
        fold(str(row[1])) for row in rows(connection, "PRAGMA main.table_list")
    ) - frozenset(changed)


def _windows(plan: TablePlan) -> list[Window]:
    """Return the rowids of the rows that changed, in ranges that do not overlap."""
    found = sorted(
        (LEAST_ROWID if one.low is None else one.low, GREATEST_ROWID if one.high is None
         else one.high)
        for one in (*plan.left, *plan.right)
    )  # fmt: skip
    joined: list[Window] = []
    for low, high in found:
        if joined and low <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], high)
        else:
            joined.append((low, high))
    return joined


def _columns(connection: apsw.Connection, table: str) -> tuple[list[str], str | None]:
    """Return the stored columns of *table*, and the name of its rowid where it has one."""
    columns = [
        str(row[1])
        for row in rows(connection, f"PRAGMA main.table_xinfo({quote(table)})")
        if not row[6]
    ]
    without = any(
        bool(row[4])
        for row in rows(connection, f"PRAGMA main.table_list({quote(table)})")
        if row[0] == "main"
    )
    lower = {fold(column) for column in columns}
    free = (one for one in ("rowid", "_rowid_", "oid") if one not in lower)
    return columns, None if without else next(free, None)


def _changed(
    context: Context,
    connection: apsw.Connection,
    name: str,
    at: int,
    table: str,
    windows: list[Window],
) -> str:
    """Gather the rowids of the rows that changed in a table of its own and return its name.

    An empty name stands for all rows: of a table that has no rowids.
    """
    columns, rowid = _columns(connection, table)
    if rowid is None:
        return ""
    chosen = f"temp.changed_{at}"
    connection.execute(f"CREATE TABLE {chosen} (row INTEGER PRIMARY KEY)").fetchall()
    now, was = f"{quote(f'was_{name}')}.{quote(table)}", f"{BEFORE}.{quote(table)}"
    same = " AND ".join(same_sql(column) for column in columns)
    for window in windows:
        context.check()
        connection.execute(
            f"INSERT INTO {chosen} SELECT o.{rowid} FROM {now} AS o LEFT JOIN {was} AS w "
            f"ON w.{rowid} = o.{rowid} WHERE o.{rowid} BETWEEN ?1 AND ?2 "
            f"AND (w.{rowid} IS NULL OR NOT ({same})) "
            f"UNION ALL SELECT w.{rowid} FROM {was} AS w LEFT JOIN {now} AS o "
            f"ON o.{rowid} = w.{rowid} WHERE w.{rowid} BETWEEN ?1 AND ?2 AND o.{rowid} IS NULL",
            window,
        ).fetchall()
    return chosen


def same_sql(column: str) -> str:
    """Return the SQL of whether *column* of ``o`` and ``w`` is the same, storage class included."""
    here, there = f"o.{quote(column)}", f"w.{quote(column)}"
    return f"({here} COLLATE BINARY IS {there} AND typeof({here}) = typeof({there}))"


def _replace(connection: apsw.Connection, name: str, table: str, chosen: str) -> None:
    columns, rowid = _columns(connection, table)
    listed = ", ".join(quote(column) for column in columns)
    mine, theirs = f"main.{quote(table)}", f"{quote(f'was_{name}')}.{quote(table)}"
    if not chosen:
        connection.execute(f"DELETE FROM {mine}").fetchall()
        connection.execute(
            f"INSERT INTO {mine} ({listed}) SELECT {listed} FROM {theirs}"
        ).fetchall()
        return
    # All that goes first: a unique value may move from one row to another.
    connection.execute(f"DELETE FROM {mine} WHERE {rowid} IN (SELECT row FROM {chosen})").fetchall()
    connection.execute(
        f"INSERT INTO {mine} ({rowid}, {listed}) SELECT o.{rowid}, "
        f"{', '.join(f'o.{quote(column)}' for column in columns)} FROM {chosen} AS k "
        f"CROSS JOIN {theirs} AS o ON o.{rowid} = k.row ORDER BY k.row"
    ).fetchall()
