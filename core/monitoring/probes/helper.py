"""The process in which health looks into live databases: ``python helper.py``.

Why a process of its own: POSIX drops all locks of a process on a file when any descriptor of
the file is closed, and the window looks at the same files in its own way (`core.base.databases`).
Here nobody else does, and each database is looked at by one thread of its own, one request at
a time; within a request the raw descriptors (header, ``-shm``, locks) are closed before the
connection is opened, so no lock of a held connection is ever dropped.  No connection outlives
its request: one that stayed would count as a holder of the file and keep `promote` from
swapping it, and would keep the WAL from being reset.

One JSON object a line comes on standard input (`Request`), one goes out for each.  The end of
the input ends the process, so it never outlives the console.
"""

from __future__ import annotations

import json
import math
import pkgutil
import signal
import struct
import sys
import time
from collections import Counter
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, TypedDict

import apsw

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from core.base.cleanup import concluding
from core.base.sqlite import (
    CUT_OFF,
    WAL_ALONE,
    is_hot,
    leftover_journal,
    open_immutable,
    open_live,
)

if TYPE_CHECKING:
    from core.base.metrics import Measured  # brings what is dear, and no helper needs
if sys.platform == "win32":
    from core.monitoring.probes.locks_windows import lock_wait, shut_out_by
else:
    from core.base.sqlite_locks_unix import lock_wait, shut_out_by

HEADER = b"SQLite format 3\0"
WAIT_MS = 2_000
"""How long a read waits for a lock; that long, and the database counts as unreachable."""
LOCK_LIMIT_SECONDS = 1.5
AUTOCHECKPOINT_FRAMES = 1_000
"""SQLite's default, which the trading program keeps: beyond it a checkpoint is due."""


class Request(TypedDict):
    """What is asked about one database."""

    name: str
    path: str
    locks: bool
    measures: dict[str, list[str]]
    """Whose `Measure.read` is asked, by its reference, and its subjects."""


class Answer(TypedDict, total=False):
    """What was found; sizes in bytes, durations in seconds."""

    name: str
    condition: str
    """As in `core.base.databases.Condition`."""
    detail: str
    read_seconds: float
    size: int
    wal_size: int
    checkpoint_due: bool
    written_by: int
    """SQLITE_VERSION_NUMBER of the library that last wrote the first page; 0: not known."""
    lock_seconds: float
    lock_pid: int
    measured: dict[str, Measured | None]
    """What each of the measures found, by its reference."""
    deeper_seconds: float
    """How long the measures took."""
    failed: str
    """Why locks or measures could not be read."""


def look(request: Request) -> Answer:
    """Answer *request*; what goes wrong with the database is part of the answer."""
    path = Path(request["path"])
    answer: Answer = {"name": request["name"], "size": _size(path) or 0}
    answer["wal_size"] = _size(Path(f"{path}-wal")) or 0
    without = _without_opening(path, answer)
    if without is not None:
        return answer | {"condition": without[0], "detail": without[1]}
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        return answer | {"condition": "unreadable", "detail": str(error)}
    if not head.startswith(HEADER):
        return answer | {"condition": _foreign(head)}
    answer["written_by"] = int.from_bytes(head[96:100], "big")
    wal = head[18:20] == b"\2\2"
    answer["checkpoint_due"] = wal and _frames_due(path) > AUTOCHECKPOINT_FRAMES
    if request["locks"]:
        _look_at_locks(path, answer)
    _read(path, wal, request, answer)
    return answer


def _without_opening(path: Path, answer: Answer) -> tuple[str, str] | None:
    """Return condition and detail of what is not to be opened; None: look into it."""
    if _size(path) is None:
        return "missing", ""
    if not path.is_file():
        return "unreadable", "it is no regular file"  # a pipe would keep whoever opens it waiting
    if not answer["size"]:
        return ("corrupt", WAL_ALONE) if answer["wal_size"] else ("empty", "")
    return None


def _read(path: Path, wal: bool, request: Request, answer: Answer) -> None:
    begun = time.perf_counter()
    # A read-only connection to a WAL database at rest would leave -wal and -shm behind.
    at_rest = wal and not (Path(f"{path}-wal").exists() and Path(f"{path}-shm").exists())
    if at_rest and (holder := shut_out_by(path)) is not None:
        answer["condition"] = "locked"
        answer["detail"] = f"process {holder} holds it exclusively"
        return
    if at_rest and leftover_journal(path):
        answer["condition"], answer["detail"] = "ok", CUT_OFF
        return
    try:
        connection = open_immutable(path) if at_rest else open_live(path)
        connection.set_busy_timeout(WAIT_MS)
        with concluding(connection.close):
            # Reads the first page through the WAL without parsing the schema, which takes
            # 60 ms with 5,580 tables.
            connection.execute("PRAGMA schema_version").fetchall()
            answer["read_seconds"] = time.perf_counter() - begun
            answer["condition"] = "ok"
            _look_deeper(connection, request, answer)
    except (apsw.NotADBError, apsw.CorruptError) as error:
        answer["condition"], answer["detail"] = "corrupt", str(error)
    except (apsw.BusyError, apsw.LockedError) as error:
        answer["condition"], answer["detail"] = "locked", str(error)
        answer["read_seconds"] = time.perf_counter() - begun
    except apsw.Error as error:
        if is_hot(error):
            answer["condition"], answer["detail"] = "ok", CUT_OFF
            answer.pop("read_seconds", None)
        else:
            answer["condition"], answer["detail"] = "unreadable", str(error)


def _look_deeper(connection: apsw.Connection, request: Request, answer: Answer) -> None:
    begun = time.perf_counter()
    try:
        answer["measured"] = {
            reference: pkgutil.resolve_name(reference)(connection, subjects)
            for reference, subjects in request["measures"].items()
        }
    except (apsw.SQLError, apsw.SchemaChangeError) as error:
        answer["failed"] = str(error)
    answer["deeper_seconds"] = time.perf_counter() - begun


def _look_at_locks(path: Path, answer: Answer) -> None:
    try:
        found = lock_wait(path, LOCK_LIMIT_SECONDS)
    except OSError as error:
        answer["failed"] = str(error)
        return
    if found is not None:
        answer["lock_seconds"] = found[0]
        if found[1] is not None:
            answer["lock_pid"] = found[1]


def _frames_due(path: Path) -> int:
    """Return how many frames of the WAL wait for a checkpoint, from the wal-index header.

    https://www.sqlite.org/walformat.html#the_wal_index_file_format: mxFrame at byte 16,
    nBackfill at byte 96, in the machine's byte order.
    """
    try:
        with Path(f"{path}-shm").open("rb") as file:
            head = file.read(100)
    except OSError:
        return 0
    if len(head) < 100:
        return 0
    (newest,) = struct.unpack_from("=I", head, 16)
    (done,) = struct.unpack_from("=I", head, 96)
    return max(0, int(newest) - int(done))


def _foreign(head: bytes) -> str:
    """Tell an encrypted database, which is noise from its first byte on, from other files."""
    counts = Counter(head)
    entropy = -sum(n / len(head) * math.log2(n / len(head)) for n in counts.values())
    return "encrypted" if len(head) >= 1024 and entropy > 7.5 else "not_sqlite"


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _serve(requests: SimpleQueue[Request], out: Lock) -> None:
    while True:
        request = requests.get()
        try:
            answer = look(request)
        except Exception as error:  # noqa: BLE001 (told to the console, which reports it)
            answer = {"name": request["name"], "condition": "unreadable", "detail": repr(error)}
        with out:
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


def main() -> None:
    """Serve requests until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the console, which ends this
    out = Lock()
    threads: dict[str, SimpleQueue[Request]] = {}
    for line in sys.stdin:
        request: Request = json.loads(line)
        queue = threads.get(request["path"])
        if queue is None:
            queue = threads[request["path"]] = SimpleQueue()
            Thread(target=_serve, args=(queue, out), daemon=True).start()
        queue.put(request)


if __name__ == "__main__":
    main()
