"""Joins the newest samples, which lie in memory, to what the history had when it was asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.health.history.query import Series
from core.health.models import Sample


def with_newest(
    key: str, series: Series | None, samples: Sequence[Sample], start: float
) -> Series | None:
    """Return *series* with the values of *key* in *samples* that are newer than its end.

    Without a series only the samples from *start* (Unix seconds) on are left; None where there
    is nothing at all.
    """
    after = float(series.times[-1]) if series is not None and len(series.times) else start
    newest = [
        (sample.at.timestamp(), sample.values[key])
        for sample in samples
        if key in sample.values and sample.at.timestamp() > after
    ]
    if not newest:
        return series
    times = np.array([at for at, _ in newest])
    values = np.array([value for _, value in newest])
    if series is None:
        return Series(key, 0.0, times, values, values, values)
    return Series(
        key,
        series.step,
        np.concatenate([series.times, times]),
        np.concatenate([series.low, values]),
        np.concatenate([series.mean, values]),
        np.concatenate([series.high, values]),
    )
