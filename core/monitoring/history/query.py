"""Reads the history: the resolution that a range needs, gaps as gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import apsw
import numpy as np

from core.base.metrics import metric_of
from core.base.state import as_written
from core.base.text import Text
from core.monitoring.history.tiers import RAW, ROLLUPS, TIERS, Floats, Layouts, Tier
from core.monitoring.models import Event, EventKind, utc

GAP = 2.5
"""A pause longer than so many steps is a gap."""
NOTICE_SHOWN = timedelta(days=1)
"""So long it is said that the history was begun anew."""


@dataclass(frozen=True)
class Series:
    """One metric over a range; NaN in the values stands for a gap.

    `times` are Unix seconds, of a roll-up the middle of its step; at full resolution `low`,
    `mean` and `high` are the same.
    """

    key: str
    step: float
    times: Floats
    low: Floats
    mean: Floats
    high: Floats

    @property
    def known(self) -> Floats:
        """The times at which there is a value."""
        return self.times[~np.isnan(self.mean)]


def pause_of(key: str, step: float) -> float:
    """Return the longest time in seconds between two values of *key* that is no gap.

    *step* is the time between two samples, or that of a roll-up.
    """
    metric = metric_of(key)
    return GAP * max(step, metric.period if metric else 0.0)


def choose_tier(start: datetime, end: datetime, now: datetime, max_points: int, raw: float) -> Tier:
    """Return the finest tier that still holds *start* and has at most *max_points* in the range.

    *raw* is the interval of sampling in seconds.  Where every tier has more, it is the coarsest.
    """
    length, age = (end - start).total_seconds(), (now - start).total_seconds() * 1000
    for tier in TIERS:
        step = tier.step / 1000 or raw
        if age <= tier.keep + 60_000 and length / step <= max_points:
            return tier
    return ROLLUPS[-1]


def reaching(connection: apsw.Connection, tier: Tier, start: datetime) -> Tier:
    """Return *tier*, or the next coarser one that goes back to *start* where it does not.

    The finest tiers may be shorter than their time: the size of the history is limited.
    """
    begin = start.timestamp() * 1000
    chosen, oldest = tier, _oldest(connection, tier)
    for coarser in TIERS[TIERS.index(tier) + 1 :]:
        if oldest is not None and oldest <= begin:
            break
        found = _oldest(connection, coarser)
        if found is not None and (oldest is None or found + coarser.step < oldest):
            chosen, oldest = coarser, found
    return chosen


def _oldest(connection: apsw.Connection, tier: Tier) -> int | None:
    found = connection.execute(f"SELECT min(t) FROM {tier.table}").get
    return None if found is None else int(str(found))


def read_tier(
    connection: apsw.Connection,
    tier: Tier,
    keys: Sequence[str],
    start: datetime,
    end: datetime,
    interval: float = 1.0,
) -> dict[str, Series]:
    """Return the series of *keys* in one tier."""
    wanted = set(keys)
    parts: dict[str, list[tuple[Floats, Floats, Floats, Floats]]] = {}
    for names, times, values in _blocks(connection, tier, start, end):
        for column, name in enumerate(names):
            if name not in wanted:
                continue
            low, high, mean = values[:, 0, column], values[:, 1, column], values[:, 2, column]
            known = ~np.isnan(mean)
            if known.any():
                parts.setdefault(name, []).append(
                    (times[known], low[known], mean[known], high[known])
                )
    return {
        key: _series(key, tier.step / 1000 or interval, parts[key], bool(tier.step))
        for key in keys
        if key in parts
    }


def _blocks(
    connection: apsw.Connection, tier: Tier, start: datetime, end: datetime
) -> Iterator[tuple[tuple[str, ...], Floats, Floats]]:
    """Yield (metrics, times in seconds, values[row, low/high/mean, metric]) for each layout."""
    layouts = Layouts(connection)
    begin, finish = start.timestamp() * 1000, end.timestamp() * 1000
    rows = connection.execute(
        f"SELECT t, layout, data FROM {tier.table} WHERE t >= ? AND t <= ? ORDER BY layout, t",
        (int(begin) - tier.step, int(finish)),
    ).fetchall()
    first = 0
    while first < len(rows):
        last = first
        while last < len(rows) and rows[last][1] == rows[first][1]:
            last += 1
        with as_written():
            names = layouts.keys(int(str(rows[first][1])))
            data = b"".join(bytes(row[2]) for row in rows[first:last])  # type: ignore[arg-type]
            times = np.array([row[0] for row in rows[first:last]], np.float64) / 1000
            if tier is RAW:
                raw = np.frombuffer(data, "<f8").reshape(last - first, 1, len(names))
                values = np.broadcast_to(raw, (last - first, 3, len(names)))
            else:
                flat = np.frombuffer(data, "<f4").astype(np.float64)
                values = flat.reshape(last - first, 4, len(names))[:, :3]
                times = times + tier.step / 2000
        yield names, times, values
        first = last


def _series(
    key: str, step: float, parts: list[tuple[Floats, Floats, Floats, Floats]], rolled_up: bool
) -> Series:
    times, low, mean, high = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(times, kind="stable")
    times, low, mean, high = times[order], low[order], mean[order], high[order]
    gaps = np.flatnonzero(np.diff(times) > pause_of(key, step)) + 1
    if len(gaps):
        middles = (times[gaps - 1] + times[gaps]) / 2
        times = np.insert(times, gaps, middles)
        low, mean, high = (np.insert(one, gaps, np.nan) for one in (low, mean, high))
    return Series(key, step if rolled_up else 0.0, times, low, mean, high)


def metric_keys(connection: apsw.Connection) -> tuple[str, ...]:
    """Return every metric that the history knows, in the order in which they first came."""
    rows = connection.execute("SELECT key FROM health_metric ORDER BY id")
    return tuple(str(key) for (key,) in rows)


def events(connection: apsw.Connection, start: datetime, end: datetime) -> tuple[Event, ...]:
    """Return what happened from *start* to *end*, the oldest first."""
    rows = connection.execute(
        "SELECT t, kind, text FROM health_event WHERE t BETWEEN ? AND ? ORDER BY t, id",
        (int(start.timestamp() * 1000), int(end.timestamp() * 1000)),
    )
    with as_written():
        return tuple(
            Event(
                at=utc(float(str(t))),
                kind=EventKind(str(kind)),
                text=Text.model_validate_json(str(text)),
            )
            for t, kind, text in rows
        )


def history_notices(connection: apsw.Connection, now: datetime) -> tuple[Text, ...]:
    """Return what became of the history itself within `NOTICE_SHOWN`, the newest only."""
    # The clock may have been ahead when it was written.
    found = events(connection, now - NOTICE_SHOWN, now + NOTICE_SHOWN)
    return tuple(one.text for one in found if one.kind is EventKind.HISTORY)[-1:]
