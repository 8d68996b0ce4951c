"""Medians, and ratios of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median


class Stopwatch:
    """Gathers times by what was done and by whom."""

    def __init__(self) -> None:
        self.times: dict[str, dict[str, list[float]]] = {}

    @contextmanager
    def timing(self, what: str, who: str) -> Iterator[None]:
        """Time one run."""
        begun = time.perf_counter()
        yield
        self.add(what, who, time.perf_counter() - begun)

    def add(self, what: str, who: str, seconds: float) -> None:
        """Take a time that was measured elsewhere."""
        self.times.setdefault(what, {}).setdefault(who, []).append(seconds)

    def rotate(self, turn: int, *peers: Callable[[], None]) -> None:
        """Run *peers* in an order that changes with *turn*, so that none is always first."""
        for index in range(len(peers)):
            peers[(index + turn) % len(peers)]()

    def show(self, base: dict[str, str], other: dict[str, str] | None = None) -> None:
        """Print medians in seconds and their ratio to the peer that *base* names for each row.

        *other* names the peer of those who do other work than the rest.
        """
        print(f"{'what':34} {'who':28} {'median s':>9} {'min':>8} {'max':>8}  ratio")
        for what, by in self.times.items():
            for who, times in by.items():
                of = (other or {}).get(who) or base.get(what)
                ratio = f"{median(times) / median(by[of]):.2f} x {of}" if of in by else ""
                print(
                    f"{what:34} {who:28} {median(times):9.3f} {min(times):8.3f} "
                    f"{max(times):8.3f}  {ratio}"
                )
