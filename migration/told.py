"""Errors whose message is a sentence for the operator, to be said in his language."""

from __future__ import annotations

from core.base.text import Text


class Told(Exception):  # noqa: N818 (the ones that inherit it say what happened)
    """Something that is told to the operator: a `Text`, or what SQLite or a script said."""

    def __init__(self, what: Text | str) -> None:
        super().__init__(what)
        self.what = what


def why(error: Exception) -> Text | str:
    """Return what *error* says, as a `Text` where it is one."""
    return error.what if isinstance(error, Told) else str(error)
