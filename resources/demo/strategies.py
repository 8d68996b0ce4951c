"""The strategies database: several generations of tables side by side, as they are found."""

from __future__ import annotations

import json
import random
import sqlite3
from pathlib import Path

from resources.demo.database import STAMP, new_database
from resources.demo.seven_rules import seven_rules

SCHEMA = """
CREATE TABLE strategies (strategy_id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT,
    strategy_type TEXT, created_at TEXT, modified_at TEXT, is_active BOOLEAN, rules_count INTEGER,
    tags TEXT, strategy_data TEXT, backtest_results TEXT, performance_metrics TEXT);
CREATE TABLE trading_conditions (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE,
    description TEXT, variable_id TEXT, variable_name TEXT, variable_params TEXT, operator TEXT,
    comparison_type TEXT DEFAULT 'fixed', target_value TEXT, external_variable TEXT,
    trend_direction TEXT DEFAULT 'static', is_active BOOLEAN DEFAULT 1, category TEXT,
    created_at TEXT, updated_at TEXT, usage_count INTEGER DEFAULT 0, success_rate REAL DEFAULT 0.0,
    chart_category TEXT);
CREATE TABLE strategy_conditions (id INTEGER PRIMARY KEY, strategy_id TEXT
    REFERENCES strategies(strategy_id) ON DELETE CASCADE, condition_id INTEGER
    REFERENCES trading_conditions(id), condition_order INTEGER, condition_logic TEXT);
CREATE TABLE component_strategy (id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT,
    triggers TEXT, conditions TEXT, actions TEXT, tags TEXT, category TEXT, difficulty TEXT,
    is_active BOOLEAN, is_template BOOLEAN, performance_metrics TEXT);
CREATE TABLE strategy_components (id TEXT PRIMARY KEY, strategy_id TEXT, component_type TEXT,
    component_data TEXT, order_index INTEGER);
CREATE TABLE user_triggers (id INTEGER PRIMARY KEY, name TEXT, left_variable_id TEXT,
    left_params TEXT, operator TEXT, right_variable_id TEXT, right_params TEXT);
CREATE TABLE user_strategies (id INTEGER PRIMARY KEY, name TEXT, entry_triggers TEXT,
    exit_triggers TEXT, config_json TEXT);
CREATE TABLE legacy_strategies (id INTEGER PRIMARY KEY, name TEXT, description TEXT,
    strategy_config TEXT);
CREATE TABLE conditions (id INTEGER PRIMARY KEY, strategy_id INTEGER, condition_data TEXT);
CREATE TABLE legacy_strategy (id TEXT PRIMARY KEY, name TEXT, description TEXT, parameters TEXT,
    signal_type TEXT, role TEXT, position_required BOOLEAN, market_phase TEXT, risk_level TEXT);
CREATE TABLE execution_history (id INTEGER PRIMARY KEY, strategy_id TEXT, rule_id TEXT,
    executed_at TEXT, price REAL, amount REAL, result TEXT);
CREATE TABLE current_positions (id INTEGER PRIMARY KEY, market TEXT, volume REAL,
    average_price REAL, strategy_id TEXT);
CREATE TABLE event_store (id INTEGER PRIMARY KEY, event_type TEXT, payload BLOB, created_at TEXT);
CREATE TABLE event_processing_log (id INTEGER PRIMARY KEY, event_id INTEGER, status TEXT);
CREATE INDEX idx_history_strategy ON execution_history(strategy_id);
CREATE VIEW v_active_strategies AS SELECT * FROM strategies WHERE is_active = 1;
CREATE TRIGGER trg_history_event AFTER INSERT ON execution_history BEGIN
    INSERT INTO event_store (event_type, payload, created_at)
    VALUES ('executed', new.strategy_id, new.executed_at); END;
"""

VARIABLES = ("RSI", "rsi_14", "ma_cross_20_60", "macd_12_26_9", "bb_20_2", "BOLLINGER_BAND")
COMPARISONS = ("fixed", "external", "value", "cross_up", "cross_down", "cross_up_in_oversold")
TARGETS = ("30", "70.5", None, "", "bb_lower", "ma_60")
TRENDS = ("static", "rising", "falling", "both", "crossover_up")


def make_strategies(path: Path, seed: int) -> None:
    """Make the strategies database at *path*."""
    chosen = random.Random(seed)
    with new_database(path) as connection:
        connection.executescript(SCHEMA)
        _unified(connection)
        _conditions(connection, chosen)
        _older_shapes(connection)
        _history(connection, chosen)


def _unified(connection: sqlite3.Connection) -> None:
    for number in range(6):
        data = {
            "strategy_id": f"basic_7_{number}",
            "strategy_name": "기본 7규칙 전략",
            "rules": seven_rules(profit=(5, 5.0, 0.05)[number % 3], drop=(5, 15)[number % 2]),
        }
        connection.execute(
            "INSERT INTO strategies VALUES (?, ?, ?, 'rule_based', ?, ?, 1, 7, '[\"기본\"]', ?, NULL, ?)",
            (
                f"STR_{1_756_000_000_000 + number}",
                "기본 7규칙 전략" if number < 2 else f"기본 7규칙 전략 {number}",  # names repeat
                "RSI 과매도 진입, 불타기, 물타기",
                STAMP,
                STAMP,
                json.dumps(data, ensure_ascii=number % 2 == 0),
                '{"win_rate": 0.6180339887498949}',
            ),
        )


def _conditions(connection: sqlite3.Connection, chosen: random.Random) -> None:
    external = '{"variable_id": "CURRENT_PRICE", "variable_name": "💰 현재가", "%s": {}}'
    for number in range(24):
        params = '{"period": 14' if number == 9 else '{"period": 14, "std_dev": "2.0"}'
        connection.execute(
            "INSERT INTO trading_conditions (name, description, variable_id, variable_name, "
            "variable_params, operator, comparison_type, target_value, external_variable, "
            "trend_direction, category, created_at, updated_at, success_rate) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'custom', ?, ?, ?)",
            (
                f"볼린저밴드 상단 돌파 {number}",
                "상승 돌파",
                chosen.choice(VARIABLES),
                "볼린저밴드",
                params,
                chosen.choice(("<", ">", ">=", "<=")),
                chosen.choice(COMPARISONS),
                chosen.choice(TARGETS),
                chosen.choice((None, external % "parameters", external % "variable_params")),
                chosen.choice(TRENDS),
                STAMP,
                STAMP,
                chosen.random(),
            ),
        )
        if number % 2 == 0:  # every other one belongs to no strategy
            connection.execute(
                "INSERT INTO strategy_conditions (strategy_id, condition_id, condition_order, "
                "condition_logic) VALUES (?, ?, ?, 'AND')",
                (f"STR_{1_756_000_000_000 + number // 4}", number + 1, number),
            )


def _older_shapes(connection: sqlite3.Connection) -> None:
    entry = {"entry_conditions": [{"id": 1, "name": "진입"}], "exit_conditions": [],
             "entry_logic": "AND", "exit_logic": "OR"}  # fmt: skip
    connection.execute(
        "INSERT INTO component_strategy VALUES (?, '구성 요소 전략', '', ?, '[]', '[]', '[]', "
        "'trend', 'hard', 1, 0, NULL)",
        ("00000000-0000-4000-8000-000000000007", json.dumps(entry, ensure_ascii=False)),
    )
    connection.execute(
        "INSERT INTO strategy_components VALUES ('c1', '00000000-0000-4000-8000-000000000007', "
        "'trigger', '{\"type\": \"RSI\"}', 0)"
    )
    connection.execute(
        "INSERT INTO user_triggers VALUES (1, 'RSI < 30', 'RSI', '{\"period\": 14}', '<', NULL, '30')"
    )
    connection.execute("INSERT INTO user_strategies VALUES (1, '내 전략', '[1]', '[]', '{}')")
    inline = {"rule_id": "rsi_entry", "activation_state": "READY", "priority": 10,
              "triggers": [{"type": "RSI", "threshold": 30, "condition": "<=", "period": 14}],
              "action": {"type": "buy", "amount_percent": 20}}  # fmt: skip
    connection.execute(
        "INSERT INTO legacy_strategies VALUES (1, '예전 전략', NULL, ?)", (json.dumps([inline]),)
    )
    connection.execute('INSERT INTO conditions VALUES (1, 1, \'{"type": "RSI"}\')')
    connection.execute(
        "INSERT INTO legacy_strategy VALUES ('rsi-v1', 'RSI 전략', '', '{\"period\": \"14\"}', "
        "'BUY', 'ENTRY', 0, 'bear', 'low')"
    )


def _history(connection: sqlite3.Connection, chosen: random.Random) -> None:
    connection.executemany(
        "INSERT INTO execution_history (strategy_id, rule_id, executed_at, price, amount, result) "
        "VALUES (?, ?, ?, ?, ?, 'filled')",
        [
            (f"STR_{1_756_000_000_000 + n % 6}", "rsi_oversold_entry", STAMP,
             chosen.uniform(1, 9e7), chosen.uniform(0.0001, 5))
            for n in range(400)
        ],
    )  # fmt: skip
    connection.execute(
        "INSERT INTO current_positions VALUES (1, 'KRW-BTC', 0.0123456789012345, 91234567.89, "
        "'STR_1756000000000')"
    )
