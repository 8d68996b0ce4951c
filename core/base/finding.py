"""One thing that was looked at, and how it is: the shape of every check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from core.base.model import Model
from core.base.text import Text, Value

State = Literal["ok", "warning", "failed"]


class Finding(Model):
    """One thing that was looked at: its name, how it is, the evidence, and what to do."""

    name: str
    """Stable English name for scripts, such as ``data.settings``."""
    state: State
    evidence: Text
    to_do: Text | None = None


def worst_of(findings: Sequence[Finding]) -> Finding:
    """Return the first of the worst of *findings*, of which there is at least one."""
    ranks: tuple[State, ...] = ("failed", "warning", "ok")
    return min(findings, key=lambda finding: ranks.index(finding.state))


def told(finding: Finding) -> Text:
    """Return what was found and what to do about it, as one sentence."""
    if finding.to_do is None:
        return finding.evidence
    values: dict[str, Value] = {"evidence": finding.evidence, "to_do": finding.to_do}
    return Text(context="", template="{evidence} → {to_do}", values=values)
