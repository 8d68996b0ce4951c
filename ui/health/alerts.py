"""The incidents: what is going on, what was, and what the operator does about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from PyQt6.QtCore import QDateTime, QObject, QTimer, pyqtSignal
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import (
    QDateTimeEdit,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.base.config.models import Settings
from core.base.metrics import Unit, metric_of, subject_of
from core.base.owner import user_at_host
from core.base.text import Text, translate
from core.monitoring.alerts.models import Incident, Silence, title_of
from core.monitoring.monitor import Monitor
from ui.health.feed import HealthFeed
from ui.health.messages import name_text, sign_of, value_text
from ui.kit.parts import icon, label, lay
from ui.kit.rows import Column, RowsModel
from ui.kit.table import Table
from ui.language import duration_text, say
from ui.points.messages import ago, exact_time
from ui.theme import Theme

FIRST_SECONDS = 4 * 3600
"""What is proposed lies so far ahead."""


def ask_until(parent: QWidget, then: Callable[[datetime], None]) -> QDialog:
    """Ask for a time that lies ahead and hand it to *then*; the window goes on meanwhile."""
    dialog = QDialog(parent)
    dialog.setWindowTitle(say(translate("health", "Silence until")))
    edit = QDateTimeEdit(QDateTime.currentDateTime().addSecs(FIRST_SECONDS), dialog)
    edit.setMinimumDateTime(QDateTime.currentDateTime().addSecs(60))
    edit.setDisplayFormat("yyyy-MM-dd HH:mm")
    edit.setCalendarPopup(True)
    title = label(dialog, text=translate("health", "Tell nothing of this alert until:"))
    title.setBuddy(edit)
    buttons = QDialogButtonBox(
        QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, dialog
    )
    for button, name in (
        (QDialogButtonBox.StandardButton.Ok, translate("health", "Silence")),
        (QDialogButtonBox.StandardButton.Cancel, translate("health", "Cancel")),
    ):
        shown = buttons.button(button)
        if shown is not None:
            shown.setText(say(name))
            shown.setIcon(QIcon())  # no other button here has one
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    lay(QVBoxLayout(dialog), title, edit, buttons, spacing=12, margins=16)
    dialog.accepted.connect(lambda: then(edit.dateTime().toPyDateTime().astimezone()))
    dialog.finished.connect(lambda _: dialog.deleteLater())
    dialog.open()
    return dialog


class IncidentModel(RowsModel[Incident]):
    """One row an incident, in two lines."""

    def __init__(self, settings: Settings, theme: Theme, parent: QObject | None = None) -> None:
        self._rules, self._theme = settings.health.rules, theme
        column = Column[Incident]("", self._text, icon=self._icon, tip=_tip)
        super().__init__((column,), lambda incident: incident.id, parent)

    def _icon(self, incident: Incident) -> QIcon:
        sign, colour = sign_of(incident.severity)
        # One of which nothing is told does not call for attention either.
        calls = incident.active and not incident.silenced
        return icon(sign, self._theme.colour(colour if calls else "faint"))

    def _text(self, incident: Incident) -> str:
        title = say(title_of(incident.rule, self._rules.get(incident.rule)))
        return f"{title}\n{' · '.join([*_subject(incident), *_facts(incident)])}"


def _subject(incident: Incident) -> list[str]:
    """What it is of; the title of a yes-or-no rule says all but the database's name."""
    if _yes_no(incident):
        subject = subject_of(incident.metric)
        return [subject] if subject else []
    return [name_text(incident.metric)]


def _yes_no(incident: Incident) -> bool:
    metric = metric_of(incident.metric)
    return metric is not None and metric.unit is Unit.YES_NO


def _facts(incident: Incident) -> list[str]:
    began = ago(incident.begun, datetime.now(UTC))
    if not incident.active:
        told = translate(
            "health", "{at}, lasted {length}",
            at=f"{incident.begun.astimezone():%m-%d %H:%M}",
            length=duration_text(incident.length_seconds),
        )  # fmt: skip
    elif _yes_no(incident):
        told = translate("health", "going on, began {ago}", ago=began)
    else:
        told = translate(
            "health", "going on, began {ago}, worst {worst}",
            ago=began, worst=value_text(incident.metric, incident.worst),
        )  # fmt: skip
    facts = [say(told)]
    if incident.acknowledged is not None:
        who = (incident.acknowledged_by or "").partition("@")[0]
        facts.append(say(translate("health", "acknowledged by {who}", who=who)))
    if incident.silenced:
        facts.append(say(translate("health", "silenced")))
    return facts


def _tip(incident: Incident) -> str:
    lines = [exact_time(incident.begun)]
    if incident.resolved is not None:
        lines[0] += f" – {exact_time(incident.resolved)}"
    if not _yes_no(incident):
        lines.append(_limits(incident))
    if incident.acknowledged is not None:
        lines.append(f"{incident.acknowledged_by} · {exact_time(incident.acknowledged)}")
    return "\n".join(lines)


def _limits(incident: Incident) -> str:
    value, limit = (value_text(incident.metric, x) for x in (incident.worst, incident.threshold))
    return say(translate("health", "worst {worst}; the limit is {limit}", worst=value, limit=limit))


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
        lay(
            QVBoxLayout(self),
            label(self, "subtitle", title),
            self._none,
            (self._list, 1),
            buttons,
            spacing=8,
            margins=0,
        )
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


SOON_MS = 300
"""It is written at once, by another thread; then the list is read again."""


class AlertActions(QObject):
    """Acknowledges, silences and tells again; afterwards *changed* is called."""

    def __init__(
        self, incidents: IncidentList, feed: HealthFeed, changed: Callable[[], None]
    ) -> None:
        super().__init__(incidents)
        self._feed, self._changed = feed, changed
        incidents.acknowledge_wanted.connect(self._acknowledge)
        incidents.silence_wanted.connect(self._silence)
        incidents.telling_wanted.connect(self._tell_again)

    def _do(self, act: Callable[[Monitor], None]) -> None:
        if self._feed.monitor is not None:
            act(self._feed.monitor)
            QTimer.singleShot(SOON_MS, self._changed)

    def _acknowledge(self, number: int) -> None:
        self._do(lambda monitor: monitor.acknowledge(number, user_at_host()))

    def _silence(self, rule: str, metric: str, until: datetime | None) -> None:
        made = Silence(
            rule=rule, metric=metric, since=datetime.now(UTC), until=until, by=user_at_host()
        )
        self._do(lambda monitor: monitor.silence(made))

    def _tell_again(self, rule: str, metric: str) -> None:
        self._do(lambda monitor: monitor.unsilence(rule, metric))
