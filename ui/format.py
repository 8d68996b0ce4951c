"""Numbers, conditions, operations and outcomes as people read them, in the operator's language."""

from __future__ import annotations

from core.base.databases import Condition, condition_words
from core.base.journal import Outcome
from core.base.kind import kind_of
from core.base.text import Text, translate
from ui.language import bytes_text, say

__all__ = ["bytes_text", "count_text", "duration_text"]

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def count_text(count: int) -> str:
    """Return *count* with separators between the thousands."""
    return f"{count:,}"


def duration_text(seconds: float) -> str:
    """Return a length of time with at most two units: 0.31 s, 2 min 5 s, 3 d 4 h."""
    seconds = max(0.0, seconds)
    whole = round(seconds)
    if whole < MINUTE:
        decimals = 2 if seconds < 1 else 1 if seconds < 10 else 0
        return say(translate("format", "{seconds} s", seconds=f"{seconds:.{decimals}f}"))
    if whole < HOUR:
        big, small = divmod(whole, MINUTE)
        text = (
            translate("format", "{minutes} min {seconds} s", minutes=big, seconds=small)
            if small and big < 10
            else translate("format", "{minutes} min", minutes=big)
        )
    elif whole < DAY:
        big, small = divmod(whole // MINUTE, 60)
        text = (
            translate("format", "{hours} h {minutes} min", hours=big, minutes=small)
            if small and big < 10
            else translate("format", "{hours} h", hours=big)
        )
    else:
        big, small = divmod(whole // HOUR, 24)
        text = (
            translate("format", "{days} d {hours} h", days=big, hours=small)
            if small and big < 10
            else translate("format", "{days} d", days=big)
        )
    return say(text)


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
