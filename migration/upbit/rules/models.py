"""The rules of a strategy as the evaluator knows them.

Two spellings are in use: ``{"trigger": {"component": "RSITrigger", "config": {…}}, …}`` and
``{"triggers": [{"type": "RSI", …}], "action": {"type": "buy", …}}``.  Percentages appear as 5,
5.0 and 0.05: a value below 1 is a fraction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

Config = Mapping[str, object]


class UnknownRule(Exception):  # noqa: N818 (a strategy that cannot be proven)
    """A rule that the evaluator does not know."""


class Part(NamedTuple):
    """A trigger, condition or action: its component and its configuration."""

    component: str
    config: Config


class Rule(NamedTuple):
    """One rule; among those that fire in a tick the lowest `priority` wins."""

    id: str
    priority: float
    state: str
    triggers: tuple[Part, ...]
    conditions: tuple[Part, ...]
    action: Part


TRIGGERS = frozenset(
    {
        "RSITrigger", "ProfitLossTrigger", "PriceChangeTrigger", "RapidPriceDropTrigger",
        "RapidPriceSpikeTrigger",
    }
)  # fmt: skip
CONDITIONS = frozenset({"ExecutionCountCondition", "ContextCondition"})
ACTIONS = frozenset({"MarketBuyAction", "AdditionalBuy", "FullPositionSell", "ModifyContextAction"})
_SHORT = {
    "RSI": "RSITrigger", "PROFIT": "ProfitLossTrigger", "PRICE_CHANGE": "PriceChangeTrigger",
    "buy": "MarketBuyAction", "sell": "FullPositionSell", "additional_buy": "AdditionalBuy",
}  # fmt: skip


def read_rule(found: object) -> Rule:
    """Return *found*, a rule as JSON says it; raises `UnknownRule`."""
    if not isinstance(found, Mapping):
        raise UnknownRule("a rule that is no object")
    state = found.get("activation_state")
    if state not in {"READY", "ACTIVE"}:
        raise UnknownRule(f"activation_state {state!r}")
    triggers = found.get("triggers", [found.get("trigger")])
    if not isinstance(triggers, Sequence) or not triggers:
        raise UnknownRule("a rule without a trigger")
    conditions = found.get("conditions") or ()
    if not isinstance(conditions, Sequence):
        raise UnknownRule("conditions that are no list")
    return Rule(
        id=str(found.get("rule_id", "")),
        priority=number(found.get("priority", 100), "priority"),
        state=str(state),
        triggers=tuple(_part(one, TRIGGERS) for one in triggers),
        conditions=tuple(_part(one, CONDITIONS) for one in conditions),
        action=_part(found.get("action"), ACTIONS),
    )


def _part(found: object, known: frozenset[str]) -> Part:
    if not isinstance(found, Mapping):
        raise UnknownRule("a part that is no object")
    name = found.get("component", found.get("type"))
    component = _SHORT.get(str(name), str(name))
    if component not in known:
        raise UnknownRule(f"component {name!r}")
    config = found.get("config")
    if config is None:
        config = {key: value for key, value in found.items() if key not in {"component", "type"}}
    if not isinstance(config, Mapping):
        raise UnknownRule("a configuration that is no object")
    return Part(component, config)


def number(value: object, what: str) -> float:
    """Return *value* as a number, numbers written as text included; raises `UnknownRule`."""
    if type(value) is float:  # asked for every rule at every tick
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise UnknownRule(f"{what} {value!r}")
    try:
        return float(value)
    except (ValueError, OverflowError) as error:
        raise UnknownRule(f"{what} {value!r}") from error


def percent(config: Config, *names: str) -> float:
    """Return the first of *names* in percent; raises `UnknownRule` where there is none."""
    for name in names:
        if name in config:
            value = number(config[name], name)
            return value * 100.0 if abs(value) < 1.0 else value
    raise UnknownRule(f"no {names[0]}")
