"""Tells here, too, what another monitor found: a window beside a headless monitor.

The one that records decides; this hears of it in the console's database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from core.base.config.health import AlertRule
from core.monitoring.alerts.messages import notice_of
from core.monitoring.alerts.models import Incident, Notice, NoticeKind


class Echo:
    """Remembers which incidents were heard of; what went on before the first look is known."""

    def __init__(self, rules: Mapping[str, AlertRule]) -> None:
        self._rules = rules
        self._going_on: set[int] | None = None

    @property
    def going_on(self) -> frozenset[int]:
        """The incidents that went on when this last listened."""
        return frozenset(self._going_on or ())

    def hear(self, incidents: Iterable[Incident], at: datetime) -> list[Notice]:
        """Return what is to be told of *incidents*, those that go on and those just over."""
        incidents = tuple(incidents)
        active = {one.id for one in incidents if one.active}
        before, self._going_on = self._going_on, active
        if before is None:
            return []
        told = []
        for one in incidents:
            if one.silenced:
                continue
            if one.active and one.id not in before:
                told.append(notice_of(NoticeKind.FIRED, one, self._rules.get(one.rule), at))
            elif not one.active and one.id in before:
                told.append(notice_of(NoticeKind.RESOLVED, one, self._rules.get(one.rule), at))
        return told
