"""The way back: which rows were written since, what can be saved first, and the rollback itself.

What the migration had made is not kept anywhere: it is made again.  The state before it lies in
a restore point, and the same scripts with the same decisions and moment give the same rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import apsw

from core.backup.materialise import materialise_all
from core.backup.models import ListedPoint
from core.backup.store import Store
from core.base.config.models import GuardedFile, Settings
from core.base.files import fsync_directory, private_folder
from core.base.lock import lock_holder
from core.base.operation import Context, Kind, OperationError, Unit
from core.base.process import run_in_process
from core.base.sqlite import open_immutable, quote
from core.base.text import translate
from core.diff.database import compare_database
from core.diff.models import TableDifference
from core.diff.pages import Side
from core.diff.rows import FileContent
from core.diff.sql import LEFT, RIGHT, Matching, Pair, Shape, fold, match
from core.switchover.rollback import Rollback, RollbackResult
from migration.adapter import ScriptSet, script_set
from migration.engine.history import TABLE
from migration.engine.plan import refusal
from migration.run.models import ChangedRows, ExportedTable, MigrationResult, UndoPlan
from migration.run.records import ReportPlace, finish_report, newest_report
from migration.run.rehearse import work_folder
from migration.run.stage import copy_live, migrate_copies, migrated_files, read_plans, table_counts


class Before(NamedTuple):
    """What is live is compared with; by name of the database."""

    paths: dict[str, Path]
    exact: bool
    """Whether it is what the migration had made; else the state before the migration."""


def make_again(
    context: Context,
    scripts: ScriptSet,
    store: Path,
    listed: ListedPoint,
    result: MigrationResult,
    folder: Path,
) -> Before:
    """Make in *folder* what the migration *result* had made, or give the state before it.

    Raises `OperationError` where the restore point cannot be read.
    """
    names = [file.name for file in listed.point.files if file.database is not None]
    before = {name: folder / f"{name}.before" for name in names}
    materialise_all(context, store, listed, before)
    same = {script.name: script for script in scripts.read()}
    if any(
        one.name not in same or not same[one.name].is_what(one.sha256)
        for one in result.outcome.scripts
    ):
        return Before(before, exact=False)
    made = {name: folder / f"{name}.made" for name in names if name in result.outcome.heads}
    sources = {name: before[name] for name in made}
    try:
        migrate_copies(context, scripts, sources, made, result.moment, result.decisions)
    except OperationError:
        return Before(before, exact=False)
    for name, path in made.items():
        with closing(open_immutable(path)) as connection:
            if table_counts(connection) != result.outcome.counts.get(name):
                return Before(before, exact=False)
    return Before({**before, **made}, exact=True)


@contextmanager
def _pair(context: Context, left: Path, right: Path) -> Iterator[tuple[Pair, Side, Side]]:
    with (
        closing(FileContent(left)) as before,
        closing(FileContent(right)) as now,
        closing(Pair(context, left, right)) as pair,
    ):
        yield pair, Side.of(before, None), Side.of(now, None)


def changed_rows(
    context: Context,
    scripts: ScriptSet,
    files: tuple[GuardedFile, ...],
    store: Path,
    listed: ListedPoint,
    result: MigrationResult,
    folder: Path,
) -> tuple[tuple[ChangedRows, ...], bool]:
    """Return what was written since, by table, and whether that is exact; for a process."""
    before = make_again(context, scripts, store, listed, result, folder)
    live = copy_live(context, files, folder / "live")
    found = []
    for name, path in live.items():
        if name not in before.paths:
            continue

        def report(done: int, total: int, name: str = name) -> None:
            context.check()
            what = translate("compare", "Comparing {name}", name=name)
            context.progress(done, total, Unit.ROWS, what)

        with _pair(context, before.paths[name], path) as (pair, left, right):
            difference = compare_database(pair, name, left, right, report).difference
        made = {} if before.exact else result.outcome.counts.get(name, {})
        for table in difference.tables:
            one = _changed(name, table, made)
            if one.rows and fold(table.table) != TABLE:
                found.append(one)
    return tuple(found), before.exact


def _changed(database: str, table: TableDifference, made: dict[str, int]) -> ChangedRows:
    added = table.rows_leaving
    if table.left_rows is None and table.left_sql is None:
        # Without what the migration had made, a table of its own is told by its growth.
        added = max(0, added - made.get(table.table, 0))
    return ChangedRows(
        database=database, table=table.table, added=added, changed=table.rows_changing,
        removed=table.rows_returning,
    )  # fmt: skip


def export_rows(
    context: Context,
    scripts: ScriptSet,
    files: tuple[GuardedFile, ...],
    store: Path,
    listed: ListedPoint,
    result: MigrationResult,
    folder: Path,
    target: Path,
) -> tuple[ExportedTable, ...]:
    """Write the rows that were written since, one file a table, as JSON lines; for a process.

    A line says what became of a row (``added``, ``changed``, ``removed``), what it was and what
    it is now; blobs are hexadecimal.
    """
    before = make_again(context, scripts, store, listed, result, folder)
    live = copy_live(context, files, folder / "live")
    written = []
    try:
        for name, path in live.items():
            if name not in before.paths:
                continue
            with _pair(context, before.paths[name], path) as (pair, _, _):
                for folded in sorted(pair.tables(RIGHT).keys() | pair.tables(LEFT).keys()):
                    if folded != TABLE:
                        written += _export_table(context, pair, name, folded, target)
        fsync_directory(target)
    except (apsw.Error, OSError) as error:
        raise OperationError(
            translate("migration", "The rows could not be exported: {why}", why=str(error)),
            data_state=translate("migration", "The live data was only read."),
            to_do=translate("migration", "Look at the database in question first."),
        ) from error
    return tuple(written)


def _export_table(
    context: Context, pair: Pair, database: str, folded: str, target: Path
) -> list[ExportedTable]:
    ours, theirs = pair.tables(LEFT).get(folded), pair.tables(RIGHT).get(folded)
    table = theirs or ours
    if table is None or table.virtual:
        return []
    path = _free(target, f"{database}.{_file_name(table.name)}")
    count = 0
    with path.open("x", encoding="utf-8", errors="surrogatepass") as out:
        for line in _lines(context, pair, folded):
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
            count += 1
        out.flush()
    if not count:
        path.unlink()
        return []
    return [ExportedTable(database=database, table=table.name, rows=count, file=str(path))]


def _free(folder: Path, name: str) -> Path:
    """Return a name in *folder* that nothing bears: an earlier export is never written over."""
    path = folder / f"{name}.jsonl"
    number = 1
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}.jsonl"
    return path


def _file_name(table: str) -> str:
    return "".join(one if one.isalnum() or one in "_-" else f"%{ord(one):02x}" for one in table)


def _lines(context: Context, pair: Pair, folded: str) -> Iterator[dict[str, object]]:
    ours, theirs = pair.tables(LEFT).get(folded), pair.tables(RIGHT).get(folded)
    if ours is None or theirs is None:
        schema, table = (RIGHT, theirs) if theirs else (LEFT, ours)
        if table is None:
            return
        names = [column.name for column in pair.shape(schema, table).columns]
        sql = f"SELECT {_listed('t', names)} FROM {schema}.{quote(table.name)} AS t"
        for row in _rows(context, pair, sql):
            values = _values(names, row)
            yield {"change": "added", "now": values} if theirs else {
                "change": "removed", "was": values,
            }  # fmt: skip
        return
    matching = match(pair, ours, theirs)
    yield from _matched(context, pair, matching)


def _matched(context: Context, pair: Pair, matching: Matching) -> Iterator[dict[str, object]]:
    was, now = _names(matching.left_shape), _names(matching.right_shape)
    added = f"{matching.source('r', 'l')} WHERE {matching.missing('l')}"
    for row in _rows(context, pair, f"SELECT {_listed('r', now)} {added}"):
        yield {"change": "added", "now": _values(now, row)}
    if not matching.whole:  # else a row that is another has gone, and one has come
        changed = (
            f"{matching.source('l', 'r')} WHERE NOT ({matching.missing('r')}) "
            f"AND {matching.differs()} ORDER BY {matching.order('l')}"
        )
        # Each side by itself: a result has at most 2,000 columns, and so may a table.
        before = _rows(context, pair, f"SELECT {_listed('l', was)} {changed}")
        after = _rows(context, pair, f"SELECT {_listed('r', now)} {changed}")
        for old, new in zip(before, after, strict=True):
            yield {"change": "changed", "was": _values(was, old), "now": _values(now, new)}
    removed = f"{matching.source('l', 'r')} WHERE {matching.missing('r')}"
    for row in _rows(context, pair, f"SELECT {_listed('l', was)} {removed}"):
        yield {"change": "removed", "was": _values(was, row)}


def _names(shape: Shape) -> list[str]:
    return [column.name for column in shape.columns]


def _listed(alias: str, names: Sequence[str]) -> str:
    return ", ".join(f"{alias}.{quote(name)}" for name in names)


def _rows(context: Context, pair: Pair, sql: str) -> Iterator[tuple[object, ...]]:
    for done, row in enumerate(pair.connection.execute(sql)):
        if done % 1_000 == 0:
            context.check()
        yield row


def _values(names: Sequence[str], row: Sequence[object]) -> dict[str, object]:
    return {
        name: {"hexadecimal": value.hex()} if isinstance(value, bytes) else _number(value)
        for name, value in zip(names, row, strict=True)
    }


def _number(value: object) -> object:
    """JSON has no word for the infinities; they are told as text."""
    if isinstance(value, float) and value in {float("inf"), float("-inf")}:
        return {"real": str(value)}
    return value


class _Way(NamedTuple):
    """The newest migration, the restore point before it, and the live files it changed."""

    report: ReportPlace
    listed: ListedPoint
    files: tuple[GuardedFile, ...]


def _way(context: Context, settings: Settings) -> _Way:
    if lock_holder(settings) is None:
        finish_report(settings)
    report = newest_report(settings)
    if report is None:
        raise refusal(
            translate("migration", "There is no migration to undo."),
            translate("migration", "Choose a restore point to go back to instead."),
        )
    plans = run_in_process(read_plans, context, script_set(settings), migrated_files(settings))
    if not any(
        script.applied_at == report.result.moment for plan in plans for script in plan.scripts
    ):
        raise refusal(
            translate("migration", "The newest migration was undone already."),
            translate("migration", "Choose a restore point to go back to instead."),
        )
    listed = Store(settings.store).get(report.result.restore_point)
    held = {file.name for file in listed.point.files}
    files = tuple(
        file
        for file in settings.databases
        if file.name in held and file.name in report.result.outcome.heads and file.path.is_file()
    )
    return _Way(report, listed, files)


def plan_undo(context: Context, settings: Settings) -> UndoPlan:
    """Return what going back before the newest migration would cost; nothing is touched.

    Raises `OperationError` where no migration was reported.
    """
    way = _way(context, settings)
    with work_folder(settings) as work:
        changes, exact = run_in_process(
            changed_rows,
            context,
            script_set(settings),
            way.files,
            settings.store,
            way.listed,
            way.report.result,
            work,
        )
    return UndoPlan(
        report=str(way.report.html),
        restore_point=way.report.result.restore_point,
        databases=tuple(sorted(file.name for file in way.listed.point.files)),
        moment=way.report.result.moment,
        changes=changes,
        exact=exact,
        files_changed=_files_changed(settings, way.listed),
    )


def _files_changed(settings: Settings, listed: ListedPoint) -> tuple[str, ...]:
    """Return the files of *listed* that are no databases and were written since."""
    found = []
    for stored in listed.point.files:
        live = next((file for file in settings.files if file.name == stored.name), None)
        if stored.database is None and live is not None and live.kind != "database":
            try:
                status = live.path.stat()
            except OSError:
                found.append(stored.name)
                continue
            if status.st_size != stored.size or status.st_mtime > listed.point.created.timestamp():
                found.append(stored.name)
    return tuple(found)


@dataclass(frozen=True)
class UndoPlanned:
    """Find out what going back before the newest migration would cost."""

    settings: Settings
    kind: Kind = Kind.MIGRATE_UNDO_PLAN

    def run(self, context: Context) -> UndoPlan:
        """Return it; raises `OperationError` where no migration was reported."""
        return plan_undo(context, self.settings)


@dataclass(frozen=True)
class Undo:
    """Go back to the state before the newest migration."""

    settings: Settings
    kind: Kind = Kind.MIGRATE_UNDO

    def run(self, context: Context) -> RollbackResult:
        """Return what the rollback did."""
        way = _way(context, self.settings)
        return Rollback(self.settings, way.report.result.restore_point).run(context)


@dataclass(frozen=True)
class ExportSince:
    """Write the rows that were written since the migration as JSON lines, before an undo."""

    settings: Settings
    folder: Path
    kind: Kind = Kind.MIGRATE_EXPORT

    def run(self, context: Context) -> tuple[ExportedTable, ...]:
        """Return the files that were written, one for each table with changes."""
        way = _way(context, self.settings)
        try:
            target = private_folder(self.folder)
        except OSError as error:
            raise OperationError(
                translate("migration", "The rows could not be exported: {why}", why=str(error)),
                data_state=translate("migration", "The live data was only read."),
                to_do=translate("migration", "Choose another folder."),
            ) from error
        with work_folder(self.settings) as work:
            return run_in_process(
                export_rows, context, script_set(self.settings), way.files, self.settings.store,
                way.listed, way.report.result, work, target,
            )  # fmt: skip
