"""Reduces a series to what a graph of so many pixel columns can show."""

from __future__ import annotations

import numpy as np

from core.health.history.tiers import Floats


def decimate(
    times: Floats, low: Floats, high: Floats, start: float, end: float, columns: int
) -> tuple[Floats, Floats]:
    """Return x and y of a line: in each of *columns* the least and the greatest value.

    *times* ascend.  NaN in *low* is a gap and stays one: the line is broken there by one NaN.
    One value on each side of *start*…*end* is kept, so that the line runs out of the picture.
    Nothing higher or lower than what is drawn is hidden, and at most four points for each
    column come back.
    """
    if not len(times) or end <= start or columns < 1:
        return np.empty(0), np.empty(0)
    first = max(0, int(np.searchsorted(times, start, "left")) - 1)
    last = min(len(times), int(np.searchsorted(times, end, "right")) + 1)
    times, low, high = times[first:last], low[first:last], high[first:last]
    known = ~np.isnan(low)
    if not known.any():
        return np.empty(0), np.empty(0)
    piece = np.cumsum(~known)[known]
    times, low, high = times[known], low[known], high[known]
    column = np.floor((times - start) / (end - start) * columns)
    change = np.flatnonzero((np.diff(column) != 0) | (np.diff(piece) != 0)) + 1
    edges = np.concatenate(([0], change))
    least, greatest = np.minimum.reduceat(low, edges), np.maximum.reduceat(high, edges)
    x = np.repeat(times[edges], 2)
    y = np.stack([least, greatest], axis=1).ravel()
    # Where it is flat within a column one point says it all.
    keep = np.ones(len(y), bool)
    keep[1::2] = least != greatest
    breaks = 2 * np.flatnonzero(np.diff(piece[edges]) != 0) + 2
    x, y = np.insert(x, breaks, x[breaks]), np.insert(y, breaks, np.nan)
    keep = np.insert(keep, breaks, True)
    return x[keep], y[keep]
