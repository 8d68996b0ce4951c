"""Errors whose message is a sentence for the operator, to be said in his language."""

from __future__ import annotations

from core.base.text import Text


class UserError(Exception):
    """Something that is told to the operator: a `Text`, or what SQLite or a script said."""

    def __init__(self, what: Text | str) -> None:
        super().__init__(what)
        self.what = what


def why(error: Exception) -> Text | str:
    """Return what *error* says, as a `Text` where it is one."""
    return error.what if isinstance(error, UserError) else str(error)
