"""Where the columns of a legacy row go, under which id, and what keeps it from being converted.

A row is also carried whole: its values as a JSON array, their storage classes as letters.
``n`` null, ``i`` integer, ``r`` real, ``z`` negative zero (which JSON loses), ``t`` text,
``b`` blob as hexadecimal, ``d`` stands in a column of the new row.  SQLite since 3.54 writes
reals into JSON so that they read back bit by bit; integers of 64 bits and text with NUL do.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from core.base.sqlite import quote
from migration.sql import Source, Value
from migration.upbit.sources.detect import Shape


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


def carried_whole(source: Source) -> str:
    """Return the SQL of storage classes and values of all columns of row ``o`` of *source*."""
    listed = [f"o.{quote(column)}" for column in source.columns]
    return f"{storage_of(listed, {})}, {carried_of(listed, {})}"


def column_of(position: int, alias: str, native: str | None = None) -> str:
    """Return the SQL that turns one carried value back into what it was."""
    value = f"json_extract({alias}.carried, '$[{position}]')"
    return (
        f"CASE substr({alias}.storage, {position + 1}, 1) WHEN 'n' THEN NULL "
        f"WHEN 'd' THEN {native or 'NULL'} WHEN 'b' THEN unhex({value}) "
        f"WHEN 'z' THEN -0.0 ELSE {value} END"
    )


RULE = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{2,49}")
_PREFIX = {
    Shape.TASK: "task",
    Shape.ORM_V1: "orm",
    Shape.UNIFIED: "unified",
    Shape.COMPONENT: "component",
    Shape.USER: "user",
    Shape.NEWEST: "strategy",
    Shape.COMPONENT_PARTS: "part",
}
# Ids that this console makes itself never come from a legacy id, so that the two cannot meet.
_RESERVED = re.compile(rf"({'|'.join(_PREFIX.values())})_.*|(cond|trg|rule|mgt)\d.*")


def new_id(shape: Shape, legacy: Value) -> str:
    """Return the new id of a legacy row of *shape* whose id is *legacy*.

    An id that obeys the rule already stays; a short one of plain characters gets the shape in
    front; any other becomes a digest of itself, its storage class included.
    """
    prefix = _PREFIX[shape]
    if isinstance(legacy, str) and RULE.fullmatch(legacy) and not _RESERVED.fullmatch(legacy):
        return legacy
    if isinstance(legacy, int):
        return f"{prefix}_{legacy}"
    if isinstance(legacy, str):
        readable = f"{prefix}_{legacy}"
        # Digits as text would meet the same number as an integer.
        if RULE.fullmatch(readable) and not re.fullmatch(r"-?\d+|h-.*", legacy):
            return readable
    kind = type(legacy).__name__
    content = legacy if isinstance(legacy, bytes) else repr(legacy).encode()
    return f"{prefix}_h-{hashlib.sha256(kind.encode() + b':' + content).hexdigest()[:24]}"


COLUMNS = (
    "legacy_id", "name", "description", "variable_id", "variable_name", "variable_params",
    "operator", "comparison_type", "target_value", "external_variable", "external_params",
    "trend_direction", "is_active", "category", "role", "logic", "ordinal", "created_at",
    "updated_at", "usage_count", "success_rate", "chart_category",
)  # fmt: skip
"""The columns of `domain_conditions` that take a legacy value as it is."""

_SAME: dict[str, tuple[str, ...]] = {name: (name,) for name in COLUMNS if name != "legacy_id"}
_DATA = ("condition_data", "condition_config", "condition_json")
HOMES: dict[Shape, dict[str, tuple[str, ...]]] = {
    Shape.UNIFIED_CONDITIONS: _SAME | {"legacy_id": ("id",)},
    Shape.NEWEST_CONDITIONS: _SAME
    | {
        "legacy_id": ("id",), "name": ("condition_name",), "role": ("condition_type",),
        "variable_id": ("left_variable",), "external_variable": ("right_variable",),
        "target_value": ("right_value",), "logic": ("logic_operator",),
        "ordinal": ("condition_order",), "is_active": ("is_enabled",),
        "variable_params": ("variable_parameters",),
    },
    Shape.TEMPLATE_CONDITIONS: _SAME
    | {
        "legacy_id": ("id",), "name": ("condition_name",), "role": ("condition_type",),
        "variable_params": ("variable_mappings",),
    },
    Shape.USER_TRIGGERS: _SAME
    | {
        "legacy_id": ("id", "trigger_id"), "name": ("name", "trigger_name"),
        "variable_id": ("left_variable_id",),
        "variable_params": ("left_params", "left_variable_params"),
        "external_variable": ("right_variable_id",),
        "external_params": ("right_params", "right_variable_params"),
    },
    Shape.TASK_CONDITIONS: _SAME
    | {
        "legacy_id": ("id",), "variable_params": _DATA,
        "role": ("role", "condition_type", "trigger_type"),
    },
}  # fmt: skip

JSON = {
    Shape.UNIFIED_CONDITIONS: ("variable_params", "external_variable"),
    Shape.NEWEST_CONDITIONS: ("variable_params",),
    Shape.TEMPLATE_CONDITIONS: ("variable_params",),
    Shape.USER_TRIGGERS: ("variable_params", "external_params"),
    Shape.TASK_CONDITIONS: ("variable_params",),
}
"""The columns that hold JSON, an empty text or nothing in every condition that is converted."""
NEEDED = {
    Shape.UNIFIED_CONDITIONS: ("variable_id", "operator"),
    Shape.NEWEST_CONDITIONS: ("variable_id", "operator"),
    Shape.TEMPLATE_CONDITIONS: ("variable_params",),
    Shape.USER_TRIGGERS: ("variable_id", "operator"),
    Shape.TASK_CONDITIONS: ("variable_params",),
}
_IN_JSON = (
    "name", "variable_id", "variable_name", "variable_params", "operator", "comparison_type",
    "target_value", "external_variable", "external_params", "trend_direction", "logic",
    "ordinal", "is_active",
)  # fmt: skip


class Home(NamedTuple):
    """Where the values of a condition table go."""

    native: dict[str, str]
    """Legacy column by column of `domain_conditions`."""
    carried: tuple[str, ...]
    """The legacy columns that have no column of their own."""


def home_of(source: Source) -> Home:
    """Return where each column of *source* goes; every column goes to exactly one place."""
    native: dict[str, str] = {}
    used: set[str] = set()
    for target, names in HOMES[Shape(source.shape)].items():
        for name in names:
            found = source.name(name)
            if found is not None and found not in used:
                native[target] = found
                used.add(found)
                break
    return Home(native, tuple(column for column in source.columns if column not in used))


def problem_of(source: Source, alias: str = "o") -> str:
    """Return the SQL of the reason why a condition cannot be converted, NULL where it can."""
    home = home_of(source).native

    def column(name: str) -> str:
        return f"{alias}.{quote(home[name])}" if name in home else "NULL"

    blobs = " OR ".join(f"typeof({column(name)}) = 'blob'" for name in _IN_JSON if name in home)
    cases = [f"WHEN {blobs} THEN 'blob'"]
    if "legacy_id" in home:
        cases.append(f"WHEN {column('legacy_id')} IS NULL THEN 'no_id'")
    # Nested in a trigger and its snapshot it must still be within SQLite's 1,000 levels.
    cases += [
        f"WHEN {column(name)} IS NOT NULL AND {column(name)} <> '' "
        f"AND (typeof({column(name)}) <> 'text' OR NOT json_valid({column(name)}) OR "
        f"octet_length({column(name)}) > 1900 AND NOT json_valid('[[[[[[[[' || {column(name)} || "
        "']]]]]]]]')) THEN 'malformed_json'"
        for name in JSON[Shape(source.shape)]
        if name in home
    ]
    cases += [
        f"WHEN coalesce({column(name)}, '') = '' THEN 'no_{name}'"
        for name in NEEDED[Shape(source.shape)]
    ]
    return f"CASE {' '.join(cases)} END"


def condition_id(source: int | str, row: str) -> str:
    """Return the SQL of the new id of a condition."""
    return f"printf('cond%d_%012d', {source}, {row})"
