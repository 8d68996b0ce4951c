"""Everything that the window and the command line can do with migrations."""

from migration.run.execute import Baseline, ChangeHistory, Repair, RunMigration
from migration.run.inspect import Plan, ReadWizardState, Report, Status, Verify
from migration.run.models import Decision
from migration.run.preflight import Preflight
from migration.run.records import (
    decide,
    decide_all,
    newest_report,
    read_decisions,
    withdraw,
    write_decisions,
)
from migration.run.rehearse import Rehearse
from migration.run.timing import estimate_text
from migration.run.undo import ExportSince, Undo, UndoPlanned, plan_undo

__all__ = [
    "Baseline",
    "ChangeHistory",
    "Decision",
    "ExportSince",
    "Plan",
    "Preflight",
    "ReadWizardState",
    "Rehearse",
    "Repair",
    "Report",
    "RunMigration",
    "Status",
    "Undo",
    "UndoPlanned",
    "Verify",
    "decide",
    "decide_all",
    "estimate_text",
    "newest_report",
    "plan_undo",
    "read_decisions",
    "withdraw",
    "write_decisions",
]
