"""Writes a range of the history as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import apsw
import numpy as np

from core.base.cleanup import cleaning_up
from core.base.config.models import Settings
from core.base.folders import NEW, Use, claimed
from core.base.model import Strict
from core.base.operation import Context, Kind, OperationError, Unit
from core.base.state import open_state
from core.base.text import translate
from core.monitoring.history.query import Series, metric_keys, read_tier
from core.monitoring.history.tiers import RAW, TIERS, Tier

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
    every = np.unique(np.concatenate([one.known for one in series])) if series else np.empty(0)
    every = every[(every - offset >= start.timestamp()) & (every - offset <= end.timestamp())]
    writer = csv.writer(file)
    parts = ("",) if tier is RAW else (".min", ".mean", ".max")
    writer.writerow(["time_utc", *(f"{one.key}{part}" for one in series for part in parts)])
    columns = [column for one in series for column in _columns(one, every, tier is RAW)]
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
