"""Carries a legacy row whole: its values as a JSON array, their storage classes as letters.

``n`` null, ``i`` integer, ``r`` real, ``z`` negative zero (which JSON loses), ``t`` text,
``b`` blob as hexadecimal, ``d`` stands in a column of the new row.  SQLite since 3.54 writes
reals into JSON so that they read back bit by bit; integers of 64 bits and text with NUL do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def storage_of(columns: Sequence[str], native: Mapping[int, str]) -> str:
    """Return the SQL of the letters of *columns*, SQL expressions each.

    *native* holds, by position, the condition under which a value stands in a column of its own.
    """
    parts = []
    for position, column in enumerate(columns):
        letter = (
            f"CASE typeof({column}) WHEN 'text' THEN 't' WHEN 'integer' THEN 'i' WHEN 'null' "
            f"THEN 'n' WHEN 'blob' THEN 'b' ELSE "
            f"iif({column} = 0.0 AND atan2({column}, -1.0) < 0, 'z', 'r') END"
        )
        if position in native:
            letter = f"iif({native[position]}, 'd', {letter})"
        parts.append(letter)
    return f"concat({', '.join(parts)})" if parts else "''"


def carried_of(columns: Sequence[str], native: Mapping[int, str]) -> str:
    """Return the SQL of the JSON array of *columns*."""
    parts = []
    for position, column in enumerate(columns):
        value = f"CASE typeof({column}) WHEN 'blob' THEN hex({column}) ELSE {column} END"
        if position in native:
            value = f"iif({native[position]}, NULL, {value})"
        parts.append(value)
    return f"json_array({', '.join(parts)})"


def column_of(position: int, alias: str, native: str | None = None) -> str:
    """Return the SQL that turns one carried value back into what it was."""
    value = f"json_extract({alias}.carried, '$[{position}]')"
    return (
        f"CASE substr({alias}.storage, {position + 1}, 1) WHEN 'n' THEN NULL "
        f"WHEN 'd' THEN {native or 'NULL'} WHEN 'b' THEN unhex({value}) "
        f"WHEN 'z' THEN -0.0 ELSE {value} END"
    )
