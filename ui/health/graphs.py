"""The large graphs as they work: what is chosen, live or paused, fetched and drawn."""

from __future__ import annotations

import fnmatch
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from PyQt6.QtCore import QPoint, QSettings, QSize, pyqtSignal
from PyQt6.QtGui import QPixmap
from PyQt6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.base.config.models import Settings
from core.base.journal import Entry
from core.base.operation import OperationError
from core.base.text import Text, translate
from core.monitoring.history.query import CsvResult, ExportHistory, Series
from core.monitoring.models import State, utc
from ui.health.canvas import GraphCanvas
from ui.health.feed import RECENT, HealthFeed
from ui.health.loader import History, Loader, Mark, marks_of, with_newest
from ui.health.painting import Lane, Limit
from ui.kit.parts import icon, lay
from ui.language import say
from ui.session import Look, Session
from ui.theme import Theme


class Range(NamedTuple):
    """A choice of how much time is seen."""

    name: Text
    seconds: float


RANGES = (
    Range(translate("health", "1 min"), 60),
    Range(translate("health", "15 min"), 900),
    Range(translate("health", "1 h"), 3_600),
    Range(translate("health", "6 h"), 21_600),
    Range(translate("health", "24 h"), 86_400),
    Range(translate("health", "7 d"), 604_800),
    Range(translate("health", "30 d"), 2_592_000),
    Range(translate("health", "1 y"), 31_536_000),
)
FIRST_RANGE = 1


class RangeBar(QWidget):
    """The ranges as buttons, and the one that pauses."""

    chosen = pyqtSignal(int)
    """The number of a range, by hand."""
    live_changed = pyqtSignal(bool)

    def __init__(self, theme: Theme, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        row = lay(QHBoxLayout(self), spacing=0, margins=0)
        self._group = QButtonGroup(self)
        for place, one in enumerate(RANGES):
            button = QToolButton(self)
            button.setText(say(one.name))
            button.setToolTip(say(translate("health", "The last {range}", range=one.name)))
            button.setAccessibleName(button.toolTip())
            button.setCheckable(True)
            button.setChecked(place == number)
            button.clicked.connect(lambda _=False, place=place: self.chosen.emit(place))
            self._group.addButton(button, place)
            row.addWidget(button)
        self.pause = QPushButton(self)
        self.pause.setCheckable(True)
        self.pause.setChecked(True)
        self.pause.toggled.connect(self._toggled)
        row.addSpacing(8)
        row.addWidget(self.pause)
        theme.changed.connect(self._dress)
        self._dress()

    @property
    def live(self) -> bool:
        """Whether the end of the range is now."""
        return self.pause.isChecked()

    def set_live(self, live: bool) -> None:
        """Go with the time, or stand still."""
        self.pause.setChecked(live)

    def _toggled(self, live: bool) -> None:
        self._dress()
        self.live_changed.emit(live)

    def _dress(self) -> None:
        tokens = self._theme.tokens
        if self.live:
            self.pause.setText(say(translate("health", "&Live")))
            self.pause.setIcon(icon("play", tokens.good))
            tip = translate("health", "New values are drawn as they come. Press to pause (Space)")
        else:
            self.pause.setText(say(translate("health", "Paused (&L)")))
            self.pause.setIcon(icon("stop", tokens.warn))
            tip = translate("health", "The graphs stand still. Press to go back to now (End)")
        self.pause.setToolTip(say(tip))
        self.pause.setAccessibleName(say(tip))


GRAPH_SIZE = QSize(1200, 420)
"""Of one graph as a picture, in device-independent pixels."""


def picture_of(graphs: Graphs, theme: Theme, key: str) -> QPixmap:
    """Return the graph of *key* by itself, with times, marks and thresholds."""
    shown = graphs.canvas
    canvas = GraphCanvas(theme, graphs.canvas.interval)
    canvas.setFont(shown.font())
    canvas.resize(GRAPH_SIZE)
    lane = next(one for one in shown.lanes if one.key == key)
    canvas.set_lanes([Lane(key, lane.limits, lane.series, lane.incidents)])
    canvas.set_range(*graphs.span)
    canvas.show_states(shown.states)
    canvas.show_data({key: lane.series}, graphs.marks())
    canvas.show_at(shown.crosshair)
    found: QPixmap = canvas.grab()
    canvas.deleteLater()
    return found


class Saving:
    """Asks where to, saves, and says what became of it."""

    def __init__(
        self, session: Session, graphs: Graphs, theme: Theme, parent: QWidget,
        told: Callable[[str], None], failed: Callable[[Exception], None],
    ) -> None:  # fmt: skip
        self._session, self._graphs, self._theme = session, graphs, theme
        self._parent, self._told, self._failed = parent, told, failed

    def values(self, *keys: str) -> None:
        """Save the values of *keys* (none: of all metrics) in the range that is seen."""
        start, end = self._graphs.span
        path = self._ask(translate("health", "Export CSV"), "health", "CSV (*.csv)", ".csv")
        if path is None:
            return
        operation = ExportHistory(
            self._session.settings, utc(start * 1000), utc(end * 1000), path, keys
        )

        def done(result: CsvResult) -> None:
            self._told(
                say(translate("health", "{rows} rows in {path}", rows=result.rows, path=str(path)))
            )

        self._session.look(operation.run, done, self._failed)

    def picture(self, key: str = "") -> None:
        """Save the graph of *key* (none: all that is seen) as PNG."""
        name = key.replace(".", "_") or "health"
        path = self._ask(translate("health", "Save picture"), name, "PNG (*.png)", ".png")
        if path is None:
            return
        picture = picture_of(self._graphs, self._theme, key) if key else self._graphs.canvas.grab()
        if picture.save(str(path), "PNG"):
            self._told(say(translate("health", "The picture is in {path}", path=str(path))))
            return
        self._failed(
            OperationError(
                translate("health", "The picture cannot be written to {path}.", path=str(path)),
                data_state=translate("health", "Nothing was written."),
                to_do=translate("health", "Choose another place."),
            )
        )

    def _ask(self, title: Text, name: str, kind: str, suffix: str) -> Path | None:
        start, end = (datetime.fromtimestamp(at).astimezone() for at in self._graphs.span)
        proposed = f"{name}_{start:%Y%m%d-%H%M%S}_{end:%Y%m%d-%H%M%S}{suffix}"
        path, _ = QFileDialog.getSaveFileName(self._parent, say(title), proposed, kind)
        if not path:
            return None
        return Path(path) if Path(path).suffix else Path(f"{path}{suffix}")


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
        lay(QVBoxLayout(self), self.canvas, margins=0)
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
                incident for incident in self.loader.last.incidents if incident.metric == lane.key
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
