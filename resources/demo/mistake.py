"""Another program's mistake, made by Python's own SQLite: ``python mistake.py DATABASE``."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing

if __name__ == "__main__":
    with closing(sqlite3.connect(sys.argv[1], timeout=10)) as connection:
        print(connection.execute("DELETE FROM execution_history").rowcount)
        connection.commit()
