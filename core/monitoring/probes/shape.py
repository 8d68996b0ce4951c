"""What a probe is and what it hands back."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from core.monitoring.models import Event, Fact


class Moment(NamedTuple):
    """When a probe looks: monotonic for durations, wall (Unix seconds) for ages."""

    monotonic: float
    wall: float


class Reading(NamedTuple):
    """What one look found."""

    values: dict[str, float]
    facts: tuple[Fact, ...] = ()
    events: tuple[Event, ...] = ()


class Probe(Protocol):
    """One thing that is looked at, with what it remembers between its looks."""

    name: str

    def due(self, monotonic: float) -> bool:
        """Whether it is time to look again."""
        ...

    def measure(self, moment: Moment) -> Reading:
        """Look; called by one thread at a time.  What it raises is reported as its failure."""
        ...


class Every:
    """A part of a probe that says when it is due: every so many seconds, from its last look."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds
        self._next = float("-inf")

    def due(self, monotonic: float) -> bool:
        """Whether `seconds` have passed since the last `done`."""
        return monotonic >= self._next

    def done(self, monotonic: float, seconds: float | None = None) -> None:
        """Note that it was looked at; *seconds* is another pause than usual."""
        pause = self._seconds if seconds is None else seconds
        # A tick that comes a little early still counts: half of the shortest interval.
        self._next = monotonic + max(0.0, pause - 0.05)
