"""When the disk will be full: a robust slope that a backup does not frighten."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from datetime import datetime, timedelta

import apsw
import numpy as np

from core.base.config.models import Settings
from core.base.journal import Outcome, entries
from core.base.state import open_state
from core.monitoring.alerts.models import NEVER_DAYS
from core.monitoring.history.query import metric_keys, read_tier
from core.monitoring.history.tiers import ROLLUPS, Floats
from core.monitoring.models import Every, Moment, Reading, utc

Window = tuple[float, float]
"""Beginning and end of an operation of the console, in Unix seconds."""

LEAST_SECONDS = 6 * 3_600.0
LOOK_BACK = timedelta(hours=48)
PERIOD_SECONDS = 600.0
MAX_POINTS = 300
MOST_OPERATIONS = 2_000
"""A backup every five minutes, with its drills, for two days."""
DISKS = ("disk_free_bytes", "guard.store_free_bytes", "disks.*.free_bytes")
MARGIN_SECONDS = 60.0
"""An operation's effect on the disk is seen up to a minute later (delayed allocation)."""


def theil_sen(times: Floats, values: Floats) -> float | None:
    """Return the median of the slopes between all pairs, per second; None below three points.

    Up to 29 % of the points may be wild without moving it.
    """
    if len(times) < 3:
        return None
    i, j = np.triu_indices(len(times), k=1)
    apart = times[j] - times[i]
    slopes = (values[j] - values[i])[apart > 0] / apart[apart > 0]
    return float(np.median(slopes)) if len(slopes) else None


def without_operations(
    times: Floats, values: Floats, operations: Sequence[Window]
) -> tuple[Floats, Floats]:
    """Return the series as if the console's own *operations* had not changed it.

    What lies within one is left out, and what follows is moved by the step across it: a backup
    that takes 1 GB every hour is retention's to deal with and says nothing about the program.
    """
    merged: list[list[float]] = []
    for begin, end in sorted(operations):
        if merged and begin <= merged[-1][1] + 2 * MARGIN_SECONDS:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([begin, end])
    keep = np.ones(len(times), bool)
    moved = values.astype(np.float64)
    for begin, end in merged:
        keep &= (times < begin) | (times > end + MARGIN_SECONDS)
        before, after = times < begin, times > end + MARGIN_SECONDS
        if before.any() and after.any():
            moved[after] -= values[after][0] - values[before][-1]
    return times[keep], moved[keep]


def days_until_full(times: Floats, free: Floats, operations: Sequence[Window] = ()) -> float | None:
    """Return in how many days *free* bytes will be used up, at most ten years.

    None: less than six hours are known.
    """
    if not len(times):
        return None
    free_now = float(free[-1])
    times, free = without_operations(times, free, operations)
    if not len(times) or times[-1] - times[0] < LEAST_SECONDS:
        return None
    step = max(1, len(times) // MAX_POINTS)
    slope = theil_sen(times[::step], free[::step])
    if slope is None:
        return None
    if slope >= 0:
        return NEVER_DAYS
    return min(NEVER_DAYS, free_now / -slope / 86_400)


def forecast(
    connection: apsw.Connection, now: datetime, operations: Sequence[Window]
) -> float | None:
    """Return `days_until_full` from the history of the last two days, of the disk that is first."""
    keys = [
        key
        for key in metric_keys(connection)
        if any(fnmatch.fnmatchcase(key, pattern) for pattern in DISKS)
    ]
    found = read_tier(connection, ROLLUPS[1], keys, now - LOOK_BACK, now)
    days = []
    for series in found.values():
        known = ~np.isnan(series.mean)
        days.append(days_until_full(series.times[known], series.mean[known], operations))
    return min((day for day in days if day is not None), default=None)


def own_operations(settings: Settings, now: datetime) -> list[Window]:
    """Return when the console itself was at work lately, from its journal."""
    windows = []
    for one in entries(settings, limit=MOST_OPERATIONS):
        ended = one.ended or (now if one.outcome is Outcome.RUNNING else one.begun)
        if ended >= now - LOOK_BACK:
            windows.append((one.begun.timestamp(), ended.timestamp()))
    return windows


class ForecastProbe:
    """Looks ahead every ten minutes."""

    name = "forecast"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._every = Every(PERIOD_SECONDS)

    def due(self, monotonic: float) -> bool:
        """Every ten minutes."""
        return self._every.due(monotonic)

    def measure(self, moment: Moment) -> Reading:
        """Tell in how many days the disk is full, once six hours are known."""
        self._every.done(moment.monotonic)
        if not self._settings.home.exists():
            return Reading({})
        now = utc(moment.wall * 1000)
        operations = own_operations(self._settings, now)
        with open_state(self._settings) as connection:
            days = forecast(connection, now, operations)
        return Reading({} if days is None else {"guard.disk_full_days": days})
