"""The Health tab: every field at a glance, the chosen ones as graphs, and the alerts."""

from __future__ import annotations

from PyQt6.QtCore import QByteArray, QModelIndex, QSettings, Qt
from PyQt6.QtGui import QHideEvent, QShowEvent
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QListView,
    QMenu,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from core.base.config.models import Settings
from core.base.metrics import metric_of
from core.base.text import translate
from core.monitoring.view import HealthReport
from ui.health.alerts import AlertActions, IncidentList
from ui.health.feed import HealthFeed
from ui.health.graphs import Graphs, Saving
from ui.health.loader import History
from ui.health.messages import name_text, sign_of, state_text, value_text
from ui.health.tiles import FieldsModel, Role, TileDelegate
from ui.kit.parts import Banner, Page, Sign, Stretch, beside, label, lay
from ui.language import say
from ui.session import Session
from ui.theme import Theme

MOST_LARGE = 30
ENOUGH = 5
"""So many samples make a line."""


def kept_keys(store: QSettings, settings: Settings) -> list[str]:
    """Return the metrics to see large: what the operator chose, else a few that say most.

    A file of settings holds a list of one as a bare text.
    """
    first = ["cpu_percent", "program_rss_bytes"]
    first += [f"db.{file.name}.read_seconds" for file in settings.databases[-1:]]
    kept = store.value("health/large", first)
    keys = [kept] if isinstance(kept, str) else kept if isinstance(kept, list) else []
    return [key for key in keys if metric_of(str(key)) is not None] or first


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
        self._session, self._feed, self._theme, self._store = session, feed, theme, store
        self._banner = Banner(theme, self)
        self.graphs = Graphs(session, feed, theme, store, self)
        self.model = FieldsModel(feed.recent, session.settings.health.interval_seconds, self)
        self.model.set_large(kept_keys(store, session.settings))
        self._saving = Saving(
            session, self.graphs, theme, self, self._tell, self._banner.show_error
        )
        self._lay_out()
        self._choose(self.model.large)
        self.graphs.loaded.connect(lambda history: self.incidents.show_incidents(history.incidents))
        self.graphs.failed.connect(self._banner.show_error)
        self.graphs.picture_wanted.connect(self._saving.picture)
        self.graphs.values_wanted.connect(self._saving.values)
        self.graphs.remove_wanted.connect(self.toggle)
        feed.reported.connect(self._show)
        feed.noticed.connect(self._refresh)

    @property
    def history(self) -> History:
        """What was last fetched."""
        return self.graphs.loader.last

    # ---- layout --------------------------------------------------------------------------

    def _lay_out(self) -> None:
        head = self._make_head()
        self._parts = beside(self, self._make_left(), self.graphs)
        self._parts.setStretchFactor(0, 0)
        self._parts.setStretchFactor(1, 1)
        self._note = label(self, "faint")
        self._note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._note.hide()
        page = Page(self, self._banner, self._parts, spacing=12)
        page.insertLayout(0, head)
        page.addWidget(self._note)
        for name, splitter in self._splitters():
            kept = self._store.value(f"health/{name}")
            if isinstance(kept, QByteArray):
                splitter.restoreState(kept)
            splitter.splitterMoved.connect(self._keep_sizes)

    def _make_head(self) -> QVBoxLayout:
        self._sign = Sign(self._theme, self, lines=1.4)
        self._state = label(self, "title")
        self._advice = label(self, "faint", wrap=True)
        self._csv = QPushButton(say(translate("health", "Export &CSV…")), self)
        self._csv.setToolTip(say(translate("health", "All values of the range that is seen")))
        self._csv.clicked.connect(self._save_values)
        self._png = QPushButton(say(translate("health", "Save p&icture…")), self)
        self._pictures = QMenu(self._png)
        self._pictures.aboutToShow.connect(self._fill_pictures)
        self._png.setMenu(self._pictures)
        row = lay(
            QHBoxLayout(),
            self._sign,
            self._state,
            Stretch(),
            self.graphs.bar,
            self._csv,
            self._png,
            spacing=8,
        )
        return lay(QVBoxLayout(), row, self._advice, spacing=4)

    def _make_left(self) -> QSplitter:
        self.fields = QListView(self)
        self.fields.setModel(self.model)
        self.fields.setItemDelegate(TileDelegate(self._theme, self))
        self.fields.setUniformItemSizes(True)
        self.fields.setMouseTracking(True)
        self.fields.setAccessibleName(say(translate("health", "All values")))
        self.fields.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.fields.clicked.connect(self._clicked)
        self.fields.activated.connect(self._clicked)
        self.incidents = IncidentList(self._session.settings, self._theme, self)
        self._actions = AlertActions(self.incidents, self._feed, self._refresh)
        self._left = beside(self, self.fields, self.incidents, way=Qt.Orientation.Vertical)
        self._left.setStretchFactor(0, 0)
        self._left.setSizes([500, 340])
        self._left.setMinimumWidth(40 * self.fontMetrics().horizontalAdvance("0"))
        self._left.setMaximumWidth(48 * self.fontMetrics().horizontalAdvance("0"))
        return self._left

    def _splitters(self) -> tuple[tuple[str, QSplitter], ...]:
        return (("parts", self._parts), ("left", self._left))

    def _keep_sizes(self) -> None:
        for name, splitter in self._splitters():
            self._store.setValue(f"health/{name}", splitter.saveState())

    # ---- what is shown -------------------------------------------------------------------

    def _show(self, report: HealthReport) -> None:
        if not self.graphs.seen:
            return
        self.model.show(report)
        self._state.setText(
            say(translate("health", "Health: {state}", state=state_text(report.state)))
        )
        self._sign.show_sign(*sign_of(report.state))
        bad = [field for field in report.fields if field.state.exit_code in {1, 2}]
        bad.sort(key=lambda field: -field.state.rank)
        worst = [f"{name_text(field.key)} {value_text(field.key, field.value)}" for field in bad]
        advice = [" · ".join(worst)] if worst else []
        advice += [
            f"{say(fact.name)}: {fact.value} — {say(fact.advice)}"
            for fact in report.facts
            if fact.advice is not None
        ]
        advice += [say(problem.what) for problem in report.problems]
        self._advice.setText("\n".join(advice[:2]))
        self._advice.setToolTip("\n".join(advice))
        self._advice.setVisible(bool(advice))
        self.graphs.canvas.show_states({field.key: field.state for field in report.fields})
        self.graphs.tick()

    def _refresh(self, *_: object) -> None:
        self.graphs.refresh()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Fetch and draw from now on."""
        super().showEvent(event)
        self.graphs.refresh()
        if self._feed.last is not None:
            self._show(self._feed.last)

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Draw and fetch nothing that is hidden; what was told is old by the next time."""
        super().hideEvent(event)
        self._note.hide()

    def settled(self) -> bool:
        """Whether the history that is looked at is there."""
        quiet = not self.graphs.loader.busy and len(self._feed.recent) >= ENOUGH
        return not self.isVisible() or quiet

    def _tell(self, text: str) -> None:
        self._banner.hide()
        self._note.setText(text)
        self._note.show()

    # ---- what the operator does ----------------------------------------------------------

    def _clicked(self, index: QModelIndex) -> None:
        self.toggle(index.data(Role.FIELD).key)

    def toggle(self, key: str) -> None:
        """Draw *key* large, or small again; the last one stays."""
        large = [other for other in self.model.large if other != key]
        if key not in self.model.large:
            large = [*large, key][-MOST_LARGE:]
        if large:
            self._store.setValue("health/large", large)
            self._choose(large)

    def _choose(self, keys: list[str] | tuple[str, ...]) -> None:
        self.model.set_large(keys)
        self.graphs.choose(keys)

    def _fill_pictures(self) -> None:
        self._pictures.clear()
        every = say(translate("health", "All graphs that are seen…"))
        self._pictures.addAction(every, self._save_picture)
        self._pictures.addSeparator()
        for key in self.model.large:
            self._pictures.addAction(
                f"{name_text(key)}…", lambda key=key: self._saving.picture(key)
            )

    # A click hands on whether a button is checked, which is no metric.

    def _save_values(self) -> None:
        self._saving.values()

    def _save_picture(self) -> None:
        self._saving.picture()
