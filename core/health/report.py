"""How health stands, once or continuously, for commands and for the window's first sight."""

from __future__ import annotations

import fnmatch
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from threading import Event

import apsw

from core.cleanup import attempt, concluding
from core.config.models import Settings
from core.deployment.hooks import Hooks
from core.guard import run_guarded
from core.health.alerts.forecast import ForecastProbe
from core.health.alerts.incidents import list_incidents
from core.health.alerts.models import Incident, Notice
from core.health.clock import Clock, SystemClock
from core.health.history.pruning import used_bytes
from core.health.history.query import history_notices, metric_keys, read_tier
from core.health.history.tiers import RAW
from core.health.models import Problem
from core.health.monitor import Monitor
from core.health.operations import running_operation, swaps
from core.health.probes.client import Helper
from core.health.probing import make_probes
from core.health.sampler import Sampler, Tick
from core.health.view import (
    HealthReport,
    Known,
    fresh_seconds,
    history_fact,
    is_fresh,
    make_report,
)
from core.health.watch import BY, WatchResult
from core.health.way_back import way_back
from core.model import Strict
from core.operation import Context, Effect, Operation, OperationError
from core.snapshot.keeper import Kept, ScheduleKeeper
from core.state import StateDamaged, open_state
from core.text import Text, translate

RATE_SECONDS = 0.5
"""Rates and the processor's load need two looks, so far apart."""
PATIENCE_SECONDS = 5.0
FROM_HISTORY = (
    "log_errors_per_minute", "program_restarts", "db.*.growth_bytes_per_hour",
    "db.*.checkpoint_overdue_seconds", "console.missed_ticks",
)  # fmt: skip
"""What needs a longer watch than one look, and is taken from a monitor that records."""
SLICE_SECONDS = 0.1

log = logging.getLogger(__name__)


def read_health(settings: Settings, clock: Clock | None = None) -> HealthReport:
    """Look once and return how health stands; takes about a second.

    A value beyond its threshold counts at once, without the duration that an alert needs.
    """
    clock = clock or SystemClock()
    helper = Helper()
    sampler = Sampler(
        [*make_probes(settings, helper), ForecastProbe(settings)], RATE_SECONDS, _ignore, clock
    )
    sampler.start_probes()
    try:
        ticks = [sampler.tick(PATIENCE_SECONDS)]
        clock.wait(Event(), RATE_SECONDS)
        ticks.append(sampler.tick(PATIENCE_SECONDS))
    finally:
        attempt(sampler.stop)
        attempt(helper.close)
    known = {
        key: Known(value=value, at=tick.sample.at)
        for tick in ticks
        for key, value in tick.sample.values.items()
        if key != "log_errors_per_minute"
    }
    at = ticks[-1].sample.at
    problems = list(ticks[-1].problems)
    incidents: tuple[Incident, ...] = ()
    try:
        remembered, told = _from_history(settings, at)
        known |= remembered
        problems += [Problem(probe="history", what=text) for text in told]
        incidents = list_incidents(settings, active_only=True)
    except (OSError, apsw.Error, StateDamaged) as error:
        problems.append(
            Problem(
                probe="history",
                what=translate("health", "The history cannot be read: {why}", why=str(error)),
            )
        )
    facts = ticks[-1].facts
    if (size := known.get("console.history_bytes")) is not None:
        facts = (*facts, history_fact(settings, size.value))
    return make_report(
        settings, at, known, facts, problems, incidents,
        operating=swaps(running_operation(settings)),
    )  # fmt: skip


def _ignore(_tick: Tick) -> None:
    return None


def _from_history(settings: Settings, at: datetime) -> tuple[dict[str, Known], tuple[Text, ...]]:
    """Return what a monitor that records saw lately, and what became of the history itself."""
    if not settings.home.exists():
        return {}, ()
    known = {}
    with open_state(settings) as connection:
        wanted = [
            key
            for key in metric_keys(connection)
            if any(fnmatch.fnmatchcase(key, pattern) for pattern in FROM_HISTORY)
        ]
        # What is measured seldom is known for as long as in a monitor's own report.
        longest = timedelta(seconds=max((fresh_seconds(key) for key in wanted), default=0.0))
        found = read_tier(connection, RAW, wanted, at - longest, at)
        told = history_notices(connection, at)
        known["console.history_bytes"] = Known(value=float(used_bytes(connection)), at=at)
    for key, series in found.items():
        measured = datetime.fromtimestamp(series.times[-1], UTC)
        one = Known(value=float(series.mean[-1]), at=measured)
        if is_fresh(key, one, at):
            known[key] = one
    return known, told


def watch_health(
    settings: Settings,
    context: Context,
    on_report: Callable[[HealthReport], None],
    on_notice: Callable[[Notice], None] | None = None,
    seconds: float | None = None,
) -> HealthReport:
    """Run a monitor and hand on its report at every tick, until cancelled or *seconds* passed.

    Returns the last report.  Where another monitor records already, this one only looks.
    """
    monitor = Monitor(settings, lambda _tick: on_report(monitor.report()), on_notice)
    _run(monitor, context, seconds)
    return monitor.report()


def _run(
    monitor: Monitor,
    context: Context,
    seconds: float | None,
    between: Callable[[], None] = lambda: None,
) -> None:
    begun = time.monotonic()
    monitor.start()
    stop = Event()
    with concluding(monitor.stop):
        while not context.cancelled and (seconds is None or time.monotonic() - begun < seconds):
            stop.wait(SLICE_SECONDS)
            between()


class MonitorResult(Strict):
    """What a monitor did until it was ended."""

    begun: datetime
    ended: datetime
    ticks: int
    missed: int
    longest_gap_seconds: float
    incidents: int
    recorded: bool
    """Whether it was the one that records."""


@dataclass(frozen=True)
class RunMonitor:
    """Watch without a window until cancelled, with the same history, alerts and exporter."""

    settings: Settings
    seconds: float | None = None
    on_notice: Callable[[Notice], None] | None = None
    on_watched: Callable[[WatchResult], None] | None = None
    on_kept: Callable[[Kept], None] | None = None
    on_role: Callable[[bool], None] | None = None
    """Told at the beginning, and when it changes, whether this is the monitor that records."""
    keep_schedule: bool = True
    """Whether scheduled backups and drills are made, where no window makes them."""
    hooks: Hooks = field(default_factory=Hooks)
    """What going back from a deployment asks of migrations."""
    name: str = "monitor"
    effect: Effect = Effect.LOOK

    def run(self, context: Context) -> MonitorResult:
        """Return what was done; cancelling is how it ends, not a failure.

        Where the settings say so, it goes back by itself when health is worse after a migration,
        rollback or deployment.
        """
        begun = datetime.now(UTC)
        watched: SimpleQueue[WatchResult] = SimpleQueue()
        monitor = Monitor(self.settings, on_notice=self.on_notice, on_watched=watched.put)
        keeper = ScheduleKeeper(self.settings, self.on_kept) if self.keep_schedule else None

        recording: bool | None = None

        def treat() -> None:
            nonlocal recording
            if self.on_role is not None and recording is not monitor.recording:
                recording = monitor.recording
                self.on_role(recording)
            # Here and not on the probe's thread, so that ending waits for a rollback.
            while not watched.empty():
                self._watched(watched.get(), keeper)
            if keeper is not None:
                keeper.step(time.monotonic())

        try:
            _run(monitor, context, self.seconds, treat)
        finally:
            if keeper is not None:
                attempt(keeper.stop)
        return MonitorResult(
            begun=begun,
            ended=datetime.now(UTC),
            ticks=monitor.sampler.ticks,
            missed=monitor.sampler.missed,
            longest_gap_seconds=monitor.sampler.longest_gap,
            incidents=monitor.fired,
            recorded=monitor.recorded,
        )

    def _watched(self, result: WatchResult, keeper: ScheduleKeeper | None = None) -> None:
        if self.on_watched is not None:
            self.on_watched(result)
        if result.action != "perform":
            return
        back = way_back(self.settings, result, self.hooks)
        if back is not None:
            if keeper is not None:
                keeper.give_way()
            go_back(self.settings, back)


def go_back(settings: Settings, back: Operation[object]) -> object | None:
    """Run *back* under the console's lock and return its result; None where that failed.

    A failure is journalled like that of any other operation, and logged.
    """
    try:
        return run_guarded(settings, back, Context(), BY, wait_seconds=60)
    except OperationError as error:
        log.error("'%s' was not made: %s", back.name, error)
        return None
