"""Follows the trading program from look to look without a search through all processes each time.

A search costs as much as there are processes; whether one that is known still runs, or whether
any process appeared at all, costs next to nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil

from core.base.config.models import Settings
from core.program.find import describe, find_program
from core.program.models import Program

NEWS_SECONDS = 10.0
"""So long after a process appeared it is looked whether it became the trading program."""
NO_NEWS_SECONDS = 30.0
"""How often all are looked through although nothing changed."""


class ProcessTracker:
    """Remembers the program that was found; belongs to one thread at a time."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._known: Program | None = None
        self._pids: set[int] = set()
        self._searched = self._news_until = float("-inf")
        self.searches = 0
        """How often all processes were looked through."""

    def find(self) -> Program | None:
        """Return the running trading program, None where there is none."""
        now, known = self._clock(), self._known
        pids = set(psutil.pids())
        appeared, self._pids = bool(pids - self._pids), pids
        if appeared:
            self._news_until = now + NEWS_SECONDS
        fresh = now - self._searched < NO_NEWS_SECONDS
        if known is not None and known.pid in pids and fresh and _is_same(known):
            return known
        if known is None and fresh and now >= self._news_until:
            return None
        self._searched = now
        self.searches += 1
        self._known = find_program(self._settings)
        return self._known


def _is_same(known: Program) -> bool:
    """Whether the process is still the one that was found: its number may be another's by now,
    and it may have become another program.
    """
    try:
        found = describe(psutil.Process(known.pid))
    except (psutil.Error, OSError):
        return False
    return found is not None and (found.started, found.command) == (known.started, known.command)
