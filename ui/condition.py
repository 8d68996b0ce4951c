"""The condition of a guarded file, in words and as a sign."""

from __future__ import annotations

from core.base.databases import Condition
from core.base.text import Text, translate
from ui.language import say


def condition_text(condition: Condition) -> str:
    """Return what a file is like, in a word or two: no more than was looked at.

    That a file is there and SQLite opens it says nothing of its pages, which `verify data` reads.
    """
    texts: dict[Condition, Text] = {
        Condition.OK: translate("condition", "In place"),
        Condition.MISSING: translate("condition", "Missing"),
        Condition.EMPTY: translate("condition", "Empty"),
        Condition.NOT_SQLITE: translate("condition", "Not SQLite"),
        Condition.ENCRYPTED: translate("condition", "Encrypted"),
        Condition.CORRUPT: translate("condition", "Corrupt"),
        Condition.LOCKED: translate("condition", "Locked"),
        Condition.UNREADABLE: translate("condition", "Unreadable"),
    }
    return say(texts[condition])
