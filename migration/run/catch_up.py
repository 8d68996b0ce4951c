"""Brings staged copies up to what was written while they were made, instead of making them anew.

The program has stopped by then, so the time this takes is time that it is down.  What changed is
found by comparing the copies that were migrated with copies of what is live now, page by page
and then row by row, and goes into the staged copies like this:

- rows of tables that no script reads are taken over as they are;
- of a converted condition the columns that nothing is derived from (`PASSIVE`) are taken over,
  in its table and in what it became;
- a database whose scripts read nothing of the others, such as the settings, is migrated and
  validated anew by itself;
- anything else, and whatever goes wrong here, means that all copies are made anew.

Afterwards the staged copies are compared with what is live: every table that was to stay must
be the same, value by value; conditions that changed are turned back, in SQL and by a digest
computed outside it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import apsw
from pydantic import BaseModel, ConfigDict

from core.compare import Status
from core.compare.database import Outcome as Comparison
from core.compare.database import TablePlan
from core.compare.files import compare_files
from core.compare.pages import GREATEST_ROWID, LEAST_ROWID
from core.compare.sql import fold
from core.config.models import GuardedFile
from core.operation import Context, Unit
from core.sqlite import open_immutable, quote, uri
from core.text import translate
from migration.engine.apply import Staged, guarded, open_staged, settle_copy
from migration.engine.history import read_history
from migration.engine.scripts import NotVerified, read_scripts
from migration.run.models import Decision
from migration.run.stage import copy_live, migrate_copies, table_counts, validate_copies
from migration.sources.detect import OURS, Source, detect
from migration.sources.shapes import Kind
from migration.sql import number, rows
from migration.transforms.carry import carried_of, storage_of
from migration.transforms.homes import condition_id, home_of
from migration.transforms.settings import OLDER
from migration.validation.lossless import windows_come_back
from migration.validation.validate import HOLDER, attach_before

log = logging.getLogger(__name__)

PASSIVE = frozenset({"description", "updated_at", "usage_count", "success_rate", "chart_category"})
"""Columns of `domain_conditions` of which no trigger, link or snapshot holds anything."""
BEFORE = "old"
"""The name under which the copy that was migrated is attached."""

Window = tuple[int, int]


class Again(NamedTuple):
    """How the copies were migrated, so that one of them can be once more."""

    moment: str
    decisions: tuple[Decision, ...]


class CaughtUp(BaseModel):
    """What was taken in: copies of what is live now, and the rows by ``database.table``."""

    model_config = ConfigDict(frozen=True)

    sources: dict[str, Path]
    rows: dict[str, int]
    counts: dict[str, dict[str, int]]
    """How many rows the tables that changed have now, by database."""
    heads: dict[str, str]
    """The hash of the newest row of the history of each database migrated anew by itself."""


class _Impossible(Exception):  # noqa: N818 (all copies are made anew then)
    """What was written cannot be taken in; the message says why, for the log."""


def catch_up(
    context: Context,
    files: tuple[GuardedFile, ...],
    before: dict[str, Path],
    targets: dict[str, Path],
    folder: Path,
    again: Again | None,
) -> CaughtUp | None:
    """Take into *targets*, made from the copies *before*, what is live now.

    *again* None: the copies were not migrated, only their histories changed.  Returns None when
    they must be made anew; they are not to be used then.
    """
    now = copy_live(context, files, folder / "now")
    try:
        return _catch_up(context, before, now, targets, folder, again)
    except (_Impossible, NotVerified, apsw.Error, OSError) as why:
        log.info("the copies are made anew: %s", why)
        for target in targets.values():
            for suffix in ("", "-wal", "-shm", "-journal"):
                Path(f"{target}{suffix}").unlink(missing_ok=True)
        return None


def _catch_up(
    context: Context,
    before: dict[str, Path],
    now: dict[str, Path],
    targets: dict[str, Path],
    folder: Path,
    again: Again | None,
) -> CaughtUp:
    if set(now) != set(before):
        raise _Impossible("another database is there")
    found: dict[str, Mapping[str, TablePlan]] = {}
    counted: dict[str, int] = {}
    for at, name in enumerate(targets):
        what = translate("migration", "Comparing {name}", name=name)
        context.progress(at, len(targets), Unit.ROWS, what)
        compared = compare_files(context, name, before[name], now[name])
        found[name] = _plans(name, compared)
        counted |= {
            f"{name}.{one.table}": one.rows for one in compared.difference.tables if one.rows
        }
    read = _read_by_scripts(before, targets) if again is not None else {}
    alone = _migrated_alone(found, read)
    for name, plans in found.items():
        if plans and name not in alone:
            _take_in(context, name, before, now, targets[name], plans, read.get(name, {}))
    if alone:
        if again is None:
            raise _Impossible("nothing was migrated")
        _migrate_alone(context, now, {name: targets[name] for name in alone}, folder, again)
    counts: dict[str, dict[str, int]] = {}
    heads: dict[str, str] = {}
    for name, plans in found.items():
        connection = open_immutable(targets[name])
        try:
            counts[name] = table_counts(connection, None if name in alone else set(plans))
            if name in alone:
                heads[name] = read_history(connection)[-1].hash
        finally:
            connection.close()
    return CaughtUp(sources=now, rows=counted, counts=counts, heads=heads)


def _plans(name: str, compared: Comparison) -> Mapping[str, TablePlan]:
    if compared.difference.objects:
        raise _Impossible(f"the schema of {name} changed")
    for one in compared.difference.tables:
        if one.status not in {Status.SAME, Status.CHANGED}:
            raise _Impossible(f"{name}.{one.table}: {one.status}")
        if OURS.fullmatch(one.table) and one.status is Status.CHANGED:
            raise _Impossible(f"{name}.{one.table} changed")
    return compared.plans


def _read_by_scripts(
    before: dict[str, Path], targets: dict[str, Path]
) -> dict[str, dict[str, Source | None]]:
    """Return, by database and folded name, the tables from which something was made.

    None stands for a table of which scripts make something in its own database alone.
    """
    found: dict[str, dict[str, Source | None]] = {name: {} for name in targets}
    for script in read_scripts():
        if script.database in found:
            found[script.database] |= dict.fromkeys(script.changes)
    found.setdefault("settings", {})
    for older, _, newer, _ in OLDER:
        found["settings"] |= {older: None, newer: None}
    for name, path in before.items():
        connection = open_immutable(path)
        try:
            for source in detect(connection, {name: "main"}):
                found.setdefault(name, {})[fold(source.table)] = source
        finally:
            connection.close()
    return found


def _migrated_alone(
    found: Mapping[str, Mapping[str, TablePlan]], read: Mapping[str, Mapping[str, Source | None]]
) -> tuple[str, ...]:
    """Return the databases to migrate anew by themselves; raises `_Impossible`."""
    alone = []
    for name, plans in found.items():
        touched = [table for table in plans if table in read.get(name, {})]
        own = [table for table in touched if read[name][table] is None]
        if (name == HOLDER and own) or (name != HOLDER and touched != own):
            raise _Impossible(f"{', '.join(touched)} of {name} changed")
        if own:
            alone.append(name)
    return tuple(alone)


def _migrate_alone(
    context: Context, now: dict[str, Path], targets: dict[str, Path], folder: Path, again: Again
) -> None:
    migrate_copies(context, now, targets, again.moment, again.decisions)
    result = validate_copies(
        context, now, targets, again.moment, again.decisions, folder, None
    )  # fmt: skip
    if not result.ok:
        raise _Impossible(str(result.problems[0]))


def _take_in(
    context: Context,
    name: str,
    before: dict[str, Path],
    now: dict[str, Path],
    target: Path,
    plans: Mapping[str, TablePlan],
    read: Mapping[str, Source | None],
) -> None:
    """Write the rows of *plans* into the staged copy *target*, and prove that they are there."""
    connection = open_staged(Staged(name, target, {}))
    try:
        connection.execute(
            f"ATTACH ? AS {BEFORE}", (uri(before[name], "mode=ro&immutable=1"),)
        ).fetchall()
        sources = {fold(one.table): one for one in attach_before(connection, now)
                   if one.database == name}  # fmt: skip
        _require_plain(connection)
        connection.execute("PRAGMA ignore_check_constraints = ON").fetchall()
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)
        converted = {table: sources[table] for table in plans if table in read}
        windows = {table: _windows(plan) for table, plan in plans.items()}
        with connection, guarded(connection, _others(connection, windows, bool(converted))):
            for table, found in sorted(windows.items(), key=_last_if_internal):
                _replace(context, connection, name, table, found)
            for table, source in converted.items():
                _renew(connection, source, windows[table])
        for table in [*plans, *(["domain_conditions", "migration_review"] if converted else [])]:
            context.check()
            lines = rows(connection, f"PRAGMA main.integrity_check({quote(table)})")
            if lines != [("ok",)]:
                raise _Impossible(f"{table}: {lines[0][0]!s}")
        for table, source in converted.items():
            if not windows_come_back(connection, source, windows[table]):
                raise _Impossible(f"{table} cannot be turned back")
        settle_copy(connection, target, before[name])
    finally:
        connection.close()
    _require_same(context, name, now[name], target, read)


def _last_if_internal(item: tuple[str, list[Window]]) -> bool:
    # Inserting moves the counters of AUTOINCREMENT; what is live has the last word.
    return item[0] == "sqlite_sequence"


def _require_plain(connection: apsw.Connection) -> None:
    if any(row[2] == "virtual" for row in rows(connection, "PRAGMA main.table_list")):
        raise _Impossible("there are virtual tables")


def _others(
    connection: apsw.Connection, windows: Mapping[str, object], converted: bool
) -> frozenset[str]:
    """Return the tables that are to stay as they are."""
    may = set(windows) | ({"domain_conditions", "migration_review"} if converted else set())
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


def _replace(
    context: Context, connection: apsw.Connection, name: str, table: str, windows: list[Window]
) -> None:
    columns = [
        str(row[1])
        for row in rows(connection, f"PRAGMA main.table_xinfo({quote(table)})")
        if not row[6]
    ]
    lower = {fold(column) for column in columns}
    rowid = next((one for one in ("rowid", "_rowid_", "oid") if one not in lower), None)
    without = any(
        bool(row[4])
        for row in rows(connection, f"PRAGMA main.table_list({quote(table)})")
        if row[0] == "main"
    )
    listed = ", ".join(quote(column) for column in columns)
    mine, theirs = f"main.{quote(table)}", f"{quote(f'was_{name}')}.{quote(table)}"
    if without or rowid is None:
        connection.execute(f"DELETE FROM {mine}").fetchall()
        connection.execute(f"INSERT INTO {mine} ({listed}) SELECT {listed} FROM {theirs}")
        return
    # All that goes first: a unique value may move from one row to another.
    for window in windows:
        context.check()
        connection.execute(f"DELETE FROM {mine} WHERE {rowid} BETWEEN ? AND ?", window).fetchall()
    for window in windows:
        context.check()
        connection.execute(
            f"INSERT INTO {mine} ({rowid}, {listed}) SELECT {rowid}, {listed} FROM {theirs} "
            f"WHERE {rowid} BETWEEN ? AND ? ORDER BY {rowid}",
            window,
        ).fetchall()


def _renew(connection: apsw.Connection, source: Source, windows: list[Window]) -> None:
    """Take the passive columns of changed conditions into what these became."""
    if source.kind is not Kind.CONDITIONS or source.rowid is None:
        raise _Impossible(f"{source.table} changed")
    home = home_of(source).native
    passive = {target: column for target, column in home.items() if target in PASSIVE}
    fixed = [column for column in source.columns if column not in passive.values()]
    old = source._replace(schema=BEFORE)
    same = " AND ".join(
        f"o.{quote(one)} COLLATE BINARY IS w.{quote(one)} "
        f"AND typeof(o.{quote(one)}) = typeof(w.{quote(one)})"
        for one in fixed
    )
    listed = [f"o.{quote(column)}" for column in source.columns]
    changed = ", ".join(f"{target} = o.{quote(column)}" for target, column in passive.items())
    for window in windows:
        kept, was, stays = (
            number(connection, f"SELECT count(*) FROM {sql} WHERE o.source_row BETWEEN ? AND ?",
                   window)
            for sql in (
                f"{source.rows_sql} AS o",
                f"{old.rows_sql} AS o",
                f"{source.rows_sql} AS o JOIN {old.rows_sql} AS w "
                f"ON w.source_row = o.source_row AND {same}",
            )
        )  # fmt: skip
        if not kept == was == stays or not passive:
            raise _Impossible(f"{source.table} changed in what something is derived from")
        connection.execute(
            f"UPDATE domain_conditions AS c SET {changed} FROM {source.rows_sql} AS o "
            f"WHERE o.source_row BETWEEN ? AND ? AND c.id = "
            f"{condition_id(source.id, 'o.source_row')}",
            window,
        ).fetchall()
        connection.execute(
            f"UPDATE migration_review SET storage = {storage_of(listed, {})}, "
            f"carried = {carried_of(listed, {})} FROM {source.rows_sql} AS o "
            f"WHERE migration_review.source = {source.id} AND migration_review.part = '' "
            "AND migration_review.source_row = o.source_row AND o.source_row BETWEEN ? AND ?",
            window,
        ).fetchall()


def _require_same(
    context: Context, name: str, now: Path, target: Path, read: Mapping[str, Source | None]
) -> None:
    """Require that every table that was to stay is what is live now."""
    compared = compare_files(context, name, now, target)
    for one in _kept(compared, read):
        raise _Impossible(f"{name}.{one} is not as it is live")


def _kept(compared: Comparison, read: Mapping[str, Source | None]) -> Iterator[str]:
    changed_by_scripts = {table for table, source in read.items() if source is None}
    for one in compared.difference.tables:
        new = one.status is Status.REMOVED  # only the staged copy has it
        ours = OURS.fullmatch(one.table) or fold(one.table) in changed_by_scripts
        if one.status is not Status.SAME and not new and not ours:
            yield one.table
