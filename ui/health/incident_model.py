"""The incidents as a list, newest first, fed by difference: what is chosen stays chosen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt

from core.base.config.models import Settings
from core.base.metrics import Unit, metric_of, subject_of
from core.base.text import translate
from core.monitoring.alerts.messages import title_of
from core.monitoring.alerts.models import Incident
from ui.format import duration_text
from ui.health.messages import name_text, sign_of, value_text
from ui.icons import icon
from ui.language import say
from ui.points.messages import ago, exact_time
from ui.theme import Theme

INCIDENT_ROLE = Qt.ItemDataRole.UserRole
_ROOT = QModelIndex()


class IncidentModel(QAbstractListModel):
    """One row an incident, in two lines."""

    def __init__(self, settings: Settings, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings, self._theme = settings, theme
        self._incidents: list[Incident] = []
        theme.changed.connect(self._recolour)

    def show(self, incidents: Sequence[Incident]) -> None:
        """Show *incidents*, newest first."""
        wanted = {one.id: one for one in incidents}
        for row in range(len(self._incidents) - 1, -1, -1):
            if self._incidents[row].id not in wanted:
                self.beginRemoveRows(_ROOT, row, row)
                del self._incidents[row]
                self.endRemoveRows()
        known = {one.id for one in self._incidents}
        for row, one in enumerate(incidents):
            if one.id not in known:
                self.beginInsertRows(_ROOT, row, row)
                self._incidents.insert(row, one)
                self.endInsertRows()
            elif self._incidents[row] != one or one.active:  # "began 3 min ago" grows older
                self._incidents[row] = one
                self.dataChanged.emit(self.index(row), self.index(row))

    def incident(self, index: QModelIndex) -> Incident | None:
        """Return the incident at *index*, None where there is none."""
        return self._incidents[index.row()] if 0 <= index.row() < len(self._incidents) else None

    def _recolour(self) -> None:
        if self._incidents:
            self.dataChanged.emit(self.index(0), self.index(len(self._incidents) - 1))

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """How many there are."""
        return 0 if parent.isValid() else len(self._incidents)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text, sign and tooltip of one."""
        incident = self.incident(index)
        if incident is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(incident)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(incident)
        if role == Qt.ItemDataRole.DecorationRole:
            sign, colour = sign_of(incident.severity)
            tokens = self._theme.tokens
            # One of which nothing is told does not call for attention either.
            calls = incident.active and not incident.silenced
            return icon(sign, str(getattr(tokens, colour)) if calls else tokens.faint)
        return incident if role == INCIDENT_ROLE else None

    def _text(self, incident: Incident) -> str:
        title = say(title_of(incident.rule, self._settings.health.rules.get(incident.rule)))
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
