"""The commands ``verify data|system|rollback``."""

from __future__ import annotations

from core.base.operation import Operation
from core.base.text import Finding, translate
from core.verification.data import Verification, VerifyData
from core.verification.system import VerifyRollback, VerifySystem
from migration.deploying import hooks_of
from ui.cli.grammar import Subparsers, add_command, add_group
from ui.cli.run import Run
from ui.language import say

SIGNS = {"ok": "✓", "warning": "!", "failed": "✗"}


def register(commands: Subparsers) -> None:
    """Add the commands."""
    group = add_group(commands, "verify", translate("cli", "Prove that what is live is well"))
    add_command(group, "data", translate("cli", "Every live database, page by page"), _data)
    add_command(
        group, "system", translate("cli", "Program, data, answers, rules, way back"), _system
    )
    add_command(group, "rollback", translate("cli", "The last rollback, and all of it"), _rollback)


def _data(run: Run) -> int:
    return _tell(run, VerifyData(run.settings))


def _system(run: Run) -> int:
    return _tell(run, VerifySystem(run.settings, hooks_of(run.settings).proof))


def _rollback(run: Run) -> int:
    return _tell(run, VerifyRollback(run.settings, hooks_of(run.settings).proof))


def _tell(run: Run, operation: Operation[Verification]) -> int:
    found = run.look(operation)
    return run.done(found, [finding_line(finding) for finding in found.findings], ok=found.ok)


def finding_line(finding: Finding) -> str:
    """Return a finding as one line: its sign, what was found, what to do."""
    to_do = f" → {say(finding.to_do)}" if finding.to_do is not None else ""
    return f"{SIGNS[finding.state]} {say(finding.evidence)}{to_do}"
