"""The clocks that the sampler goes by; tests hand in others."""

from __future__ import annotations

import time
from threading import Event
from typing import NamedTuple, Protocol


class Times(NamedTuple):
    """What the clocks say at one instant, in seconds."""

    monotonic: float
    """Never jumps; stands still while a Linux or macOS machine sleeps."""
    awake_or_asleep: float
    """Never jumps and goes on during sleep, where the system has such a clock."""
    wall: float
    """Unix time, as it is set."""


class Clock(Protocol):
    """Where times come from and how one waits."""

    def now(self) -> Times:
        """Return all clocks at once."""
        ...

    def wait(self, stop: Event, seconds: float) -> bool:
        """Wait until *stop* is set, at most *seconds*; return whether it is set."""
        ...


class SystemClock:
    """The machine's clocks."""

    def __init__(self) -> None:
        self._boot = getattr(time, "CLOCK_BOOTTIME", None)

    def now(self) -> Times:
        """Return all clocks at once."""
        monotonic = time.monotonic()
        asleep = time.clock_gettime(self._boot) if self._boot is not None else monotonic
        return Times(monotonic, asleep, time.time())

    def wait(self, stop: Event, seconds: float) -> bool:
        """Wait until *stop* is set, at most *seconds*; return whether it is set."""
        return stop.wait(seconds)
