"""The console's own database, `ops.sqlite3`: never one of the trading program's."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from core.config.models import Settings
from core.files import private_folder
from core.sqlite import open_own

FILE = "ops.sqlite3"
SCHEMA = (
    """
    CREATE TABLE journal (
        id INTEGER PRIMARY KEY,
        operation TEXT NOT NULL,
        begun TEXT NOT NULL,
        ended TEXT,
        by TEXT NOT NULL,
        pid INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        steps TEXT NOT NULL DEFAULT '[]',
        result TEXT,
        error TEXT
    );
    """,
)

log = logging.getLogger(__name__)


@contextmanager
def open_state(settings: Settings) -> Iterator[apsw.Connection]:
    """Open the console's database, making or bringing it up to date first.

    A corrupt one is set aside under a name that says when, and begun anew: the journal is
    history, no operation depends on it.
    """
    path = private_folder(settings.home) / FILE
    try:
        connection = _open(path)
    except (apsw.NotADBError, apsw.CorruptError) as error:
        aside = path.with_name(f"{FILE}.corrupt-{time.time_ns()}")
        log.error("%s is corrupt (%s); it was set aside as %s", path, error, aside.name)
        path.rename(aside)
        for suffix in ("-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        connection = _open(path)
    try:
        yield connection
    finally:
        connection.close()


def _open(path: Path) -> apsw.Connection:
    connection = open_own(path)
    try:
        path.chmod(0o600)
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        version = int(str(connection.execute("PRAGMA user_version").get))
        for number, script in enumerate(SCHEMA[version:], start=version + 1):
            with connection:
                connection.execute(script)
                connection.execute(f"PRAGMA user_version = {number}")
    except BaseException:
        connection.close()
        raise
    return connection
