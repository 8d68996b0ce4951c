"""Names of operations and of their outcomes, as the operator knows them."""

from __future__ import annotations

from core.base.journal import Outcome
from core.base.text import Text, translate
from ui.language import say


def operation_name(operation: str) -> str:
    """Return the operator's word for an operation of the journal."""
    names: dict[str, Text] = {
        "backup create": translate("operations", "Backup"),
        "backup verify": translate("operations", "Verification"),
        "backup export": translate("operations", "Export"),
        "backup import": translate("operations", "Import"),
        "backup pin": translate("operations", "Pin or note"),
        "backup copy": translate("operations", "Copy to or from another disk"),
        "backup prune": translate("operations", "Pruning"),
        "backup delete": translate("operations", "Deletion"),
        "backup diff": translate("operations", "Comparison"),
        "migrate rehearse": translate("operations", "Rehearsal of the migration"),
        "migrate run": translate("operations", "Migration"),
        "migrate undo": translate("operations", "Undoing the migration"),
        "migrate repair": translate("operations", "Repair of the history"),
        "migrate baseline": translate("operations", "Baseline of the history"),
        "deploy init": translate("operations", "Deployment configuration"),
        "deploy rehearse": translate("operations", "Rehearsal of the deployment"),
        "deploy run": translate("operations", "Deployment"),
        "deploy rollback": translate("operations", "Return to the former release"),
        "rollback": translate("operations", "Rollback"),
        "recover": translate("operations", "Recovery"),
        "service start": translate("operations", "Program start"),
        "service stop": translate("operations", "Program stop"),
        "service restart": translate("operations", "Program restart"),
        "service supervise": translate("operations", "Supervision of the program"),
        "service install": translate("operations", "Installation of the supervisor"),
        "service remove": translate("operations", "Removal of the supervisor"),
    }
    return say(names[operation]) if operation in names else operation


def outcome_text(outcome: Outcome) -> str:
    """Return how an operation ended, in a word."""
    texts: dict[Outcome, Text] = {
        Outcome.RUNNING: translate("operations", "running"),
        Outcome.OK: translate("operations", "done"),
        Outcome.FAILED: translate("operations", "failed"),
        Outcome.CANCELLED: translate("operations", "cancelled"),
        Outcome.INTERRUPTED: translate("operations", "interrupted"),
    }
    return say(texts[outcome])
