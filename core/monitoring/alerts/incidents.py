"""Incidents and silences in the console's database.

The monitor that records writes them through its history's thread; windows and commands read
them, acknowledge and silence from their own processes, and the monitor takes that over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import apsw

from core.base.config.models import Settings
from core.base.operation import OperationError
from core.base.owner import user_at_host
from core.base.state import as_written, open_state
from core.base.text import Text, translate
from core.monitoring.alerts.models import Incident, Silence
from core.monitoring.models import State, utc

_COLUMNS = (
    "id, rule, metric, severity, begun, fired, last, resolved, value, worst, threshold, "
    "acknowledged, acknowledged_by, lasted"
)
LISTED = 200


def save(connection: apsw.Connection, incident: Incident) -> None:
    """Write *incident*, without touching what may have been acknowledged elsewhere."""
    row: dict[str, str | int | float | None] = {
        "id": incident.id, "rule": incident.rule, "metric": incident.metric,
        "severity": incident.severity.value, "begun": _ms(incident.begun),
        "fired": _ms(incident.fired), "last": _ms(incident.last),
        "resolved": _ms(incident.resolved) if incident.resolved else None,
        "value": incident.value, "worst": incident.worst, "threshold": incident.threshold,
        "lasted": incident.lasted,
    }  # fmt: skip
    connection.execute(
        "INSERT INTO alert_incident (id, rule, metric, severity, begun, fired, last, resolved, "
        "value, worst, threshold, lasted) VALUES (:id, :rule, :metric, :severity, :begun, :fired, "
        ":last, :resolved, :value, :worst, :threshold, :lasted) ON CONFLICT (id) DO UPDATE SET "
        "last = :last, resolved = :resolved, worst = :worst, lasted = :lasted",
        row,
    )
    if incident.resolved is not None:
        connection.execute(
            "DELETE FROM alert_silence WHERE until IS NULL AND rule = ?1 AND (metric = ?2 OR "
            "metric = '' AND NOT EXISTS (SELECT 1 FROM alert_incident WHERE rule = ?1 "
            "AND resolved IS NULL))",
            (incident.rule, incident.metric),
        )


def acknowledge_now(connection: apsw.Connection, number: int, at: datetime, by: str) -> bool:
    """Note that somebody knows of incident *number*; return whether there is one."""
    connection.execute(
        "UPDATE alert_incident SET acknowledged = coalesce(acknowledged, ?), "
        "acknowledged_by = coalesce(acknowledged_by, ?) WHERE id = ?",
        (_ms(at), by, number),
    )
    return bool(connection.changes())


def silence_now(connection: apsw.Connection, silence: Silence) -> None:
    """Write *silence* in place of an earlier one of the same rule and metric."""
    connection.execute(
        "INSERT OR REPLACE INTO alert_silence (rule, metric, since, until, by) "
        "VALUES (?, ?, ?, ?, ?)",
        (
            silence.rule,
            silence.metric,
            _ms(silence.since),
            _ms(silence.until) if silence.until else None,
            silence.by,
        ),
    )


def unsilence_now(connection: apsw.Connection, rule: str, metric: str) -> None:
    """Delete the silences of *rule*: of *metric* and those of the whole rule, or (empty) all."""
    connection.execute(
        "DELETE FROM alert_silence WHERE rule = ?1 AND (?2 = '' OR metric IN ('', ?2))",
        (rule, metric),
    )


def read_active(connection: apsw.Connection) -> tuple[Incident, ...]:
    """Return the incidents that are going on, the oldest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM alert_incident WHERE resolved IS NULL ORDER BY id"
    )
    return tuple(_incident(row) for row in rows)


def read_incidents(connection: apsw.Connection, ids: Iterable[int]) -> tuple[Incident, ...]:
    """Return the incidents of *ids* that there are, the oldest first."""
    chosen = sorted(ids)
    marks = ", ".join("?" * len(chosen))
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM alert_incident WHERE id IN ({marks}) ORDER BY id", chosen
    )
    return tuple(_incident(row) for row in rows)


def marked_silent(
    incidents: Iterable[Incident], silences: Iterable[Silence], now: datetime
) -> tuple[Incident, ...]:
    """Return *incidents* with those that go on marked that one of *silences* covers at *now*."""
    quiet = {(one.rule, one.metric) for one in silences if one.until is None or one.until > now}
    return tuple(
        incident.model_copy(
            update={
                "silenced": bool(quiet & {(incident.rule, incident.metric), (incident.rule, "")})
            }
        )
        if incident.active
        else incident
        for incident in incidents
    )


def read_silences(connection: apsw.Connection, now: datetime) -> tuple[Silence, ...]:
    """Return the silences that have not passed."""
    rows = connection.execute(
        "SELECT rule, metric, since, until, by FROM alert_silence "
        "WHERE until IS NULL OR until > ? ORDER BY rule, metric",
        (_ms(now),),
    )
    with as_written():
        return tuple(
            Silence(
                rule=str(rule),
                metric=str(metric),
                since=utc(float(str(since))),
                until=utc(float(str(until))) if until is not None else None,
                by=str(by),
            )
            for rule, metric, since, until, by in rows
        )


def next_id(connection: apsw.Connection) -> int:
    """Return the number of the next incident."""
    return 1 + int(str(connection.execute("SELECT coalesce(max(id), 0) FROM alert_incident").get))


def list_incidents(settings: Settings, *, active_only: bool = False) -> tuple[Incident, ...]:
    """Return the newest incidents, newest first."""
    if not settings.home.exists():
        return ()
    where = "WHERE resolved IS NULL" if active_only else ""
    now = datetime.now(UTC)
    with open_state(settings) as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM alert_incident {where} ORDER BY id DESC LIMIT ?", (LISTED,)
        ).fetchall()
        incidents = [_incident(row) for row in rows]
        silences = read_silences(connection, now)
    return marked_silent(incidents, silences, now)


def list_silences(settings: Settings) -> tuple[Silence, ...]:
    """Return the silences in force."""
    if not settings.home.exists():
        return ()
    with open_state(settings) as connection:
        return read_silences(connection, datetime.now(UTC))


def acknowledge(settings: Settings, number: int, by: str | None = None) -> Incident:
    """Note that somebody knows of incident *number* and return it.

    *by* is who; None: the present user.  Raises `OperationError` when there is no such incident.
    """
    with open_state(settings) as connection:
        if not acknowledge_now(connection, number, datetime.now(UTC), by or user_at_host()):
            raise _refused(
                translate("health", "There is no incident {number}.", number=number),
                translate("health", "'alerts list' shows them with their numbers."),
            )
        row = connection.execute(
            f"SELECT {_COLUMNS} FROM alert_incident WHERE id = ?", (number,)
        ).fetchone()
        return _incident(row or ())


def silence(
    settings: Settings,
    rule: str,
    until: datetime | None = None,
    metric: str = "",
    by: str | None = None,
) -> Silence:
    """Tell nothing of *rule* (of one *metric*, or of all) until a time, or until it is resolved.

    Raises `OperationError` for an unknown rule, a time that has passed, and for "until it is
    resolved" where nothing is going on.
    """
    now = datetime.now(UTC)
    if rule not in settings.health.rules:
        raise _refused(
            translate("health", "There is no alert rule '{rule}'.", rule=rule),
            translate(
                "health", "The rules are: {rules}.", rules=", ".join(sorted(settings.health.rules))
            ),
        )
    if until is not None and until <= now:
        raise _refused(
            translate("health", "That time has passed."),
            translate("health", "Give a time that lies ahead."),
        )
    made = Silence(rule=rule, metric=metric, since=now, until=until, by=by or user_at_host())
    with open_state(settings) as connection:
        active = read_active(connection)
        if until is None and not any(
            one.rule == rule and metric in {"", one.metric} for one in active
        ):
            raise _refused(
                translate("health", "'{rule}' has no incident that could be resolved.", rule=rule),
                translate("health", "Give a time until which it is to be silent."),
            )
        silence_now(connection, made)
    return made


def unsilence(settings: Settings, rule: str, metric: str = "") -> None:
    """Let *rule* be told of again, of one *metric* or of all; nothing happens where it was."""
    with open_state(settings) as connection:
        unsilence_now(connection, rule, metric)


def _incident(row: Sequence[object]) -> Incident:
    with as_written():
        return _incident_of(*row)


def _incident_of(
    number: object, rule: object, metric: object, severity: object, begun: object, fired: object,
    last: object, resolved: object, value: object, worst: object, threshold: object,
    acknowledged: object, by: object, lasted: object,
) -> Incident:  # fmt: skip
    return Incident(
        id=int(str(number)),
        rule=str(rule),
        metric=str(metric),
        severity=State(str(severity)),
        begun=utc(float(str(begun))),
        fired=utc(float(str(fired))),
        last=utc(float(str(last))),
        resolved=utc(float(str(resolved))) if resolved is not None else None,
        value=float(str(value)),
        worst=float(str(worst)),
        threshold=float(str(threshold)),
        acknowledged=utc(float(str(acknowledged))) if acknowledged is not None else None,
        acknowledged_by=str(by) if by is not None else None,
        lasted=float(str(lasted)) if lasted is not None else None,
    )


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _refused(happened: Text, to_do: Text) -> OperationError:
    return OperationError(
        happened, data_state=translate("health", "Nothing was changed."), to_do=to_do
    )
