"""The console's own database, `ops.sqlite3`: never one of the trading program's."""

from __future__ import annotations

import errno
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import apsw
from filelock import FileLock

from core.base.cleanup import attempt, concluding
from core.base.config.models import Settings
from core.base.folders import make_home
from core.base.operation import OperationError
from core.base.sqlite import BUSY_TIMEOUT_MS, open_immutable, open_own
from core.base.text import translate

FILE = "ops.sqlite3"
KEPT_ASIDE = 3
"""So many damaged ones are kept for whoever wants to look into them; older ones go."""
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
    # Times are Unix milliseconds.  A row of a history table holds all metrics of its layout:
    # raw rows float64 values, the others float32 minima, maxima, means and counts.
    """
    CREATE TABLE health_metric (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
    CREATE TABLE health_layout (id INTEGER PRIMARY KEY, metrics TEXT NOT NULL UNIQUE);
    CREATE TABLE health_raw (t INTEGER PRIMARY KEY, layout INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE TABLE health_10s (t INTEGER PRIMARY KEY, layout INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE TABLE health_1m (t INTEGER PRIMARY KEY, layout INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE TABLE health_15m (t INTEGER PRIMARY KEY, layout INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE TABLE health_event (
        id INTEGER PRIMARY KEY, t INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL
    );
    CREATE INDEX health_event_t ON health_event (t);
    CREATE TABLE alert_incident (
        id INTEGER PRIMARY KEY,
        rule TEXT NOT NULL,
        metric TEXT NOT NULL,
        severity TEXT NOT NULL,
        begun INTEGER NOT NULL,
        fired INTEGER NOT NULL,
        last INTEGER NOT NULL,
        resolved INTEGER,
        value REAL NOT NULL,
        worst REAL NOT NULL,
        threshold REAL NOT NULL,
        acknowledged INTEGER,
        acknowledged_by TEXT
    );
    CREATE INDEX alert_incident_fired ON alert_incident (fired);
    CREATE TABLE alert_silence (
        rule TEXT NOT NULL,
        metric TEXT NOT NULL,
        since INTEGER NOT NULL,
        until INTEGER,
        by TEXT NOT NULL,
        PRIMARY KEY (rule, metric)
    );
    """,
    # Seconds of a clock that nobody sets; what was written before has none.
    """
    ALTER TABLE alert_incident ADD COLUMN lasted REAL;
    ALTER TABLE journal ADD COLUMN seconds REAL;
    """,
    # Earlier versions kept whole results: 147 KB for a backup of 240 tables.  Ids of what goes
    # back are in short ones.
    """
    UPDATE journal SET result = NULL WHERE length(result) > 16384;
    """,
)

log = logging.getLogger(__name__)

RETRY_SECONDS = 0.005


class StateDamaged(OperationError):  # noqa: N818 (a state of affairs, told to the operator)
    """The console's database was damaged; it was set aside, and a new one begun."""


@contextmanager
def open_state(settings: Settings) -> Iterator[apsw.Connection]:
    """Open the console's database, making or bringing it up to date first.

    A corrupt one is set aside under a name that says when, and begun anew: the journal is
    history, no operation depends on it.  Where that shows only to whoever works in it,
    `StateDamaged` is raised, and the work may be done again.  Where the disk takes nothing more
    it can be read still, and `OSError` is raised by whoever writes, as it is for any other refusal
    of the disk.
    """
    path = make_home(settings.home) / FILE
    with _told_as_the_disk(path), _opened(settings, path) as connection:
        yield connection


@contextmanager
def _told_as_the_disk(path: Path) -> Iterator[None]:
    """Raise what SQLite says of the disk of *path* as what it is: no mistake of the console's."""
    try:
        yield
    except apsw.FullError as error:
        raise OSError(errno.ENOSPC, str(error), str(path)) from error
    except apsw.ReadOnlyError as error:
        raise OSError(errno.EROFS, str(error), str(path)) from error
    except (apsw.IOError, apsw.CantOpenError) as error:
        raise OSError(errno.EIO, str(error), str(path)) from error


@contextmanager
def _opened(settings: Settings, path: Path) -> Iterator[apsw.Connection]:
    before = identity(path)
    try:
        connection = _open(path)
    except (apsw.NotADBError, apsw.CorruptError) as error:
        set_aside(settings, str(error), before)
        connection = _open(path)
    except (apsw.IOError, apsw.FullError, apsw.CantOpenError, apsw.ReadOnlyError):
        if not _at_rest(path):
            raise
        connection = open_immutable(path)
    opened = identity(path)
    try:
        with concluding(connection.close):
            yield connection
    except (apsw.NotADBError, apsw.CorruptError, UnicodeDecodeError) as error:
        attempt(set_aside, settings, str(error), opened)
        raise StateDamaged(
            translate("core", "The console's own history {path} is damaged: {why}",
                      path=path, why=str(error)),
            data_state=translate("core", "Nothing was touched."),
            to_do=translate("core", "It is kept beside the new one that was begun. Do it again."),
        ) from error  # fmt: skip


@contextmanager
def as_written() -> Iterator[None]:
    """Read rows whose values must be as they were written: others are damage of the database."""
    try:
        yield
    except (ValueError, TypeError, OverflowError) as error:
        if isinstance(error, UnicodeDecodeError):
            raise
        raise apsw.CorruptError(f"a row is not as it was written: {error}") from error


def _at_rest(path: Path) -> bool:
    """Whether everything is in the main file, so that it can be read without its ``-shm``."""
    wal = Path(f"{path}-wal")
    return path.exists() and not (wal.exists() and wal.stat().st_size)


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells the file at *path* from another one that takes its place.

    None: it is gone, or cannot be told just now.
    """
    try:
        status = path.stat()
    except OSError:
        return None
    # Windows tells no number of a file that another process keeps from being opened.
    return (status.st_dev, status.st_ino) if status.st_ino else None


def is_replaced(path: Path, known: tuple[int, int] | None) -> bool:
    """Whether the file whose `identity` is *known* is not at *path* any more.

    What cannot be told just now is no news.
    """
    found = identity(path)
    if found is None:
        return not path.exists()
    return known is not None and found != known


def set_aside(settings: Settings, why: str, damaged: tuple[int, int] | None) -> None:
    """Move a corrupt database of the console out of the way and begin a new one.

    *damaged* is its `identity`.  Of several processes that find it corrupt one does so; the
    others come upon the new one.  The new one tells of it on the time line.
    """
    path = settings.home / FILE
    with FileLock(settings.home / "state.lock", mode=0o600):
        if damaged is None or identity(path) != damaged:
            return
        aside = path.with_name(f"{FILE}.corrupt-{time.time_ns()}")
        log.error("%s is corrupt (%s); it was set aside as %s", path, why, aside.name)
        path.rename(aside)
        if (wal := Path(f"{path}-wal")).exists():
            wal.rename(f"{aside}-wal")
        Path(f"{path}-shm").unlink(missing_ok=True)
        for old in sorted(settings.home.glob(f"{FILE}.corrupt-*[0-9]"))[:-KEPT_ASIDE]:
            old.unlink(missing_ok=True)
            Path(f"{old}-wal").unlink(missing_ok=True)
        text = translate(
            "health", "The history was damaged and begun anew; the damaged one is {file}.",
            file=aside.name,
        )  # fmt: skip
        with closing(_open(path)) as fresh:
            fresh.execute(
                "INSERT INTO health_event (t, kind, text) VALUES (?, 'history', ?)",
                (time.time_ns() // 1_000_000, text.model_dump_json()),
            )


def _open(path: Path) -> apsw.Connection:
    connection = open_own(path)
    try:
        path.chmod(0o600)
        _write_ahead(connection)
        if _version(connection) < len(SCHEMA):
            # Two consoles may come upon an old one at the same time: the second one waits.
            connection.execute("BEGIN IMMEDIATE")
            version = _version(connection)
            for script in SCHEMA[version:]:
                connection.execute(script)
            connection.execute(f"PRAGMA user_version = {max(version, len(SCHEMA))}")
            connection.execute("COMMIT")
            _give_back(connection)
    except BaseException:
        attempt(connection.close)
        raise
    return connection


def _give_back(connection: apsw.Connection) -> None:
    """Return to the disk what a new version freed, where that is most of the database.

    Another console that reads just now, or a full disk, only leaves it for the pages to come.
    """
    free, pages = (
        int(str(connection.execute(f"PRAGMA {name}").get))
        for name in ("freelist_count", "page_count")
    )
    if free > pages // 2:
        attempt(connection.execute, "VACUUM")


def _write_ahead(connection: apsw.Connection) -> None:
    """Put a new database into WAL mode; another console may be making the same one.

    Where two would wait for each other SQLite calls no busy handler but refuses one of them at
    once (https://www.sqlite.org/c3ref/busy_handler.html).
    """
    end = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
        except apsw.BusyError:
            if time.monotonic() > end:
                raise
            threading.Event().wait(RETRY_SECONDS)
        else:
            return


def _version(connection: apsw.Connection) -> int:
    return int(str(connection.execute("PRAGMA user_version").get))
