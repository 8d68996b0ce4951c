"""What validation says, what is told of legacy tables, and errors that are said to the operator."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pydantic import JsonValue

from core.base.model import Model, Strict
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
    "repeat": translate("migrating", "What every row should become"),
    "record_counts": translate("migrating", "Record counts"),
    "integrity": translate("migrating", "Integrity and the proof that nothing is lost"),
    "business_logic": translate("migrating", "Decisions of the strategies"),
    "performance": translate("migrating", "Typical queries"),
}


def validator_words(name: str) -> Text | str:
    """Return what a validator looks at; one of another console has no words here."""
    return _WORDS.get(name, name)


class Check(Strict):
    """One thing that was looked at before a migration; `ok` None: worth knowing, no obstacle."""

    name: str
    ok: bool | None
    what: Text


class TableMap(Strict):
    """Where the rows of one legacy table went."""

    database: str
    table: str
    shape: str
    rows: int
    converted: int
    review: int
    targets: dict[str, int]
    """Rows in new tables that came from it."""


class SettingChange(Strict):
    """One cell or row of the settings; values as they are shown."""

    kind: Literal["update", "insert"]
    table: str
    row: int
    column: str
    before: str | None
    after: str | None
    rule: str


class ReviewRow(Strict):
    """One row, or a part of one, that could not be converted."""

    database: str
    table: str
    shape: str
    row: int
    part: str
    reason: str
    """Its code."""
    values: dict[str, JsonValue]
    why: Text | None = None
    """The same in words."""


class Assignee(Strict):
    """Something in the new schema to which a row can be assigned."""

    id: str
    name: str


class Described(NamedTuple):
    """What became of legacy tables."""

    tables: tuple[TableMap, ...] = ()
    review: tuple[ReviewRow, ...] = ()
    review_total: int = 0
    choices: tuple[Assignee, ...] = ()
    setting_changes: tuple[SettingChange, ...] = ()
    setting_remarks: tuple[Text, ...] = ()


class UserError(Exception):
    """Something that is told to the operator: a `Text`, or what SQLite or a script said."""

    def __init__(self, what: Text | str) -> None:
        super().__init__(what)
        self.what = what


def why(error: Exception) -> Text | str:
    """Return what *error* says, as a `Text` where it is one."""
    return error.what if isinstance(error, UserError) else str(error)
