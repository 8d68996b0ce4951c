"""The operations that only look."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import apsw

from core.config.models import GuardedFile, Settings
from core.databases import Condition, examine
from core.holders import holders
from core.operation import Context, Unit
from core.process import run_in_process
from core.snapshot.store import Store
from core.sqlite import open_immutable, quote
from core.text import translate
from migration.engine.scripts import read_scripts
from migration.run.models import (
    Check,
    PlanResult,
    PreflightResult,
    StatusResult,
    VerifyResult,
)
from migration.run.rehearse import needed_bytes, work_folder
from migration.run.report import newest_report
from migration.run.stage import (
    copy_live,
    free_bytes,
    live_counts,
    look,
    migrated_files,
    read_plan,
    read_plans,
    verify_live,
)
from migration.sql import number, rows


@dataclass(frozen=True)
class Status:
    """How far the databases are."""

    settings: Settings
    name: str = "migrate status"

    def run(self, context: Context) -> StatusResult:
        """Return the state of every script in every database."""
        files = migrated_files(self.settings, read_scripts())
        report = newest_report(self.settings)
        return StatusResult(
            plans=run_in_process(read_plans, context, files),
            report=str(report.html) if report else None,
            restore_point=report.result.restore_point if report else None,
        )


@dataclass(frozen=True)
class Plan:
    """What a run would do."""

    settings: Settings
    name: str = "migrate plan"

    def run(self, context: Context) -> PlanResult:
        """Return scripts, legacy tables and what the scripts would destroy."""
        return run_in_process(read_plan, context, migrated_files(self.settings, read_scripts()))


@dataclass(frozen=True)
class Preflight:
    """Look at everything that could stand in the way of a migration."""

    settings: Settings
    name: str = "migrate preflight"

    def run(self, context: Context) -> PreflightResult:
        """Return the checks; nothing is touched."""
        settings = self.settings
        files = migrated_files(settings, read_scripts())
        checks = [_exists(files), _space(settings, files)]
        checks += [_condition(file) for file in files]
        checks += [_versions(), _held(settings), _point(settings)]
        if any(check.ok is False for check in checks if check.name.startswith("condition")):
            return PreflightResult(checks=tuple(checks), plans=())
        plans = run_in_process(read_plans, context, files)
        problems = [text for plan in plans for text in plan.problems]
        pending = sum(len(plan.pending) for plan in plans)
        checks += [Check(name="history", ok=False, what=text) for text in problems]
        checks.append(
            Check(
                name="pending",
                ok=pending > 0,
                what=translate("migration", "{count} scripts are to run.", count=pending),
            )
        )
        checks.append(_integrity(context, settings, files))
        checks.append(run_in_process(_positions, context, files))
        return PreflightResult(checks=tuple(checks), plans=plans)


def _exists(files: tuple[GuardedFile, ...]) -> Check:
    return Check(
        name="databases",
        ok=bool(files),
        what=translate(
            "migration", "Databases to migrate: {names}.",
            names=", ".join(file.name for file in files) or "–",
        ),
    )  # fmt: skip


def _space(settings: Settings, files: tuple[GuardedFile, ...]) -> Check:
    needed, free = needed_bytes(files), free_bytes(settings.home)
    return Check(
        name="space",
        ok=free >= needed,
        what=translate(
            "migration", "About {needed_bytes} are needed, {free_bytes} are free.",
            needed_bytes=needed, free_bytes=free,
        ),
    )  # fmt: skip


def _condition(file: GuardedFile) -> Check:
    state = examine(file)
    return Check(
        name=f"condition {file.name}",
        ok=state.condition in {Condition.OK, Condition.LOCKED, Condition.EMPTY},
        what=translate(
            "migration", "{name}: {condition}, {size_bytes}.",
            name=file.name, condition=state.condition.value, size_bytes=state.size,
        ),
    )  # fmt: skip


def _versions() -> Check:
    return Check(
        name="versions",
        ok=apsw.SQLITE_VERSION_NUMBER >= 3_054_000,
        what=translate(
            "migration", "SQLite {version}, which writes numbers into JSON exactly since 3.54.",
            version=apsw.sqlite_lib_version(),
        ),
    )  # fmt: skip


def _held(settings: Settings) -> Check:
    held = holders([file.path for file in settings.databases])
    return Check(
        name="holders",
        ok=None,
        what=translate(
            "migration", "The files are open in: {who}.",
            who=", ".join(f"{one.name} ({one.pid})" for one in held) or "–",
        ),
    )  # fmt: skip


def _point(settings: Settings) -> Check:
    good = next((one for one in Store(settings.store).listed() if one.good), None)
    if good is None:
        what = translate("migration", "There is no restore point yet; one will be made first.")
    else:
        what = translate("migration", "Newest restore point: {id}.", id=good.point.id)
    return Check(name="restore_point", ok=None, what=what)


def _integrity(context: Context, settings: Settings, files: tuple[GuardedFile, ...]) -> Check:
    with work_folder(settings) as folder:
        wrong = run_in_process(_integrity_of, context, files, folder)
    return Check(
        name="integrity",
        ok=not wrong,
        what=translate("migration", "integrity_check: {what}", what="; ".join(wrong) or "ok"),
    )


def _integrity_of(
    context: Context, files: tuple[GuardedFile, ...], folder: Path
) -> tuple[str, ...]:
    wrong = []
    for name, path in copy_live(context, files, folder).items():
        context.progress(0, None, Unit.ROWS, translate("snapshot", "Checking {name}", name=name))
        connection = open_immutable(path)
        try:
            lines = rows(connection, "PRAGMA integrity_check(5)")
        except apsw.Error as error:
            lines = [(str(error),)]
        finally:
            connection.close()
        if lines != [("ok",)]:
            wrong.append(f"{name}: {lines[0][0]!s}")
    return tuple(wrong)


def _positions(context: Context, files: tuple[GuardedFile, ...]) -> Check:
    """Count open positions, by their columns: a market and a volume that is not zero."""
    context.check()
    found = 0
    for name, tables in live_counts(context, files).items():
        path = next(file.path for file in files if file.name == name)
        connection = look(path)
        try:
            for table in tables:
                columns = {
                    str(row[1]).lower()
                    for row in rows(connection, f"PRAGMA table_info({quote(table)})")
                }
                volume = next(
                    (one for one in ("volume", "quantity", "amount") if one in columns), ""
                )
                if volume and "position" in table.lower() and {"market", "symbol"} & columns:
                    closed = "AND closed_at IS NULL" if "closed_at" in columns else ""
                    found += number(
                        connection,
                        f"SELECT count(*) FROM {quote(table)} WHERE {volume} <> 0 {closed}",
                    )
        finally:
            connection.close()
    return Check(
        name="positions",
        ok=None,
        what=translate("migration", "Open positions in the data: {count}.", count=found),
    )


@dataclass(frozen=True)
class Verify:
    """Check migrated databases, on a copy."""

    settings: Settings
    name: str = "migrate verify"

    def run(self, context: Context) -> VerifyResult:
        """Return what was checked and what is wrong."""
        files = migrated_files(self.settings, read_scripts())
        plans = run_in_process(read_plans, context, files)
        problems = [text for plan in plans for text in plan.problems]
        problems += [
            translate("migration", "The script {name} has not run in {database}.",
                      name=one.name, database=one.database)
            for plan in plans
            for one in plan.pending
        ]  # fmt: skip
        with work_folder(self.settings) as folder:
            checked, wrong = run_in_process(verify_live, context, files, folder)
        problems += [
            translate("migration", "Not as it should be: {what}.", what=one) for one in wrong
        ]
        return VerifyResult(ok=not problems, checked=checked, problems=tuple(problems))
