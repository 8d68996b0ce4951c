"""Writes the history: in batches, on a thread of its own, never more than is allowed."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from typing import NamedTuple

import apsw
import numpy as np

from core.base.config.models import Settings
from core.base.state import FILE, identity, is_replaced, open_state, set_aside
from core.base.text import Text, translate
from core.monitoring.history.query import history_notices
from core.monitoring.history.tiers import DAY_MS, ROLLUPS, Bucket, Layouts, cap, prune, used_bytes
from core.monitoring.models import Event as HealthEvent
from core.monitoring.models import EventKind, Sample

FLUSH_SECONDS = 5.0
MAX_PENDING = 1_200
"""Samples that wait while the disk does not take them; older ones are given up."""
PRUNE_EVERY = 60
"""Flushes between two prunings."""
JUMP_MS = 10 * 60 * 1000
HOLD_FLUSHES = 720
"""An hour without pruning after the clock jumped ahead, for somebody to set it right."""
JOIN_SECONDS = 10.0

SAME_MS = 2_000
"""An event of the same words within so long is the same: the time at which a process started is
known by the clock of the machine, which is corrected now and then.
"""

log = logging.getLogger(__name__)

Job = Callable[[apsw.Connection], None]


class _Pending(NamedTuple):
    number: int
    t: int
    monotonic: float
    values: dict[str, float]


class HistoryWriter:
    """Takes samples from the sampler's thread and writes them from its own.

    `add` and `submit` never wait.  `flush` belongs to the writer's thread, or to a caller that
    never called `start`.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._limit = settings.health.history_max_mb * 1_000_000
        self._lock = Lock()
        self._pending: deque[_Pending] = deque()
        self._jobs: dict[object, Job] = {}
        self._number = 0
        self._stop = Event()
        self._wake = Event()
        self._thread: Thread | None = None
        self._open: AbstractContextManager[apsw.Connection] | None = None
        self._connection: apsw.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._columns: dict[str, int] = {}
        self._layout: tuple[int, int] | None = None
        self._buckets: dict[str, tuple[int, Bucket]] = {}
        self._flushes = 0
        self._hold_until = 0
        self._last: _Pending | None = None
        self.dropped = 0
        """Samples and jobs that were given up because they could not be written."""
        self.size_bytes = 0
        self.problem: Text | None = None
        """Why nothing is written at the moment."""

    def add(self, sample: Sample, monotonic: float) -> None:
        """Keep *sample*; called on the sampler's thread."""
        with self._lock:
            self._number += 1
            self._pending.append(
                _Pending(self._number, sample.milliseconds, monotonic, sample.values)
            )
            if len(self._pending) > MAX_PENDING:
                self._pending.popleft()
                self.dropped += 1

    def add_event(self, event: HealthEvent) -> None:
        """Keep *event*, once: a console tells anew what it found when it was opened."""
        t, kind, text = event.at.timestamp() * 1000, event.kind.value, event.text.model_dump_json()

        def write(connection: apsw.Connection) -> None:
            connection.execute(
                "INSERT INTO health_event (t, kind, text) SELECT ?1, ?2, ?3 WHERE NOT EXISTS ("
                "SELECT 1 FROM health_event WHERE kind = ?2 AND text = ?3"
                " AND t BETWEEN ?1 - ?4 AND ?1 + ?4)",
                (round(t), kind, text, SAME_MS),
            )

        self.submit(write)

    def submit(self, job: Job, key: object = None) -> None:
        """Let *job* write with the next batch, in its transaction; it may run twice.

        A job of the same *key* that still waits is replaced.
        """
        with self._lock:
            self._jobs[object() if key is None else key] = job
            if len(self._jobs) > MAX_PENDING:
                del self._jobs[next(iter(self._jobs))]
                self.dropped += 1

    def flush_soon(self) -> None:
        """Let the thread write at once instead of with its next batch."""
        self._wake.set()

    def start(self) -> None:
        """Begin writing in a thread of its own."""
        self._thread = Thread(target=self._run, name="health-history", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is pending and end."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(JOIN_SECONDS)
        else:
            self.flush()
            self.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            self.flush()
            self._wake.wait(FLUSH_SECONDS)
        self.flush()
        self.close()

    def flush(self) -> None:
        """Write what is pending; what cannot be written now waits for the next time."""
        with self._lock:
            samples, jobs = list(self._pending), dict(self._jobs)
        try:
            connection = self._connected()
            with connection:
                self._write(connection, samples)
                for job in jobs.values():
                    job(connection)
            self._flushes += 1
            if self._flushes % PRUNE_EVERY == 1:
                self._prune(connection)
            self.size_bytes = used_bytes(connection)
        except (apsw.NotADBError, apsw.CorruptError, UnicodeDecodeError) as error:
            # What is pending is written to the new one, with the next batch.
            self.close()
            set_aside(self._settings, str(error), self._file)
            return
        except (apsw.Error, OSError) as error:
            # A full disk, most likely: sampling and alerting go on without the history.
            if self.problem is None:
                log.error("the health history cannot be written: %s", error)
            self.problem = translate(
                "health", "The history cannot be written: {why}", why=str(error)
            )
            self.close()
            return
        self.problem = None
        with self._lock:
            # `add` may have given up some of them meanwhile.
            while samples and self._pending and self._pending[0].number <= samples[-1].number:
                self._pending.popleft()
            for key, job in jobs.items():
                if self._jobs.get(key) is job:
                    del self._jobs[key]

    def close(self) -> None:
        """Close the connection; the next `flush` opens another."""
        opened, self._open, self._connection = self._open, None, None
        self._buckets = {}
        self._layout = None
        if opened is not None:
            opened.__exit__(None, None, None)

    def _connected(self) -> apsw.Connection:
        path, replaced = self._settings.home / FILE, False
        if self._connection is not None and is_replaced(path, self._file):
            # Removed or replaced: what is written to it now would be lost with it.
            log.error("%s was replaced by another; the history goes on in that", path)
            replaced = True
            self.close()
        if self._connection is None:
            self._open = open_state(self._settings)
            self._connection = self._open.__enter__()
            self._file = identity(path)
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._layouts = Layouts(self._connection)
            if replaced and not history_notices(self._connection, datetime.now(UTC)):
                self._tell_of_loss()
        return self._connection

    def _tell_of_loss(self) -> None:
        self.add_event(
            HealthEvent(
                at=datetime.now(UTC),
                kind=EventKind.HISTORY,
                text=translate(
                    "health", "The file of the history was removed or replaced; it goes on anew."
                ),
            )
        )

    def _write(self, connection: apsw.Connection, samples: list[_Pending]) -> None:
        if not samples:
            return
        for sample in samples:
            for key in sample.values:
                self._columns.setdefault(key, len(self._columns))
        rows = np.full((len(samples), len(self._columns)), np.nan)
        for row, sample in zip(rows, samples, strict=True):
            for key, value in sample.values.items():
                row[self._columns[key]] = value
        times = np.array([sample.t for sample in samples], np.int64)
        layout = self._layout_number()
        connection.executemany(
            "INSERT OR REPLACE INTO health_raw (t, layout, data) VALUES (?, ?, ?)",
            [
                (int(t), layout, row.astype("<f8").tobytes())
                for t, row in zip(times, rows, strict=True)
            ],
        )
        for tier in ROLLUPS:
            starts = times - times % tier.step
            edges = np.flatnonzero(np.diff(starts)) + 1
            for part, run in zip(np.split(rows, edges), np.split(starts, edges), strict=True):
                self._merge(connection, tier.table, int(run[0]), Bucket.of(part))
        self._watch_clock(samples)

    def _layout_number(self) -> int:
        width = len(self._columns)
        if self._layout is None or self._layout[0] != width:
            self._layout = (width, self._layouts.layout(tuple(self._columns)))
        return self._layout[1]

    def _merge(self, connection: apsw.Connection, table: str, start: int, part: Bucket) -> None:
        """Lay *part* over what the row at *start* holds and write the row."""
        known = self._buckets.get(table)
        before = known[1] if known and known[0] == start else self._read(connection, table, start)
        width = max(len(part.low), len(self._columns))
        bucket = part.widened(width)
        if before is not None:
            bucket = before.widened(width).merged(bucket)
        connection.execute(
            f"INSERT OR REPLACE INTO {table} (t, layout, data) VALUES (?, ?, ?)",
            (start, self._layout_number(), bucket.pack()),
        )
        self._buckets[table] = (start, bucket)

    def _read(self, connection: apsw.Connection, table: str, start: int) -> Bucket | None:
        row = connection.execute(
            f"SELECT layout, data FROM {table} WHERE t = ?", (start,)
        ).fetchone()
        if row is None:
            return None
        stored, keys = Bucket.unpack(row[1]), self._layouts.keys(row[0])
        for key in keys:
            self._columns.setdefault(key, len(self._columns))
        bucket = Bucket.empty(len(self._columns))
        places = [self._columns[key] for key in keys]
        for mine, new in zip(stored, bucket, strict=True):
            new[places] = mine
        return bucket

    def _watch_clock(self, samples: list[_Pending]) -> None:
        """Put pruning off when the clock runs ahead, lest a wrong date delete the history."""
        for sample in samples:
            if self._last is not None:
                passed = (sample.monotonic - self._last.monotonic) * 1000
                if sample.t - self._last.t - passed > JUMP_MS:
                    self._hold_until = self._flushes + HOLD_FLUSHES
            self._last = sample

    def _prune(self, connection: apsw.Connection) -> None:
        if self._last is None:
            return
        now = self._last.t
        if self._flushes == 1:
            newest = connection.execute(
                "SELECT max(t) FROM health_raw WHERE t < ?", (now - 60_000,)
            ).get
            if newest is not None and now - int(str(newest)) > 7 * DAY_MS:
                self._hold_until = HOLD_FLUSHES
        if self._flushes > self._hold_until:
            prune(connection, now)
            self._layout = None  # it may be gone, where nothing was written for long
        cap(connection, self._limit)
