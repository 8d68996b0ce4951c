"""Carries out what the operator wants of an incident, through the monitor's own thread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from PyQt6.QtCore import QObject, QTimer

from core.base.owner import user_at_host
from core.monitoring.alerts.models import Silence
from core.monitoring.monitor import Monitor
from ui.health.alerts import IncidentList
from ui.health.feed import HealthFeed

SOON_MS = 300
"""It is written at once, by another thread; then the list is read again."""


class AlertActions(QObject):
    """Acknowledges, silences and tells again; afterwards *changed* is called."""

    def __init__(
        self, incidents: IncidentList, feed: HealthFeed, changed: Callable[[], None]
    ) -> None:
        super().__init__(incidents)
        self._feed, self._changed = feed, changed
        incidents.acknowledge_wanted.connect(self._acknowledge)
        incidents.silence_wanted.connect(self._silence)
        incidents.telling_wanted.connect(self._tell_again)

    def _do(self, act: Callable[[Monitor], None]) -> None:
        if self._feed.monitor is not None:
            act(self._feed.monitor)
            QTimer.singleShot(SOON_MS, self._changed)

    def _acknowledge(self, number: int) -> None:
        self._do(lambda monitor: monitor.acknowledge(number, user_at_host()))

    def _silence(self, rule: str, metric: str, until: datetime | None) -> None:
        made = Silence(
            rule=rule, metric=metric, since=datetime.now(UTC), until=until, by=user_at_host()
        )
        self._do(lambda monitor: monitor.silence(made))

    def _tell_again(self, rule: str, metric: str) -> None:
        self._do(lambda monitor: monitor.unsilence(rule, metric))
