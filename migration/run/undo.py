"""The way back: what it would cost, what can be saved first, and the rollback itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from core.backup.models import ListedPoint
from core.backup.store import Store
from core.base.config.models import GuardedFile, Settings
from core.base.files import private_folder
from core.base.kind import Kind
from core.base.lock import lock_holder
from core.base.operation import Context, OperationError
from core.base.process import run_in_process
from core.base.text import translate
from core.switchover.rollback import Rollback, RollbackResult
from migration.adapter import script_set
from migration.engine.plan import refusal
from migration.run.changes import changed_rows, export_rows
from migration.run.models import ExportedTable, UndoPlan
from migration.run.records import ReportPlace, finish_report, newest_report
from migration.run.rehearse import work_folder
from migration.run.stage import migrated_files, read_plans


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
    if not any(one.applied_at == report.result.moment for plan in plans for one in plan.scripts):
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
