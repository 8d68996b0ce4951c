"""Takes rows that were written meanwhile into one staged copy.

Rows of tables that nothing was made from are taken over as they are.  Of a converted condition
the columns that nothing is derived from (`PASSIVE`) are taken over, in its table and in what it
became, and turned back afterwards, in SQL and by a digest computed outside it.
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
from migration.engine.apply import Staged, keeping, open_staged, settle_copy
from migration.engine.confine import confined
from migration.sources.detect import Source
from migration.sources.shapes import Kind
from migration.sql import number, rows
from migration.transforms.carry import carried_of, storage_of
from migration.transforms.homes import condition_id, home_of
from migration.validation.lossless import rows_come_back
from migration.validation.validate import attach_before

PASSIVE = frozenset({"description", "updated_at", "usage_count", "success_rate", "chart_category"})
"""Columns of `domain_conditions` of which no trigger, link or snapshot holds anything."""
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
        sources = {fold(one.table): one for one in attach_before(connection, now)
                   if one.database == name}  # fmt: skip
        _require_plain(connection)
        connection.execute("PRAGMA ignore_check_constraints = ON").fetchall()
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)
        converted = {table: sources[table] for table in plans if table in read}
        changed = {table: _changed(context, connection, name, at, table, _windows(plan))
                   for at, (table, plan) in enumerate(plans.items())}  # fmt: skip
        others = _others(connection, plans, bool(converted))
        with connection, confined(connection, keeping(others)):
            for table, rows_of in sorted(changed.items(), key=_last_if_internal):
                context.check()
                _replace(connection, name, table, rows_of)
            for table, source in converted.items():
                _renew(connection, source, changed[table])
        for table in [*plans, *(["domain_conditions", "migration_review"] if converted else [])]:
            context.check()
            lines = rows(connection, f"PRAGMA main.integrity_check({quote(table)})")
            if lines != [("ok",)]:
                raise Impossible(f"{table}: {lines[0][0]!s}")
        for table, source in converted.items():
            if not rows_come_back(connection, source, changed[table]):
                raise Impossible(f"{table} cannot be turned back")
        settle_copy(connection, target, before[name])


def _last_if_internal(item: tuple[str, str]) -> bool:
    # Inserting moves the counters of AUTOINCREMENT; what is live has the last word.
    return item[0] == "sqlite_sequence"


def _require_plain(connection: apsw.Connection) -> None:
    if any(row[2] == "virtual" for row in rows(connection, "PRAGMA main.table_list")):
        raise Impossible("there are virtual tables")


def _others(connection: apsw.Connection, changed: Iterable[str], converted: bool) -> frozenset[str]:
    """Return the tables that are to stay as they are."""
    may = set(changed) | ({"domain_conditions", "migration_review"} if converted else set())
    return frozenset(
        fold(str(row[1])) for row in rows(connection, "PRAGMA main.table_list")
    ) - frozenset(may)


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
    same = " AND ".join(_same(column) for column in columns)
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


def _same(column: str) -> str:
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


def _renew(connection: apsw.Connection, source: Source, chosen: str) -> None:
    """Take the passive columns of changed conditions into what these became."""
    if source.kind is not Kind.CONDITIONS or not chosen:
        raise Impossible(f"{source.table} changed")
    passive = {
        target: column for target, column in home_of(source).native.items() if target in PASSIVE
    }
    fixed = [column for column in source.columns if column not in passive.values()]
    there = f"{chosen} AS k CROSS JOIN {source.rows_sql} AS o ON o.source_row = k.row"
    stays = number(
        connection,
        f"SELECT count(*) FROM {there} JOIN {source._replace(schema=BEFORE).rows_sql} AS w "
        f"ON w.source_row = k.row AND {' AND '.join(map(_same, fixed))}",
    )
    if not passive or stays != number(connection, f"SELECT count(*) FROM {chosen}"):
        raise Impossible(f"{source.table} changed in what something is derived from")
    # Looked up row by row; joined, SQLite might read all conditions once for each.
    values = ", ".join(f"o.{quote(column)}" for column in passive.values())
    connection.execute(
        f"UPDATE domain_conditions AS c SET ({', '.join(passive)}) = (SELECT {values} "
        f"FROM {source.rows_sql} AS o WHERE o.source_row = c.source_row) "
        f"WHERE c.id IN (SELECT {condition_id(source.id, 'row')} FROM {chosen})"
    ).fetchall()
    listed = [f"o.{quote(column)}" for column in source.columns]
    connection.execute(
        f"UPDATE migration_review AS v SET (storage, carried) = (SELECT {storage_of(listed, {})}, "
        f"{carried_of(listed, {})} FROM {source.rows_sql} AS o WHERE o.source_row = v.source_row) "
        f"WHERE v.source = {source.id} AND v.part = '' "
        f"AND v.source_row IN (SELECT row FROM {chosen})"
    ).fetchall()
