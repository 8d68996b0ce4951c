"""What the application itself is like: its active strategies and its newest candles.

The functions that ask a database run in the helper process, so this imports little.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import apsw

from core.base.sqlite import quote

if TYPE_CHECKING:
    from core.base.metrics import Measured

# Every generation's own table, known by its columns: seven have been called `strategies`.
_STRATEGY_COLUMNS = (
    {"strategy_id", "strategy_data"},  # unified
    {"strategy_name", "strategy_type"},  # newest
    {"triggers", "conditions", "actions"},  # component maker
    {"entry_triggers", "exit_triggers"},  # user_*
    {"aggregate_version", "name"},  # domain
    {"strategy_config", "name"},  # task document
    {"parameters", "signal_type"},  # ORM v1
)
_DOMAIN = "domain_strategies"
"""What the migration makes; once it holds a row, the tables it was made from do not count."""
_DONE_WITH = {"legacy_strategies", "legacy_strategy"}
"""Tables that are only counted where no other has a row."""

_CANDLES = re.compile(r"candles_([A-Z0-9]+)_([A-Z0-9]+)_([0-9]+[smhdwM])", re.IGNORECASE)
_FINE = {"1s": 0, "1m": 1, "3m": 2, "5m": 3, "10m": 4, "15m": 5, "30m": 6, "1h": 7}
AUTOMATIC_MARKETS = 4
ACTIVE, AGE = "active_strategies", "candles.*.age_seconds"
HOLDER = "strategies"


def count_strategies(connection: apsw.Connection, _: Sequence[str] = ()) -> Measured | None:
    """Return the number of active strategies in all schema shapes, None where there is none.

    Rows of a table without `is_active` all count.  Of the generations of tables the newest that
    has rows counts; the same id in two tables of one generation counts once.
    """
    tables = _strategy_tables(connection)
    if not tables:
        return None
    current = {name: columns for name, columns in tables.items() if name not in _DONE_WITH}
    domain = {name: columns for name, columns in tables.items() if name == _DOMAIN}
    for chosen in (domain, current, tables):
        ids: set[str] = set()
        for name, columns in chosen.items():
            ids |= _active_ids(connection, name, columns)
        if ids:
            return {"": float(len(ids))}
    return {"": 0.0}


def _strategy_tables(connection: apsw.Connection) -> dict[str, set[str]]:
    found = {}
    for (name,) in connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE '%strateg%' "
        "AND name NOT LIKE 'backup%'"
    ):
        columns = {
            str(row[1]).lower() for row in connection.execute(f"PRAGMA table_info({quote(name)})")
        }
        if any(shape <= columns for shape in _STRATEGY_COLUMNS):
            found[str(name)] = columns
    return found


def _active_ids(connection: apsw.Connection, table: str, columns: set[str]) -> set[str]:
    key = next((name for name in ("strategy_id", "id") if name in columns), "rowid")
    terms = []
    if "is_active" in columns:
        terms.append("CAST(is_active AS TEXT) IN ('1', 'true', 'True', 'TRUE')")
    if "is_template" in columns:
        terms.append("coalesce(is_template, 0) = 0")
    where = f" WHERE {' AND '.join(terms)}" if terms else ""
    rows = connection.execute(f"SELECT {quote(key)} FROM {quote(table)}{where}")
    # Numbers and row ids tell nothing across tables.
    return {value if isinstance(value, str) else f"{table}:{value}" for (value,) in rows}


def sampled_strategies(
    found: Mapping[str, Measured | None], database: str, _wall: float
) -> dict[str, float]:
    """Return the active strategies that count, now that *database* was read.

    Those of `strategies` do where it has any table of strategies, else the most that another
    database has: they once lived in `settings`.
    """
    preferred = found.get(HOLDER) if HOLDER in found else max(
        (value for value in found.values() if value), key=lambda one: one[""], default=None
    )  # fmt: skip
    return {ACTIVE: preferred[""]} if preferred and found[database] is not None else {}


def newest_candles(connection: apsw.Connection, markets: Sequence[str]) -> Measured:
    """Return the Unix time of the newest candle of each of *markets*, of the newest few if none."""
    tables: dict[str, list[tuple[int, str]]] = {}
    for (name,) in connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'candles%'"
    ):
        match = _CANDLES.fullmatch(str(name))
        if match:
            market = f"{match[1]}-{match[2]}".upper()
            fineness = _FINE.get(match[3] if match[3].endswith("M") else match[3].lower(), 99)
            tables.setdefault(market, []).append((fineness, str(name)))
    newest: Measured = {}
    for market in markets or tables:
        # The two finest timeframes are the newest; a coarse candle is dated by its beginning.
        times = [
            time
            for _, table in sorted(tables.get(market, []))[:2]
            if (time := _newest_in(connection, table)) is not None
        ]
        if times:
            newest[market] = max(times)
    if not markets:
        best = sorted(newest, key=lambda market: (-newest[market], market))[:AUTOMATIC_MARKETS]
        return {market: newest[market] for market in best}
    return newest


def sampled_candles(
    found: Mapping[str, Measured | None], database: str, wall: float
) -> dict[str, float]:
    """Return the age of the newest candle of each market in *database*."""
    return {
        AGE.replace("*", market): max(0.0, wall - newest)
        for market, newest in (found[database] or {}).items()
    }


def _newest_in(connection: apsw.Connection, table: str) -> float | None:
    columns = {str(row[1]) for row in connection.execute(f"PRAGMA table_info({quote(table)})")}
    column = "candle_date_time_utc" if "candle_date_time_utc" in columns else "timestamp"
    if column not in columns:
        return None
    # Both are keys or indexed, so this is one step down a B-tree.
    return unix_time(connection.execute(f"SELECT max({column}) FROM {quote(table)}").get)


def unix_time(value: object) -> float | None:
    """Return a candle's time as Unix seconds, whether written as ISO text or a number."""
    if isinstance(value, int | float):
        return float(value) / (1000 if value > 1e11 else 1)
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        if text.isdigit():
            return unix_time(int(text))
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
