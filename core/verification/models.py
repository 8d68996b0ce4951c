"""What a verification found."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, computed_field

from core.finding import Finding, State

__all__ = ["Finding", "State", "Verification"]


class Verification(BaseModel):
    """All findings of one verification."""

    model_config = ConfigDict(frozen=True)

    findings: tuple[Finding, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def ok(self) -> bool:
        """Whether nothing failed; warnings do not count."""
        return all(finding.state != "failed" for finding in self.findings)
