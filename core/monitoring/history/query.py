"""Reads the history: the resolution that a range needs, gaps as gaps, reduced to so many pixels.

A range can be written as CSV.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, TextIO

import apsw
import numpy as np

from core.base.cleanup import cleaning_up
from core.base.config.models import Settings
from core.base.folders import NEW, Use, claimed
from core.base.metrics import metric_of
from core.base.model import Strict
from core.base.operation import Context, Kind, OperationError, Unit
from core.base.state import as_written, open_state
from core.base.text import Text, translate
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


class Columns(NamedTuple):
    """What a series is in each pixel column in which it has a value, from left to right.

    `x` is the time of the column's first value.  A row without values (NaN) stands between two
    columns where there is a gap between them.
    """

    x: Floats
    low: Floats
    mean: Floats
    high: Floats


EMPTY = Columns(np.empty(0), np.empty(0), np.empty(0), np.empty(0))


def per_column(
    times: Floats,
    low: Floats,
    mean: Floats,
    high: Floats,
    start: float,
    end: float,
    columns: int,
) -> Columns:
    """Return the least, mean and greatest value in each of *columns* between *start* and *end*.

    *times* ascend.  NaN in *low* is a gap and stays one, also within a column.  One value on
    each side of *start*…*end* is kept, so that the line runs out of the picture.  At most two
    rows for each column come back, and two more for each gap.  Where *mean* is the very array
    *low* no mean is made.
    """
    if not len(times) or end <= start or columns < 1:
        return EMPTY
    wanted = mean is not low
    first = max(0, int(np.searchsorted(times, start, "left")) - 1)
    last = min(len(times), int(np.searchsorted(times, end, "right")) + 1)
    times, low = times[first:last], low[first:last]
    mean, high = mean[first:last], high[first:last]
    unknown = np.isnan(low)
    piece = None
    if unknown.any():
        known = ~unknown
        if not known.any():
            return EMPTY
        piece = np.cumsum(unknown)[known]
        times, low, mean, high = times[known], low[known], mean[known], high[known]
    column = np.floor((times - start) / (end - start) * columns)
    changes = column[1:] != column[:-1]
    if piece is not None:
        changes |= piece[1:] != piece[:-1]
    edges = np.concatenate(([0], np.flatnonzero(changes) + 1))
    if len(edges) == len(times):  # fewer values than columns: each stands for itself
        found = Columns(times, low, mean, high)
    else:
        least = np.minimum.reduceat(low, edges)
        if wanted:
            numbers = np.diff(edges, append=len(times))
            middle = np.add.reduceat(mean, edges) / numbers
        else:
            middle = least
        found = Columns(times[edges], least, middle, np.maximum.reduceat(high, edges))
    if piece is None:
        return found
    kept = piece[edges]
    breaks = np.flatnonzero(kept[1:] != kept[:-1]) + 1
    gaps = (np.insert(one, breaks, np.nan) for one in found[1:])
    return Columns(np.insert(found.x, breaks, found.x[breaks]), *gaps)


def zigzag(found: Columns) -> tuple[Floats, Floats]:
    """Return x and y of a line through the least and the greatest value of each column.

    It goes up in one column and down in the next, which is the shortest way through them.
    """
    x = np.repeat(found.x, 2)
    y = np.empty(len(x))
    y[0::4], y[1::4] = found.low[0::2], found.high[0::2]
    y[2::4], y[3::4] = found.high[1::2], found.low[1::2]
    # Where it is flat within a column, or a gap, one point says it all.
    keep = np.ones(len(y), bool)
    keep[1::2] = (found.low != found.high) & ~np.isnan(found.low)
    return x[keep], y[keep]


def pieces(values: Floats) -> Iterator[tuple[int, int]]:
    """Yield first and last (exclusive) of each run of *values* without a gap (NaN)."""
    first = 0
    for last in (*np.flatnonzero(np.isnan(values)).tolist(), len(values)):
        if last > first:
            yield first, last
        first = last + 1


ROWS_BETWEEN_CHECKS = 2_000


class CsvResult(Strict):
    """What was exported."""

    path: Path | None
    rows: int
    step_seconds: float
    """Seconds between two rows; 0: every sample."""


def finest_tier(start: datetime, now: datetime) -> Tier:
    """Return the finest tier that still holds *start*."""
    age = (now - start).total_seconds() * 1000
    return next((tier for tier in TIERS if age <= tier.keep), TIERS[-1])


def write_csv(
    context: Context,
    connection: apsw.Connection,
    file: TextIO,
    keys: Sequence[str],
    start: datetime,
    end: datetime,
    tier: Tier,
) -> int:
    """Write a row for every time at which anything was measured; return their number.

    The first column is UTC in ISO 8601.  At full resolution each metric has one column, else
    three: minimum, mean and maximum.  What was not measured is empty.
    """
    found = read_tier(connection, tier, keys, start, end)
    series = [found[key] for key in keys if key in found]
    offset = tier.step / 2000
    every = np.unique(np.concatenate([sery.known for sery in series])) if series else np.empty(0)
    every = every[(every - offset >= start.timestamp()) & (every - offset <= end.timestamp())]
    writer = csv.writer(file)
    parts = ("",) if tier is RAW else (".min", ".mean", ".max")
    writer.writerow(["time_utc", *(f"{sery.key}{part}" for sery in series for part in parts)])
    columns = [column for sery in series for column in _columns(sery, every, tier is RAW)]
    for number, time in enumerate(every):
        if number % ROWS_BETWEEN_CHECKS == 0:
            context.check()
            context.progress(number, len(every), Unit.ROWS, translate("health", "Writing rows"))
        stamp = datetime.fromtimestamp(time - offset, UTC).isoformat(timespec="milliseconds")
        writer.writerow([stamp, *(_text(column[number]) for column in columns)])
    return len(every)


def _columns(series: Series, every: np.ndarray, raw: bool) -> list[np.ndarray]:
    known = ~np.isnan(series.mean)
    places = np.searchsorted(every, series.times[known])
    inside = places < len(every)
    inside[inside] = every[places[inside]] == series.times[known][inside]
    columns = []
    for values in (series.mean,) if raw else (series.low, series.mean, series.high):
        column = np.full(len(every), np.nan)
        column[places[inside]] = values[known][inside]
        columns.append(column)
    return columns


def _text(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.15g}"


@dataclass(frozen=True)
class ExportHistory:
    """Write the history from *start* to *end* to the CSV file *path*; all metrics if no *keys*."""

    settings: Settings
    start: datetime
    end: datetime
    path: Path
    keys: tuple[str, ...] = ()
    kind: Kind = Kind.HEALTH_HISTORY

    def run(self, context: Context) -> CsvResult:
        """Return what was written; an existing file is replaced once the new one is whole."""
        if self.end <= self.start:
            raise OperationError(
                translate("health", "The end of the range lies before its beginning."),
                data_state=translate("health", "Nothing was written."),
                to_do=translate("health", "Give a range that ends after it begins."),
            )
        tier = finest_tier(self.start, datetime.now(UTC))
        provisional = self.path.with_name(f".{self.path.name}{NEW}")
        try:
            with open_state(self.settings) as connection:
                keys = self.keys or metric_keys(connection)
                with (
                    claimed(self.settings, Use.EXPORT, provisional),
                    cleaning_up(provisional.unlink, missing_ok=True),
                ):
                    with provisional.open("w", encoding="utf-8", newline="") as file:
                        rows = write_csv(
                            context, connection, file, keys, self.start, self.end, tier
                        )
                    provisional.replace(self.path)
        except OSError as error:
            raise OperationError(
                translate("health", "The file cannot be written: {why}", why=str(error)),
                data_state=translate("health", "The history is as it was."),
                to_do=translate("health", "Choose another place."),
            ) from error
        return CsvResult(path=self.path, rows=rows, step_seconds=tier.step / 1000)
