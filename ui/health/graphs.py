"""The large graphs as they work: what is chosen, live or paused, fetched and drawn."""

from __future__ import annotations

import fnmatch
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from PyQt6.QtCore import QPoint, QSettings, pyqtSignal
from PyQt6.QtWidgets import QMenu, QVBoxLayout, QWidget

from core.base.config.models import Settings
from core.base.journal import Entry
from core.base.text import translate
from core.monitoring.history.query import Series
from core.monitoring.models import State
from ui.health.canvas import GraphCanvas
from ui.health.feed import RECENT, HealthFeed
from ui.health.live import with_newest
from ui.health.loader import History, Loader
from ui.health.marks import Mark, marks_of
from ui.health.painting import Lane, Limit
from ui.health.ranges import FIRST_RANGE, RANGES, RangeBar
from ui.language import say
from ui.session import Look, Session
from ui.theme import Theme

REFETCH = ((3_600.0, 10.0), (86_400.0, 60.0), (float("inf"), 300.0))
"""How often a live range up to so long is fetched anew; what is newer comes from memory."""


class Graphs(QWidget):
    """Draws nothing and fetches nothing while it is not seen."""

    loaded = pyqtSignal(object)
    """`History`."""
    failed = pyqtSignal(object)
    picture_wanted = pyqtSignal(str)
    """Of a metric's graph."""
    values_wanted = pyqtSignal(str)
    """Of a metric, as CSV."""
    remove_wanted = pyqtSignal(str)

    def __init__(
        self, session: Session, feed: HealthFeed, theme: Theme, store: QSettings,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._settings: Settings = session.settings
        self._feed, self._store = feed, store
        self._interval = session.settings.health.interval_seconds
        self._number = _kept_range(store)
        self._journal: tuple[Entry, ...] = ()
        self._fetched_at = float("-inf")
        self.canvas = GraphCanvas(theme, self._interval, self)
        self.bar = RangeBar(theme, self._number, self)
        self.loader = Loader(session, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.canvas)
        self.bar.chosen.connect(self._choose_range)
        self.bar.live_changed.connect(self._live_changed)
        self.canvas.moved_by_hand.connect(self._moved)
        self.canvas.live_wanted.connect(self._back_to_now)
        self.canvas.pause_wanted.connect(self.bar.pause.toggle)
        self.canvas.menu_wanted.connect(self._menu)
        self.loader.loaded.connect(self._loaded)
        self.loader.failed.connect(self.failed)
        session.looked.connect(self._looked)

    @property
    def seconds(self) -> float:
        """The length of the chosen range."""
        return RANGES[self._number].seconds

    @property
    def span(self) -> tuple[float, float]:
        """Beginning and end of what is seen, in Unix seconds."""
        return self.canvas.view.span

    @property
    def seen(self) -> bool:
        """Whether there is anybody to draw for: not hidden, and the window not minimised."""
        window = self.window()
        handle = window.windowHandle() if window is not None else None
        return self.isVisible() and (handle is None or handle.isExposed())

    def choose(self, keys: Sequence[str]) -> None:
        """Draw the metrics *keys*."""
        self.canvas.set_lanes([Lane(key, self._limits(key)) for key in keys])
        self.refresh()

    def _limits(self, key: str) -> tuple[Limit, ...]:
        return tuple(
            Limit(rule.threshold, State(rule.severity))
            for rule in self._settings.health.rules.values()
            if rule.enabled and fnmatch.fnmatchcase(key, rule.metric)
        )

    # ---- following the time --------------------------------------------------------------

    def tick(self) -> None:
        """Draw what came, and fetch what may have changed; at every sample."""
        if not self.seen:
            return
        if self.bar.live:
            every = next(every for most, every in REFETCH if self.seconds <= most)
            every = min(every, RECENT * self._interval / 2)
            if time.monotonic() - self._fetched_at >= every:
                self.refresh()
            self._go_with_time()
            newest = {
                lane.key: self._feed.recent.line(lane.key, lane.known_until)
                for lane in self.canvas.lanes
            }
            changed = self.canvas.show_newest(newest)
            if len(changed) == len(newest):
                self._draw()
            elif changed:
                self.canvas.show_lanes(self._series(changed))

    def _go_with_time(self) -> None:
        # A pixel ahead: the newest value lies in the picture until it moves by a pixel.
        end = time.time() + self.seconds / max(1.0, self.canvas.view.width())
        self.canvas.set_range(end - self.seconds, end)

    def refresh(self) -> None:
        """Fetch what is seen anew."""
        self._want(anew=True)

    def _want(self, *, anew: bool = False) -> None:
        if not self.isVisible():
            return
        if self.bar.live:
            self._go_with_time()
        if anew:
            self._fetched_at = time.monotonic()
        keys = [lane.key for lane in self.canvas.lanes]
        self.loader.want(keys, *self.span, int(self.canvas.view.width()), anew=anew)

    def _loaded(self, history: History) -> None:
        self._draw()
        self.loaded.emit(history)

    def _draw(self) -> None:
        if not self.seen:
            return
        for lane in self.canvas.lanes:
            lane.incidents = tuple(
                one for one in self.loader.last.incidents if one.metric == lane.key
            )
        series = self._series([lane.key for lane in self.canvas.lanes])
        self.canvas.show_data(series, self.marks())

    def _series(self, keys: Sequence[str]) -> dict[str, Series | None]:
        """Return what is known of *keys*: the history, and what came since it was fetched."""
        history = self.loader.last
        start, end = self.span
        # Where the range ends long before the samples in memory begin they are not joined on.
        joined = end >= history.end - 1 or not history.series
        return {
            key: with_newest(key, history.series.get(key), self._feed.recent, start, self._interval)
            if joined
            else history.series.get(key)
            for key in keys
        }

    def marks(self) -> tuple[Mark, ...]:
        """Return what happened, as far as it is known."""
        return marks_of(self._journal, self.loader.last.events, datetime.now(UTC))

    def _looked(self, look: Look) -> None:
        if look.journal != self._journal:
            self._journal = look.journal
            self._draw()

    # ---- what the operator does ----------------------------------------------------------

    def _choose_range(self, number: int) -> None:
        self._number = number
        self._store.setValue("health/range", number)
        self.bar.set_live(True)
        self.refresh()

    def _back_to_now(self) -> None:
        self.bar.set_live(True)
        self.refresh()

    def _live_changed(self, live: bool) -> None:
        if live:
            self.refresh()

    def _moved(self) -> None:
        self.bar.set_live(False)
        self._want()

    def _menu(self, key: str, place: QPoint) -> None:
        menu = QMenu(self)
        for text, wanted in (
            (translate("health", "Save this graph as a picture…"), self.picture_wanted),
            (translate("health", "Export these values as CSV…"), self.values_wanted),
            (translate("health", "Draw it small again"), self.remove_wanted),
        ):
            menu.addAction(say(text), lambda wanted=wanted: wanted.emit(key))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)


def _kept_range(store: QSettings) -> int:
    kept = str(store.value("health/range", FIRST_RANGE))
    return int(kept) if kept.isdecimal() and int(kept) < len(RANGES) else FIRST_RANGE
