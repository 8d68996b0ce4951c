"""The incidents as a list, newest first, fed by difference: what is chosen stays chosen."""

from __future__ import annotations

from datetime import UTC, datetime

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QIcon

from core.base.config.models import Settings
from core.base.metrics import Unit, metric_of, subject_of
from core.base.text import translate
from core.monitoring.alerts.messages import title_of
from core.monitoring.alerts.models import Incident
from ui.format import duration_text
from ui.health.messages import name_text, sign_of, value_text
from ui.kit.rows import Column, RowsModel
from ui.kit.signs import icon
from ui.language import say
from ui.points.messages import ago, exact_time
from ui.theme import Theme


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
