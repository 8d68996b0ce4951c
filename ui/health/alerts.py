"""The incidents: what is going on, what was, and what the operator does about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from PyQt6.QtCore import QItemSelectionModel, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.base.config.models import Settings
from core.base.text import Text, translate
from core.monitoring.alerts.models import Incident
from ui.health.incident_model import IncidentModel
from ui.health.until import ask_until
from ui.language import say
from ui.theme import Theme

SHOWN = 50
MORNING = 9
"""The hour at which a silence until tomorrow ends."""


class IncidentList(QWidget):
    """Newest first; what is going on stands in its colour."""

    acknowledge_wanted = pyqtSignal(int)
    silence_wanted = pyqtSignal(str, str, object)
    """Rule, metric, and until when (UTC); None: until it is resolved."""
    telling_wanted = pyqtSignal(str, str)
    """The rule and metric that are to be told of again."""

    def __init__(self, settings: Settings, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = IncidentModel(settings, theme, self)
        title = QLabel(say(translate("health", "Alerts")), self)
        title.setObjectName("subtitle")
        self.view = QListView(self)
        self.view.setObjectName("incidents")
        self.view.setModel(self.model)
        self.view.setAccessibleName(say(translate("health", "Alerts")))
        self.view.setWordWrap(True)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._none = QLabel(say(translate("health", "No alert so far.")), self)
        self._none.setObjectName("faint")
        self._know = QPushButton(say(translate("health", "Ac&knowledge")), self)
        self._know.clicked.connect(self._acknowledge)
        self._quiet = QPushButton(say(translate("health", "&Silence")), self)
        self._quiet.setMenu(self._make_menu())
        self._tell = QPushButton(say(translate("health", "&Tell again")), self)
        self._tell.clicked.connect(self._tell_again)
        buttons = QHBoxLayout()
        for button in (self._know, self._quiet, self._tell):
            buttons.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(title)
        column.addWidget(self._none)
        column.addWidget(self.view, 1)
        column.addLayout(buttons)
        chosen = self.view.selectionModel()
        if chosen is not None:
            chosen.currentChanged.connect(lambda *_: self._dress())
        self.show_incidents(())

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        choices: tuple[tuple[Text, timedelta | None], ...] = (
            (translate("health", "Until it is resolved"), None),
            (translate("health", "For an hour"), timedelta(hours=1)),
            (translate("health", "For 8 hours"), timedelta(hours=8)),
        )
        for name, length in choices:
            menu.addAction(say(name), lambda length=length: self._silence_for(length))
        menu.addAction(
            say(translate("health", "Until tomorrow, {hour}:00", hour=f"{MORNING:02}")),
            lambda: self._silence(tomorrow(datetime.now().astimezone())),
        )
        menu.addAction(say(translate("health", "Until a time…")), self._ask)
        return menu

    def show_incidents(self, incidents: Sequence[Incident]) -> None:
        """Show *incidents*, newest first."""
        self.model.show(incidents[:SHOWN])
        shown = self.model.rowCount() > 0
        if shown and not self.view.currentIndex().isValid():
            chosen = self.view.selectionModel()
            if chosen is not None:
                chosen.setCurrentIndex(
                    self.model.index(0), QItemSelectionModel.SelectionFlag.ClearAndSelect
                )
        self._none.setVisible(not shown)
        self.view.setVisible(shown)
        self._dress()

    @property
    def current(self) -> Incident | None:
        """The chosen incident."""
        return self.model.incident(self.view.currentIndex())

    def _dress(self) -> None:
        incident = self.current
        active = incident is not None and incident.active
        silenced = incident is not None and incident.silenced
        self._know.setEnabled(active and incident is not None and incident.acknowledged is None)
        self._quiet.setEnabled(active)
        self._quiet.setVisible(not silenced)
        self._tell.setVisible(silenced)

    def _acknowledge(self) -> None:
        incident = self.current
        if incident is not None:
            self.acknowledge_wanted.emit(incident.id)

    def _silence_for(self, length: timedelta | None) -> None:
        self._silence(None if length is None else datetime.now(UTC) + length)

    def _ask(self) -> None:
        ask_until(self, self._silence)

    def _silence(self, until: datetime | None) -> None:
        incident = self.current
        if incident is not None:
            self.silence_wanted.emit(incident.rule, incident.metric, until)

    def _tell_again(self) -> None:
        incident = self.current
        if incident is not None:
            self.telling_wanted.emit(incident.rule, incident.metric)


def tomorrow(now: datetime) -> datetime:
    """Return the morning after *now*, in its zone."""
    day = now + timedelta(days=1)
    return day.replace(hour=MORNING, minute=0, second=0, microsecond=0)
