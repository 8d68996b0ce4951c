"""Runs a comparison, and reads pages of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import apsw

from core.backup.models import DatabaseFacts, RestorePoint, StoredFile
from core.backup.store import Chunks, Damage, Store
from core.backup.store.vfs import CACHED_CHUNKS, StoredContent
from core.base.cleanup import attempt, concluding, remove_tree
from core.base.config.models import Settings
from core.base.operation import Context, Kind, OperationError, Unit
from core.base.owner import lower_priority
from core.base.process import run_in_process
from core.base.text import translate
from core.diff.database import Outcome, TablePlan, compare_database, one_sided
from core.diff.models import (
    Comparison,
    DatabaseDifference,
    FileDifference,
    Page,
    RowKind,
    Status,
    TableDifference,
)
from core.diff.pages import Side, SideContent, recorded_rows
from core.diff.rows import read_page
from core.diff.sides import (
    Captured,
    CapturedContent,
    Kept,
    capture_live,
    find,
    keep,
    new_folder,
    own_chunks,
)
from core.diff.sql import LEFT, RIGHT, Pair, fold


class _View(NamedTuple):
    """A file on one side before it is opened."""

    digest: str
    is_database: bool
    facts: DatabaseFacts | None
    stored: StoredFile | None
    captured: Captured | None


@dataclass(frozen=True)
class Compare:
    """Tell what going back from the right side to the left would do."""

    settings: Settings
    left_id: str
    """The restore point to go back to."""
    right_id: str | None = None
    """Another restore point; None: the live files."""
    kind: Kind = Kind.BACKUP_DIFF

    def run(self, context: Context) -> Comparison:
        """Return the comparison; nothing but the console's own folder is written."""
        return compare(context, self.settings, self.left_id, self.right_id)


def compare(
    context: Context,
    settings: Settings,
    left_id: str,
    right_id: str | None,
    only: str | None = None,
) -> Comparison:
    """Compare in a worker process; *only* one database if it is named."""
    store = Store(settings.store)
    left = store.get(left_id).point
    right = store.get(right_id).point if right_id is not None else None
    folder = new_folder(settings)
    try:
        return run_in_process(_compare, context, settings, left, right, folder, only)
    except BaseException as error:
        remove_tree(folder)
        if isinstance(error, OSError | Damage | apsw.Error):
            raise _failed(error) from error
        raise


def row_page(
    settings: Settings,
    left_id: str,
    right_id: str | None,
    database: str,
    table: str,
    kind: RowKind | None,
    offset: int,
    limit: int,
    context: Context | None = None,
) -> Page:
    """Return some of the rows of *table* that differ, as they were when last compared.

    Without a kept comparison of these two sides one is made first.  Not for the window's own
    thread.  Raises `OperationError`.
    """
    context = context or Context()
    kept = find(settings, left_id, right_id, database)
    if kept is None:
        compare(context, settings, left_id, right_id, database)
        kept = find(settings, left_id, right_id, database)
    if kept is None:
        raise _no_table(database, table)
    try:
        return _page(context, settings, kept, database, table, kind, offset, limit)
    except (OSError, Damage, apsw.Error) as error:
        raise _failed(error) from error
    except KeyError as error:
        raise _no_table(database, table) from error


def _page(
    context: Context,
    settings: Settings,
    found: tuple[Path, Kept],
    database: str,
    table: str,
    kind: RowKind | None,
    offset: int,
    limit: int,
) -> Page:
    folder, kept = found
    store = Store(settings.store)
    left = _stored_views(store.get(kept.left).point).get(database)
    if kept.right is None:
        right = _captured_views(kept.captured).get(database)
    else:
        right = _stored_views(store.get(kept.right).point).get(database)
    plan = kept.plans[database].get(fold(table), TablePlan())
    with (
        closing(Chunks(store.packs, CACHED_CHUNKS)) as chunks,
        _attached(context, chunks, folder, left, right) as (pair, _),
    ):
        return read_page(pair, table, plan, kind, offset, limit)


def _compare(
    context: Context,
    settings: Settings,
    left: RestorePoint,
    right: RestorePoint | None,
    folder: Path,
    only: str | None,
) -> Comparison:
    lower_priority()
    store = Store(settings.store)
    captured: dict[str, Captured] = {}
    with closing(Chunks(store.packs, CACHED_CHUNKS)) as chunks:
        if right is None:
            files = [file for file in settings.files if only in {None, file.name}]
            known = {file.name: file for file in left.files}
            moment, captured = capture_live(context, files, known, chunks, folder)
            views = _captured_views(captured)
        else:
            moment = right.moment or right.created
            views = _stored_views(right)
        return _compare_all(
            context, settings, chunks, folder, (left, right), (_stored_views(left), views),
            captured, moment, only,
        )  # fmt: skip


def _stored_views(point: RestorePoint) -> dict[str, _View]:
    # Of a database whose -wal was kept as it is, the main file alone says something else.
    pairs = {file.name.removesuffix("-wal") for file in point.files if file.name.endswith("-wal")}
    return {
        file.name: _View(
            file.digest,
            file.database is not None and file.name not in pairs,
            None if file.name in pairs else file.facts,
            file,
            None,
        )
        for file in point.files
    }


def _captured_views(captured: Mapping[str, Captured]) -> dict[str, _View]:
    return {
        name: _View(file.digest, file.is_database, None, None, file)
        for name, file in captured.items()
    }


def _compare_all(
    context: Context,
    settings: Settings,
    chunks: Chunks,
    folder: Path,
    points: tuple[RestorePoint, RestorePoint | None],
    views: tuple[dict[str, _View], dict[str, _View]],
    captured: dict[str, Captured],
    moment: datetime,
    only: str | None,
) -> Comparison:
    databases: list[DatabaseDifference] = []
    files: list[FileDifference] = []
    plans: dict[str, dict[str, TablePlan]] = {}
    for name in dict.fromkeys((*views[0], *views[1])):
        if only not in {None, name}:
            continue
        left, right = views[0].get(name), views[1].get(name)
        # Going back leaves alone what the left does not hold, and takes a -wal with its file.
        if name.removesuffix("-wal") not in views[0]:
            _note_not_held(name, right, databases, files)
            continue
        if not any(view is not None and view.is_database for view in (left, right)):
            files.append(FileDifference(name=name, status=_status(left, right)))
            continue
        outcome = _compare_one(context, chunks, folder, name, left, right)
        databases.append(outcome.difference)
        plans[name] = outcome.plans
    keep(
        settings,
        folder,
        Kept(
            left=points[0].id,
            right=points[1].id if points[1] else None,
            moment=moment,
            captured=captured,
            plans=plans,
        ),
    )
    return Comparison(
        left=points[0].id,
        right=points[1].id if points[1] else None,
        moment=moment,
        databases=tuple(databases),
        files=tuple(files),
    )


def _note_not_held(
    name: str,
    right: _View | None,
    databases: list[DatabaseDifference],
    files: list[FileDifference],
) -> None:
    if right is not None and right.is_database:
        databases.append(DatabaseDifference(name=name, status=Status.NOT_HELD))
    elif not name.endswith("-wal"):
        files.append(FileDifference(name=name, status=Status.NOT_HELD))


def _status(left: _View | None, right: _View | None) -> Status:
    if right is None:
        return Status.ADDED
    if left is None:
        return Status.REMOVED
    return Status.SAME if left.digest == right.digest else Status.CHANGED


def _compare_one(
    context: Context,
    chunks: Chunks,
    folder: Path,
    name: str,
    left: _View | None,
    right: _View | None,
) -> Outcome:
    status = _status(left, right)
    if status is Status.SAME and left is not None and left.facts is not None:
        return Outcome(_all_the_same(name, left.facts))
    unreadable = [view for view in (left, right) if view is not None and not view.is_database]
    if unreadable:
        problem = "SQLite could not read one of its sides"
        return Outcome(DatabaseDifference(name=name, status=Status.UNREADABLE, problem=problem))
    try:
        with _attached(context, chunks, folder, left, right) as (pair, contents):
            if status in {Status.ADDED, Status.REMOVED}:
                return _whole(pair, name, status, left or right)

            def report(done: int, total: int) -> None:
                context.check()
                what = translate("compare", "Comparing {name}", name=name)
                context.progress(done, total, Unit.ROWS, what)

            return compare_database(
                pair,
                name,
                Side.of(contents[0], left.facts if left else None),
                Side.of(contents[1], right.facts if right else None),
                report,
            )
    except apsw.Error as error:
        return Outcome(DatabaseDifference(name=name, status=Status.UNREADABLE, problem=str(error)))


def _all_the_same(name: str, facts: DatabaseFacts) -> DatabaseDifference:
    return DatabaseDifference(
        name=name,
        status=Status.SAME,
        tables=tuple(
            TableDifference(
                table=table.name,
                status=Status.SAME,
                left_rows=table.rows if table.rows >= 0 else None,
                right_rows=table.rows if table.rows >= 0 else None,
                left_sql=table.sql,
                right_sql=table.sql,
            )
            for table in sorted(facts.tables, key=lambda table: fold(table.name))
            if not table.name.startswith("sqlite_stat")
        ),
    )


def _whole(pair: Pair, name: str, status: Status, view: _View | None) -> Outcome:
    """Describe a database that only one side has."""
    differences: list[TableDifference] = []
    plans: dict[str, TablePlan] = {}
    added = status is Status.ADDED
    recorded = recorded_rows(view.facts if view else None)
    for folded, table in sorted(pair.tables(LEFT if added else RIGHT).items()):
        ours, theirs = (table, None) if added else (None, table)
        difference, plan = one_sided(pair, ours, theirs, recorded)
        differences.append(difference)
        plans[folded] = plan
    return Outcome(DatabaseDifference(name=name, status=status, tables=tuple(differences)), plans)


@contextmanager
def _attached(
    context: Context, chunks: Chunks, folder: Path, left: _View | None, right: _View | None
) -> Iterator[tuple[Pair, list[SideContent]]]:
    """Open both sides on one connection."""
    base = StoredContent(chunks, left.stored) if left and left.stored else None
    other: SideContent | None = None
    if right is not None and right.captured is not None:
        path = own_chunks(folder, right.captured.name)
        other = CapturedContent(right.captured, path, base)
    elif right is not None and right.stored is not None:
        other = StoredContent(chunks, right.stored)
    try:
        pair = Pair(context, base, other)
        with concluding(pair.close):
            yield pair, [content for content in (base, other) if content is not None]
    finally:
        if other is not None:
            attempt(other.close)


def _failed(error: Exception) -> OperationError:
    return OperationError(
        translate("compare", "The two states could not be compared: {why}", why=str(error)),
        data_state=translate("compare", "Both were only read."),
        to_do=translate("compare", "Verify the restore point, then compare again."),
    )


def _no_table(database: str, table: str) -> OperationError:
    return OperationError(
        translate(
            "compare",
            "There is no table {table} in {database} that could be compared.",
            table=table,
            database=database,
        ),
        data_state=translate("compare", "Nothing was changed."),
        to_do=translate("compare", "Compare again and choose a table from the list."),
    )
