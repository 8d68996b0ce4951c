"""What a legacy strategy becomes: a pure function from its row, so that it can be proven again.

Nothing here touches a database: `convert` calls it to migrate, validation calls it a second time
on the row as it was and requires the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from migration.sql import Value
from migration.upbit.sources.detect import Shape
from migration.upbit.transforms.verbatim import Json, Malformed, Number, Pairs, dump, parse

PRIMARY = {
    Shape.TASK: ("strategy_config",),
    Shape.ORM_V1: ("parameters",),
    Shape.UNIFIED: ("strategy_data",),
    Shape.COMPONENT: ("triggers", "conditions", "actions"),
    Shape.USER: ("entry_triggers", "exit_triggers", "config_json"),
    Shape.NEWEST: (),
}
"""The columns whose JSON decides what a strategy does: it must parse."""
NAMES = {Shape.NEWEST: ("strategy_name",), Shape.USER: ("name", "strategy_name")}
# Results and stamps say nothing of what a strategy does; they are carried all the same.
_APART = frozenset(
    [
        "id",
        "strategy_id",
        "name",
        "strategy_name",
        "description",
        "created_at",
        "updated_at",
        "modified_at",
        "backtest_results",
        "performance_metrics",
    ]
)
_VARIABLE_KEYS = frozenset({"rule_id", "name", "trigger", "triggers"})
_ENTRY = frozenset({"entry", "entry_long", "entry_short", "buy", "long"})
_EXIT = frozenset({"exit", "exit_long", "exit_short", "sell", "close"})
_BUYS = frozenset({"MarketBuyAction", "buy"})
_SELLS = frozenset({"FullPositionSell", "sell", "sell_all"})
_MANAGES = frozenset({"AdditionalBuy", "ModifyContextAction", "additional_buy", "modify_context"})


class Trigger(NamedTuple):
    """One trigger of a strategy; `suffix` is unique within it."""

    suffix: str
    role: str
    variable_config: str
    evaluation_config: str


class Rule(NamedTuple):
    """One management rule, and the suffix of the trigger that fires it."""

    suffix: str
    rule_type: str
    priority: int
    parameters: str


class Part(NamedTuple):
    """A part that could not be converted: where it stands, why, and its JSON text."""

    path: str
    reason: str
    text: str


class Derived(NamedTuple):
    """Everything that one legacy row becomes."""

    name: str
    description: Value
    created_at: Value
    updated_at: Value
    strategy_type: Value
    is_active: Value
    entry_logic: str
    exit_logic: str
    configuration: str
    triggers: tuple[Trigger, ...]
    rules: tuple[Rule, ...]
    parts: tuple[Part, ...]


class NotConvertible(Exception):  # noqa: N818 (a reason, kept with the row)
    """A row that needs review; `reason` is the code of why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def role_of(text: object) -> str | None:
    """Return ENTRY, EXIT or MANAGEMENT for what legacy tables call it, None where unknown."""
    word = text.strip().lower() if isinstance(text, str) else ""
    if word in _ENTRY:
        return "ENTRY"
    if word in _EXIT:
        return "EXIT"
    return "MANAGEMENT" if word == "management" else None


def role_sql(column: str) -> str:
    """Return `role_of` as SQL."""
    # Compared one after the other: the ones that the program itself writes come first.
    words = [
        ("entry", "ENTRY"),
        ("exit", "EXIT"),
        ("management", "MANAGEMENT"),
        *((word, "ENTRY") for word in sorted(_ENTRY - {"entry"})),
        *((word, "EXIT") for word in sorted(_EXIT - {"exit"})),
    ]
    cases = " ".join(f"WHEN '{word}' THEN '{role}'" for word, role in words)
    return f"CASE lower(trim({column}, ' \t\r\n')) {cases} END"


def derive(shape: Shape, row: Mapping[str, Value], roles: Mapping[str, str]) -> Derived:
    """Return what the legacy *row*, its columns in lower case, becomes.

    *roles* holds what the operator decided, by the path of a part.  Raises `NotConvertible`.
    """
    name = next((row[one] for one in NAMES.get(shape, ("name",)) if one in row), None)
    if shape is Shape.USER and name is None:
        name = "user strategy"
    if not isinstance(name, str) or not name.strip():
        raise NotConvertible("no_name")
    if isinstance(row.get("description"), bytes):
        raise NotConvertible("blob")
    parsed = {column: _parsed(row.get(column)) for column in PRIMARY[shape]}
    builder = _Builder(roles)
    entry_logic, exit_logic = "AND", "AND"
    for column, value in parsed.items():
        if shape is Shape.ORM_V1:
            _orm(builder, row, value)
        elif shape is Shape.COMPONENT and column == "triggers":
            entry_logic, exit_logic = _embedded(builder, column, value)
        elif shape in {Shape.TASK, Shape.UNIFIED}:
            _rules(builder, column, value)
    configuration = Pairs(
        tuple((column, _shown(value)) for column, value in row.items() if column not in _APART)
    )
    return Derived(
        name=name,
        description=_text(row.get("description")),
        created_at=_scalar(row.get("created_at")),
        updated_at=_scalar(row.get("updated_at", row.get("modified_at"))),
        strategy_type=_text(row.get("strategy_type", row.get("category"))),
        is_active=_flag(row.get("is_active")),
        entry_logic=entry_logic,
        exit_logic=exit_logic,
        configuration=dump(configuration),
        triggers=tuple(builder.triggers),
        rules=tuple(builder.rules),
        parts=tuple(builder.parts),
    )


def _parsed(value: Value) -> Json:
    if value is None or value == "":
        return None
    if isinstance(value, bytes):
        raise NotConvertible("blob")
    try:
        return parse(str(value))
    except Malformed as error:
        raise NotConvertible("malformed_json") from error


def _shown(value: Value) -> Json:
    """Return a column for the configuration: JSON where it is JSON, else as it is."""
    if isinstance(value, str):
        return _parsed_or_text(value)
    if isinstance(value, bytes):
        return Pairs((("hexadecimal", value.hex()),))
    if value is None:
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no infinity
    return Number(repr(value))


def _parsed_or_text(value: str) -> Json:
    if value[:1] not in {"[", "{"}:
        return value
    try:
        return parse(value)
    except Malformed:
        return value


def _text(value: Value) -> Value:
    return None if value is None else str(value)


def _scalar(value: Value) -> Value:
    return None if isinstance(value, bytes) else value


def _flag(value: Value) -> Value:
    return int(value != 0) if isinstance(value, int | float) else None


class _Builder:
    """Collects triggers, rules and parts in order."""

    def __init__(self, roles: Mapping[str, str]) -> None:
        self.roles = roles
        self.triggers: list[Trigger] = []
        self.rules: list[Rule] = []
        self.parts: list[Part] = []

    def add(self, path: str, role: str | None, variable: Json, evaluation: Json) -> str | None:
        """Add a trigger and return its suffix, or a part for review where the role is unknown."""
        role = role or self.roles.get(path)
        if role is None:
            self.parts.append(Part(path, "no_role", dump(_merged(variable, evaluation))))
            return None
        suffix = f"t{len(self.triggers) + 1:04d}"
        self.triggers.append(Trigger(suffix, role, dump(variable), dump(evaluation)))
        return suffix


def _merged(variable: Json, evaluation: Json) -> Json:
    if isinstance(variable, Pairs) and isinstance(evaluation, Pairs):
        return Pairs(variable.items + evaluation.items)
    return [variable, evaluation]


def _rules(builder: _Builder, column: str, value: Json) -> None:
    base = f"$.{column}"
    listed: Json = value
    if isinstance(value, Pairs) and value.has("rules"):
        listed, base = value.get("rules"), f"{base}.rules"
    elif isinstance(value, Pairs) and (value.has("rule_id") or value.has("trigger")):
        listed = [value]
    if not isinstance(listed, list):
        if isinstance(value, Pairs) and value.has("rules"):
            builder.parts.append(Part(base, "not_a_rule", dump(listed)))
        return
    for index, rule in enumerate(listed):
        path = f"{base}[{index}]"
        if not isinstance(rule, Pairs) or not (rule.has("trigger") or rule.has("triggers")):
            builder.parts.append(Part(path, "not_a_rule", dump(rule)))
            continue
        variable = Pairs(tuple(pair for pair in rule.items if pair[0] in _VARIABLE_KEYS))
        evaluation = Pairs(tuple(pair for pair in rule.items if pair[0] not in _VARIABLE_KEYS))
        suffix = builder.add(path, _rule_role(rule), variable, evaluation)
        if suffix is not None:
            _manage(builder, suffix, rule)


def _component(value: Json, *keys: str) -> str:
    for key in keys:
        found = value.get(key) if isinstance(value, Pairs) else None
        if isinstance(found, str) and not isinstance(found, Number):
            return found
    return ""


def _rule_role(rule: Pairs) -> str | None:
    for key in ("role", "rule_type", "trigger_type"):
        role = role_of(rule.get(key))
        if role is not None:
            return role
    action = _component(rule.get("action"), "component", "type")
    state = rule.get("activation_state")
    if action in _BUYS and state == "READY":
        return "ENTRY"
    if action in _SELLS and state == "ACTIVE":
        return "EXIT"
    return "MANAGEMENT" if action in _MANAGES and state == "ACTIVE" else None


def _manage(builder: _Builder, suffix: str, rule: Pairs) -> None:
    """Note the rule as a management rule where it is of a kind that the new schema knows."""
    trigger = rule.get("trigger")
    component = _component(trigger, "component", "type")
    config = trigger.get("config") if isinstance(trigger, Pairs) else None
    action = _component(rule.get("action"), "component", "type")
    kind = None
    if action == "AdditionalBuy":
        kind = {"ProfitLossTrigger": "pyramid_buying", "PriceChangeTrigger": "scale_in_buying"}.get(
            component
        )
    elif action == "FullPositionSell" and component == "ProfitLossTrigger":
        trails = isinstance(config, Pairs) and config.has("trail_percent")
        kind = "trailing_stop" if trails else "fixed_stop_take"
    priority = rule.get("priority")
    if kind is None or not isinstance(priority, Number) or not priority.lstrip("-").isdigit():
        return
    if abs(int(priority)) >= 1 << 63:
        return
    parameters = Pairs(
        tuple((key, rule.get(key)) for key in ("trigger", "conditions", "action") if rule.has(key))
    )
    builder.rules.append(Rule(suffix, kind, int(priority), dump(parameters)))


def _embedded(builder: _Builder, column: str, value: Json) -> tuple[str, str]:
    """Take condition rows that stand inside a strategy; return the logic of entry and exit."""
    if not isinstance(value, Pairs):
        if isinstance(value, list):
            _rules(builder, column, value)
        return "AND", "AND"
    if value.has("rules"):
        _rules(builder, column, value)
    logics = []
    for name, role in (("entry", "ENTRY"), ("exit", "EXIT")):
        logic = value.get(f"{name}_logic")
        shown = (
            logic.upper() if isinstance(logic, str) and logic.upper() in {"AND", "OR"} else "AND"
        )
        logics.append(shown)
        conditions = value.get(f"{name}_conditions")
        for index, condition in enumerate(conditions if isinstance(conditions, list) else ()):
            path = f"$.{column}.{name}_conditions[{index}]"
            if not isinstance(condition, Pairs) or not condition.items:
                builder.parts.append(Part(path, "not_a_rule", dump(condition)))
                continue
            evaluation = Pairs((("logic", shown), ("ordinal", Number(str(index)))))
            builder.add(path, role, Pairs((("condition", condition),)), evaluation)
    return logics[0], logics[1]


def _orm(builder: _Builder, row: Mapping[str, Value], parameters: Json) -> None:
    role = role_of(row.get("role")) or role_of(row.get("signal_type"))
    variable = Pairs((("signal_type", _shown(row.get("signal_type"))), ("parameters", parameters)))
    evaluation = Pairs(
        tuple(
            (column, _shown(row.get(column)))
            for column in ("role", "position_required", "market_phase", "risk_level")
        )
    )
    builder.add("$.parameters", role, variable, evaluation)
