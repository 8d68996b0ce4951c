"""How a value of a database is written in a cell, and how two versions of it differ."""

from __future__ import annotations

from typing import NamedTuple

from core.base.text import translate
from ui.language import say

SqlValue = None | int | float | str | bytes

LONGEST = 200
"""Characters of a value shown in a cell."""

BLOB_BYTES_SHOWN = 12

SECRET_TABLES = frozenset({"secure_keys"})
"""Tables whose values never reach the screen: the key of the exchange credentials lives there."""

_CLASSES = {type(None): "NULL", int: "INTEGER", float: "REAL", str: "TEXT", bytes: "BLOB"}


class Cell(NamedTuple):
    """One cell of a row as it is shown: what it was, what it would be, whether they differ."""

    before: str | None
    after: str | None
    differs: bool


def storage_class(value: SqlValue) -> str:
    """Return SQLite's name of the type of *value* (https://www.sqlite.org/datatype3.html)."""
    return _CLASSES[type(value)]


def written(value: SqlValue, longest: int = LONGEST) -> str:
    """Return *value* on one line, cut to *longest* characters."""
    match value:
        case None:
            return "NULL"
        case bytes():
            more = "…" if len(value) > BLOB_BYTES_SHOWN else ""
            shown = f"x'{value[:BLOB_BYTES_SHOWN].hex()}{more}'"
            size = translate("compare", "{shown} ({size} bytes)", shown=shown, size=len(value))
            return say(size)
        case float():
            return repr(value)  # the shortest decimal that reads back as the same number
        case str():
            line = value[: longest + 1].replace("\n", "⏎").replace("\r", "").replace("\t", "⇥")
            return line if len(line) <= longest else line[:longest] + "…"
        case _:
            return str(value)


def named(name: str) -> str:
    """Return the name of a table or a column as it is shown: one of blanks alone in quotes."""
    return name if name.strip() else f'"{name}"'


def masked(value: SqlValue) -> str:
    """Return a stand-in for a value that must not be shown."""
    return "NULL" if value is None else "••••••••"


def same(before: SqlValue, after: SqlValue) -> bool:
    """Whether two values are the same to SQLite's storage: class and content."""
    return type(before) is type(after) and (before == after or before is after)


def cell(before: SqlValue, after: SqlValue, *, secret: bool) -> Cell:
    """Return the cell of a row that exists on both sides.

    Where two values look alike and only their storage class differs, the class is written.
    """
    if same(before, after):
        text = masked(after) if secret else written(after)
        return Cell(text, text, differs=False)
    old, new = (masked(before), masked(after)) if secret else (written(before), written(after))
    if type(before) is not type(after):
        old, new = f"{old} {storage_class(before)}", f"{new} {storage_class(after)}"
    return Cell(old, new, differs=True)


def is_secret(table: str) -> bool:
    """Whether the values of *table* must not be shown; SQLite's names know no case."""
    return table.lower() in SECRET_TABLES
