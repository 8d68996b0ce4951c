"""The operations that only look, and where the operator stands: what the wizard shows when it is
opened, at whatever step that was.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.base.config.models import Settings
from core.base.journal import Entry, Outcome, known_entries
from core.base.lock import lock_holder
from core.base.model import Model
from core.base.operation import Context, Kind
from core.base.process import run_in_process
from core.base.text import Text, translate
from core.runner.run import is_cut_off
from migration.adapter import script_set
from migration.engine.plan import refusal
from migration.run.models import (
    Decision,
    MigrationResult,
    PlanResult,
    PreflightResult,
    StatusResult,
    VerifyResult,
)
from migration.run.preflight import Preflight
from migration.run.records import (
    RehearsalRecord,
    ReportPlace,
    finish_report,
    moved_on,
    newest_report,
    outdated,
    read_decisions,
    read_rehearsal_record,
    unusable_rehearsal,
    with_decisions,
)
from migration.run.rehearse import work_folder
from migration.run.stage import migrated_files, read_plan, read_plans, verify_live
from migration.run.timing import estimate


@dataclass(frozen=True)
class Status:
    """How far the databases are."""

    settings: Settings
    kind: Kind = Kind.MIGRATE_STATUS

    def run(self, context: Context) -> StatusResult:
        """Return the state of every script in every database."""
        files = migrated_files(self.settings)
        report = finished_report(self.settings)
        return StatusResult(
            plans=run_in_process(read_plans, context, script_set(self.settings), files),
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
        found = run_in_process(
            read_plan, context, script_set(self.settings), migrated_files(self.settings)
        )
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
        files = migrated_files(self.settings)
        plans = run_in_process(read_plans, context, script_set(self.settings), files)
        problems = [text for plan in plans for text in plan.problems]
        problems += [
            translate("migration", "The script {name} has not run in {database}.",
                      name=one.name, database=one.database)
            for plan in plans
            for one in plan.pending
        ]  # fmt: skip
        with work_folder(self.settings) as folder:
            checked, wrong = run_in_process(
                verify_live, context, script_set(self.settings), files, folder
            )
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


ENTRIES = 50


class WizardState(Model):
    """All that is known of the migration of this workspace."""

    preflight: PreflightResult
    rehearsal: RehearsalRecord | None
    outdated: Text | None
    """Why the rehearsal does not count any more."""
    reviewable: bool
    """Whether what it found is what is there now, whatever was decided since."""
    decisions: tuple[Decision, ...]
    migrated: MigrationResult | None
    """The newest migration, where it is what is live."""
    interrupted: Entry | None
    """A rehearsal or run that was cut off and that nothing followed."""


@dataclass(frozen=True)
class ReadWizardState:
    """Find out where a migration stands; what a dead console left is reported first."""

    settings: Settings
    kind: Kind = Kind.MIGRATE_STANDING

    def run(self, context: Context) -> WizardState:
        """Return what is known; the live data is only read."""
        settings = self.settings
        place = finished_report(settings)
        preflight, basis = Preflight(settings).look(context)
        kept = read_rehearsal_record(settings)
        why, reviewable = None, False
        if kept is not None and basis is not None:
            why = outdated(kept, with_decisions(basis, settings))
            reviewable = moved_on(kept, basis) is None
        return WizardState(
            preflight=preflight,
            rehearsal=kept,
            outdated=why,
            reviewable=reviewable,
            decisions=read_decisions(settings),
            migrated=place.result if place and _is_live(place.result, preflight) else None,
            # Before the recovery it is not known yet what became of it.
            interrupted=None if is_cut_off(settings) else _interrupted(settings),
        )


def finished_report(settings: Settings) -> ReportPlace | None:
    """Return the newest report; that of a run whose console died is completed first."""
    if lock_holder(settings) is None:
        finish_report(settings)
    return newest_report(settings)


def _is_live(result: MigrationResult, preflight: PreflightResult) -> bool:
    return any(
        script.applied_at == result.moment for plan in preflight.plans for script in plan.scripts
    )


def _interrupted(settings: Settings) -> Entry | None:
    for entry in known_entries(settings, ENTRIES):
        if entry.operation in {Kind.MIGRATE_REHEARSE, Kind.MIGRATE_RUN}:
            return entry if entry.outcome is Outcome.INTERRUPTED else None
    return None
