"""Everything that the window and the command line can do with migrations."""

from migration.run.decisions import decide, decide_all, read_decisions, withdraw, write_decisions
from migration.run.estimate import estimate_text
from migration.run.execute import Baseline, ChangeHistory, Repair, RunMigration
from migration.run.inspect import (
    Plan,
    Report,
    Status,
    Verify,
)
from migration.run.models import Decision
from migration.run.preflight import Preflight
from migration.run.rehearse import Rehearse
from migration.run.report import newest_report
from migration.run.undo import ExportSince, Undo, UndoPlanned, plan_undo
from migration.run.wizard_state import ReadWizardState

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
