"""How health stands, once or continuously, for commands and for the window's first sight."""

from __future__ import annotations

import fnmatch
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event

import apsw

from core.base.cleanup import attempt, concluding
from core.base.config.models import Settings
from core.base.operation import Context
from core.base.state import StateDamaged, open_state
from core.base.text import Text, translate
from core.monitoring.alerts.forecast import ForecastProbe
from core.monitoring.alerts.incidents import list_incidents
from core.monitoring.alerts.models import Incident, Notice
from core.monitoring.history.query import history_notices, metric_keys, read_tier
from core.monitoring.history.tiers import RAW, used_bytes
from core.monitoring.models import Problem
from core.monitoring.monitor import Monitor
from core.monitoring.probes.client import Helper
from core.monitoring.probes.guard import running_operation, swaps
from core.monitoring.sampler import Clock, Sampler, SystemClock, Tick, make_probes
from core.monitoring.view import (
    HealthReport,
    Known,
    fresh_seconds,
    history_fact,
    is_fresh,
    make_report,
)

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
    run_until(monitor, context, seconds)
    return monitor.report()


def run_until(
    monitor: Monitor,
    context: Context,
    seconds: float | None,
    between: Callable[[], None] = lambda: None,
) -> None:
    """Run *monitor* until *context* is cancelled or *seconds* passed; call *between* all along."""
    begun = time.monotonic()
    monitor.start()
    stop = Event()
    with concluding(monitor.stop):
        while not context.cancelled and (seconds is None or time.monotonic() - begun < seconds):
            stop.wait(SLICE_SECONDS)
            between()
