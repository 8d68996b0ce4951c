"""The newest samples in memory, a row of numbers for each metric."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.monitoring.history.tiers import Floats
from core.monitoring.models import Sample


class Recent:
    """Keeps the last *size* samples; what was not measured is NaN.

    Twice the room is taken, so that old samples are moved once in *size* and not at each.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._end = 0
        self._times = np.zeros(2 * size)
        self._values: dict[str, Floats] = {}

    def __len__(self) -> int:
        return min(self._end, self._size)

    @property
    def end(self) -> float:
        """The time of the newest sample, in Unix seconds; 0 while there is none."""
        return float(self._times[self._end - 1]) if self._end else 0.0

    def add(self, sample: Sample) -> None:
        """Take in one more; samples come in the order in which they were taken."""
        if self._end == 2 * self._size:
            for row in (self._times, *self._values.values()):
                row[: self._size] = row[self._size :]
            self._end = self._size
        self._times[self._end] = sample.at.timestamp()
        for key in sample.values.keys() - self._values.keys():
            self._values[key] = np.full(2 * self._size, np.nan)
        for key, row in self._values.items():
            row[self._end] = sample.values.get(key, np.nan)
        self._end += 1

    def remember(self, lines: Mapping[str, tuple[Floats, Floats]]) -> None:
        """Begin with times and values that were measured before the first sample."""
        if self._end or not lines:
            return
        times = np.unique(np.concatenate([line[0] for line in lines.values()]))[-self._size :]
        self._end = len(times)
        self._times[: self._end] = times
        for key, (at, values) in lines.items():
            row = self._values.setdefault(key, np.full(2 * self._size, np.nan))
            kept = at >= times[0]
            row[np.searchsorted(times, at[kept])] = values[kept]

    def line(self, key: str, after: float = -np.inf) -> tuple[Floats, Floats]:
        """Return the times (Unix seconds) and values of *key* measured after *after*."""
        row = self._values.get(key)
        begin = self._end - len(self)
        times = self._times[begin : self._end]
        if row is None:
            return np.empty(0), np.empty(0)
        values = row[begin : self._end]
        # After the clock was set back the samples before it would make time run backwards.
        back = np.flatnonzero(times[1:] < times[:-1])
        first = int(back[-1]) + 1 if len(back) else 0
        times, values = times[first:], values[first:]
        known = (times > after) & ~np.isnan(values)
        return times[known], values[known]
