"""What a verification found."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, computed_field

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


class Verification(BaseModel):
    """All findings of one verification."""

    model_config = ConfigDict(frozen=True)

    findings: tuple[Finding, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def ok(self) -> bool:
        """Whether nothing failed; warnings do not count."""
        return all(finding.state != "failed" for finding in self.findings)
