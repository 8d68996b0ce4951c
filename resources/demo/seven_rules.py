"""The basic 7-rule strategy (기본 7규칙 전략) as the program writes it."""

from __future__ import annotations

Rule = dict[str, object]


def _rule(
    rule_id: str,
    priority: int,
    state: str,
    trigger: tuple[str, Rule],
    action: tuple[str, Rule],
    *conditions: tuple[str, Rule],
) -> Rule:
    return {
        "rule_id": rule_id,
        "priority": priority,
        "activation_state": state,
        "trigger": {"component": trigger[0], "config": trigger[1]},
        "conditions": [{"component": name, "config": config} for name, config in conditions],
        "action": {"component": action[0], "config": action[1]},
    }


def seven_rules(profit: float = 5.0, drop: float = 5, window_seconds: int = 60) -> list[Rule]:
    """Return the rules; percentages appear as 5, 5.0 and 0.05, as in the program's own data."""
    return [
        _rule(
            "rsi_oversold_entry", 10, "READY",
            ("RSITrigger", {"period": 14, "threshold": 20, "operator": "<"}),
            ("MarketBuyAction", {"amount_percent": 10}),
        ),
        _rule(
            "profit_pyramiding", 10, "ACTIVE",
            ("ProfitLossTrigger", {"threshold_percent": profit, "operator": ">="}),
            ("AdditionalBuy", {"amount_krw": 100000}),
            ("ExecutionCountCondition", {"rule": "profit_pyramiding", "operator": "<", "value": 3}),
            ("ContextCondition", {"flag": "pyramiding_paused", "equals": False}),
        ),
        _rule(
            "planned_take_profit", 9, "ACTIVE",
            ("ProfitLossTrigger", {"threshold_percent": profit, "operator": ">="}),
            ("FullPositionSell", {}),
            ("ExecutionCountCondition", {"rule": "profit_pyramiding", "operator": "=", "value": 3}),
        ),
        _rule(
            "trailing_stop", 9, "ACTIVE",
            ("ProfitLossTrigger", {"activation": 0.05, "trail_percent": 3}),
            ("FullPositionSell", {}),
        ),
        _rule(
            "scale_in_on_drop", 10, "ACTIVE",
            ("PriceChangeTrigger", {"threshold_percent": -drop, "reference": "average_price"}),
            ("AdditionalBuy", {"amount_krw": 200000}),
            ("ExecutionCountCondition", {"rule": "scale_in_on_drop", "operator": "<", "value": 2}),
        ),
        _rule(
            "crash_detection", 0, "ACTIVE",
            ("RapidPriceDropTrigger", {"threshold_percent": drop, "seconds": window_seconds}),
            ("FullPositionSell", {}),
        ),
        _rule(
            "spike_hold", 1, "ACTIVE",
            ("RapidPriceSpikeTrigger", {"threshold_percent": 5, "seconds": window_seconds}),
            ("ModifyContextAction", {"flag": "pyramiding_paused", "value": True}),
        ),
    ]  # fmt: skip
