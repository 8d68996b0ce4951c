"""A ledger program: books an entry, and notes it, some times a second until it is asked to stop."""

import os
import signal
import sqlite3
import sys
import time
from pathlib import Path

DATA = Path(os.environ.get("LEDGER_DATA") or Path(__file__).resolve().parent / "data")


def main():
    stopping = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.append(1))
    books, audit = (
        sqlite3.connect(DATA / f"{name}.db", isolation_level=None) for name in ("books", "audit")
    )
    if "--broken" in sys.argv:
        return 3
    number = 0
    while not stopping:
        number += 1
        books.execute(
            "INSERT INTO entries (account, cents) VALUES (?, ?)", (f"acc{number % 5}", number)
        )
        audit.execute("INSERT INTO notes (said) VALUES (?)", (f"entry {number}",))
        time.sleep(0.05)
    return 0


if __name__ == "__main__":
    sys.exit(main())
