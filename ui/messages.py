"""Conditions, operations and outcomes as the operator knows them."""

from __future__ import annotations

from core.base.databases import Condition, condition_words
from core.base.journal import Outcome
from core.base.kind import kind_of
from core.base.text import Text, translate
from ui.language import say

_OUTCOMES: dict[Outcome, Text] = {
    Outcome.RUNNING: translate("operations", "running"),
    Outcome.OK: translate("operations", "done"),
    Outcome.FAILED: translate("operations", "failed"),
    Outcome.CANCELLED: translate("operations", "cancelled"),
    Outcome.INTERRUPTED: translate("operations", "interrupted"),
}


def condition_text(condition: Condition) -> str:
    """Return what a file is like, in a word or two."""
    return say(condition_words(condition))


def operation_name(operation: str) -> str:
    """Return the operator's word for an operation of the journal."""
    kind = kind_of(operation)
    return say(kind.label) if kind is not None and kind.label is not None else operation


def outcome_text(outcome: Outcome) -> str:
    """Return how an operation ended, in a word."""
    return say(_OUTCOMES[outcome])
