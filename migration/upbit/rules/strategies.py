"""Reads the rules of a strategy, from a legacy row and from the new schema, and makes new ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import apsw

from migration.sql import Value, number, rows
from migration.upbit.rules.evaluator import Rule, UnknownRule, read_rule
from migration.upbit.sources.detect import Shape
from migration.upbit.transforms.strategies import derive
from migration.upbit.transforms.versions import add_version

_HELD_IN = {
    Shape.UNIFIED: "strategy_data",
    Shape.TASK: "strategy_config",
    Shape.COMPONENT: "triggers",
}


def legacy_rules(shape: Shape, row: Mapping[str, Value]) -> tuple[Rule, ...]:
    """Return the rules of a legacy strategy, read as the application does; raises `UnknownRule`."""
    column = _HELD_IN.get(shape)
    if column is None:
        raise UnknownRule(f"strategies of the shape {shape.value} hold no rules")
    value = row.get(column)
    try:
        found = json.loads(value) if isinstance(value, str) and value else None
    except (ValueError, RecursionError) as error:
        raise UnknownRule("no JSON") from error
    if isinstance(found, dict):
        extra = [key for key in ("entry_conditions", "exit_conditions") if found.get(key)]
        if extra:
            raise UnknownRule("conditions of the component maker")
        found = found.get("rules", [found])
    if not isinstance(found, list) or not found:
        raise UnknownRule("no rules")
    return tuple(read_rule(one) for one in found)


def migrated_rules(connection: apsw.Connection, strategy_id: str) -> tuple[Rule, ...]:
    """Return the rules of a strategy in the new schema; raises `UnknownRule`.

    Triggers that were made from conditions are no rules; `linked_conditions` counts them.
    """
    try:
        configs = rows(
            connection,
            "SELECT variable_config, evaluation_config FROM domain_triggers WHERE strategy_id = ? "
            "AND id NOT IN (SELECT trigger_id FROM domain_trigger_conditions) ORDER BY id",
            (strategy_id,),
        )
        found = [
            {**json.loads(str(variable)), **json.loads(str(evaluation))}
            for variable, evaluation in configs
        ]
    except (ValueError, TypeError) as error:
        raise UnknownRule("no JSON") from error
    if not found:
        raise UnknownRule("no rules")
    return tuple(read_rule(one) for one in found)


def linked_conditions(connection: apsw.Connection, strategy_id: str) -> int:
    """Return how many triggers of a strategy were made from conditions."""
    return number(
        connection,
        "SELECT count(*) FROM domain_triggers AS t JOIN domain_trigger_conditions AS l "
        "ON l.trigger_id = t.id WHERE t.strategy_id = ?",
        (strategy_id,),
    )


def basic_seven_rules() -> list[dict[str, object]]:
    """Return the basic 7-rule strategy (기본 7규칙 전략) with the application's parameters."""

    def rule(
        rule_id: str,
        priority: int,
        state: str,
        trigger: tuple[str, dict[str, object]],
        action: tuple[str, dict[str, object]],
        *conditions: tuple[str, dict[str, object]],
    ) -> dict[str, object]:
        return {
            "rule_id": rule_id,
            "priority": priority,
            "activation_state": state,
            "trigger": {"component": trigger[0], "config": trigger[1]},
            "conditions": [{"component": one, "config": config} for one, config in conditions],
            "action": {"component": action[0], "config": action[1]},
        }

    profit: dict[str, object] = {"threshold_percent": 5.0, "operator": ">="}
    pyramids: dict[str, object] = {"rule": "profit_pyramiding", "value": 3}
    return [
        rule(
            "rsi_oversold_entry", 10, "READY",
            ("RSITrigger", {"period": 14, "threshold": 20, "operator": "<"}),
            ("MarketBuyAction", {"amount_percent": 10}),
        ),
        rule(
            "profit_pyramiding", 10, "ACTIVE", ("ProfitLossTrigger", profit),
            ("AdditionalBuy", {"amount_krw": 100000}),
            ("ExecutionCountCondition", pyramids | {"operator": "<"}),
            ("ContextCondition", {"flag": "pyramiding_paused", "equals": False}),
        ),
        rule(
            "planned_take_profit", 9, "ACTIVE", ("ProfitLossTrigger", profit),
            ("FullPositionSell", {}),
            ("ExecutionCountCondition", pyramids | {"operator": "="}),
        ),
        rule(
            "trailing_stop", 9, "ACTIVE",
            ("ProfitLossTrigger", {"activation": 0.05, "trail_percent": 3}),
            ("FullPositionSell", {}),
        ),
        rule(
            "scale_in_on_drop", 10, "ACTIVE",
            ("PriceChangeTrigger", {"threshold_percent": -5, "reference": "average_price"}),
            ("AdditionalBuy", {"amount_krw": 200000}),
            ("ExecutionCountCondition",
             {"rule": "scale_in_on_drop", "operator": "<", "value": 2}),
        ),
        rule(
            "crash_detection", 0, "ACTIVE",
            ("RapidPriceDropTrigger", {"threshold_percent": 5, "seconds": 60}),
            ("FullPositionSell", {}),
        ),
        rule(
            "spike_hold", 1, "ACTIVE",
            ("RapidPriceSpikeTrigger", {"threshold_percent": 5, "seconds": 60}),
            ("ModifyContextAction", {"flag": "pyramiding_paused", "value": True}),
        ),
    ]  # fmt: skip


def create_strategy(
    connection: apsw.Connection,
    strategy_id: str,
    name: str,
    rules: Sequence[Mapping[str, object]],
    moment: str,
) -> int:
    """Write a strategy of *rules* into the new schema and return its version.

    Raises `UnknownRule` when a rule has no role.
    """
    text = json.dumps({"rules": list(rules)}, ensure_ascii=False)
    derived = derive(
        Shape.UNIFIED,
        {"name": name, "strategy_data": text, "created_at": moment, "updated_at": moment},
        {},
    )
    if derived.parts:
        raise UnknownRule(derived.parts[0].reason)
    connection.execute(
        "INSERT INTO domain_strategies (id, name, created_at, updated_at) VALUES (?, ?, ?, ?)",
        (strategy_id, name, moment, moment),
    ).fetchall()
    connection.execute(
        "INSERT INTO domain_strategy_configurations (strategy_id, strategy_type, is_active, "
        "configuration) VALUES (?, 'rule_based', 0, ?)",
        (strategy_id, derived.configuration),
    ).fetchall()
    connection.executemany(
        "INSERT INTO domain_triggers VALUES (?, ?, ?, ?, ?, ?)",
        [
            (f"{strategy_id}_{trigger.suffix}", strategy_id, trigger.role, trigger.variable_config,
             trigger.evaluation_config, moment)
            for trigger in derived.triggers
        ],
    )  # fmt: skip
    connection.executemany(
        "INSERT INTO domain_management_rules VALUES (?, ?, ?, ?, ?, ?)",
        [
            (f"{strategy_id}_m{rule.suffix}", strategy_id, f"{strategy_id}_{rule.suffix}",
             rule.rule_type, rule.priority, rule.parameters)
            for rule in derived.rules
        ],
    )  # fmt: skip
    return add_version(connection, strategy_id, "created", moment)
