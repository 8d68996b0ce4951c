"""What is sampled: states, units, metrics, the samples themselves, and what a probe is."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from core.base.model import Strict
from core.base.text import Text


class State(StrEnum):
    """How well something is."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"

    @property
    def exit_code(self) -> int:
        """What a command that reports this state exits with."""
        return _EXIT_CODES[self]

    @property
    def rank(self) -> int:
        """Larger is worse; unknown is worse than well and better than known to be unwell."""
        return _RANKS[self]


_EXIT_CODES = {State.OK: 0, State.WARNING: 1, State.CRITICAL: 2, State.UNKNOWN: 3}
_RANKS = {State.OK: 0, State.UNKNOWN: 1, State.WARNING: 2, State.CRITICAL: 3}


class Sample(Strict):
    """One tick: when (UTC), and what was measured since the tick before.

    What was not measured is not in it: a slow metric has no value between its measurements.
    """

    at: datetime
    values: dict[str, float]

    @property
    def milliseconds(self) -> int:
        """`at` as Unix time in milliseconds."""
        return round(self.at.timestamp() * 1000)


class Fact(Strict):
    """Something that is true and not a number, such as a version or who holds a file."""

    key: str
    name: Text
    value: str
    state: State = State.OK
    advice: Text | None = None
    """What to do about it."""


class Problem(Strict):
    """A probe that did not answer in time or failed."""

    probe: str
    what: Text
    overrun: bool = False


class EventKind(StrEnum):
    """What is marked on the time line beside the journal's operations."""

    PROGRAM_STARTED = "program_started"
    PROGRAM_ENDED = "program_ended"
    CLOCK_JUMPED = "clock_jumped"
    PAUSED = "paused"
    HISTORY = "history"


class Event(Strict):
    """Something that happened and is marked on the time line."""

    at: datetime
    kind: EventKind
    text: Text


def utc(milliseconds: float) -> datetime:
    """Return the time of a Unix time in milliseconds."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


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
