"""The incidents: what is going on, what was, and what the operator does about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.config.models import Settings
from core.health.alerts.models import Incident
from core.health.alerts.wording import title_of
from core.text import translate
from ui.format import duration_text
from ui.health.wording import name_text, sign_of, value_text
from ui.icons import icon
from ui.language import say
from ui.points.wording import ago, exact_time
from ui.theme import Theme

SHOWN = 50


class IncidentList(QWidget):
    """Newest first; what is going on stands in its colour."""

    acknowledge_wanted = pyqtSignal(int)
    silence_wanted = pyqtSignal(str, str)

    def __init__(self, settings: Settings, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings, self._theme = settings, theme
        self._shown: tuple[Incident, ...] = ()
        title = QLabel(say(translate("health", "Alerts")), self)
        title.setObjectName("subtitle")
        self._list = QListWidget(self)
        self._list.setAccessibleName(say(translate("health", "Alerts")))
        self._list.setWordWrap(True)
        self._none = QLabel(say(translate("health", "No alert so far.")), self)
        self._none.setObjectName("faint")
        self._know = QPushButton(say(translate("health", "Ac&knowledge")), self)
        self._quiet = QPushButton(say(translate("health", "&Silence until resolved")), self)
        self._know.clicked.connect(self._acknowledge)
        self._quiet.clicked.connect(self._silence)
        buttons = QHBoxLayout()
        buttons.addWidget(self._know)
        buttons.addWidget(self._quiet)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(title)
        column.addWidget(self._none, 1, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self._list, 4)
        column.addLayout(buttons)
        self._list.currentRowChanged.connect(lambda _: self._dress_buttons())
        self._dress_buttons()

    def show_incidents(self, incidents: Sequence[Incident]) -> None:
        """Show *incidents*, newest first."""
        wanted = tuple(incidents[:SHOWN])
        if wanted == self._shown and self._list.count():
            return
        chosen = self._list.currentRow()
        self._shown = wanted
        self._list.clear()
        for incident in wanted:
            self._list.addItem(self._item(incident))
        self._list.setCurrentRow(chosen if 0 <= chosen < len(wanted) else 0)
        self._none.setVisible(not wanted)
        self._list.setVisible(bool(wanted))
        self._dress_buttons()

    def _item(self, incident: Incident) -> QListWidgetItem:
        rule = self._settings.health.rules.get(incident.rule)
        lines = [say(title_of(incident.rule, rule)), name_text(incident.metric)]
        if incident.resolved is None:
            worst = value_text(incident.metric, incident.worst)
            lines.append(
                say(
                    translate(
                        "health",
                        "going on, began {ago}, worst {worst}",
                        ago=ago(incident.begun, datetime.now(UTC)),
                        worst=worst,
                    )
                )
            )
        else:
            length = duration_text(incident.length_seconds)
            lines.append(
                say(translate("health", "{at}, lasted {length}",
                              at=f"{incident.begun.astimezone():%m-%d %H:%M}", length=length))
            )  # fmt: skip
        if incident.acknowledged is not None:
            lines.append(
                say(
                    translate("health", "acknowledged by {who}", who=incident.acknowledged_by or "")
                )
            )
        if incident.silenced:
            lines.append(say(translate("health", "silenced")))
        item = QListWidgetItem(f"{lines[0]}\n{' · '.join(lines[1:])}")
        item.setToolTip(exact_time(incident.begun))
        sign, colour = sign_of(incident.severity)
        tokens = self._theme.tokens
        item.setIcon(icon(sign, str(getattr(tokens, colour)) if incident.active else tokens.faint))
        item.setData(Qt.ItemDataRole.UserRole, incident.id)
        return item

    def _current(self) -> Incident | None:
        row = self._list.currentRow()
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def _dress_buttons(self) -> None:
        incident = self._current()
        active = incident is not None and incident.active
        self._know.setEnabled(active and incident is not None and incident.acknowledged is None)
        self._quiet.setEnabled(active and incident is not None and not incident.silenced)

    def _acknowledge(self) -> None:
        incident = self._current()
        if incident is not None:
            self.acknowledge_wanted.emit(incident.id)

    def _silence(self) -> None:
        incident = self._current()
        if incident is not None:
            self.silence_wanted.emit(incident.rule, incident.metric)
