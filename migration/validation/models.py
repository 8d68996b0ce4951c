"""What validation says."""

from __future__ import annotations

from typing import Literal

from pydantic import JsonValue

from core.base.model import Model
from core.base.text import Text, translate

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
        return all(validator.ok for validator in self.validators)

    @property
    def problems(self) -> tuple[Text, ...]:
        """Everything that is wrong."""
        return tuple(text for validator in self.validators for text in validator.problems)


_WORDS: dict[str, Text] = {
    "record_counts": translate("migrating", "Record counts"),
    "integrity": translate("migrating", "Integrity and the proof that nothing is lost"),
    "business_logic": translate("migrating", "Decisions of the strategies"),
    "performance": translate("migrating", "Typical queries"),
}


def validator_words(name: str) -> Text | str:
    """Return what a validator looks at; one of another console has no words here."""
    return _WORDS.get(name, name)
