"""The settings database, with the dirt that real ones have."""

from __future__ import annotations

import json
import random
from pathlib import Path

from resources.demo.database import STAMP, new_database
from resources.demo.seven_rules import seven_rules

SCHEMA = """
CREATE TABLE cfg_app_settings (id INTEGER PRIMARY KEY, key TEXT UNIQUE, value TEXT);
CREATE TABLE cfg_system_settings (id INTEGER PRIMARY KEY, setting_name TEXT UNIQUE,
    setting_value TEXT);
CREATE TABLE system_settings (key TEXT PRIMARY KEY, value TEXT, description TEXT);
CREATE TABLE secure_keys (id INTEGER PRIMARY KEY, key_type TEXT UNIQUE, key_value BLOB);
CREATE TABLE tv_schema_version (version TEXT PRIMARY KEY, applied_at TEXT);
CREATE TABLE tv_trading_variables (variable_id TEXT PRIMARY KEY, display_name_ko TEXT NOT NULL,
    purpose_category TEXT, chart_category TEXT, comparison_group TEXT,
    is_active BOOLEAN DEFAULT 1);
CREATE TABLE tv_variable_parameters (parameter_id INTEGER PRIMARY KEY, variable_id TEXT NOT NULL
    REFERENCES tv_trading_variables(variable_id) ON DELETE CASCADE, parameter_name TEXT,
    parameter_type TEXT, default_value TEXT, min_value TEXT, max_value TEXT, enum_values TEXT,
    enum_values_ko TEXT);
CREATE TABLE tv_help_texts (id INTEGER PRIMARY KEY, variable_id TEXT, help_text_ko TEXT);
CREATE TABLE trading_conditions (id INTEGER PRIMARY KEY, condition_name TEXT,
    condition_type TEXT, description TEXT, variable_mappings TEXT, is_template BOOLEAN,
    is_active BOOLEAN);
CREATE TABLE component_strategy (id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT,
    triggers TEXT, conditions TEXT, actions TEXT, tags TEXT, category TEXT, difficulty TEXT,
    is_active BOOLEAN, is_template BOOLEAN, performance_metrics TEXT);
CREATE TABLE backup_tv_trading_variables_20250901 (variable_id TEXT, display_name_ko TEXT);
CREATE INDEX idx_parameters_variable ON tv_variable_parameters(variable_id);
CREATE VIEW v_active_variables AS SELECT * FROM tv_trading_variables WHERE is_active = 1;
CREATE VIEW v_parameter_count AS SELECT variable_id, count(*) AS parameters
    FROM tv_variable_parameters GROUP BY variable_id;
"""

SPARE_TABLES = (
    "cfg_chart_layouts", "cfg_notifications", "cfg_ui_state", "cfg_shortcuts", "cfg_logging",
    "tv_comparison_groups", "tv_indicator_categories", "tv_placeholder_texts",
    "tv_chart_variables", "tv_variable_compatibility", "tv_workflow_guides",
)  # fmt: skip

VARIABLES = {
    "RSI": "RSI 지표 (수정됨)",
    "SMA": "단순이동평균",
    "EMA": "지수이동평균",
    "MACD": "MACD 지표",
    "BOLLINGER_BAND": "볼린저밴드",
    "CURRENT_PRICE": "💰 현재가",
    "VOLUME": "거래량",
    "PROFIT_PERCENT": "수익률(%)",
}


def make_settings(path: Path, seed: int) -> None:
    """Make the settings database at *path*."""
    chosen = random.Random(seed)
    with new_database(path) as connection:
        connection.executescript(SCHEMA)
        for table in SPARE_TABLES:
            connection.execute(
                f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, key TEXT, value TEXT)"
            )
            connection.executemany(
                f"INSERT INTO {table} (key, value) VALUES (?, ?)",
                [(f"{table}_{n}", f"값 {chosen.random()!r}") for n in range(5)],
            )
        app = {
            "app_version": "1.4.2", "default_language": "ko", "theme": "dark",
            "auto_backup_enabled": "true", "backup_retention_days": "30",
        }  # fmt: skip
        connection.executemany(
            "INSERT INTO cfg_app_settings (key, value) VALUES (?, ?)", app.items()
        )
        system = {
            "max_concurrent_strategies": "5", "default_timeframe": "1h",
            "api_timeout_seconds": "30", "log_level": "INFO",
        }  # fmt: skip
        connection.executemany(
            "INSERT INTO cfg_system_settings (setting_name, setting_value) VALUES (?, ?)",
            system.items(),
        )
        connection.execute(
            "INSERT INTO system_settings VALUES ('api_timeout_seconds', '30', '응답 대기 시간')"
        )
        # 44 bytes are due; a key cut short has been seen.
        connection.executemany(
            "INSERT INTO secure_keys (key_type, key_value) VALUES (?, ?)",
            [("encryption", chosen.randbytes(44)), ("session", chosen.randbytes(34))],
        )
        connection.execute("INSERT INTO tv_schema_version VALUES ('3.1', ?)", (STAMP,))
        for name, shown in VARIABLES.items():
            connection.execute(
                "INSERT INTO tv_trading_variables VALUES (?, ?, 'momentum', 'subplot', 'percentage', 1)",
                (name, shown),
            )
            connection.execute(
                "INSERT INTO backup_tv_trading_variables_20250901 VALUES (?, ?)", (name, shown)
            )
            connection.executemany(
                "INSERT INTO tv_variable_parameters (variable_id, parameter_name, parameter_type, "
                "default_value, min_value, max_value, enum_values, enum_values_ko) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (name, "period", "integer", "14", "2", "240", None, None),
                    (
                        name,
                        "std_dev",
                        chosen.choice(("float", "decimal")),
                        "2.0",
                        None,
                        None,
                        None,
                        None,
                    ),
                    # Python's repr where JSON is due.
                    (
                        name,
                        "source",
                        "enum",
                        "close",
                        None,
                        None,
                        "['open', 'close']",
                        '["시가", "종가"]',
                    ),
                ],
            )
        connection.execute(
            "INSERT INTO trading_conditions (condition_name, condition_type, description, "
            "variable_mappings, is_template, is_active) VALUES (?, 'entry', ?, ?, 0, 1)",
            ("RSI 과매도", "\\uacfc\\ub9e4\\ub3c4 진입", '{"left": "RSI", "right": 30}'),
        )
        connection.execute(
            "INSERT INTO component_strategy VALUES (?, ?, ?, ?, ?, ?, '[]', 'basic', 'easy', 1, 0, NULL)",
            (
                "7c0de5a1-3f0a-4b43-9a61-0f6a0b2f5d11",
                "기본 7규칙 전략",
                "구성 요소 방식",
                json.dumps({"rules": seven_rules()}, ensure_ascii=False),
                "[]",
                "[]",
            ),
        )
        connection.execute("ANALYZE")
