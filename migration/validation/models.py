"""What validation says."""

from __future__ import annotations

from typing import Literal

from pydantic import JsonValue

from core.base.model import Model
from core.base.text import Text

Name = Literal["record_counts", "integrity", "business_logic", "performance"]


class ValidatorResult(Model):
    """The verdict of one validator, and what it rests on."""

    name: Name
    ok: bool
    evidence: dict[str, JsonValue]
    problems: tuple[Text, ...] = ()


class ValidationResult(Model):
    """All validators together."""

    validators: tuple[ValidatorResult, ...]

    @property
    def ok(self) -> bool:
        """Whether every validator is content."""
        return all(one.ok for one in self.validators)

    @property
    def problems(self) -> tuple[Text, ...]:
        """Everything that is wrong."""
        return tuple(text for one in self.validators for text in one.problems)
