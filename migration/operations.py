"""Everything that the window and the command line can do with migrations."""

from migration.run.decisions import decide, read_decisions, write_decisions
from migration.run.execute import Baseline, ChangeHistory, Repair, RunMigration
from migration.run.look import (
    Plan,
    Preflight,
    Status,
    Verify,
)
from migration.run.models import Decision
from migration.run.rehearse import Rehearse
from migration.run.report import Report, newest_report
from migration.run.undo import ExportSince, Undo, plan_undo

__all__ = [
    "Baseline",
    "ChangeHistory",
    "Decision",
    "ExportSince",
    "Plan",
    "Preflight",
    "Rehearse",
    "Repair",
    "Report",
    "RunMigration",
    "Status",
    "Undo",
    "Verify",
    "decide",
    "newest_report",
    "plan_undo",
    "read_decisions",
    "write_decisions",
]
