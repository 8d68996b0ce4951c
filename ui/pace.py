"""How fast something goes and how long it will still take, from what was seen of it."""

from __future__ import annotations

from typing import NamedTuple

from core.base.operation import Progress

FIRST_PART = 0.02
"""Before this part of the work is done nothing is said about the time left."""
SMOOTHING_SECONDS = 3.0
"""The pace is an exponential mean over about this time."""


class Rate(NamedTuple):
    """Units a second, and seconds left; None while it cannot be told."""

    per_second: float
    seconds_left: float | None


class Pace:
    """Follows one piece of work; a new one begins when its total changes."""

    def __init__(self) -> None:
        self._total: int | None = None
        self._begun = 0.0
        self._last = (0.0, 0)
        self._rate = 0.0

    def seen(self, progress: Progress, now: float) -> Rate:
        """Take *progress*, seen at *now* (monotonic seconds), and return the pace."""
        at, done = self._last
        if progress.total != self._total or progress.done < done:
            self._total, self._begun, self._rate = progress.total, now, 0.0
            self._last = (now, progress.done)
            return Rate(0.0, None)
        spent = now - at
        if spent <= 0:
            return self._told(progress)
        fresh = (progress.done - done) / spent
        # A young mean weighs what it has; an old one forgets what is past.
        weight = min(1.0, spent / min(max(now - self._begun, spent), SMOOTHING_SECONDS))
        self._rate += (fresh - self._rate) * weight
        self._last = (now, progress.done)
        return self._told(progress)

    def _told(self, progress: Progress) -> Rate:
        if not progress.total or self._rate <= 0 or progress.done < progress.total * FIRST_PART:
            return Rate(self._rate, None)
        return Rate(self._rate, (progress.total - progress.done) / self._rate)
