"""The way back: what it would cost, what can be saved first, and the rollback itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import apsw

from core.config.models import GuardedFile, Settings
from core.files import private_folder, write_durably
from core.operation import Context, OperationError
from core.process import run_in_process
from core.rollback import Rollback, RollbackResult
from core.snapshot.store import Store
from core.sqlite import open_immutable, quote
from core.text import translate
from migration.engine.plan import refusal
from migration.engine.scripts import read_scripts
from migration.run.models import UndoPlan
from migration.run.rehearse import work_folder
from migration.run.report import newest_report
from migration.run.stage import copy_live, live_counts, migrated_files, read_plans


def plan_undo(context: Context, settings: Settings) -> UndoPlan:
    """Return what going back before the newest migration would cost; nothing is touched.

    Raises `OperationError` where no migration was reported.
    """
    report = newest_report(settings)
    if report is None:
        raise refusal(
            translate("migration", "There is no migration to undo."),
            translate("migration", "Choose a restore point to go back to instead."),
        )
    scripts = read_scripts()
    plans = run_in_process(read_plans, context, migrated_files(settings, scripts))
    if not any(one.applied_at == report.result.moment for plan in plans for one in plan.scripts):
        raise refusal(
            translate("migration", "The newest migration was undone already."),
            translate("migration", "Choose a restore point to go back to instead."),
        )
    listed = Store(settings.store).get(report.result.restore_point)
    held = {file.name for file in listed.point.files}
    files = tuple(file for file in settings.databases if file.name in held and file.path.exists())
    counts = run_in_process(live_counts, context, files)
    after = report.result.outcome.counts
    lost = {
        f"{database}.{table}": count - after.get(database, {}).get(table, 0)
        for database, tables in counts.items()
        for table, count in tables.items()
        if count > after.get(database, {}).get(table, 0)
    }
    return UndoPlan(
        report=str(report.html),
        restore_point=report.result.restore_point,
        databases=tuple(sorted(held)),
        lost=lost,
    )


@dataclass(frozen=True)
class Undo:
    """Go back to the state before the newest migration."""

    settings: Settings
    name: str = "migrate undo"

    def run(self, context: Context) -> RollbackResult:
        """Return what the rollback did."""
        plan = plan_undo(context, self.settings)
        return Rollback(self.settings, plan.restore_point).run(context)


@dataclass(frozen=True)
class ExportSince:
    """Write the tables that have grown since the migration as JSON lines, before an undo."""

    settings: Settings
    folder: Path
    name: str = "migrate export"

    def run(self, context: Context) -> tuple[str, ...]:
        """Return the files that were written, one for each table."""
        plan = plan_undo(context, self.settings)
        names = {one.partition(".")[0] for one in plan.lost}
        files = tuple(file for file in self.settings.databases if file.name in names)
        with work_folder(self.settings) as work:
            return run_in_process(
                _export, context, files, work, tuple(plan.lost), private_folder(self.folder)
            )


def _export(
    context: Context,
    files: tuple[GuardedFile, ...],
    work: Path,
    tables: tuple[str, ...],
    folder: Path,
) -> tuple[str, ...]:
    written = []
    for database, path in copy_live(context, files, work).items():
        connection = open_immutable(path)
        try:
            for one in tables:
                owner, _, table = one.partition(".")
                if owner == database:
                    written.append(
                        str(_export_table(context, connection, table, folder / f"{one}.jsonl"))
                    )
        except apsw.Error as error:
            raise OperationError(
                translate("migration", "The rows could not be exported: {why}", why=str(error)),
                data_state=translate("migration", "The live data was only read."),
                to_do=translate("migration", "Look at the database in question first."),
            ) from error
        finally:
            connection.close()
    return tuple(written)


def _export_table(context: Context, connection: apsw.Connection, table: str, target: Path) -> Path:
    cursor = connection.execute(f"SELECT * FROM {quote(table)}")
    names = [name for name, *_ in cursor.description] if cursor.description else []
    lines = []
    for done, row in enumerate(cursor, start=1):
        if done % 1_000 == 0:
            context.check()
        values = {
            name: {"hexadecimal": value.hex()} if isinstance(value, bytes) else value
            for name, value in zip(names, row, strict=True)
        }
        lines.append(json.dumps(values, ensure_ascii=False))
    write_durably(target, ("\n".join(lines) + "\n").encode("utf-8", "surrogatepass"))
    return target
