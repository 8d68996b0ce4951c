"""The Health tab: every field at a glance, the chosen ones as graphs, and the alerts."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from PyQt6.QtCore import QModelIndex, QSettings, Qt, QTimer
from PyQt6.QtGui import QHideEvent, QShowEvent
from PyQt6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.health.alerts.incidents import list_incidents
from core.health.alerts.models import Incident
from core.health.history.export import ExportHistory
from core.health.history.query import Series, events, query
from core.health.models import Event, EventKind, Sample
from core.health.view import HealthReport
from core.journal import Entry
from core.operation import Context
from core.state import open_state
from core.text import Text, translate
from ui.health.alert_actions import AlertActions
from ui.health.alerts import IncidentList
from ui.health.feed import HealthFeed
from ui.health.graph import Graph, Mark
from ui.health.live import with_newest
from ui.health.tiles import FieldsModel, Role, TileDelegate
from ui.health.wording import state_text
from ui.language import say
from ui.operations import operation_name
from ui.rollback.history import KINDS
from ui.session import Look, Session
from ui.shown_error import Banner
from ui.theme import Theme

FIRST = ("cpu_percent", "program_rss_bytes", "db.market_data.read_seconds")
"""What is drawn large until the operator chooses otherwise."""
MOST_LARGE = 6
ENOUGH = 5
"""So many samples make a line."""
MARKED = frozenset({*KINDS, "backup create"})


class Range(NamedTuple):
    """A choice of how much time is seen, and how often it is fetched anew."""

    name: Text
    seconds: float
    every_ms: int


RANGES = (
    Range(translate("health", "1 min"), 60, 1_000),
    Range(translate("health", "15 min"), 900, 1_000),
    Range(translate("health", "1 h"), 3_600, 2_000),
    Range(translate("health", "6 h"), 21_600, 5_000),
    Range(translate("health", "24 h"), 86_400, 10_000),
    Range(translate("health", "7 d"), 604_800, 30_000),
    Range(translate("health", "30 d"), 2_592_000, 60_000),
    Range(translate("health", "1 y"), 31_536_000, 60_000),
)
FIRST_RANGE = 0


class History(NamedTuple):
    """What one fetch brings: series, events and incidents of the range."""

    series: dict[str, Series]
    events: tuple[Event, ...]
    incidents: tuple[Incident, ...]


class HealthTab(QWidget):
    """Fed by the monitor and by the history; nothing is fetched while it is hidden."""

    def __init__(
        self,
        session: Session,
        feed: HealthFeed,
        theme: Theme,
        store: QSettings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._session, self._feed, self._theme, self._store = session, feed, theme, store
        self._range = RANGES[int(str(store.value("health/range", FIRST_RANGE)))]
        self._live = True
        self._fetching = False
        self._history = History({}, (), ())
        self._journal: tuple[Entry, ...] = ()
        self._graphs: dict[str, Graph] = {}
        self._banner = Banner(theme, self)
        self.model = FieldsModel(self)
        kept = store.value("health/large", list(FIRST))
        self.model.set_large(kept if isinstance(kept, list) else list(FIRST))
        self._fetcher = QTimer(self)
        self._fetcher.setInterval(self._range.every_ms)
        self._fetcher.timeout.connect(self._fetch)
        self._lay_out()
        feed.reported.connect(self._show)
        session.looked.connect(self._looked)

    # ---- layout --------------------------------------------------------------------------

    def _lay_out(self) -> None:
        head = self._make_head()
        left = self._make_left()
        self._stack = QVBoxLayout()
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.setSpacing(8)
        right = QWidget(self)
        right.setLayout(self._stack)
        self._picture = right
        parts = QSplitter(Qt.Orientation.Horizontal, self)
        parts.setChildrenCollapsible(False)
        parts.setHandleWidth(16)
        parts.addWidget(left)
        parts.addWidget(right)
        parts.setStretchFactor(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addLayout(head)
        column.addWidget(self._banner)
        column.addWidget(parts, 1)
        self._make_graphs()

    def _make_head(self) -> QHBoxLayout:
        self._state = QLabel(self)
        self._state.setObjectName("title")
        self._advice = QLabel(self)
        self._advice.setObjectName("faint")
        self._advice.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._state)
        words.addWidget(self._advice)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addLayout(words, 1)
        head.addLayout(self._make_ranges())
        self._pause = QPushButton(say(translate("health", "&Live")), self)
        self._pause.setCheckable(True)
        self._pause.setChecked(True)
        self._pause.toggled.connect(self._set_live)
        csv = QPushButton(say(translate("health", "Export &CSV…")), self)
        csv.clicked.connect(self._export)
        png = QPushButton(say(translate("health", "Save p&icture…")), self)
        png.clicked.connect(self._save_picture)
        for button in (self._pause, csv, png):
            head.addWidget(button)
        return head

    def _make_left(self) -> QSplitter:
        self.fields = QListView(self)
        self.fields.setModel(self.model)
        self._tiles = TileDelegate(self._theme, self)
        self.fields.setItemDelegate(self._tiles)
        self.fields.setAccessibleName(say(translate("health", "All values")))
        self.fields.setToolTip(say(translate("health", "Click draws a value large, or not")))
        self.fields.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.fields.clicked.connect(self._toggle)
        self.fields.activated.connect(self._toggle)
        self.incidents = IncidentList(self._session.settings, self._theme, self)
        AlertActions(self.incidents, self._feed, self._fetch)
        left = QSplitter(Qt.Orientation.Vertical, self)
        left.setChildrenCollapsible(False)
        left.setHandleWidth(16)
        left.addWidget(self.fields)
        left.addWidget(self.incidents)
        left.setSizes([600, 260])
        left.setMinimumWidth(40 * self.fontMetrics().horizontalAdvance("0"))
        left.setMaximumWidth(48 * self.fontMetrics().horizontalAdvance("0"))
        return left

    def _make_ranges(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(0)
        group = QButtonGroup(self)
        for one in RANGES:
            button = QToolButton(self)
            button.setText(say(one.name))
            button.setCheckable(True)
            button.setChecked(one is self._range)
            button.clicked.connect(lambda _=False, one=one: self._choose_range(one))
            group.addButton(button)
            row.addWidget(button)
        return row

    def _make_graphs(self) -> None:
        for graph in self._graphs.values():
            self._stack.removeWidget(graph)
            graph.deleteLater()
        self._graphs = {}
        first: Graph | None = None
        for key in self.model.large:
            graph = Graph(key, self._theme, self._picture)
            rules = self._session.settings.health.rules.values()
            thresholds = [
                rule.threshold
                for rule in rules
                if rule.enabled and fnmatch.fnmatchcase(key, rule.metric)
            ]
            graph.set_threshold(thresholds[0] if thresholds else None)
            graph.pointed.connect(self._point)
            graph.moved_by_hand.connect(lambda: self._pause.setChecked(False))
            if first is None:
                first = graph
            else:
                graph.setXLink(first)
            self._graphs[key] = graph
            self._stack.addWidget(graph, 1)
        self._draw()

    # ---- what is shown -------------------------------------------------------------------

    def _show(self, report: HealthReport) -> None:
        if not self.isVisible():
            return
        self.model.show(report, tuple(self._feed.recent)[-300:])
        self._state.setText(
            say(translate("health", "Health: {state}", state=state_text(report.state)))
        )
        advice = [
            f"{say(fact.name)}: {fact.value} — {say(fact.advice)}"
            for fact in report.facts
            if fact.advice is not None
        ]
        advice += [say(problem.what) for problem in report.problems]
        self._advice.setText("\n".join(advice[:2]))
        self._advice.setToolTip("\n".join(advice))
        if self._live:
            self._draw()

    def _looked(self, look: Look) -> None:
        self._journal = look.journal

    def showEvent(self, event: QShowEvent | None) -> None:
        """Begin to fetch."""
        super().showEvent(event)
        self._fetcher.start()
        self._fetch()
        if self._feed.last is not None:
            self._show(self._feed.last)

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Draw and fetch nothing that is hidden."""
        super().hideEvent(event)
        self._fetcher.stop()

    def _choose_range(self, chosen: Range) -> None:
        self._range = chosen
        self._store.setValue("health/range", RANGES.index(chosen))
        self._fetcher.setInterval(chosen.every_ms)
        self._pause.setChecked(True)
        self._fetch()

    def _set_live(self, live: bool) -> None:
        self._live = live
        self._pause.setText(
            say(translate("health", "&Live") if live else translate("health", "Paused"))
        )
        if live:
            self._fetch()

    def settled(self) -> bool:
        """Whether the history that is looked at is there."""
        return not self.isVisible() or (not self._fetching and len(self._feed.recent) >= ENOUGH)

    def _fetch(self) -> None:
        if self._fetching or not self._live:
            return
        self._fetching = True
        settings, seconds = self._session.settings, self._range.seconds
        keys = self.model.large
        columns = max(400, self._picture.width())

        def work(_: Context) -> History:
            now = datetime.now(UTC)
            start = now - timedelta(seconds=seconds)
            with open_state(settings) as connection:
                return History(
                    query(connection, keys, start, now, now, 4 * columns,
                          settings.health.interval_seconds),
                    events(connection, start, now),
                    list_incidents(settings),
                )  # fmt: skip

        worker = self._session.look(work, self._fetched, self._banner.show_error)
        worker.finished.connect(self._over)

    def _over(self) -> None:
        self._fetching = False

    def _fetched(self, history: History) -> None:
        self._history = history
        self.incidents.show_incidents(history.incidents)
        self._draw()

    def _draw(self) -> None:
        if not self.isVisible():
            return
        now = datetime.now(UTC).timestamp()
        start = now - self._range.seconds
        marks = self._marks(start)
        samples: Sequence[Sample] = tuple(self._feed.recent)
        for key, graph in self._graphs.items():
            if self._live:
                graph.setXRange(start, now, padding=0)
            graph.show_marks(marks, self._history.incidents)
            graph.show_series(with_newest(key, self._history.series.get(key), samples, start))

    def _marks(self, start: float) -> tuple[Mark, ...]:
        marks = [
            Mark(entry.begun, entry.ended, operation_name(entry.operation))
            for entry in self._journal
            if entry.operation in MARKED and entry.begun.timestamp() >= start
        ]
        marks += [
            Mark(event.at, None, say(event.text), danger=event.kind is EventKind.PROGRAM_ENDED)
            for event in self._history.events
        ]
        return tuple(marks)

    def _point(self, at: float) -> None:
        for graph in self._graphs.values():
            graph.show_at(at)

    # ---- what the operator does ----------------------------------------------------------

    def _toggle(self, index: QModelIndex) -> None:
        key = index.data(Role.FIELD).key
        large = [one for one in self.model.large if one != key]
        if key not in self.model.large:
            large = [*large, key][-MOST_LARGE:]
        if not large:
            return
        self.model.set_large(large)
        self._store.setValue("health/large", large)
        self._make_graphs()
        self._fetch()

    def _export(self) -> None:
        title = say(translate("health", "Export CSV"))
        path, _ = QFileDialog.getSaveFileName(self, title, "health.csv", "CSV (*.csv)")
        if path:
            end = datetime.now(UTC)
            start = end - timedelta(seconds=self._range.seconds)
            operation = ExportHistory(self._session.settings, start, end, Path(path))
            self._session.look(operation.run, lambda _: None, self._banner.show_error)

    def _save_picture(self) -> None:
        title = say(translate("health", "Save picture"))
        path, _ = QFileDialog.getSaveFileName(self, title, "health.png", "PNG (*.png)")
        if path:
            self._picture.grab().save(path)
