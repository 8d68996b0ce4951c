"""A writer that keeps a database busy the way the trading program does.

``python -m tests.writer FOLDER --journal wal --rate 200`` writes the databases a, b and c in
FOLDER in turn.  Every transaction appends a row with the next number to each table and updates
the row `total`, so that a committed state can be told from any other: the numbers have no gap
and `total` equals the last one.  Across databases the numbers a >= b >= c >= a - 1 hold at every
moment.  It prints ``ready`` when it writes, and what SQLite refused it, if anything.
"""

from __future__ import annotations

import argparse
import contextlib
import sqlite3
import sys
import time
from pathlib import Path

NAMES = ("a", "b", "c")


def create(path: Path, journal: str, page_size: int = 4096) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=5.0)
    connection.execute(f"PRAGMA page_size = {page_size}")
    connection.execute(f"PRAGMA journal_mode = {journal}")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS log (n INTEGER PRIMARY KEY, price REAL, text TEXT)"
    )
    connection.execute("CREATE TABLE IF NOT EXISTS total (id INTEGER PRIMARY KEY, n INTEGER)")
    connection.execute("INSERT OR IGNORE INTO total VALUES (1, 0)")
    return connection


def last(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT n FROM total").fetchone()[0])


def write(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "INSERT INTO log VALUES (?, ?, ?)", (number, number * 0.1, f"체결 {number} " * 8)
    )
    # An earlier row changes too, so that pages far from the end are rewritten.
    connection.execute("UPDATE log SET price = ? WHERE n = ?", (number * 0.3, max(1, number // 2)))
    connection.execute("UPDATE total SET n = ?", (number,))
    connection.execute("COMMIT")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--journal", default="wal")
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--checkpoint-every", type=int, default=0)
    arguments = parser.parse_args()
    databases = [create(arguments.folder / f"{name}.sqlite3", arguments.journal) for name in NAMES]
    print("ready", flush=True)
    number = last(databases[0])
    refused = 0
    with contextlib.suppress(KeyboardInterrupt):
        while not (arguments.folder / "stop").exists():
            number += 1
            for database in databases:
                try:
                    write(database, number)
                except sqlite3.OperationalError as error:
                    refused += 1
                    print(error, file=sys.stderr, flush=True)
                    if database.in_transaction:
                        database.execute("ROLLBACK")
            if arguments.checkpoint_every and number % arguments.checkpoint_every == 0:
                for database in databases:
                    database.execute("PRAGMA wal_checkpoint(PASSIVE)")
            time.sleep(1 / arguments.rate)
    print(f"refused {refused}", flush=True)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
