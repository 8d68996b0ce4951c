"""The monitor beside the window: what it sees comes to the window's thread as signals."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal

from core.config.models import Settings
from core.health.models import Sample
from core.health.monitor import Monitor
from core.health.sampler import Tick
from core.health.view import HealthReport
from core.operation import Context
from ui.health.recent import Recent
from ui.session import Session

RECENT = 600
"""Samples kept in memory for sparklines and for the newest end of a graph: ten minutes."""


class HealthFeed(QObject):
    """Runs from `begin` to `close`; where another console records, it only looks."""

    reported = pyqtSignal(object)
    """`HealthReport`, at every tick."""
    noticed = pyqtSignal(object)
    """`Notice`: an alert fired or was resolved."""
    watched = pyqtSignal(object)
    """`WatchResult`: what the watch after an operation found."""
    _ticked = pyqtSignal(object, object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.settings: Settings = session.settings
        self.recent = Recent(RECENT)
        self.last: HealthReport | None = None
        self._monitor: Monitor | None = None
        self._ticked.connect(self._take)

    def begin(self) -> None:
        """Start sampling; opening the history takes place in a thread."""
        settings = self.settings

        def start(_: Context) -> Monitor:
            monitor = Monitor(
                settings, self._tick, self.noticed.emit, on_watched=self.watched.emit, echo=True
            )
            self._monitor = monitor
            monitor.start()
            return monitor

        self._session.look(start, lambda _: None, self._session.troubled.emit)

    @property
    def monitor(self) -> Monitor | None:
        """The monitor, once it runs."""
        return self._monitor

    def _tick(self, tick: Tick) -> None:
        """Hand on what the sampler's thread found."""
        if self._monitor is not None:
            self._ticked.emit(tick.sample, self._monitor.report())

    def _take(self, sample: Sample, report: HealthReport) -> None:
        self.recent.add(sample)
        self.last = report
        self.reported.emit(report)

    def close(self) -> None:
        """End, with everything written."""
        monitor, self._monitor = self._monitor, None
        if monitor is not None:
            monitor.stop()
