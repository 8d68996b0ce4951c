"""Runs a strategy over candles and tells what it decides at each tick.

READY means no position, ACTIVE a held one.  In one tick the rule with the lowest priority
number that fires wins, the first of equals; all others are dropped.  Counts of executions,
context flags and the trailing peak live as long as the position.

Two spellings of rules are in use: ``{"trigger": {"component": "RSITrigger", "config": {…}}, …}``
and ``{"triggers": [{"type": "RSI", …}], "action": {"type": "buy", …}}``.  Percentages appear as 5,
5.0 and 0.05: a value below 1 is a fraction.

The relative strength index is that of J. Welles Wilder, "New Concepts in Technical Trading
Systems" (1978), section VI: the first averages are plain means of the first *period* changes, the
later ones are smoothed, ``(previous * (period - 1) + change) / period``;
``RSI = 100 - 100 / (1 + gain / loss)``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
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
        triggers=tuple(_part(trigger, TRIGGERS) for trigger in triggers),
        conditions=tuple(_part(condition, CONDITIONS) for condition in conditions),
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


def wilder_rsi(closes: Sequence[float], period: int) -> list[float | None]:
    """Return the RSI at each close, None until *period* changes are known.

    Without any loss it is 100, without any movement 50.  Raises `ValueError` for a period < 1.
    """
    if period < 1:
        raise ValueError("a period is at least 1")
    found: list[float | None] = [None] * len(closes)
    gain = loss = 0.0
    for at in range(1, len(closes)):
        change = closes[at] - closes[at - 1]
        up, down = max(change, 0.0), max(-change, 0.0)
        if at <= period:
            gain += up / period
            loss += down / period
        else:
            gain = (gain * (period - 1) + up) / period
            loss = (loss * (period - 1) + down) / period
        if at >= period:
            found[at] = _index(gain, loss)
    return found


def _index(gain: float, loss: float) -> float:
    if loss == 0.0:
        return 50.0 if gain == 0.0 else 100.0
    return 100.0 - 100.0 / (1.0 + gain / loss)


FUNDS_KRW = 1_000_000.0
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "=": operator.eq, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


class Candle(NamedTuple):
    """A moment in Unix seconds and the price at it."""

    at: int
    close: float


class Decision(NamedTuple):
    """Which rule acted at which tick, and how."""

    tick: int
    rule: str
    action: str


def decide(rules: Sequence[Rule], candles: Sequence[Candle]) -> tuple[Decision, ...]:
    """Return every decision of *rules* over *candles*; raises `UnknownRule`."""
    run = _Run(candles)
    return tuple(
        decision for tick in range(len(candles)) if (decision := run.tick(tick, rules)) is not None
    )


class _Run:
    def __init__(self, candles: Sequence[Candle]) -> None:
        self.candles = candles
        self.closes = [candle.close for candle in candles]
        self.rsi: dict[int, list[float | None]] = {}
        self.funds = FUNDS_KRW
        self.clear()

    def clear(self) -> None:
        self.volume = 0.0
        self.paid = 0.0
        self.executed: dict[str, int] = {}
        self.flags: dict[str, object] = {}
        self.peaks: dict[str, float] = {}

    def tick(self, tick: int, rules: Sequence[Rule]) -> Decision | None:
        state = "ACTIVE" if self.volume else "READY"
        fired = [rule for rule in rules if rule.state == state and self._fires(rule, tick)]
        if not fired:
            return None
        rule = min(fired, key=lambda one: one.priority)  # the first of equals
        self.executed[rule.id] = self.executed.get(rule.id, 0) + 1
        self._act(rule.action, self.closes[tick])
        return Decision(tick, rule.id, rule.action.component)

    def _fires(self, rule: Rule, tick: int) -> bool:
        # Every trigger is asked, so that a trailing one sees each price.
        triggers = [self._trigger(rule, trigger, tick) for trigger in rule.triggers]
        return all(triggers) and all(self._condition(condition) for condition in rule.conditions)

    def _trigger(self, rule: Rule, trigger: Part, tick: int) -> bool:
        config, price = trigger.config, self.closes[tick]
        match trigger.component:
            case "RSITrigger":
                return self._rsi(config, tick)
            case "ProfitLossTrigger":
                if "trail_percent" in config:
                    return self._trails(rule.id, config, price)
                return _compare(config, self._profit(price), percent(config, "threshold_percent"))
            case "PriceChangeTrigger":
                threshold = percent(config, "threshold_percent")
                change = self._profit(price)
                return change <= threshold if threshold < 0 else change >= threshold
            case "RapidPriceDropTrigger":
                low = percent(config, "threshold_percent")
                return self._against(config, tick, max) <= -abs(low)
            case "RapidPriceSpikeTrigger":
                return self._against(config, tick, min) >= percent(config, "threshold_percent")
        raise UnknownRule(f"component {trigger.component!r}")

    def _rsi(self, config: Config, tick: int) -> bool:
        period = round(number(config.get("period", 14), "period"))
        if period < 1:
            raise UnknownRule(f"period {period}")
        if period not in self.rsi:
            self.rsi[period] = wilder_rsi(self.closes, period)
        value = self.rsi[period][tick]
        return value is not None and _compare(
            config, value, number(config.get("threshold"), "threshold")
        )

    def _profit(self, price: float) -> float:
        average = self.paid / self.volume if self.volume else price
        return (price / average - 1.0) * 100.0

    def _trails(self, rule: str, config: Config, price: float) -> bool:
        if rule not in self.peaks:
            if self._profit(price) < percent(config, "activation", "activation_percent"):
                return False
            self.peaks[rule] = price
        self.peaks[rule] = max(self.peaks[rule], price)
        return price <= self.peaks[rule] * (1.0 - percent(config, "trail_percent") / 100.0)

    def _against(
        self, config: Config, tick: int, extreme: Callable[[Sequence[float]], float]
    ) -> float:
        """Return by how many percent the price left the extreme of the last seconds."""
        seconds = number(config.get("seconds", config.get("window_seconds", 60)), "seconds")
        now = self.candles[tick].at
        first = tick
        while first > 0 and now - self.candles[first - 1].at <= seconds:
            first -= 1
        reference = extreme(self.closes[first : tick + 1])
        return (self.closes[tick] / reference - 1.0) * 100.0

    def _condition(self, condition: Part) -> bool:
        config = condition.config
        if condition.component == "ExecutionCountCondition":
            count = self.executed.get(str(config.get("rule")), 0)
            return _compare(config, count, number(config.get("value"), "value"))
        return self.flags.get(str(config.get("flag")), False) == config.get("equals", True)

    def _act(self, action: Part, price: float) -> None:
        match action.component:
            case "MarketBuyAction":
                self._buy(self.funds * percent(action.config, "amount_percent") / 100.0, price)
            case "AdditionalBuy":
                self._buy(number(action.config.get("amount_krw"), "amount_krw"), price)
            case "FullPositionSell":
                self.funds += self.volume * price
                self.clear()
            case "ModifyContextAction":
                self.flags[str(action.config.get("flag"))] = action.config.get("value", True)

    def _buy(self, amount: float, price: float) -> None:
        self.funds -= amount
        self.paid += amount
        self.volume += amount / price


def _compare(config: Config, value: float, threshold: float) -> bool:
    sign = config.get("operator", config.get("condition", ">="))
    if not isinstance(sign, str) or sign not in _OPERATORS:
        raise UnknownRule(f"operator {sign!r}")
    return _OPERATORS[sign](value, threshold)
