"""What an incident is, and the words for rules and values.

The monitor that records decides; a window beside it hears of that in the console's database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from core.base.config.health import AlertRule
from core.base.metrics import Unit, metric_of, subject_of
from core.base.model import Strict
from core.base.text import Text, translate
from core.monitoring.models import State


class Incident(Strict):
    """One time that a metric was not as it should be; times are UTC."""

    id: int
    rule: str
    metric: str
    severity: State
    begun: datetime
    """When the breach began that led to it."""
    fired: datetime
    last: datetime
    """When it was last seen in breach."""
    resolved: datetime | None
    value: float
    """The value at which it fired."""
    worst: float
    threshold: float
    acknowledged: datetime | None = None
    acknowledged_by: str | None = None
    silenced: bool = False
    lasted: float | None = None
    """Seconds from the beginning of the breach to its last moment, by a clock that nobody sets;
    None where an earlier version wrote it."""

    @property
    def active(self) -> bool:
        """Whether it is still going on."""
        return self.resolved is None

    @property
    def length_seconds(self) -> float:
        """From the beginning of the breach to its last moment; without the wait for calm.

        The time between two consoles is not in it: nobody looked.
        """
        if self.lasted is not None:
            return self.lasted
        return max(0.0, (self.last - self.begun).total_seconds())


class NoticeKind(StrEnum):
    """What is told."""

    FIRED = "fired"
    RESOLVED = "resolved"


class Notice(Strict):
    """What the operator is told, once for each."""

    kind: NoticeKind
    at: datetime
    incident: Incident
    title: Text
    text: Text


class Silence(Strict):
    """Of what nothing is told: a rule, of one metric or (empty) of all, until when."""

    rule: str
    metric: str
    since: datetime
    until: datetime | None
    """None: until it is resolved."""
    by: str


NEVER_DAYS = 3_650.0
"""From here on a disk does not fill: ten years."""

_TITLES = {
    "cpu": translate("health", "The processor is busy"),
    "memory": translate("health", "Memory is running out"),
    "disk": translate("health", "The disk is almost full"),
    "other_disk": translate("health", "A disk of the data is almost full"),
    "response_time": translate("health", "A database answers slowly"),
    "database_unreachable": translate("health", "A database cannot be read"),
    "program_not_running": translate("health", "The trading program is not running"),
    "lock_wait": translate("health", "Writers wait for each other"),
    "wal_large": translate("health", "A write-ahead log grew large"),
    "checkpoint_overdue": translate("health", "A checkpoint is overdue"),
    "log_errors": translate("health", "The trading program logs many errors"),
    "no_restore_point": translate("health", "There is no good restore point"),
    "restore_point_old": translate("health", "The newest restore point is old"),
    "restore_point_from_future": translate(
        "health", "A restore point is dated in the future: a clock is or was wrong"
    ),
    "drill_overdue": translate("health", "A restore drill is overdue"),
    "store_disk": translate("health", "The disk of the restore points is almost full"),
    "copy_disk": translate("health", "The disk of a copy is almost full"),
    "disk_full_soon": translate("health", "The disk will soon be full"),
}


def title_of(name: str, rule: AlertRule | None) -> Text:
    """Return what the rule called *name* says: the operator's own words, or the built-in ones."""
    if rule is not None and rule.title:
        return translate("health", "{title}", title=rule.title)
    built_in = (rule.built_in if rule is not None else None) or _TITLES.get(name)
    return built_in or translate("health", "Alert '{rule}'", rule=name)


def label_of(key: str) -> Text:
    """Return what metric *key* is called, with the database that it is of."""
    metric, subject = metric_of(key), subject_of(key)
    name = metric.name if metric else translate("health", "{metric}", metric=key)
    if not subject:
        return name
    return translate("health", "{subject}: {metric}", subject=subject, metric=name)


def format_value(key: str, value: float) -> str:
    """Return *value* of metric *key* in a form that needs no translation."""
    metric = metric_of(key)
    unit = metric.unit if metric else Unit.COUNT
    if unit is Unit.PERCENT:
        return f"{value:.1f} %"
    if unit in {Unit.BYTES, Unit.BYTES_PER_SECOND, Unit.BYTES_PER_HOUR}:
        return f"{_bytes(value)}{unit.value.removeprefix('bytes')}"
    if unit is Unit.SECONDS:
        return f"{value:.3g} s" if abs(value) < 120 else length(value)
    if unit is Unit.DAYS:
        return f"> {NEVER_DAYS:.0f} d" if value >= NEVER_DAYS else f"{value:.1f} d"
    return f"{value:.15g}" if value == int(value) else f"{value:.2f}"


def length(seconds: float) -> str:
    """Return a duration such as ``2 d 3 h``, ``5 min 20 s`` or ``12 s``."""
    left = round(seconds)
    parts = []
    for name, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"


def _bytes(value: float) -> str:
    size = abs(value)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        size, value = size / 1000, value / 1000
    return f"{value:.1f} TB"


def fired_text(incident: Incident) -> Text:
    """Return what is said below the title of an incident that begins."""
    subject, metric = subject_of(incident.metric), metric_of(incident.metric)
    if metric is not None and metric.unit is Unit.YES_NO:
        if subject:
            return translate("health", "{subject}: it does not answer.", subject=subject)
        return translate("health", "No process of it was found.")
    value = format_value(incident.metric, incident.value)
    limit = format_value(incident.metric, incident.threshold)
    if subject:
        return translate(
            "health", "{subject}: {value}; the limit is {limit}.",
            subject=subject, value=value, limit=limit,
        )  # fmt: skip
    return translate("health", "{value}; the limit is {limit}.", value=value, limit=limit)


def resolved_text(incident: Incident) -> Text:
    """Return what is said below the title of an incident that is over."""
    subject, metric = subject_of(incident.metric), metric_of(incident.metric)
    lasted = length(incident.length_seconds)
    if metric is not None and metric.unit is Unit.YES_NO:
        if subject:
            return translate(
                "health", "{subject}: well again after {length}.", subject=subject, length=lasted
            )
        return translate("health", "Well again after {length}.", length=lasted)
    worst = format_value(incident.metric, incident.worst)
    if subject:
        return translate(
            "health", "{subject}: well again after {length}; the worst was {worst}.",
            subject=subject, length=lasted, worst=worst,
        )  # fmt: skip
    return translate(
        "health", "Well again after {length}; the worst was {worst}.", length=lasted, worst=worst
    )


def notice_of(kind: NoticeKind, incident: Incident, rule: AlertRule | None, at: datetime) -> Notice:
    """Return what is told of *incident*, which began or ended."""
    return Notice(
        kind=kind,
        at=at,
        incident=incident,
        title=title_of(incident.rule, rule),
        text=fired_text(incident) if kind is NoticeKind.FIRED else resolved_text(incident),
    )


class Echo:
    """Remembers which incidents were heard of; what went on before the first look is known."""

    def __init__(self, rules: Mapping[str, AlertRule]) -> None:
        self._rules = rules
        self._going_on: set[int] | None = None

    @property
    def going_on(self) -> frozenset[int]:
        """The incidents that went on when this last listened."""
        return frozenset(self._going_on or ())

    def hear(self, incidents: Iterable[Incident], at: datetime) -> list[Notice]:
        """Return what is to be told of *incidents*, those that go on and those just over."""
        incidents = tuple(incidents)
        active = {incident.id for incident in incidents if incident.active}
        before, self._going_on = self._going_on, active
        if before is None:
            return []
        told = []
        for incident in incidents:
            if incident.silenced:
                continue
            if incident.active and incident.id not in before:
                told.append(
                    notice_of(NoticeKind.FIRED, incident, self._rules.get(incident.rule), at)
                )
            elif not incident.active and incident.id in before:
                told.append(
                    notice_of(NoticeKind.RESOLVED, incident, self._rules.get(incident.rule), at)
                )
        return told
