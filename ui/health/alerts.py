"""The incidents: what is going on, what was, and what the operator does about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QHBoxLayout,
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
from ui.kit.parts import label
from ui.kit.table import Table
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
        title = translate("health", "Alerts")
        self.table = Table(self.model, title, self, tall=True)
        self._list = self.table.with_filter()
        self._none = label(self, "faint", translate("health", "No alert so far."))
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
        column.addWidget(label(self, "subtitle", title))
        column.addWidget(self._none)
        column.addWidget(self._list, 1)
        column.addLayout(buttons)
        chosen = self.table.selectionModel()
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
        self.model.changed()  # "began 3 min ago" grows older
        if self.current is None and not self.model.filtered:
            self.table.selectRow(0)
        self._none.setVisible(not incidents)
        self._list.setVisible(bool(incidents))
        self._dress()

    @property
    def current(self) -> Incident | None:
        """The chosen incident."""
        return self.table.chosen()

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
