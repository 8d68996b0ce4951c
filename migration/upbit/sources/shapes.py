"""The shapes of legacy tables, told by their columns.

From the application's schemas of July to October 2025: seven different tables have been called
`strategies`, so a name alone says nothing.  Nor do columns: see `evidence`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What the rows of a legacy table are."""

    STRATEGIES = "strategies"
    CONDITIONS = "conditions"
    LINKS = "links"
    COMPONENTS = "components"


class Shape(StrEnum):
    """One known set of columns."""

    TASK = "task"
    ORM_V1 = "orm_v1"
    UNIFIED = "unified"
    COMPONENT = "component"
    USER = "user"
    NEWEST = "newest"
    TASK_CONDITIONS = "task_conditions"
    UNIFIED_CONDITIONS = "unified_conditions"
    TEMPLATE_CONDITIONS = "template_conditions"
    USER_TRIGGERS = "user_triggers"
    NEWEST_CONDITIONS = "newest_conditions"
    UNIFIED_LINKS = "unified_links"
    COMPONENT_PARTS = "component_parts"


class Signature(NamedTuple):
    """The columns by which a shape is known: all of `needs`, one of `one_of`, none of `lacks`."""

    shape: Shape
    kind: Kind
    key: tuple[str, ...]
    """The column that holds the legacy id; the first one that is there."""
    needs: frozenset[str]
    one_of: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


# The more telling ones first: the first signature that fits is the shape.
SIGNATURES = (
    Signature(
        Shape.UNIFIED, Kind.STRATEGIES, ("strategy_id",), _set("strategy_id name strategy_data")
    ),
    Signature(
        Shape.COMPONENT, Kind.STRATEGIES, ("id",), _set("id name triggers conditions actions")
    ),
    Signature(
        Shape.USER, Kind.STRATEGIES, ("id", "strategy_id"), _set("entry_triggers exit_triggers"),
        one_of=_set("id strategy_id"),
    ),
    Signature(Shape.TASK, Kind.STRATEGIES, ("id",), _set("id name strategy_config")),
    Signature(Shape.ORM_V1, Kind.STRATEGIES, ("id",), _set("id name parameters signal_type role")),
    Signature(
        Shape.NEWEST, Kind.STRATEGIES, ("id",), _set("id strategy_name"),
        one_of=_set("risk_level target_market strategy_type"), lacks=_set("strategy_id"),
    ),
    Signature(
        Shape.NEWEST_CONDITIONS, Kind.CONDITIONS, ("id",),
        _set("id strategy_id condition_type left_variable operator"),
    ),
    Signature(
        Shape.UNIFIED_CONDITIONS, Kind.CONDITIONS, ("id",),
        _set("id name variable_id operator comparison_type target_value"),
    ),
    Signature(
        Shape.TEMPLATE_CONDITIONS, Kind.CONDITIONS, ("id",),
        _set("condition_name condition_type variable_mappings"),
    ),
    Signature(
        Shape.USER_TRIGGERS, Kind.CONDITIONS, ("id", "trigger_id"),
        _set("left_variable_id operator"), one_of=_set("id trigger_id"),
    ),
    Signature(
        Shape.COMPONENT_PARTS, Kind.COMPONENTS, ("id",),
        _set("id strategy_id component_type component_data"),
    ),
    Signature(Shape.UNIFIED_LINKS, Kind.LINKS, ("id",), _set("strategy_id condition_id")),
    Signature(
        Shape.TASK_CONDITIONS, Kind.CONDITIONS, ("id",), _set("id strategy_id"),
        one_of=_set("condition_data condition_config condition_json"),
    ),
)  # fmt: skip


def signature_of(columns: frozenset[str]) -> Signature | None:
    """Return the signature that *columns*, in lower case, fit."""
    for signature in SIGNATURES:
        if (
            signature.needs <= columns
            and (not signature.one_of or signature.one_of & columns)
            and not signature.lacks & columns
        ):
            return signature
    return None
