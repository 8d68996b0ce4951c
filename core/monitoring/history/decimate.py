"""Reduces a series to what a graph of so many pixel columns can show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from core.monitoring.history.tiers import Floats


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
