"""JSON read and written without losing anything: numbers as they are spelt, keys that repeat.

Python's own `json` would turn ``14.10`` into ``14.1`` and keep only the last of two equal keys.
"""

from __future__ import annotations

import json
from json.encoder import encode_basestring
from typing import NamedTuple

MAX_DEPTH = 150
"""Levels that are read; SQLite and Python both give up at about 1,000."""


class Number(str):
    """A number as it is spelt."""

    __slots__ = ()


class Pairs(NamedTuple):
    """An object: its keys and values in order."""

    items: tuple[tuple[str, Json], ...]

    def get(self, key: str) -> Json:
        """Return the last value of *key* as SQLite and Python would, None where there is none."""
        found: Json = None
        for name, value in self.items:
            if name == key:
                found = value
        return found

    def has(self, key: str) -> bool:
        """Whether *key* is there."""
        return any(name == key for name, _ in self.items)


Json = None | bool | Number | str | list["Json"] | Pairs


class Malformed(ValueError):  # noqa: N818 (a reason, kept with the row)
    """Not JSON (RFC 8259)."""


def parse(text: str) -> Json:
    """Return what *text* says; raises `Malformed`."""
    try:
        found: Json = json.loads(
            text,
            parse_float=Number,
            parse_int=Number,
            parse_constant=_refuse,
            object_pairs_hook=lambda pairs: Pairs(tuple(pairs)),
        )
    except (ValueError, RecursionError) as error:
        raise Malformed(str(error)) from error
    _require_shallow(found)
    return found


def _require_shallow(value: Json) -> None:
    level: list[Json] = [value]
    for _ in range(MAX_DEPTH):
        inner: list[Json] = []
        for one in level:
            if isinstance(one, Pairs):
                inner += [found for _, found in one.items]
            elif isinstance(one, list):
                inner += one
        if not inner:
            return
        level = inner
    raise Malformed("nested too deeply")


def _refuse(name: str) -> None:
    raise Malformed(f"{name} is not JSON")


def dump(value: Json) -> str:
    """Return *value* as JSON text."""
    written: list[str] = []
    _write(value, written)
    return "".join(written)


def _write(value: Json, written: list[str]) -> None:
    if isinstance(value, Number):
        written.append(value)
    elif isinstance(value, str):
        written.append(encode_basestring(value))
    elif isinstance(value, Pairs):
        before = "{"
        for key, one in value.items:
            written += (before, encode_basestring(key), ":")
            _write(one, written)
            before = ","
        written.append("}" if value.items else "{}")
    elif isinstance(value, list):
        before = "["
        for item in value:
            written.append(before)
            _write(item, written)
            before = ","
        written.append("]" if value else "[]")
    else:
        written.append(_WORDS[value])


_WORDS = {None: "null", True: "true", False: "false"}


def plain(value: Json) -> object:
    """Return *value* as Python would read it: numbers as int or float, the last of equal keys."""
    if isinstance(value, Number):
        return int(value) if value.lstrip("-").isdigit() else float(value)
    if isinstance(value, Pairs):
        return {key: plain(one) for key, one in value.items}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value
