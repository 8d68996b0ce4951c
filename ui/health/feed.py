"""The monitor beside the window: what it sees comes to the window's thread as signals."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from threading import Lock

import apsw
import numpy as np
from PyQt6.QtCore import QObject, pyqtSignal

from core.base.config.models import Settings
from core.base.operation import Context
from core.base.state import StateDamaged, open_state
from core.monitoring.history.query import metric_keys, read_tier
from core.monitoring.history.tiers import RAW, Floats
from core.monitoring.models import Sample
from core.monitoring.monitor import Monitor
from core.monitoring.sampler import Tick
from core.monitoring.view import HealthReport
from ui.health.loader import Recent
from ui.session import Session

RECENT = 600
"""Samples kept in memory for sparklines and for the newest end of a graph: ten minutes."""

log = logging.getLogger(__name__)


class HealthFeed(QObject):
    """Runs from `begin` to `close`; where another console records, it only looks."""

    reported = pyqtSignal(object)
    """`HealthReport`, at every tick."""
    noticed = pyqtSignal(object)
    """`Notice`: an alert fired or was resolved."""
    watched = pyqtSignal(object)
    """`WatchResult`: what the watch after an operation found."""
    _ticked = pyqtSignal(object, object)
    _remembered = pyqtSignal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.settings: Settings = session.settings
        self.recent = Recent(RECENT)
        self.last: HealthReport | None = None
        self._monitor: Monitor | None = None
        self._closed = False
        self._life = Lock()
        """Held while the monitor is made known or taken away, which two threads do."""
        self._ticked.connect(self._take)
        self._remembered.connect(self.recent.remember)

    def begin(self) -> None:
        """Start sampling; opening the history takes place in a thread."""
        settings = self.settings

        def start(_: Context) -> None:
            self._remembered.emit(_newest(settings))
            monitor = Monitor(
                settings, self._tick, self.noticed.emit, on_watched=self.watched.emit, echo=True
            )
            with self._life:
                if self._closed:
                    return
                self._monitor = monitor
            monitor.start()

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
        with self._life:
            self._closed = True
            monitor, self._monitor = self._monitor, None
        if monitor is not None:
            monitor.stop()


def _newest(settings: Settings) -> dict[str, tuple[Floats, Floats]]:
    """Return what the history holds of the last minutes, so that no sparkline begins empty."""
    now, interval = datetime.now(UTC), settings.health.interval_seconds
    begin = now - timedelta(seconds=RECENT * interval)
    try:
        with open_state(settings) as connection:
            found = read_tier(connection, RAW, metric_keys(connection), begin, now, interval)
    except (apsw.Error, OSError, StateDamaged) as error:
        log.warning("the newest samples cannot be read: %s", error)  # the monitor tells of it
        return {}
    return {
        key: (series.known, series.mean[~np.isnan(series.mean)]) for key, series in found.items()
    }
