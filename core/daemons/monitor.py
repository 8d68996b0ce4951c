"""The monitor without a window: watches, keeps the schedule, goes back where it is told to.

The way back from an operation after which health is worse is the same for the window.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import SimpleQueue

from core.base.cleanup import attempt
from core.base.config.models import Settings
from core.base.model import Strict
from core.base.operation import Context, Kind, Operation, OperationError, kind_of
from core.base.text import translate
from core.daemons.scheduler import ScheduledRun, Scheduler
from core.monitoring.alerts.models import Notice
from core.monitoring.monitor import Monitor
from core.monitoring.report import run_until
from core.monitoring.watch import BY, WatchResult
from core.program.control import ServiceStart
from core.release.models import Hooks
from core.release.rollback import DeployRollback
from core.runner.run import run_operation
from core.switchover.rollback import Rollback

log = logging.getLogger(__name__)


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
    on_kept: Callable[[ScheduledRun], None] | None = None
    on_role: Callable[[bool], None] | None = None
    """UserError at the beginning, and when it changes, whether this is the monitor that records."""
    keep_schedule: bool = True
    """Whether scheduled backups and drills are made, where no window makes them."""
    hooks: Hooks = field(default_factory=Hooks)
    """What going back from a deployment asks of migrations."""
    kind: Kind = Kind.MONITOR

    def run(self, context: Context) -> MonitorResult:
        """Return what was done; cancelling is how it ends, not a failure.

        Where the settings say so, it goes back by itself when health is worse after a migration,
        rollback or deployment.
        """
        begun = datetime.now(UTC)
        watched: SimpleQueue[WatchResult] = SimpleQueue()
        monitor = Monitor(self.settings, on_notice=self.on_notice, on_watched=watched.put)
        keeper = Scheduler(self.settings, self.on_kept) if self.keep_schedule else None

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
            run_until(monitor, context, self.seconds, treat)
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

    def _watched(self, result: WatchResult, keeper: Scheduler | None = None) -> None:
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
        return run_operation(settings, back, Context(), BY, wait_seconds=60)
    except OperationError as error:
        log.error("'%s' was not made: %s", back.kind, error)
        return None


@dataclass(frozen=True)
class GoBack:
    """Go back, and start the program where it ran before: it may have died of what was undone."""

    settings: Settings
    back: Rollback | DeployRollback
    start: bool

    @property
    def kind(self) -> Kind:
        """It is journalled as what it is."""
        return self.back.kind

    def run(self, context: Context) -> object:
        """Return what going back returns; a program that does not start is an alert of its own."""
        result = self.back.run(context)
        if self.start:
            try:
                with context.step("start", translate("services", "Start the trading program")):
                    ServiceStart(self.settings).run(context)
            except OperationError as error:
                log.error("the program was not started after going back: %s", error)
        return result


def way_back(
    settings: Settings, result: WatchResult, hooks: Hooks | None = None
) -> Operation[object] | None:
    """Return the operation that goes back to before the watched one, None where there is none.

    From a deployment release and data go back together: the former data under the new program
    would be a pair that never ran.
    """
    if result.restore_point is None:
        return None
    if (kind := kind_of(result.operation)) is not None and kind.changes_release:
        return GoBack(settings, DeployRollback(settings, hooks=hooks or Hooks()), result.start)
    return GoBack(settings, Rollback(settings, result.restore_point), result.start)
