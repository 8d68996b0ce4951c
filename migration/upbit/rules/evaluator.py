"""Runs a strategy over candles and tells what it decides at each tick.

READY means no position, ACTIVE a held one.  In one tick the rule with the lowest priority
number that fires wins, the first of equals; all others are dropped.  Counts of executions,
context flags and the trailing peak live as long as the position.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import NamedTuple

from migration.upbit.rules.indicators import wilder_rsi
from migration.upbit.rules.models import Config, Part, Rule, UnknownRule, number, percent

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
        return all(triggers) and all(self._condition(one) for one in rule.conditions)

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
