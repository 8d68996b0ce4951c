"""Joins the newest samples, which lie in memory, to what the history had when it was asked."""

from __future__ import annotations

import numpy as np

from core.monitoring.history.query import Series, pause_of
from core.monitoring.history.tiers import Floats
from ui.health.recent import Recent


def with_newest(
    key: str, series: Series | None, recent: Recent, start: float, interval: float = 1.0
) -> Series | None:
    """Return *series* with the values of *key* in *recent* that are newer than its end.

    Without a series only the samples from *start* (Unix seconds) on are left; None where there
    is nothing at all.  *interval* is that of sampling; a pause that is too long stays a gap.
    """
    known = series is not None and len(series.times) > 0
    after = float(series.times[-1]) if series is not None and known else start
    times, values = recent.line(key, after)
    if not len(times):
        return series
    step = series.step if series is not None else 0.0
    before = np.array([after]) if known else np.empty(0)
    # A roll-up's last value lies in the middle of a step that is not over.
    pauses = np.diff(np.concatenate([before, times]))
    limit = np.full(len(pauses), pause_of(key, interval))
    if known:
        limit[0] = pause_of(key, max(interval, step))
    gaps = np.flatnonzero(pauses > limit) + (0 if known else 1)
    if len(gaps):
        times = np.insert(times, gaps, times[gaps])
        values = np.insert(values, gaps, np.nan)
    if series is None or not known:
        return Series(key, step, times, values, values, values)
    return Series(key, step, _join(series.times, times), *(
        _join(one, values) for one in (series.low, series.mean, series.high)
    ))  # fmt: skip


def sparkline(key: str, recent: Recent, interval: float, seconds: float) -> tuple[Floats, Floats]:
    """Return times and values of the last *seconds*; NaN where there is a gap."""
    times, values = recent.line(key, recent.end - seconds)
    gaps = np.flatnonzero(np.diff(times) > pause_of(key, interval)) + 1
    return np.insert(times, gaps, times[gaps]), np.insert(values, gaps, np.nan)


def _join(first: Floats, second: Floats) -> Floats:
    return np.concatenate([first, second])
