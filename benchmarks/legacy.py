"""Makes a large strategies database of the unified shape, as the trading program keeps it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from resources.demo.seven_rules import seven_rules
from resources.demo.strategies import COMPARISONS, SCHEMA, TARGETS, TRENDS, VARIABLES

STRATEGIES = 1_000
PARAMETERS = '{"band_position":"상단","period":20,"std_dev":"2.0","timeframe":"포지션 설정 따름"}'
EXTERNAL = (
    '{"variable_id":"CURRENT_PRICE","variable_name":"💰 현재가","category":"price",'
    '"variable_params":{}}'
)


def make_legacy(path: Path, conditions: int) -> None:
    """Make a database at *path* with *conditions* conditions, each linked to a strategy."""
    connection = sqlite3.connect(path)
    connection.executescript(f"PRAGMA journal_mode = WAL; {SCHEMA}")
    rules = json.dumps({"rules": seven_rules()}, ensure_ascii=False)
    connection.executemany(
        "INSERT INTO strategies VALUES (?, ?, NULL, 'rule_based', '2025-07-20', '2025-07-21', 1, "
        "7, '[]', ?, NULL, NULL)",
        ((f"STR_{1_756_000_000_000 + one}", f"전략 {one}", rules) for one in range(STRATEGIES)),
    )
    connection.executemany(
        "INSERT INTO trading_conditions (id, name, description, variable_id, variable_name, "
        "variable_params, operator, comparison_type, target_value, external_variable, "
        "trend_direction, category, created_at, updated_at, usage_count, success_rate) "
        "VALUES (?, ?, NULL, ?, '볼린저밴드', ?, '<', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        _conditions(conditions),
    )
    connection.executemany(
        "INSERT INTO strategy_conditions VALUES (?, ?, ?, ?, 'AND')",
        (
            (one, f"STR_{1_756_000_000_000 + one % STRATEGIES}", one, one % 7)
            for one in range(1, conditions + 1)
        ),
    )
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _conditions(count: int) -> Iterator[tuple[object, ...]]:
    for one in range(1, count + 1):
        name = f"볼린저밴드 상단 돌파 {one}"
        yield (
            one, name, VARIABLES[one % 6], PARAMETERS, COMPARISONS[one % 6],
            TARGETS[one % 6], EXTERNAL if one % 2 else None, TRENDS[one % 5],
            "entry" if one % 3 else "exit", "2025-07-20 10:00:00", "2025-07-21 11:00:00",
            one % 100, one / 7.0,
        )  # fmt: skip
