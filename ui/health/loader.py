"""Fetches what the graphs need of the history, no more often than it can have changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from core.base.config.models import Settings
from core.base.operation import Context
from core.base.state import open_state
from core.monitoring.alerts.incidents import list_incidents
from core.monitoring.alerts.models import Incident
from core.monitoring.history.query import Series, choose_tier, events, reaching, read_tier
from core.monitoring.models import Event, utc
from ui.session import Session

POINTS_PER_COLUMN = 3
MARGIN = 1.0
"""So much of the range is fetched on each side of it, so that panning finds something there."""
WAIT_MS = 60
"""While a hand moves the graphs nothing is fetched; so long after it they are looked at."""


class Want(NamedTuple):
    """What is to be seen: metrics, a range in Unix seconds, and pixel columns."""

    keys: tuple[str, ...]
    start: float
    end: float
    columns: int


class History(NamedTuple):
    """What one fetch brought: series, events and incidents from `start` to `end`."""

    series: dict[str, Series]
    events: tuple[Event, ...]
    incidents: tuple[Incident, ...]
    keys: tuple[str, ...] = ()
    start: float = 0.0
    end: float = 0.0
    step: float = 0.0
    """Seconds between two values at the resolution that was chosen."""

    def answers(self, want: Want, interval: float) -> bool:
        """Whether it holds what is wanted, as finely as a fetch would bring it."""
        length = want.end - want.start
        finer = length / max(self.step, interval) < want.columns and self.step > interval
        return (
            set(want.keys) <= set(self.keys)
            and self.start <= want.start
            and want.end <= self.end
            and not finer
        )


def fetch(settings: Settings, want: Want, now: datetime) -> History:
    """Read from the history what *want* asks for, with a margin on both sides."""
    start, end = utc(want.start * 1000), utc(want.end * 1000)
    margin = timedelta(seconds=(want.end - want.start) * MARGIN)
    interval = settings.health.interval_seconds
    with open_state(settings) as connection:
        most = POINTS_PER_COLUMN * want.columns
        tier = choose_tier(start, min(end, now), now, most, interval)
        tier = reaching(connection, tier, start)
        begin, finish = start - margin, min(end + margin, now + timedelta(seconds=interval))
        series = read_tier(connection, tier, want.keys, begin, finish, interval)
        happened = events(connection, begin, finish)
    return History(
        series, happened, list_incidents(settings), want.keys,
        begin.timestamp(), max(finish, end).timestamp(), tier.step / 1000,
    )  # fmt: skip


class Loader(QObject):
    """Runs one fetch at a time; the newest wish replaces those that wait."""

    loaded = pyqtSignal(object)
    """`History`."""
    failed = pyqtSignal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.last = History({}, (), ())
        self._wanted: Want | None = None
        self._under_way = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._begin)

    @property
    def busy(self) -> bool:
        """Whether something is still to come."""
        return self._under_way or self._wanted is not None

    def want(
        self, keys: Sequence[str], start: float, end: float, columns: int, *, anew: bool = False
    ) -> None:
        """Fetch what is not there yet; with *anew* also what is."""
        want = Want(tuple(keys), start, end, max(200, columns))
        if not anew and self.last.answers(want, self._session.settings.health.interval_seconds):
            self._wanted = None
            return
        self._wanted = want
        self._timer.start(0 if anew else WAIT_MS)

    def _begin(self) -> None:
        want = self._wanted
        if self._under_way or want is None:
            return
        self._wanted, self._under_way = None, True
        settings = self._session.settings

        def work(_: Context) -> History:
            return fetch(settings, want, datetime.now(UTC))

        worker = self._session.look(work, self._take, self.failed.emit)
        worker.finished.connect(self._over)

    def _take(self, history: History) -> None:
        self.last = history
        self.loaded.emit(history)

    def _over(self) -> None:
        self._under_way = False
        if self._wanted is not None:
            self._timer.start(0)
