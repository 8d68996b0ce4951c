"""What programs leave behind that died, or that were copied at two moments."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import apsw

KILLED = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for other in sys.argv[3:]:
    connection.execute("ATTACH ? AS other", (other,))
connection.execute(f"PRAGMA journal_mode = {sys.argv[2]}")
connection.execute("PRAGMA cache_size = 2")
connection.execute("CREATE TABLE IF NOT EXISTS kept (a INTEGER PRIMARY KEY, b TEXT)")
connection.execute("DELETE FROM kept")
connection.execute("BEGIN")
rows = [(number, "원래 " * 100) for number in range(500)]
connection.executemany("INSERT INTO kept VALUES (?, ?)", rows)
connection.execute("COMMIT")
connection.execute("BEGIN")
# More pages than the cache holds: they are written into the file before the commit.
connection.execute("UPDATE kept SET b = '바뀜' || b")
connection.execute("DELETE FROM kept WHERE a % 3 = 0")
os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))  # Windows kills by either
"""
KEPT = 500


def kill_in_transaction(path: Path, journal_mode: str) -> None:
    """Leave the hot journal of a writer that died: 500 rows `원래 …` in the table `kept`."""
    ran = subprocess.run([sys.executable, "-c", KILLED, path, journal_mode], check=False)
    assert ran.returncode
    journal = Path(f"{path}-journal").read_bytes()
    assert journal and journal[0], "the journal is hot"
    reader = apsw.Connection(f"file:{path}?immutable=1", flags=apsw.SQLITE_OPEN_READONLY
                             | apsw.SQLITE_OPEN_URI)  # fmt: skip
    try:
        state = reader.execute("SELECT count(*) FROM kept WHERE b LIKE '원래%'").get
    except apsw.CorruptError:
        state = -1
    reader.close()
    assert state != KEPT, "the main file alone is half a transaction"


def kept_rows(path: Path) -> int:
    """Return how many rows of `kept` are as they were committed; -1 where any is not."""
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    whole, all_ = connection.execute("SELECT sum(b LIKE '원래%'), count(*) FROM kept").fetchone()
    connection.close()
    return int(all_) if whole == all_ else -1


def pair_of_two_moments(path: Path) -> None:
    """Leave a main file and a ``-wal`` of different moments, which SQLite calls malformed."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    making = path.with_name("making")
    connection = sqlite3.connect(making, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")

    def tables(first: int) -> None:
        connection.execute("BEGIN")
        for number in range(first, first + 100):
            connection.execute(f"CREATE TABLE candles_{number} (a PRIMARY KEY, b, c)")
        connection.execute("COMMIT")
        connection.execute("INSERT INTO candles_0 VALUES (?, 1, 2)", (first,))

    tables(0)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(making, path)
    tables(100)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    tables(200)
    shutil.copyfile(f"{making}-wal", f"{path}-wal")
    connection.close()
    making.unlink()
    assert said_alone(path) == "ok" and said_together(path) != "ok"


def said_alone(path: Path) -> str:
    """Return what SQLite says of the main file without its ``-wal``."""
    return _said(f"file:{path}?mode=ro&immutable=1")


def said_together(path: Path) -> str:
    """Return what SQLite says of a copy of the main file and its ``-wal``."""
    folder = path.with_name("together")
    folder.mkdir()
    try:
        for suffix in ("", "-wal"):
            if Path(f"{path}{suffix}").exists():
                shutil.copyfile(f"{path}{suffix}", folder / f"copy{suffix}")
        return _said(f"file:{folder / 'copy'}")
    finally:
        shutil.rmtree(folder)


def _said(uri: str) -> str:
    connection = sqlite3.connect(uri, uri=True)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return str(error)
    finally:
        connection.close()
