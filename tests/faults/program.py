"""The trading program of these tests: says what it found at its start, and holds it open.

It lies in each workspace, and in each release, as `run_desktop_ui.py`.  Before it opens anything
it keeps a copy of every guarded file in a folder outside of the workspace; so the oracle sees on
what it was started.  Like the real one it makes what it does not find, and leaves without closing.
"""

import os
import shutil
import signal
import sqlite3
import sys
import time
from pathlib import Path

MARKER = ".faults_site"
NAMES = ("settings", "strategies", "market_data")


def site() -> Path:
    here = Path.cwd().resolve()
    return next(folder for folder in (here, *here.parents) if (folder / MARKER).exists())


def testify(app: Path, folder: Path) -> None:
    """Copy what is there to *folder*, made whole before it gets its name."""
    making = folder.with_name(f".{folder.name}")
    for place in ("data", "config/secure"):
        (making / place).mkdir(parents=True)
        for path in (app / place).iterdir():
            if path.is_file() and not path.name.endswith("-shm"):
                shutil.copyfile(path, making / place / path.name)
    making.rename(folder)


def main() -> None:
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.append(1))
    root = site()
    testify(root / "app", root / "starts" / f"{time.time_ns()}-{os.getpid()}")
    databases = []
    for name in NAMES:
        path = root / "app" / "data" / f"{name}.sqlite3"
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        databases.append(connection)
    while not stopping:
        time.sleep(0.02)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
