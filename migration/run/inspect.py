"""The operations that only look."""

from __future__ import annotations

from dataclasses import dataclass

from core.base.config.models import Settings
from core.base.kind import Kind
from core.base.operation import Context
from core.base.process import run_in_process
from core.base.text import translate
from migration.engine.plan import refusal
from migration.engine.scripts import read_scripts
from migration.run.estimate import estimate
from migration.run.models import PlanResult, StatusResult, VerifyResult
from migration.run.rehearsal_record import unusable_rehearsal
from migration.run.rehearse import work_folder
from migration.run.report import ReportPlace
from migration.run.stage import migrated_files, read_plan, read_plans, verify_live
from migration.run.wizard_state import finished_report


@dataclass(frozen=True)
class Status:
    """How far the databases are."""

    settings: Settings
    kind: Kind = Kind.MIGRATE_STATUS

    def run(self, context: Context) -> StatusResult:
        """Return the state of every script in every database."""
        files = migrated_files(self.settings, read_scripts())
        report = finished_report(self.settings)
        return StatusResult(
            plans=run_in_process(read_plans, context, files),
            report=str(report.html) if report else None,
            restore_point=report.result.restore_point if report else None,
        )


@dataclass(frozen=True)
class Plan:
    """What a run would do."""

    settings: Settings
    kind: Kind = Kind.MIGRATE_PLAN

    def run(self, context: Context) -> PlanResult:
        """Return scripts, legacy tables, what the scripts would destroy, and how long it takes."""
        found = run_in_process(read_plan, context, migrated_files(self.settings, read_scripts()))
        unusable = unusable_rehearsal(self.settings)
        doubts = (*found.doubts, *([unusable] if unusable is not None else []))
        return found.model_copy(update={"estimate": estimate(self.settings), "doubts": doubts})


@dataclass(frozen=True)
class Verify:
    """Check migrated databases, on a copy."""

    settings: Settings
    kind: Kind = Kind.MIGRATE_VERIFY

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


@dataclass(frozen=True)
class Report:
    """Find the newest report."""

    settings: Settings
    kind: Kind = Kind.MIGRATE_REPORT

    def run(self, _context: Context) -> ReportPlace:
        """Return it; raises `OperationError` where there is none."""
        found = finished_report(self.settings)
        if found is None:
            raise refusal(
                translate("migration", "There is no report of a migration."),
                translate("migration", "Migrate first."),
            )
        return found
