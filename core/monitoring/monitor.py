"""Watches a workspace: samples, keeps, alerts and tells; the same for window and command.

Of several monitors of one workspace the one that holds `health.lock` (an OS lock, so that it
dies with its process) records, alerts and exports; the others sample for their own view and
step in when it is gone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Lock
from typing import NamedTuple

import apsw
from filelock import FileLock, Timeout

from core.base.config.models import Settings
from core.base.folders import make_home
from core.base.text import Text, translate
from core.monitoring.alerts.engine import AlertEngine
from core.monitoring.alerts.forecast import ForecastProbe
from core.monitoring.alerts.incidents import (
    acknowledge_now,
    marked_silent,
    next_id,
    read_active,
    read_incidents,
    read_silences,
    save,
    silence_now,
    unsilence_now,
)
from core.monitoring.alerts.models import Echo, Incident, Notice, Silence
from core.monitoring.alerts.webhook import Webhook
from core.monitoring.exporter import Exporter
from core.monitoring.history.query import history_notices
from core.monitoring.history.writer import HistoryWriter
from core.monitoring.models import EventKind, Every, Fact, Probe, Problem
from core.monitoring.probes.client import Helper
from core.monitoring.probes.guard import OperationProbe
from core.monitoring.sampler import Clock, Sampler, Tick, make_probes
from core.monitoring.view import HealthReport, Known, history_fact, is_fresh, make_report
from core.monitoring.watch import AftercareProbe, WatchResult

ROLE_SECONDS = 10.0
SAVE_SECONDS = 5.0
PATIENCE_TICKS = 10
"""So many ticks the alerts wait for what the console's database remembers of them."""


log = logging.getLogger(__name__)


class _FromDisk(NamedTuple):
    """What other processes wrote."""

    incidents: tuple[Incident, ...]
    silences: tuple[Silence, ...]
    told: tuple[Text, ...]
    """What became of the history, lately."""


class Monitor:
    """Runs until `stop`.  *on_tick* and *on_notice* are called on the sampler's thread."""

    def __init__(
        self,
        settings: Settings,
        on_tick: Callable[[Tick], None] | None = None,
        on_notice: Callable[[Notice], None] | None = None,
        clock: Clock | None = None,
        probes: Sequence[Probe] | None = None,
        on_watched: Callable[[WatchResult], None] | None = None,
        echo: bool = False,
    ) -> None:
        """Watch *settings*; *clock* and *probes* replace the machine's own.

        *on_watched* is told once, on a thread of its own, how health is after a migration,
        rollback or deployment, and does what the result's `action` says.  With *echo*
        *on_notice* also hears what another monitor finds, as long as that one records.
        """
        self._settings = settings
        self._on_tick = on_tick
        self._on_notice = on_notice
        self._echo = Echo(settings.health.rules) if echo else None
        health = settings.health
        self._helper = Helper()
        chosen = (
            [
                *make_probes(settings, self._helper),
                ForecastProbe(settings),
                AftercareProbe(settings, on_watched or _log_watched, lambda: self.recording),
            ]
            if probes is None
            else list(probes)
        )
        self._operation = OperationProbe(settings)
        chosen.append(self._operation)
        self.sampler = Sampler(chosen, health.interval_seconds, self.deliver, clock)
        self.engine = AlertEngine(health.rules, health.interval_seconds)
        self.history = HistoryWriter(settings)
        self.webhook = Webhook(settings)
        self.exporter = Exporter(self.report, health.exporter_port) if health.exporter else None
        self._lock = Lock()
        self._life = Lock()
        """Held by `start` and `stop`, which two threads may call."""
        self._stopped = False
        # Taken on one thread and asked about on another.
        self._role = FileLock(settings.home / "health.lock", mode=0o600, thread_local=False)
        self._lockless = False
        self._exporter_problem: Problem | None = None
        self._try_role = Every(ROLE_SECONDS)
        self._save = Every(SAVE_SECONDS)
        self._restored = False
        self._waited = 0
        self._from_disk: _FromDisk | None = None
        self._told: tuple[Text, ...] = ()
        self._silences: tuple[Silence, ...] = ()
        self._recall: tuple[tuple[Incident, ...], int] | None = None
        self._known: dict[str, Known] = {}
        self._facts: tuple[Fact, ...] = ()
        self._problems: tuple[Problem, ...] = ()
        self._active: tuple[Incident, ...] = ()
        self._at: datetime | None = None
        self._operating = False
        self.recorded = False
        """Whether it ever was the one that records."""
        self.fired = 0
        """Incidents since the start."""

    @property
    def recording(self) -> bool:
        """Whether this monitor is the one that records and alerts."""
        return bool(self._role.is_locked) or self._lockless

    def start(self) -> None:
        """Begin; nothing begins any more after `stop`."""
        with self._life:
            if not self._stopped:
                self.open()
                self.sampler.start()

    def open(self) -> None:
        """Begin without a schedule, for a caller that ticks by itself."""
        self.history.start()
        self._take_role()
        self.sampler.start_probes()

    def tick(self) -> Tick:
        """Take one sample now, treat it like any other and return it; after `open`."""
        tick = self.sampler.tick()
        self.deliver(tick)
        return tick

    def stop(self) -> None:
        """End, with everything written."""
        with self._life:
            self._stopped = True
            self.sampler.stop()
            self._helper.close()
            if self.recording:
                self._save_active()
            self.history.stop()
            self.webhook.stop()
            if self.exporter is not None:
                self.exporter.stop()
            self._role.release()

    def report(self) -> HealthReport:
        """Return how health stands now; callable from any thread."""
        with self._lock:
            at = self._at or datetime.now(UTC)
            known = {key: one for key, one in self._known.items() if is_fresh(key, one, at)}
            return make_report(
                self._settings, at, known, self._facts, self._problems, self._active,
                operating=self._operating,
            )  # fmt: skip

    def acknowledge(self, number: int, by: str) -> None:
        """Note that somebody knows of incident *number*."""
        at = datetime.now(UTC)
        self.history.submit(lambda connection: _acknowledge(connection, number, at, by))
        self.history.submit(self._refresh, "refresh")
        self.history.flush_soon()

    def silence(self, made: Silence) -> None:
        """Tell nothing of what *made* names."""
        self.history.submit(lambda connection: silence_now(connection, made))
        self.history.submit(self._refresh, "refresh")
        self.history.flush_soon()

    def unsilence(self, rule: str, metric: str) -> None:
        """Tell of *rule* on *metric* again."""
        self.history.submit(lambda connection: unsilence_now(connection, rule, metric))
        self.history.submit(self._refresh, "refresh")
        self.history.flush_soon()

    def deliver(self, tick: Tick) -> None:
        """Take in one tick; the sampler calls it."""
        if not self.recording and self._try_role.due(tick.monotonic):
            self._take_role()
            self._try_role.done(tick.monotonic)
        self._operating = self._operation.swapping
        found, self._from_disk = self._from_disk, None
        if found is not None:
            self._silences, self._told = found.silences, found.told
        if self.recording:
            self._record(tick, found)
        if self._save.due(tick.monotonic):
            self._save.done(tick.monotonic)
            self._save_active()
            self.history.submit(self._refresh, "refresh")
        self._show(tick)
        if found is not None and not self.recording:
            self._listen(found, tick.sample.at)
        if self._on_tick is not None:
            self._on_tick(tick)

    def _take_role(self) -> None:
        try:
            make_home(self._settings.home)
            self._role.acquire(timeout=0)
        except Timeout:
            return
        except OSError as error:
            # A disk that turned read-only is what is to be told, by each that sees it.
            log.error("health.lock cannot be taken: %s", error)
            self._lockless = True
        self.recorded = True
        self.history.submit(self._remember, "remember")
        self.history.flush_soon()
        self.webhook.start()
        if self.exporter is not None:
            try:
                self.exporter.start()
            except OSError as error:
                log.error("the exporter cannot listen: %s", error)
                self._exporter_problem = Problem(
                    probe="exporter",
                    what=translate(
                        "health", "Port {port} of the exporter is not free: {why}",
                        port=str(self._settings.health.exporter_port), why=str(error),
                    ),
                )  # fmt: skip

    def _remember(self, connection: apsw.Connection) -> None:
        """Read what went on before this monitor began; on the history's thread."""
        self._recall = (read_active(connection), next_id(connection))

    def _refresh(self, connection: apsw.Connection) -> None:
        """Read what other processes acknowledged and silenced; on the history's thread."""
        now = datetime.now(UTC)
        self._from_disk = _FromDisk(
            self._those_of_interest(connection),
            read_silences(connection, now),
            history_notices(connection, now),
        )

    def _those_of_interest(self, connection: apsw.Connection) -> tuple[Incident, ...]:
        active = read_active(connection)
        before = self._echo.going_on if self._echo is not None else frozenset()
        # Those that are over by now are to be told of, too.
        return active + read_incidents(connection, before - {one.id for one in active})

    def _record(self, tick: Tick, found: _FromDisk | None) -> None:
        self.history.add(tick.sample, tick.monotonic)
        for event in tick.events:
            self.history.add_event(event)
            if event.kind is not EventKind.PROGRAM_STARTED:
                log.warning("%s", event.text)
        if not self._restored and not self._restore(tick):
            return
        if found is not None:
            self.engine.adopt(found.incidents, found.silences)
        changes = self.engine.evaluate(
            tick.sample.values, tick.monotonic, tick.sample.at, self._operating
        )
        for incident, notice in changes:
            self.fired += incident.active
            self._write(incident)
            if notice is not None:
                self._tell(notice)

    def _restore(self, tick: Tick) -> bool:
        """Go on with the incidents of before, once they are read; return whether to alert."""
        self._waited += 1
        if self._recall is not None:
            incidents, number = self._recall
            self.engine.restore(incidents, number)
            for gone in incidents:
                rule = self._settings.health.rules.get(gone.rule)
                if rule is None or not rule.enabled:
                    over = gone.model_copy(update={"resolved": tick.sample.at})
                    self._write(over)
            self._restored = True
        elif self._waited > PATIENCE_TICKS:
            # The disk may be full, which is what is to be told.  Numbers from the time are
            # beyond those that were counted.
            self.engine.restore((), int(tick.sample.at.timestamp()))
            self._restored = True
        return self._restored

    def _save_active(self) -> None:
        for incident in self.engine.active:
            self._write(incident)

    def _write(self, incident: Incident) -> None:
        self.history.submit(
            lambda connection: save(connection, incident), ("incident", incident.id)
        )

    def _tell(self, notice: Notice) -> None:
        log.warning("%s: %s %s", notice.kind.value, notice.title, notice.text)
        self.webhook.send(notice)
        if self._on_notice is not None:
            self._on_notice(notice)

    def _listen(self, found: _FromDisk, at: datetime) -> None:
        """Take over what another monitor, that records, found; and tell of it."""
        incidents = marked_silent(found.incidents, found.silences, at)
        with self._lock:
            self._active = tuple(incident for incident in incidents if incident.active)
        if self._echo is not None and self._on_notice is not None:
            for notice in self._echo.hear(incidents, at):
                self._on_notice(notice)

    def _show(self, tick: Tick) -> None:
        problems = list(tick.problems)
        problems += [Problem(probe="history", what=text) for text in self._told]
        if self._exporter_problem is not None:
            problems.append(self._exporter_problem)
        for probe, text in (("history", self.history.problem), ("webhook", self.webhook.problem)):
            if text is not None:
                problems.append(Problem(probe=probe, what=text))
        values, facts = dict(tick.sample.values), tick.facts
        if self.history.size_bytes:
            values["console.history_bytes"] = float(self.history.size_bytes)
            facts = (*facts, history_fact(self._settings, self.history.size_bytes))
        with self._lock:
            self._at = tick.sample.at
            for key, value in values.items():
                self._known[key] = Known(value=value, at=tick.sample.at)
            self._facts, self._problems = facts, tuple(problems)
            if self.recording:
                self._active = marked_silent(self.engine.active, self._silences, tick.sample.at)


def _log_watched(result: WatchResult) -> None:
    log.warning(
        "after '%s' health is %s: %s",
        result.operation,
        "worse" if result.worse else "as before",
        "; ".join(str(reason) for reason in result.reasons) or result.verdict.text,
    )


def _acknowledge(connection: apsw.Connection, number: int, at: datetime, by: str) -> None:
    acknowledge_now(connection, number, at, by)
