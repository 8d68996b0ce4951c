"""How health stands at one moment: every field with its state, and all of it in one."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from datetime import datetime

from core.base.config.health import AlertRule
from core.base.config.models import Settings
from core.base.metrics import Unit, catalogue, metric_of, subject_of
from core.base.model import Strict
from core.base.text import Text, translate
from core.monitoring.alerts.models import Incident, format_value
from core.monitoring.models import Fact, Problem, State

REQUIRED = ("cpu_percent", "memory_percent", "disk_percent", "program_running", "db.*.reachable")
"""Without these nobody can say that all is well."""


STALE = 4.0
"""A value counts as known for so many of its periods, and at least for `STALE_SECONDS`."""
STALE_SECONDS = 5.0


class Field(Strict):
    """One metric as it is now; `value` None where it is not known."""

    key: str
    name: Text
    subject: str
    """The database or mount; empty for what there is one of."""
    unit: Unit
    value: float | None
    at: datetime | None
    """When it was measured."""
    state: State
    rules: tuple[str, ...] = ()
    """The rules that it breaks."""


class HealthReport(Strict):
    """All of it; times are UTC."""

    at: datetime
    state: State
    fields: tuple[Field, ...]
    facts: tuple[Fact, ...]
    """WizardState facts, with advice where they are not as they should be.  A permanent one, such
    as an old SQLite, does not move `state`: it would hide everything else."""
    problems: tuple[Problem, ...]
    incidents: tuple[Incident, ...]
    """The open ones, as the monitor that records sees them."""

    @property
    def exit_code(self) -> int:
        """0 ok, 1 warning, 2 critical, 3 unknown."""
        return self.state.exit_code

    def field(self, key: str) -> Field:
        """Return the field of metric *key*; raises `KeyError`."""
        for field in self.fields:
            if field.key == key:
                return field
        raise KeyError(key)


class Known(Strict):
    """The newest value of a metric and when it was measured."""

    value: float
    at: datetime


def fresh_seconds(key: str) -> float:
    """Return for how long a value of metric *key* stands for the present."""
    metric = metric_of(key)
    return max(STALE_SECONDS, STALE * (metric.period if metric else 0.0))


def is_fresh(key: str, known: Known, at: datetime) -> bool:
    """Whether *known* still stands for the present at *at*."""
    return abs((at - known.at).total_seconds()) <= fresh_seconds(key)


def expected_keys(settings: Settings, known: Iterable[str]) -> tuple[str, ...]:
    """Return the keys that a report of *settings* has, in the catalogue's order."""
    found = set(known)
    keys: list[str] = []
    own = {measure.metric.key: measure for measure in settings.measures}
    for metric in catalogue([value.metric for value in own.values()]):
        if metric.optional and metric.key not in found:
            continue
        if not metric.label:
            keys.append(metric.key)
        elif metric.label == "database":
            keys += [metric.key.replace("*", file.name) for file in settings.databases]
        else:
            subjects = own[metric.key].subjects if metric.key in own else ()
            wanted = {metric.key.replace("*", subject) for subject in subjects}
            wanted |= {key for key in found if metric_of(key) == metric}
            keys += sorted(wanted)
    return tuple(keys)


def history_fact(settings: Settings, size: float) -> Fact:
    """Return how large the history is, of how much it may be."""
    most = settings.health.history_max_mb * 1e6
    key = "console.history_bytes"
    return Fact(
        key="history_size",
        name=translate("health", "Size of the history"),
        value=f"{format_value(key, size)} / {format_value(key, most)}",
    )


def make_report(
    settings: Settings,
    at: datetime,
    known: Mapping[str, Known],
    facts: Iterable[Fact],
    problems: Iterable[Problem],
    incidents: Iterable[Incident],
    *,
    operating: bool,
) -> HealthReport:
    """Return the report of what is known; a value beyond its threshold counts at once."""
    fields = tuple(
        _field(settings.health.rules, key, known.get(key), operating)
        for key in expected_keys(settings, known)
    )
    problems, incidents = tuple(problems), tuple(incidents)
    worst = max(
        (
            *(field.state for field in fields if field.state is not State.UNKNOWN),
            *(incident.severity for incident in incidents if incident.active),
        ),
        key=lambda state: state.rank,
        default=State.UNKNOWN,
    )
    if worst is State.OK and any(_missing(field) for field in fields):
        worst = State.UNKNOWN
    return HealthReport(
        at=at,
        state=worst,
        fields=fields,
        facts=tuple(facts),
        problems=problems,
        incidents=incidents,
    )


def _missing(field: Field) -> bool:
    return field.value is None and any(
        fnmatch.fnmatchcase(field.key, pattern) for pattern in REQUIRED
    )


def _field(rules: Mapping[str, AlertRule], key: str, known: Known | None, operating: bool) -> Field:
    metric = metric_of(key)
    if metric is None:
        raise KeyError(key)
    broken = {
        name: State(rule.severity)
        for name, rule in rules.items()
        if known is not None
        and rule.enabled
        and fnmatch.fnmatchcase(key, rule.metric)
        and rule.breached(known.value)
        and not (operating and rule.quiet_during_operations)
    }
    state = State.UNKNOWN if known is None else State.OK
    return Field(
        key=key,
        name=metric.name,
        subject=subject_of(key),
        unit=metric.unit,
        value=None if known is None else known.value,
        at=None if known is None else known.at,
        state=max(broken.values(), key=lambda one: one.rank, default=state),
        rules=tuple(broken),
    )
