"""Decides when an incident begins and ends.  It knows no clock but the one it is handed.

A rule fires when its metric was in breach for `for_seconds` in all within the last 2.5 times
as long: a single long breach fires as soon as a flapping one that is bad two fifths of the
time, and a spike never does.  It is resolved when the metric was behind `clear` for
`clear_seconds` without a break, so that flapping is one incident.  Time in which nothing was
measured counts neither way.
"""

from __future__ import annotations

import fnmatch
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from core.base.config.health import AlertRule
from core.base.metrics import metric_of
from core.monitoring.alerts.models import Incident, Notice, NoticeKind, Silence, notice_of
from core.monitoring.models import State

WINDOW = 2.5
FORGET_SECONDS = 86_400.0
"""An incident of what was not measured for so long (a disk that is gone) is over."""


class Change(NamedTuple):
    """An incident that began, changed or ended, and what is told of it, if anything."""

    incident: Incident
    notice: Notice | None


class _Watch:
    """One rule on one metric."""

    def __init__(self, name: str, rule: AlertRule, key: str, interval: float) -> None:
        self.name, self.rule, self.key = name, rule, key
        metric = metric_of(key)
        self.period = max(interval, metric.period if metric else 0.0)
        self.last: float | None = None
        self.breaches: deque[tuple[float, float]] = deque()
        """(end, length) of the stretches in breach, in monotonic seconds."""
        self.begun: datetime | None = None
        self.first = 0.0
        """When the breach began and …"""
        self.newest: float | None = None
        """… when it was seen last, both in monotonic seconds."""
        self.clear_since: float | None = None
        self.incident: Incident | None = None

    def forget(self) -> None:
        """Begin anew, without an incident."""
        self.incident = self.clear_since = self.begun = self.last = self.newest = None
        self.breaches.clear()

    def passed(self, now: float) -> float:
        """Return the seconds since the last value, as far as that value stands for them."""
        return min(now - self.last, 2.5 * self.period) if self.last is not None else 0.0

    def breached_seconds(self, now: float) -> float:
        """Return how long it was in breach within the window."""
        window = WINDOW * max(self.rule.for_seconds, self.period)
        while self.breaches and self.breaches[0][0] <= now - window:
            self.breaches.popleft()
        if not self.breaches:
            self.begun = None
        return sum(length for _, length in self.breaches)


class AlertEngine:
    """Evaluates all rules at every tick; used by one thread."""

    def __init__(self, rules: Mapping[str, AlertRule], interval: float) -> None:
        self._rules = {name: rule for name, rule in rules.items() if rule.enabled}
        self._interval = interval
        self._watches: dict[tuple[str, str], _Watch] = {}
        self._of_key: dict[str, tuple[_Watch, ...]] = {}
        self._silences: dict[tuple[str, str], Silence] = {}
        self._next_id = 1
        self._program_runs = 1.0

    @property
    def active(self) -> tuple[Incident, ...]:
        """The incidents that are going on, the worst and oldest first."""
        found = [watch.incident for watch in self._watches.values() if watch.incident is not None]
        return tuple(sorted(found, key=lambda one: (-one.severity.rank, one.fired)))

    def restore(self, incidents: Iterable[Incident], next_id: int) -> None:
        """Go on with *incidents* that were open when the console ended."""
        self._next_id = max(self._next_id, next_id)
        for incident in incidents:
            rule = self._rules.get(incident.rule)
            if rule is not None:
                self._watch(incident.rule, rule, incident.metric).incident = incident

    def adopt(self, incidents: Iterable[Incident], silences: Iterable[Silence]) -> None:
        """Take over what was acknowledged and silenced elsewhere."""
        self._silences = {(silence.rule, silence.metric): silence for silence in silences}
        known = {incident.id: incident for incident in incidents}
        for watch in self._watches.values():
            if watch.incident is not None and watch.incident.id in known:
                theirs = known[watch.incident.id]
                watch.incident = watch.incident.model_copy(
                    update={
                        "acknowledged": theirs.acknowledged,
                        "acknowledged_by": theirs.acknowledged_by,
                    }
                    if theirs.acknowledged is not None
                    else {}
                )

    def silenced(self, rule: str, metric: str, at: datetime) -> bool:
        """Whether nothing is to be told of *rule* on *metric*."""
        return any(
            found is not None and (found.until is None or found.until > at)
            for found in (self._silences.get((rule, metric)), self._silences.get((rule, "")))
        )

    def evaluate(
        self, values: Mapping[str, float], monotonic: float, at: datetime, operating: bool = False
    ) -> list[Change]:
        """Return what changed with *values*, measured at *monotonic* seconds and UTC time *at*.

        *operating* says that the console itself is at work on the program or its files.
        """
        changes = []
        self._program_runs = values.get("program_running", self._program_runs)
        for key, value in values.items():
            for watch in self._watches_of(key):
                change = self._step(watch, value, monotonic, at, operating)
                if change is not None:
                    changes.append(change)
        return changes + self._forgotten(monotonic, at)

    def _forgotten(self, now: float, at: datetime) -> list[Change]:
        """End, without a word, what nothing is known of any more."""
        over = []
        for watch in self._watches.values():
            if watch.incident is None:
                continue
            # One that was restored counts from the first look on.
            watch.last = now if watch.last is None else watch.last
            if now - watch.last > FORGET_SECONDS:
                over.append(Change(watch.incident.model_copy(update={"resolved": at}), None))
                watch.forget()
        return over

    def _watches_of(self, key: str) -> tuple[_Watch, ...]:
        found = self._of_key.get(key)
        if found is None:
            found = self._of_key[key] = tuple(
                self._watch(name, rule, key)
                for name, rule in self._rules.items()
                if fnmatch.fnmatchcase(key, rule.metric)
            )
        return found

    def _watch(self, name: str, rule: AlertRule, key: str) -> _Watch:
        watch = self._watches.get((name, key))
        if watch is None:
            watch = self._watches[name, key] = _Watch(name, rule, key, self._interval)
        return watch

    def _step(
        self, watch: _Watch, value: float, now: float, at: datetime, operating: bool
    ) -> Change | None:
        rule = watch.rule
        if (operating and rule.quiet_during_operations) or (
            rule.needs_program and not self._program_runs
        ):
            # What the console does itself, or what follows from a program that does not run,
            # is neither a breach nor the end of one.
            watch.last, watch.clear_since = now, None
            watch.breaches.clear()
            watch.begun = None
            return None
        # A value stands for the time since the one before it.
        passed = watch.passed(now)
        watch.last = now
        breach = rule.breached(value)
        if breach and watch.incident is None:
            watch.breaches.append((now, passed))
            if watch.begun is None:
                watch.begun, watch.first = at, now
        if watch.incident is not None:
            return self._go_on(watch, value, breach, now, at)
        # Ticks come a little early or late: a tenth of a period is no difference.
        enough = rule.for_seconds - 0.1 * watch.period
        if watch.breached_seconds(now) < enough or not breach:
            return None
        return self._fire(watch, value, now, at)

    def _fire(self, watch: _Watch, value: float, now: float, at: datetime) -> Change:
        incident = Incident(
            id=self._next_id,
            rule=watch.name,
            metric=watch.key,
            severity=State(watch.rule.severity),
            begun=watch.begun or at,
            fired=at,
            last=at,
            resolved=None,
            value=value,
            worst=value,
            threshold=watch.rule.threshold,
            lasted=now - watch.first,
            silenced=self.silenced(watch.name, watch.key, at),
        )
        self._next_id += 1
        watch.incident, watch.clear_since, watch.newest = incident, None, now
        return Change(incident, self._notice(watch, NoticeKind.FIRED, at))

    def _go_on(
        self, watch: _Watch, value: float, breach: bool, now: float, at: datetime
    ) -> Change | None:
        incident, rule = watch.incident, watch.rule
        if incident is None:
            return None
        if breach:
            watch.clear_since = None
            worse = value > incident.worst if rule.above is not None else value < incident.worst
            # One of an earlier console goes on from the first look of this one.
            more = now - watch.newest if watch.newest is not None else 0.0
            watch.newest = now
            watch.incident = incident.model_copy(
                update={"last": max(at, incident.last), "lasted": incident.length_seconds + more}
                | ({"worst": value} if worse else {})
            )
            return None
        if not rule.behind(value, rule.clear_at):
            watch.clear_since = None
            return None
        if watch.clear_since is None:
            watch.clear_since = now
        if now - watch.clear_since < rule.clear_seconds:
            return None
        return self._resolve(watch, at)

    def _resolve(self, watch: _Watch, at: datetime) -> Change | None:
        if watch.incident is None:
            return None
        # Whether it was silenced is asked anew: the operator may have wanted it since.
        watch.incident = watch.incident.model_copy(
            update={
                "resolved": at,
                "silenced": self.silenced(watch.name, watch.key, at),
            }
        )
        change = Change(watch.incident, self._notice(watch, NoticeKind.RESOLVED, at))
        silence = self._silences.get((watch.name, watch.key))
        if silence is not None and silence.until is None:
            del self._silences[watch.name, watch.key]
        watch.incident = watch.clear_since = watch.begun = watch.newest = None
        watch.breaches.clear()
        return change

    def _notice(self, watch: _Watch, kind: NoticeKind, at: datetime) -> Notice | None:
        incident = watch.incident
        if incident is None or incident.silenced:
            return None
        return notice_of(kind, incident, watch.rule, at)
