"""Writes rows while the console works, and acknowledges each once SQLite has committed it.

As `run_desktop_ui.py` in a workspace it is a trading program that writes all the time.  With
``--open NAME --when MOMENT`` it is somebody else, who opens one database at a moment of the swap:
``staged`` (the new set waits), ``intent`` (the swap is written down), ``parked`` (the live files
have a second name), ``gone`` (a live file was taken away); then writes for a while and ends.
"""

import argparse
import os
import signal
import sqlite3
import sys
import time
from pathlib import Path

MARKER = ".faults_site"
NAMES = ("settings", "strategies", "market_data")
ROWS = 60


def site() -> Path:
    here = Path.cwd().resolve()
    return next(folder for folder in (here, *here.parents) if (folder / MARKER).exists())


class Writer:
    """Appends rows to one database; what was committed stands in a log outside of the workspace."""

    def __init__(self, root: Path, name: str) -> None:
        self._path = root / "app" / "data" / f"{name}.sqlite3"
        self._name = name
        self._log = (root / "acknowledged" / f"{os.getpid()}-{name}").open("a", buffering=1)
        self._connection: sqlite3.Connection | None = None

    def write(self) -> None:
        number = time.time_ns()
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(self._path, isolation_level=None, timeout=0.05)
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute(
                    "CREATE TABLE IF NOT EXISTS faults_race (n INTEGER PRIMARY KEY)"
                )
            self._connection.execute("INSERT INTO faults_race VALUES (?)", (number,))
        except sqlite3.Error:
            # Refused is not acknowledged; whoever was refused opens anew.
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            time.sleep(0.002)
            return
        self._log.write(f"{self._name} {number}\n")


def trade(root: Path) -> None:
    """Write to all databases until asked to stop; leave without closing."""
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.append(1))
    writers = [Writer(root, name) for name in NAMES]
    while not stopping:
        for writer in writers:
            writer.write()
        time.sleep(0.02)
    os._exit(0)


def intrude(root: Path, name: str, when: str) -> None:
    """Open the database *name* at the moment *when*, and write some rows."""
    data = root / "app" / "data"
    live = data / f"{name}.sqlite3"

    def come() -> bool:
        if when == "gone":
            return not live.is_file()
        if when == "intent":
            return any((data / "ops_console" / "promote").glob("*"))
        return any((data / ".ops_console").glob(f"*/{when}/*"))

    while not come():
        if (root / "over").exists():
            return
        time.sleep(0.0002)
    writer = Writer(root, name)
    for _ in range(ROWS):
        writer.write()
        time.sleep(0.001)
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--open")
    parser.add_argument("--when")
    args, _ = parser.parse_known_args()
    if args.open:
        intrude(site(), args.open, args.when)
    else:
        trade(site())
    sys.exit(0)


if __name__ == "__main__":
    main()
