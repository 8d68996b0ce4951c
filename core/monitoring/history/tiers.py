"""How samples lie in the database: tiers, layouts, the packing of their rows, and what is pruned.

Pruning keeps the history within its times and its size; it belongs to the writer's thread.
"""

from __future__ import annotations

from typing import NamedTuple

import apsw
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


class Tier(NamedTuple):
    """One resolution of the history; times in milliseconds, `step` 0 for every sample."""

    table: str
    step: int
    keep: int


RAW = Tier("health_raw", 0, 48 * HOUR_MS)
ROLLUPS = (
    Tier("health_10s", 10_000, 7 * DAY_MS),
    Tier("health_1m", 60_000, 30 * DAY_MS),
    Tier("health_15m", 900_000, 366 * DAY_MS),
)
TIERS = (RAW, *ROLLUPS)


class Bucket(NamedTuple):
    """A row of a roll-up: for each metric its minimum, maximum, sum and number of values."""

    low: Floats
    high: Floats
    total: Floats
    number: Floats

    @classmethod
    def empty(cls, width: int) -> Bucket:
        """Return one in which nothing was measured."""
        return cls(np.full(width, np.nan), np.full(width, np.nan), np.zeros(width), np.zeros(width))

    @classmethod
    def of(cls, rows: Floats) -> Bucket:
        """Return that of the samples *rows*, in which NaN means not measured."""
        known = ~np.isnan(rows)
        return cls(
            np.fmin.reduce(rows, axis=0),
            np.fmax.reduce(rows, axis=0),
            np.where(known, rows, 0.0).sum(axis=0),
            known.sum(axis=0).astype(np.float64),
        )

    def widened(self, width: int) -> Bucket:
        """Return it with room for *width* metrics."""
        if width == len(self.low):
            return self
        wide = Bucket.empty(width)
        for mine, new in zip(self, wide, strict=True):
            new[: len(mine)] = mine
        return wide

    def merged(self, other: Bucket) -> Bucket:
        """Return that of the samples of both, which are equally wide."""
        return Bucket(
            np.fmin(self.low, other.low),
            np.fmax(self.high, other.high),
            self.total + other.total,
            self.number + other.number,
        )

    def pack(self) -> bytes:
        """Return it as a row's data: minima, maxima, means and counts as float32."""
        mean = np.full(len(self.total), np.nan)
        np.divide(self.total, self.number, out=mean, where=self.number > 0)
        return np.stack([self.low, self.high, mean, self.number]).astype("<f4").tobytes()

    @classmethod
    def unpack(cls, data: bytes) -> Bucket:
        """Return what `pack` packed."""
        low, high, mean, number = np.frombuffer(data, "<f4").astype(np.float64).reshape(4, -1)
        return cls(low, high, np.where(number > 0, mean, 0.0) * number, number)


class Layouts:
    """Which metrics stand in a row, in which order; belongs to one connection's thread."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._keys: dict[int, str] = {}
        self._layouts: dict[int, tuple[str, ...]] = {}

    def keys(self, layout: int) -> tuple[str, ...]:
        """Return the metrics of *layout* in their order; empty where it is not known."""
        found = self._layouts.get(layout)
        if found is None:
            row = self._connection.execute(
                "SELECT metrics FROM health_layout WHERE id = ?", (layout,)
            ).get
            ids = [int(number) for number in str(row).split(",")] if row else []
            if not self._keys.keys() >= set(ids):
                self._keys = {number: key for key, number in self._ids().items()}
            found = tuple(self._keys.get(number, "") for number in ids)
            self._layouts[layout] = found
        return found

    def layout(self, keys: tuple[str, ...]) -> int:
        """Return the number of the layout of *keys*, made if need be; in a transaction."""
        connection = self._connection
        connection.executemany(
            "INSERT OR IGNORE INTO health_metric (key) VALUES (?)", [(key,) for key in keys]
        )
        ids = self._ids()
        text = ",".join(str(ids[key]) for key in keys)
        connection.execute("INSERT OR IGNORE INTO health_layout (metrics) VALUES (?)", (text,))
        number = connection.execute("SELECT id FROM health_layout WHERE metrics = ?", (text,)).get
        return int(str(number))

    def _ids(self) -> dict[str, int]:
        rows = self._connection.execute("SELECT key, id FROM health_metric")
        return {str(key): int(str(number)) for key, number in rows}


FUTURE_MS = DAY_MS
"""What lies further ahead was written under a clock that was wrong."""
MOST_EVENTS = 20_000
MOST_INCIDENTS = 20_000
"""A program that crashes every second for a year is still to be told in some megabytes."""
MANY_LAYOUTS = 100
"""Beyond so many the layouts that no row uses any more are looked for."""


def prune(connection: apsw.Connection, now: int) -> None:
    """Delete what is older than its tier keeps; *now* in Unix milliseconds."""
    oldest = now - ROLLUPS[-1].keep
    with connection:
        for tier in TIERS:
            connection.execute(
                f"DELETE FROM {tier.table} WHERE t < ? OR t > ?", (now - tier.keep, now + FUTURE_MS)
            )
        connection.execute(
            "DELETE FROM health_event WHERE t < ?1 OR id <= "
            "(SELECT id FROM health_event ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            (oldest, MOST_EVENTS),
        )
        # One that goes on is never forgotten.
        connection.execute(
            "DELETE FROM alert_incident WHERE resolved IS NOT NULL AND (resolved < ?1 OR id <= "
            "(SELECT id FROM alert_incident ORDER BY id DESC LIMIT 1 OFFSET ?2))",
            (oldest, MOST_INCIDENTS),
        )
        connection.execute("DELETE FROM alert_silence WHERE until < ?", (now - DAY_MS,))
        if int(str(connection.execute("SELECT count(*) FROM health_layout").get)) > MANY_LAYOUTS:
            used = " UNION ".join(f"SELECT layout FROM {tier.table}" for tier in TIERS)
            connection.execute(
                "DELETE FROM health_layout WHERE id NOT IN "
                f"({used} UNION SELECT max(id) FROM health_layout)"
            )


def cap(connection: apsw.Connection, limit: int) -> None:
    """Delete the oldest of the finest tier until what is in use is within *limit* bytes."""
    for tier in TIERS:
        while used_bytes(connection) > limit:
            first, last = connection.execute(
                f"SELECT min(t), max(t) FROM {tier.table}"
            ).fetchone() or (None, None)
            if first is None or last - first < HOUR_MS:
                break  # leave the last hour; the next tier has to give
            with connection:
                connection.execute(
                    f"DELETE FROM {tier.table} WHERE t <= ?", (first + (last - first) // 10,)
                )


def used_bytes(connection: apsw.Connection) -> int:
    """Return the bytes in use in the console's database."""
    pages, free, size = (
        int(str(connection.execute(f"PRAGMA {name}").get))
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size
