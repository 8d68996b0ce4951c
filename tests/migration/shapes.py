"""Small databases of each legacy shape, made the way the trading program does."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from core.base.operation import Context
from migration import upbit
from migration.adapter import ScriptSet
from migration.engine.apply import Staged, apply
from migration.engine.scripts import Deployment, Script
from migration.upbit.adapter import CONVERSIONS
from resources.demo.seven_rules import seven_rules

MOMENT = "2026-01-02T03:04:05+00:00"
Build = Callable[[sqlite3.Connection], None]


def task(c: sqlite3.Connection) -> None:
    c.executescript(
        "CREATE TABLE legacy_strategies (id INTEGER PRIMARY KEY, name TEXT, description TEXT, "
        "strategy_config JSON);"
        "CREATE TABLE conditions (id INTEGER PRIMARY KEY, strategy_id INTEGER, "
        "condition_data TEXT);"
    )
    inline = {"rule_id": "rsi_entry", "activation_state": "READY", "priority": 10,
              "triggers": [{"type": "RSI", "threshold": 30.10, "condition": "<=", "period": 14}],
              "action": {"type": "buy", "amount_percent": 20}}  # fmt: skip
    c.executemany(
        "INSERT INTO legacy_strategies VALUES (?, ?, ?, ?)",
        [
            (1, "예전 전략", None, json.dumps([inline])),
            (2, "깨진 전략", "", '{"rules": ['),
            (3, "", "이름 없음", "[]"),
        ],
    )
    c.executemany(
        "INSERT INTO conditions VALUES (?, ?, ?)",
        [
            (1, 1, '{"type": "RSI", "role": "entry", "threshold": 1.10}'),
            (2, 1, '{"type": "RSI"}'),
            (3, 99, '{"type": "RSI", "role": "exit"}'),
            (4, 2, '{"role": "exit"}'),
        ],
    )


def orm_v1(c: sqlite3.Connection) -> None:
    c.execute(
        "CREATE TABLE legacy_strategy (id TEXT PRIMARY KEY, name TEXT, description TEXT, "
        "parameters TEXT, signal_type TEXT, role TEXT, position_required BOOLEAN, "
        "market_phase TEXT, risk_level TEXT, created_at TIMESTAMP)"
    )
    c.executemany(
        "INSERT INTO legacy_strategy VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                "rsi-v1",
                "RSI",
                "",
                '{"period": "14"}',
                "BUY",
                "ENTRY",
                0,
                "bear",
                "low",
                "2025-07-01",
            ),
            ("한글", "볼린저", None, '{"k": 2.50, "k": 3}', "SELL", None, 1, "bull", "high", None),
            ("1", "숫자", None, None, "HOLD", None, None, None, None, 1756000000),
            (None, "없는 번호", None, None, "BUY", "ENTRY", None, None, None, None),
        ],
    )


UNIFIED = """
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
"""
CONDITION = (
    "INSERT INTO trading_conditions (id, name, description, variable_id, variable_name, "
    "variable_params, operator, comparison_type, target_value, external_variable, "
    "trend_direction, category, created_at, success_rate) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
SCRIPTS = Path(upbit.__file__).parent / "scripts"
SET = ScriptSet(SCRIPTS, CONVERSIONS)
EXAMPLE = (
    1, "볼린저밴드 상단 현재가 상승 돌파", "\\uc0c1\\uc2b9", "BOLLINGER_BAND", "볼린저밴드",
    '{"band_position":"상단","period":20,"std_dev":"2.0","timeframe":"포지션 설정 따름"}', "<",
    "external", None,
    '{"variable_id":"CURRENT_PRICE","variable_name":"💰 현재가","category":"price",'
    '"variable_params":{}}',
    "rising", "entry", "2025-07-20 10:00:00", 0.1 + 0.2,
)  # fmt: skip


def unified(c: sqlite3.Connection) -> None:
    c.executescript(UNIFIED)
    for number in range(3):
        data = {"strategy_id": f"s{number}", "strategy_name": "기본",
                "rules": seven_rules(profit=(5, 5.0, 0.05)[number])}  # fmt: skip
        c.execute(
            "INSERT INTO strategies VALUES (?, '기본 7규칙 전략', ?, 'rule_based', ?, ?, ?, 7, "
            "'[\"기본\"]', ?, NULL, ?)",
            (f"STR_{1756000000000 + number}", None if number else "설명", "2025-07-20",
             "2025-07-21", number % 2, json.dumps(data, ensure_ascii=bool(number)),
             '{"win_rate": 0.6180339887498949}'),
        )  # fmt: skip
    rows: list[tuple[object, ...]] = [EXAMPLE]
    rows += [
        (2, "RSI 진입", "", "rsi_14", "RSI", '{"period": "14"}', "<", "cross_up_in_oversold",
         "30", None, "crossover_up", "exit", None, 1e-7),
        (3, "역할 없음", None, "ma_cross_20_60", None, None, ">", "value", "", None, "both",
         "custom", None, 0.5),
        (4, "깨진 JSON", None, "macd_12_26_9", None, '{"period": 14', ">", "fixed", "bb_lower",
         None, "static", "entry", None, None),
        (5, "주인 없음", None, "RSI", None, "{}", ">=", "fixed", "70.5", None, "static", "entry",
         None, 0.0),
    ]  # fmt: skip
    c.executemany(CONDITION, rows)
    c.executemany(
        "INSERT INTO strategy_conditions VALUES (?, ?, ?, ?, ?)",
        [
            (1, "STR_1756000000000", 1, 0, "AND"), (2, "STR_1756000000001", 1, 1, "OR"),
            (3, "STR_1756000000000", 2, 1, "AND"), (4, "STR_1756000000000", 3, 2, "AND"),
            (5, "STR_1756000000000", 4, 3, "AND"), (6, "STR_404", 5, 0, None),
            (7, "STR_1756000000002", 77, 0, "AND"),
        ],
    )  # fmt: skip


COMPONENT = """
CREATE TABLE component_strategy (id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT,
    triggers TEXT, conditions TEXT, actions TEXT, tags TEXT, category TEXT, difficulty TEXT,
    is_active BOOLEAN, is_template BOOLEAN, performance_metrics TEXT);
"""


def component(c: sqlite3.Connection) -> None:
    c.executescript(
        COMPONENT + "CREATE TABLE strategy_components (id TEXT PRIMARY KEY, strategy_id TEXT, "
        "component_type TEXT, component_data TEXT, order_index INTEGER);"
    )
    embedded = {"entry_conditions": [{"id": 1, "name": "진입", "target": 30.10}, 7],
                "exit_conditions": [{"id": 2}], "entry_logic": "or"}  # fmt: skip
    first = "00000000-0000-4000-8000-000000000007"
    c.executemany(
        "INSERT INTO component_strategy VALUES (?, ?, '', ?, '[]', '[]', '[]', 'trend', 'hard', 1, "
        "0, NULL)",
        [
            (first, "구성 요소", json.dumps(embedded, ensure_ascii=False)),
            ("7c0de5a1-3f0a-4b43-9a61-0f6a0b2f5d11", "규칙", json.dumps({"rules": seven_rules()})),
        ],
    )
    c.executemany(
        "INSERT INTO strategy_components VALUES (?, ?, ?, ?, ?)",
        [
            ("c1", first, "trigger", '{"type": "RSI"}', 0),
            ("c2", first, "action", '{"type": ', 1),
            ("c3", "nobody", "action", "{}", 0),
        ],
    )


def user(c: sqlite3.Connection) -> None:
    c.executescript(
        "CREATE TABLE user_triggers (id INTEGER PRIMARY KEY, name TEXT, left_variable_id TEXT, "
        "left_params TEXT, operator TEXT, right_variable_id TEXT, right_params TEXT);"
        "CREATE TABLE user_strategies (id INTEGER PRIMARY KEY, name TEXT, entry_triggers TEXT, "
        "exit_triggers TEXT, config_json TEXT);"
    )
    c.executemany(
        "INSERT INTO user_triggers VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (1, "RSI < 30", "RSI", '{"period": 14}', "<", None, "30"),
            (2, "SMA > EMA", "SMA", '{"period": 20}', ">", "EMA", '{"period": 60}'),
            (3, "쓰이지 않음", "RSI", "{}", ">", None, "70"),
        ],
    )
    c.executemany(
        "INSERT INTO user_strategies VALUES (?, ?, ?, ?, ?)",
        [(1, "내 전략", '[1, "2", 1, 9]', "[2]", '{"a": 1.50}'), (2, "다른", "[]", "[", "{}")],
    )


def newest(c: sqlite3.Connection) -> None:
    c.executescript(
        "CREATE TABLE strategies (id INTEGER PRIMARY KEY, strategy_name TEXT NOT NULL, "
        "description TEXT, strategy_type TEXT, risk_level INTEGER, target_market TEXT, "
        "is_active BOOLEAN, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);"
        "CREATE TABLE strategy_conditions (id INTEGER PRIMARY KEY, strategy_id INTEGER NOT NULL "
        "REFERENCES strategies(id) ON DELETE CASCADE, condition_name TEXT, condition_type TEXT, "
        "left_variable TEXT, operator TEXT, right_variable TEXT, right_value TEXT, "
        "logic_operator TEXT, condition_order INTEGER, is_enabled BOOLEAN, "
        "variable_parameters JSON);"
        "CREATE TABLE execution_history (id INTEGER PRIMARY KEY, strategy_id INTEGER, price REAL);"
        "CREATE VIEW active AS SELECT * FROM strategies WHERE is_active = 1;"
        "CREATE TRIGGER note AFTER INSERT ON strategies BEGIN INSERT INTO execution_history "
        "(strategy_id) VALUES (new.id); END;"
    )
    c.executemany(
        "INSERT INTO strategies VALUES (?, ?, ?, 'swing', 3, 'KRW-BTC', 1, '2025-09-01')",
        [(1, "최신", None), (2, "둘째", "설명")],
    )
    c.executemany(
        "INSERT INTO strategy_conditions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (1, 1, "진입", "entry_long", "RSI", "<", None, "30", "AND", 0, 1, '{"p": 14.0}'),
            (2, 1, "청산", "exit_short", "RSI", ">", "SMA", None, "OR", 1, 0, None),
            (3, 2, "관리", "management", "PROFIT", ">=", None, "5", None, 0, 1, "{}"),
            (4, 2, "모름", "sideways", "PROFIT", ">=", None, "5", None, 1, 1, "{}"),
            (5, 2, "변수 없음", "entry_long", "", ">=", None, "5", None, 1, 1, "{}"),
        ],
    )


def template_settings(c: sqlite3.Connection) -> None:
    """The settings database, in which conditions and a strategy were once kept as well."""
    c.executescript(
        COMPONENT + "CREATE TABLE trading_conditions (id INTEGER PRIMARY KEY, condition_name TEXT, "
        "condition_type TEXT, description TEXT, variable_mappings TEXT, is_template BOOLEAN, "
        "is_active BOOLEAN);"
        "CREATE TABLE app_settings (key TEXT PRIMARY KEY, value TEXT);"
        "CREATE TABLE cfg_system_settings (id INTEGER PRIMARY KEY, setting_name TEXT UNIQUE, "
        "setting_value TEXT);"
        "CREATE TABLE system_settings (key TEXT PRIMARY KEY, value TEXT, description TEXT);"
        "CREATE TABLE secure_keys (id INTEGER PRIMARY KEY, key_type TEXT UNIQUE, key_value BLOB);"
        "CREATE TABLE tv_variable_parameters (parameter_id INTEGER PRIMARY KEY, variable_id TEXT, "
        "parameter_name TEXT, parameter_type TEXT, default_value TEXT, min_value TEXT, "
        "max_value TEXT, enum_values TEXT, enum_values_ko TEXT);"
        "CREATE TABLE backup_strategies_1 (strategy_id TEXT, name TEXT, strategy_data TEXT);"
    )
    c.executemany(
        "INSERT INTO trading_conditions VALUES (?, ?, ?, ?, ?, 0, 1)",
        [
            (1, "RSI 과매도", "entry", "\\uacfc 진입", '{"left": "RSI", "right": 30}'),
            (2, EXAMPLE[1], "entry", None, '{"left": "BB"}'),
        ],
    )
    c.execute(
        "INSERT INTO component_strategy VALUES ('7c0de5a1-3f0a-4b43-9a61-0f6a0b2f5d11', '규칙', "
        "'', ?, '[]', '[]', '[]', 'trend', 'hard', 1, 0, NULL)",
        (json.dumps({"rules": seven_rules()}),),
    )
    c.execute("INSERT INTO app_settings VALUES ('theme', 'dark')")
    c.executemany(
        "INSERT INTO cfg_system_settings VALUES (?, ?, ?)",
        [(1, "api_timeout_seconds", "30"), (2, "log_level", "INFO")],
    )
    c.executemany(
        "INSERT INTO system_settings VALUES (?, ?, NULL)",
        [("api_timeout_seconds", "60"), ("default_timeframe", "1h"), ("log_level", "INFO")],
    )
    c.execute("INSERT INTO secure_keys VALUES (1, 'encryption', ?)", (bytes(range(34)),))
    c.executemany(
        "INSERT INTO tv_variable_parameters VALUES (?, 'RSI', ?, ?, ?, ?, ?, ?, ?)",
        [
            (1, "period", "integer", "14.0", " 2", "+240", None, None),
            (2, "std", "float", "2.0", None, None, None, None),
            (3, "source", "enum", "close", None, None, "['open', 'close', 0.1]", '["시가"]'),
            (4, "odd", "enum", "x", None, None, "['open',", "{1: 2}"),
            (5, "word", "integer", "many", None, None, None, None),
        ],
    )


SHAPES: dict[str, Build] = {
    "task": task, "orm_v1": orm_v1, "unified": unified, "component": component, "user": user,
    "newest": newest,
}  # fmt: skip


def everything(c: sqlite3.Connection) -> None:
    """All shapes side by side; two of them call their tables alike."""
    for build in (task, orm_v1, unified, component, user):
        build(c)
    other = sqlite3.connect(":memory:")
    newest(other)
    for line in other.iterdump():
        if line not in {"BEGIN TRANSACTION;", "COMMIT;"} and "CREATE VIEW" not in line:
            if "CREATE TRIGGER" in line or line.startswith('INSERT INTO "execution_history"'):
                continue
            line = line.replace("strategy_conditions", "newest_conditions")  # noqa: PLW2901
            line = line.replace("TABLE strategies", "TABLE newest_strategies")  # noqa: PLW2901
            line = line.replace("REFERENCES strategies", "REFERENCES newest_strategies")  # noqa: PLW2901
            line = line.replace('INTO "strategies"', 'INTO "newest_strategies"')  # noqa: PLW2901
            c.execute(line)
    other.close()


@dataclass
class Migrated:
    """A migration of small databases in a folder."""

    folder: Path
    sources: dict[str, Path]
    staged: dict[str, Staged]
    scripts: tuple[Script, ...] = field(default_factory=SET.read)
    decisions: tuple[dict[str, object], ...] = ()

    @property
    def deployment(self) -> Deployment:
        return Deployment(Context(), MOMENT, frozenset(self.sources), self.decisions)

    def run(self) -> Migrated:
        for one in self.staged.values():
            apply(one, self.scripts, self.deployment)
        return self

    def query(self, sql: str, database: str = "strategies") -> list[tuple[object, ...]]:
        connection = sqlite3.connect(self.staged[database].path)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def value(self, sql: str, database: str = "strategies") -> object:
        return self.query(sql, database)[0][0]


def make(path: Path, build: Build | None) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    if build is not None:
        build(connection)
    connection.commit()
    connection.close()


def prepare(
    folder: Path,
    strategies: Build | None,
    settings: Build | None = None,
    decisions: tuple[dict[str, object], ...] = (),
) -> Migrated:
    """Make the databases in *folder* and copies to migrate beside them."""
    sources, staged = {}, {}
    for name, build in (("strategies", strategies), ("settings", settings)):
        sources[name] = folder / f"{name}.before"
        make(sources[name], build)
    for name, source in sources.items():
        path = folder / f"{name}.sqlite3"
        shutil.copyfile(source, path)
        staged[name] = Staged(name, path, sources)
    return Migrated(folder, sources, staged, decisions=decisions)
