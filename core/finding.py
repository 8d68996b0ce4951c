"""One thing that was looked at, and how it is: the shape of every check."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from core.text import Text

State = Literal["ok", "warning", "failed"]


class Finding(BaseModel):
    """One thing that was looked at: its name, how it is, the evidence, and what to do."""

    model_config = ConfigDict(frozen=True)

    name: str
    """Stable English name for scripts, such as ``data.settings``."""
    state: State
    evidence: Text
    to_do: Text | None = None


def worst_of(findings: list[Finding]) -> Finding:
    """Return the first of the worst of *findings*, of which there is at least one."""
    ranks: tuple[State, ...] = ("failed", "warning", "ok")
    return min(findings, key=lambda finding: ranks.index(finding.state))
