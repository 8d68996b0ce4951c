"""Where the operator stands: what the wizard shows when it is opened, at whatever step that was."""

from __future__ import annotations

from dataclasses import dataclass

from core.base.config.models import Settings
from core.base.journal import Entry, Outcome, known_entries
from core.base.kind import Kind
from core.base.lock import lock_holder
from core.base.model import Model
from core.base.operation import Context
from core.base.text import Text
from core.runner.recover import is_cut_off
from migration.run.decisions import read_decisions
from migration.run.models import Decision, MigrationResult, PreflightResult
from migration.run.preflight import Preflight
from migration.run.rehearsal_record import (
    RehearsalRecord,
    moved_on,
    outdated,
    read_rehearsal_record,
    with_decisions,
)
from migration.run.report import ReportPlace, newest_report
from migration.run.run_marker import finish_report

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
    return any(one.applied_at == result.moment for plan in preflight.plans for one in plan.scripts)


def _interrupted(settings: Settings) -> Entry | None:
    for entry in known_entries(settings, ENTRIES):
        if entry.operation in {Kind.MIGRATE_REHEARSE, Kind.MIGRATE_RUN}:
            return entry if entry.outcome is Outcome.INTERRUPTED else None
    return None
