"""A stand-in for the trading program: appends candles until it is asked to stop.

On Windows, or with `DEMO_WINDOW=1`, it has a window, by which it is asked to close as the real one
is.  It keeps one connection for each database, never checkpoints when it closes, and ignores
arguments that it does not know.  Being another program than the console, it uses Python's own
SQLite.  `DEMO_RATE` is the number of candles a second; `DEMO_FAIL=exit_at_start`,
`die_after:SECONDS`, `ignore_sigterm` or `slow:SECONDS` (it holds its write lock for so long at
each candle) let one practise what can go wrong.  It never writes to anything but practice data,
wherever `UPBIT_DATA_DIR` leads.
"""

import contextlib
import os
import random
import signal
import sqlite3
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent
DATA = Path(os.environ.get("UPBIT_DATA_DIR") or ROOT / "data")
MARKER = ".upbit_ops_console_demo"
STAGES = {"development", "testing", "staging", "production"}


def is_practice(data):
    """Whether *data* lies in a practice workspace; whoever starts this by hand may have the
    variables of the real program set, and its candles are not to be made up."""
    return any((folder / MARKER).is_file() for folder in Path(data).absolute().parents)


def connect(name):
    connection = sqlite3.connect(DATA / f"{name}.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def candle_table(market_data):
    names = [
        name
        for (name,) in market_data.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'candles%1m' "
            "ORDER BY name LIMIT 4"
        )
    ]
    if not names:  # as the real program does where it finds no database
        market_data.execute(
            "CREATE TABLE candles_KRW_BTC_1m (candle_date_time_utc TEXT NOT NULL PRIMARY KEY, "
            "market TEXT NOT NULL, candle_date_time_kst TEXT, opening_price REAL, high_price REAL, "
            "low_price REAL, trade_price REAL, timestamp INTEGER NOT NULL, "
            "candle_acc_trade_price REAL, candle_acc_trade_volume REAL, created_at TEXT)"
        )
        names = ["candles_KRW_BTC_1m"]
    return names


def append(market_data, table, price):
    (newest,) = market_data.execute(f"SELECT max(candle_date_time_utc) FROM {table}").fetchone()
    # Its clock is the machine's, so that its newest candle is as old as it seems.
    after = datetime.fromisoformat(newest or "2025-09-07T12:20:00") + timedelta(milliseconds=1)
    utc = max(after, datetime.now(UTC).replace(tzinfo=None))
    kst = utc + timedelta(hours=9)
    stamp = int(utc.replace(tzinfo=UTC).timestamp() * 1000)
    market_data.execute(
        f"INSERT INTO {table} (candle_date_time_utc, market, candle_date_time_kst, opening_price, "
        "high_price, low_price, trade_price, timestamp, candle_acc_trade_price, "
        "candle_acc_trade_volume) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (utc.isoformat(), "KRW-BTC", kst.isoformat(), price, price * 1.001, price * 0.999, price,
         stamp, price * 3.3, 3.3),
    )  # fmt: skip


def append_slowly(market_data, table, price, seconds):
    market_data.execute("BEGIN IMMEDIATE")
    try:
        append(market_data, table, price)
        time.sleep(seconds)
    finally:
        market_data.execute("COMMIT")


def feed(databases, stopping):
    """Append candles, one at each call; the caller decides how often."""
    market_data = databases["market_data"]
    tables = candle_table(market_data)
    walk = random.Random()
    price = 91_234_567.0
    begun = time.monotonic()
    fail = os.environ.get("DEMO_FAIL", "")
    while not stopping:
        price *= 1 + walk.uniform(-0.0005, 0.0005)
        with contextlib.suppress(sqlite3.IntegrityError):
            if fail.startswith("slow:"):
                append_slowly(market_data, walk.choice(tables), price, float(fail[5:]))
            else:
                append(market_data, walk.choice(tables), price)
        if fail.startswith("die_after:") and time.monotonic() - begun > float(fail[10:]):
            os._exit(9)
        yield price


def run_headless(candles, pause):
    for _ in candles:
        time.sleep(pause)


def run_window(candles, pause):
    """The same with a window; closing it closes the program in order."""
    try:
        from PyQt6.QtCore import Qt, QTimer
        from PyQt6.QtWidgets import QApplication, QLabel
    except ImportError:
        return run_plain_window(candles, pause)

    app = QApplication(["stand-in"])
    label = QLabel()
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWindowTitle("업비트 자동매매 (연습용)")
    label.resize(360, 140)
    label.show()
    written = 0

    def tick():
        nonlocal written
        price = next(candles, None)
        if price is None or not label.isVisible():
            app.quit()
            return
        written += 1
        label.setText(f"KRW-BTC  {price:,.0f}\n\n캔들 {written:,}개 기록 · PID {os.getpid()}")

    timer = QTimer()
    timer.timeout.connect(tick)
    timer.start(max(1, round(pause * 1000)))
    return app.exec()


def run_plain_window(candles, pause):
    """The same where the Python of a release has no Qt: with a window of Windows' own."""
    import ctypes
    from ctypes import wintypes

    user32 = ctypes.windll.user32
    user32.CreateWindowExW.restype = wintypes.HWND
    user32.IsWindow.argtypes = (wintypes.HWND,)
    visible = 0x10CF0000  # WS_OVERLAPPEDWINDOW | WS_VISIBLE
    window = user32.CreateWindowExW(
        0, "STATIC", "업비트 자동매매 (연습용)", visible, 100, 100, 360, 140, None, None, None, None
    )
    message = wintypes.MSG()
    while user32.IsWindow(window):  # WM_CLOSE destroys it
        while user32.PeekMessageW(ctypes.byref(message), None, 0, 0, 1):  # PM_REMOVE
            user32.DispatchMessageW(ctypes.byref(message))
        if next(candles, None) is None:
            break
        time.sleep(pause)


def main():
    stage = os.environ.get("UPBIT_ENVIRONMENT", "production")
    if stage not in STAGES:
        sys.exit(f"UPBIT_ENVIRONMENT: {stage!r} is not one of {sorted(STAGES)}")
    if os.environ.get("UPBIT_DATA_DIR") and not is_practice(DATA):
        sys.exit(f"UPBIT_DATA_DIR: {DATA} is no practice data; nothing was opened.")
    fail = os.environ.get("DEMO_FAIL", "")
    if fail == "exit_at_start":
        sys.exit(3)
    logs = Path(os.environ.get("UPBIT_LOGS_DIR") or ROOT / "logs")
    logs.mkdir(exist_ok=True)
    log = (logs / f"session_{datetime.now():%Y%m%d_%H%M%S}_PID{os.getpid()}.log").open("w")
    stopping = []
    # On Windows the console asks a program without a window by CTRL_BREAK.
    for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGBREAK", signal.SIGTERM)):
        ignore = fail == "ignore_sigterm" and number != signal.SIGINT
        signal.signal(number, signal.SIG_IGN if ignore else lambda *_: stopping.append(1))
    databases = {name: connect(name) for name in ("settings", "strategies", "market_data")}
    # A reader that stays, so that no connection is the last one and nothing checkpoints at the end.
    for database in databases.values():
        database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    print("started", file=log, flush=True)
    pause = 1 / float(os.environ.get("DEMO_RATE", "20"))
    run = run_window if os.name == "nt" or os.environ.get("DEMO_WINDOW") else run_headless
    run(feed(databases, stopping), pause)
    print("stopped", file=log, flush=True)
    # Leaving without closing: what was committed lately stays in the -wal, as with the real one.
    log.close()
    os._exit(0)


if __name__ == "__main__":
    main()
