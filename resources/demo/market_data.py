"""Candles: one table for each market and timeframe, of a size that is asked for."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

from resources.demo.database import STAMP, new_database

# `1M` (month) would be the same table as `1m`: SQLite folds the case of names.
TIMEFRAMES = {
    "1s": 1, "1m": 60, "3m": 180, "5m": 300, "15m": 900, "30m": 1800,
    "1h": 3600, "4h": 14400, "1d": 86400, "1w": 604800,
}  # fmt: skip
COINS = (
    "BTC", "ETH", "XRP", "SOL", "DOGE", "ADA", "TRX", "AVAX", "LINK", "DOT", "SUI", "NEAR",
    "APT", "ATOM", "ETC", "XLM", "SAND", "AAVE", "ALGO", "HBAR", "ARB", "SEI", "STX", "EOS",
)  # fmt: skip
BYTES_A_ROW = 190
END = 1_757_247_600
"""The newest candle: 2025-09-07 12:20 UTC in Unix seconds."""


def table_name(coin: str, timeframe: str) -> str:
    """Return the name of a candle table."""
    return f"candles_KRW_{coin}_{timeframe}"


def make_market_data(path: Path, size_bytes: int, seed: int) -> None:
    """Make candles of about *size_bytes*; most of them in the one-minute tables."""
    rows = max(2_400, size_bytes // BYTES_A_ROW)
    chosen = random.Random(seed)
    small = max(5, rows // 20 // (len(COINS) * len(TIMEFRAMES)))
    large = (rows - small * len(COINS) * (len(TIMEFRAMES) - 1)) // len(COINS)
    with new_database(path) as connection:
        for coin in COINS:
            price = chosen.uniform(5.0, 90_000_000.0)
            for timeframe, seconds in TIMEFRAMES.items():
                table = table_name(coin, timeframe)
                # The oldest tables keyed the time as text and knew no filler candles.
                old = coin in COINS[-2:]
                _create(connection, table, old=old)
                count = large if timeframe == "1m" else small
                _fill(connection, table, coin, seconds, count, price, chosen, old=old)
                connection.commit()


def _create(connection: sqlite3.Connection, table: str, *, old: bool) -> None:
    filler = "" if old else "empty_copy_from_utc TEXT,"
    connection.execute(
        f"CREATE TABLE {table} ("
        "candle_date_time_utc TEXT NOT NULL PRIMARY KEY, market TEXT NOT NULL, "
        f"candle_date_time_kst TEXT{' NOT NULL' if old else ''}, "
        "opening_price REAL, high_price REAL, low_price REAL, trade_price REAL, "
        f"timestamp {'TEXT' if old else 'INTEGER'} NOT NULL, "
        f"candle_acc_trade_price REAL, candle_acc_trade_volume REAL, {filler} "
        "created_at TEXT DEFAULT CURRENT_TIMESTAMP)"
    )
    connection.execute(f"CREATE INDEX idx_{table}_ts ON {table}(timestamp DESC)")


def _fill(
    connection: sqlite3.Connection,
    table: str,
    coin: str,
    seconds: int,
    count: int,
    price: float,
    chosen: random.Random,
    *,
    old: bool,
) -> None:
    """Let SQLite make the rows: a walk whose steps come from a multiplicative hash."""
    factor = chosen.randrange(1 << 20, 1 << 30) | 1
    filler = "" if old else "CASE WHEN n % 97 = 0 THEN utc END,"
    kst = "strftime('%Y-%m-%dT%H:%M:%S', unix + 32400, 'unixepoch')"
    if not old:
        kst = f"CASE WHEN n % 97 THEN {kst} END"
    connection.execute(
        f"""
        WITH RECURSIVE step(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM step WHERE n < :count),
        walk AS (
            SELECT n, {END} - (:count - n) * {seconds} AS unix,
                   :price * (1.0 + ((n * {factor}) % 1000003) / 20000060.0
                             + ((n / 211 * {factor}) % 10007) / 100070.0) AS close
            FROM step),
        candle AS (
            SELECT n, unix, close, strftime('%Y-%m-%dT%H:%M:%S', unix, 'unixepoch') AS utc
            FROM walk)
        INSERT INTO {table}
        SELECT utc, 'KRW-{coin}', {kst},
               close * 0.9991, close * 1.0021, close * 0.9973, close, unix * 1000,
               close * ((n * 7919) % 9973) / 3.0, ((n * 7919) % 9973) / 7.0, {filler} '{STAMP}'
        FROM candle
        """,
        {"count": count, "price": price},
    )
