"""The schedule is kept without a window, and of several consoles by one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.backup.models import Reason
from core.backup.store import Store
from core.base.config.models import ScheduleSettings, Settings
from core.base.journal import Outcome, entries
from core.base.lock import console_lock
from core.base.operation import Context, OperationError
from core.daemons.monitor import RunMonitor
from core.daemons.scheduler import LOOK_SECONDS, RETRY_AFTER, ScheduledRun, Scheduler, SchedulerRole
from tests.skips import no_ctrl_c

ROOT = Path(__file__).parents[2]


@pytest.fixture
def hourly(settings: Settings) -> Settings:
    schedule = ScheduleSettings(every_minutes=60, quick_verify_days=None, full_verify_days=None)
    return settings.model_copy(update={"schedule": schedule})


def points(settings: Settings) -> list[Reason]:
    return [one.point.reason for one in Store(settings.store).listed()]


def finish(keeper: Scheduler) -> None:
    if keeper._thread is not None:
        keeper._thread.join()


def test_a_headless_monitor_makes_the_backup_that_is_due(hourly: Settings) -> None:
    context, kept = Context(), list[ScheduledRun]()

    def ended(one: ScheduledRun) -> None:
        kept.append(one)
        context.cancel()

    RunMonitor(hourly, on_kept=ended).run(context)
    assert kept == [ScheduledRun("backup create", None)]
    assert points(hourly) == [Reason.SCHEDULED]
    made = entries(hourly)[0]
    assert (made.operation, made.outcome) == ("backup create", Outcome.OK)
    assert made.by.endswith("schedule")
    quiet = Context()
    RunMonitor(hourly, seconds=0.3, on_kept=kept.append).run(quiet)
    assert len(kept) == 1, "the next one is due in an hour"


def test_of_several_consoles_one_keeps_the_schedule(hourly: Settings) -> None:
    window = SchedulerRole(hourly)
    assert window.take() and window.take()
    keeper = Scheduler(hourly)
    keeper.step(0.0)
    assert not keeper.busy and points(hourly) == []
    window.release()
    keeper.step(LOOK_SECONDS)
    assert keeper.busy
    finish(keeper)
    assert points(hourly) == [Reason.SCHEDULED]
    assert not window.take(), "it keeps it until it ends"
    keeper.stop()
    assert window.take()
    window.release()


def test_what_is_due_while_another_operation_runs_is_made_after_it(hourly: Settings) -> None:
    kept: list[ScheduledRun] = []
    keeper = Scheduler(hourly, kept.append)
    with console_lock(hourly, "rollback"):
        keeper.step(0.0)
        finish(keeper)
    assert kept == [] and points(hourly) == []
    keeper.step(LOOK_SECONDS)
    finish(keeper)
    assert kept == [ScheduledRun("backup create", None)]
    keeper.stop()


def test_what_fails_is_told_and_left_alone_for_a_while(
    hourly: Settings,
) -> None:
    hourly.store.write_text(
        "a file where the folder of the restore points should be", encoding="utf-8"
    )
    kept: list[ScheduledRun] = []
    keeper = Scheduler(hourly, kept.append)
    now = datetime.now(UTC)
    for number, at in enumerate((now, now + RETRY_AFTER / 2, now + RETRY_AFTER)):
        keeper.step(LOOK_SECONDS * number, at)
        finish(keeper)
    assert len(kept) == 2
    assert all(isinstance(one.error, OperationError) for one in kept)
    # A clock that is set back does not put it off for as long.
    keeper.step(LOOK_SECONDS * 9, now - timedelta(days=1))
    finish(keeper)
    assert len(kept) == 3
    keeper.stop()


def test_it_gives_way_and_what_was_cancelled_is_due_still(hourly: Settings) -> None:
    kept: list[ScheduledRun] = []
    keeper = Scheduler(hourly, kept.append)
    keeper.step(0.0)
    keeper.give_way()
    assert not keeper.busy
    assert kept == [] or kept == [ScheduledRun("backup create", None)]
    made = len(points(hourly))
    keeper.step(LOOK_SECONDS)
    finish(keeper)
    assert points(hourly) == [Reason.SCHEDULED]
    assert len(kept) == 1, f"{made} was there before"
    keeper.stop()


@no_ctrl_c
def test_a_monitor_that_is_ended_during_a_backup_leaves_nothing_behind(
    hourly: Settings, wait_for: Callable[[Callable[[], bool]], None]
) -> None:
    (hourly.app / "ops_console.yaml").write_text(
        "schedule: {every_minutes: 60}\n", encoding="utf-8"
    )
    monitor = subprocess.Popen(
        [sys.executable, ROOT / "run_ops_console.py", "--app", hourly.app, "monitor", "--json"],
        stdout=subprocess.PIPE, encoding="utf-8", cwd=ROOT,
    )  # fmt: skip
    try:
        wait_for(lambda: any(one.operation == "backup create" for one in entries(hourly)))
        monitor.send_signal(signal.SIGTERM)
        out, _ = monitor.communicate(timeout=60)
    finally:
        monitor.kill()
        monitor.wait()
    assert monitor.returncode == 0
    assert json.loads(out)["ticks"] >= 1
    made = next(one for one in entries(hourly) if one.operation == "backup create")
    assert made.outcome in {Outcome.CANCELLED, Outcome.OK}
    assert len(points(hourly)) == int(made.outcome is Outcome.OK)
