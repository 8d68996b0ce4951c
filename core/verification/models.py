"""What a verification found."""

from __future__ import annotations

from pydantic import computed_field

from core.base.model import Model
from core.base.text import Finding, State

__all__ = ["Finding", "State", "Verification"]


class Verification(Model):
    """All findings of one verification."""

    findings: tuple[Finding, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def ok(self) -> bool:
        """Whether nothing failed; warnings do not count."""
        return all(finding.state != "failed" for finding in self.findings)
