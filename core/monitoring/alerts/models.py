"""Incidents and what is told of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from core.base.model import Strict
from core.base.text import Text
from core.monitoring.models import State


class Incident(Strict):
    """One time that a metric was not as it should be; times are UTC."""

    id: int
    rule: str
    metric: str
    severity: State
    begun: datetime
    """When the breach began that led to it."""
    fired: datetime
    last: datetime
    """When it was last seen in breach."""
    resolved: datetime | None
    value: float
    """The value at which it fired."""
    worst: float
    threshold: float
    acknowledged: datetime | None = None
    acknowledged_by: str | None = None
    silenced: bool = False
    lasted: float | None = None
    """Seconds from the beginning of the breach to its last moment, by a clock that nobody sets;
    None where an earlier version wrote it."""

    @property
    def active(self) -> bool:
        """Whether it is still going on."""
        return self.resolved is None

    @property
    def length_seconds(self) -> float:
        """From the beginning of the breach to its last moment; without the wait for calm.

        The time between two consoles is not in it: nobody looked.
        """
        if self.lasted is not None:
            return self.lasted
        return max(0.0, (self.last - self.begun).total_seconds())


class NoticeKind(StrEnum):
    """What is told."""

    FIRED = "fired"
    RESOLVED = "resolved"


class Notice(Strict):
    """What the operator is told, once for each."""

    kind: NoticeKind
    at: datetime
    incident: Incident
    title: Text
    text: Text


class Silence(Strict):
    """Of what nothing is told: a rule, of one metric or (empty) of all, until when."""

    rule: str
    metric: str
    since: datetime
    until: datetime | None
    """None: until it is resolved."""
    by: str
