"""The evaluator of strategies, and the strategy that it must be able to run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw
import pytest

from migration.upbit.rules.evaluator import (
    Candle,
    Decision,
    Rule,
    UnknownRule,
    decide,
    read_rule,
    wilder_rsi,
)
from migration.upbit.rules.strategies import basic_seven_rules, create_strategy, migrated_rules
from migration.upbit.transforms.versions import add_version, wrong_versions
from resources.demo.seven_rules import seven_rules
from tests.migration.shapes import MOMENT, prepare

# Wilder's own worked example, as reproduced in many textbooks (14 periods, first RSI 70.5).
CLOSES = [44.34, 44.09, 44.15, 43.61, 44.33, 44.83, 45.10, 45.42, 45.84, 46.08, 45.89, 46.03,
          45.61, 46.28, 46.28, 46.00, 46.03, 46.41, 46.22, 45.64]  # fmt: skip


def rule(number: int, **changes: Any) -> Rule:
    found: dict[str, Any] = dict(basic_seven_rules()[number - 1])
    found.update(changes)
    return read_rule(found)


def candles(*closes: float, seconds: int = 10) -> list[Candle]:
    return [Candle(at * seconds, close) for at, close in enumerate(closes)]


BUY = read_rule(
    {"rule_id": "buy", "priority": 10, "activation_state": "READY",
     "trigger": {"component": "RSITrigger",
                 "config": {"period": 1, "threshold": 100, "operator": "<="}},
     "action": {"component": "MarketBuyAction", "config": {"amount_percent": 10}}}
)  # fmt: skip


def acts(*rules: Rule, closes: tuple[float, ...], seconds: int = 10) -> list[tuple[int, str]]:
    found = decide([BUY, *rules], candles(*closes, seconds=seconds))
    return [(one.tick, one.rule) for one in found]


def test_rsi_is_wilders() -> None:
    found = wilder_rsi(CLOSES, 14)
    assert found[:14] == [None] * 14
    assert [round(one, 2) for one in found[14:] if one is not None] == [
        70.46, 66.25, 66.48, 69.35, 66.29, 57.92
    ]  # fmt: skip


def test_rsi_at_its_ends() -> None:
    assert wilder_rsi([1.0, 2.0, 3.0], 2)[-1] == 100.0
    assert wilder_rsi([3.0, 2.0, 1.0], 2)[-1] == 0.0
    assert wilder_rsi([1.0, 1.0, 1.0], 2)[-1] == 50.0
    with pytest.raises(ValueError, match="at least 1"):
        wilder_rsi([1.0], 0)


def test_pyramids_three_times_then_takes_profit() -> None:
    found = acts(rule(2), rule(3), closes=(100, 100, 200, 400, 800, 1600, 3200))
    assert [name for _, name in found] == [
        "buy", "profit_pyramiding", "profit_pyramiding", "profit_pyramiding",
        "planned_take_profit", "buy",
    ]  # fmt: skip


def test_trails_from_its_peak() -> None:
    stop = rule(4)
    assert acts(stop, closes=(100, 100, 104, 103, 100))[1:] == [], "not activated below 5 %"
    assert acts(stop, closes=(100, 100, 106, 110, 107, 106.6)) == [
        (1, "buy"), (5, "trailing_stop"),
    ]  # fmt: skip


def test_averages_down_twice() -> None:
    found = acts(rule(5), closes=(100, 100, 94, 80, 60, 40))
    assert [name for _, name in found] == ["buy", "scale_in_on_drop", "scale_in_on_drop"]


def test_a_crash_wins_over_everything_within_its_window() -> None:
    fast = acts(rule(5), rule(6), closes=(100, 100, 94), seconds=30)
    assert fast[-1] == (2, "crash_detection")
    slow = acts(rule(5), rule(6), closes=(100, 100, 94), seconds=61)
    assert slow[-1] == (2, "scale_in_on_drop")


def test_a_spike_pauses_pyramiding() -> None:
    assert [name for _, name in acts(rule(2), rule(7), closes=(100, 100, 110, 110))] == [
        "buy", "spike_hold", "spike_hold",
    ]  # fmt: skip
    later = (100, 100, 110, *[111] * 8)
    assert "profit_pyramiding" not in [name for _, name in acts(rule(2), rule(7), closes=later)]
    assert "profit_pyramiding" in [name for _, name in acts(rule(2), closes=later)]


@pytest.mark.parametrize("spelt", [5, 5.0, 0.05, "5"])
def test_percentages_of_every_spelling_mean_the_same(spelt: object) -> None:
    one = read_rule(seven_rules(profit=spelt)[2] | {"conditions": []})  # type: ignore[arg-type]
    assert acts(one, closes=(100, 100, 104.9, 105.1))[1:2] == [(3, "planned_take_profit")]


def test_what_is_not_known_is_said() -> None:
    for changes in (
        {"trigger": {"component": "MoonTrigger", "config": {}}},
        {"activation_state": "SLEEPING"},
        {"action": {"component": "Pray"}},
        {"conditions": [{"component": "Weather"}]},
    ):
        with pytest.raises(UnknownRule):
            rule(1, **changes)
    with pytest.raises(UnknownRule):
        read_rule("no rule")


def test_the_inline_spelling_is_the_same_rule() -> None:
    inline = read_rule(
        {"rule_id": "rsi_entry", "activation_state": "READY", "priority": 10,
         "triggers": [{"type": "RSI", "threshold": 30, "condition": "<=", "period": 2}],
         "action": {"type": "buy", "amount_percent": 20}}
    )  # fmt: skip
    assert decide([inline], candles(3, 2, 1)) == (Decision(2, "rsi_entry", "MarketBuyAction"),)


def test_the_basic_strategy_is_created_read_back_versioned_and_run(tmp_path: Path) -> None:
    migrated = prepare(tmp_path, None).run()
    connection = apsw.Connection(str(migrated.staged["strategies"].path))
    connection.execute("PRAGMA foreign_keys = ON").fetchall()
    assert create_strategy(connection, "basic", "기본 7규칙 전략", basic_seven_rules(), MOMENT) == 1
    rules = migrated_rules(connection, "basic")
    assert rules == tuple(read_rule(one) for one in basic_seven_rules())
    connection.execute("UPDATE domain_strategies SET name = '새 이름'").fetchall()
    assert add_version(connection, "basic", "renamed", MOMENT) == 2
    found = connection.execute(
        "SELECT version, parent_version, snapshot ->> '$.strategy.name' "
        "FROM domain_strategy_versions ORDER BY version"
    ).fetchall()
    assert found == [(1, None, "기본 7규칙 전략"), (2, 1, "새 이름")]
    assert wrong_versions(connection) == 0
    for sql in ("UPDATE domain_strategy_versions SET snapshot = '{}'",
                "DELETE FROM domain_strategy_versions"):  # fmt: skip
        with pytest.raises(apsw.ConstraintError, match="never"):
            connection.execute(sql).fetchall()
    assert decide(rules, candles(*[100 - one for one in range(40)]))
    connection.close()
