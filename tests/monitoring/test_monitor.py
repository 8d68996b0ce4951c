"""The monitor beside operations and other monitors, and the one look of a command."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import psutil
import pytest

from core.base.config.models import Settings
from core.base.files import write_durably
from core.base.lock import LockHolder, console_lock
from core.base.operation import Context
from core.base.state import FILE, open_state
from core.daemons.monitor import RunMonitor
from core.monitoring.alerts.models import Silence
from core.monitoring.models import State
from core.monitoring.monitor import Monitor
from core.monitoring.report import read_health, watch_health
from core.monitoring.sampler import Tick
from core.monitoring.view import HealthReport
from tests.monitoring.conftest import NEWEST_CANDLE
from tests.monitoring.fast import Watcher, child, end
from tests.skips import needs_mount, no_open_file_is_replaced, no_restart_manager


def test_while_the_console_swaps_files_no_database_is_opened(
    watch: Callable[..., Watcher], settings: Settings
) -> None:
    def opened(tick: Tick) -> bool:
        return tick.sample.values.get("db.settings.reachable") == 1.0

    watcher = watch()
    watcher.until(opened)
    with console_lock(settings, "rollback"):
        tick = watcher.until(lambda tick: "db.settings.size_bytes" in tick.sample.values)
        assert "db.settings.reachable" not in tick.sample.values
        assert tick.sample.values["db.settings.size_bytes"] > 0
        watcher.step(60)
        assert not watcher.told("program_not_running")
    for looking in ("backup create", "migrate rehearse"):
        with console_lock(settings, looking):
            watcher.until(opened)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    stale = LockHolder(pid=dead.pid, user="x", host="x", since=datetime.now(UTC), what="rollback")
    write_durably(settings.home / "console.lock.json", stale.model_dump_json().encode())
    watcher.until(opened)  # its process died
    other = stale.model_copy(update={"pid": os.getpid(), "since": datetime(2000, 1, 1, tzinfo=UTC)})
    write_durably(settings.home / "console.lock.json", other.model_dump_json().encode())
    watcher.until(opened)  # its number is another's now
    watcher.step(30)
    assert watcher.told("program_not_running") == ["fired program_running"]


def test_a_window_closed_while_its_monitor_starts_leaves_no_monitor(settings: Settings) -> None:
    before = set(threading.enumerate())
    for _ in range(30):
        monitor = Monitor(settings)
        starting = threading.Thread(target=monitor.start)
        starting.start()
        monitor.stop()
        starting.join()
        monitor.start()  # the feed's thread may come that late
        assert not monitor.recording
        left = {one.name for one in set(threading.enumerate()) - before}
        assert not left & {"health-sampler", "health-history"}


def test_of_two_monitors_one_records_and_the_other_takes_over(
    watch: Callable[..., Watcher], settings: Settings
) -> None:
    first = watch()
    second = watch()
    assert (first.monitor.recording, second.monitor.recording) == (True, False)
    first.step(30)
    second.step(20)
    assert first.told("program_not_running")
    assert not second.notices
    first.monitor.stop()
    second.until(lambda _tick: second.monitor.recording)
    while second.monitor._recall is None:
        pass
    second.step(30)
    assert not second.told("program_not_running"), "it was told already"
    assert [one.rule for one in second.monitor.report().incidents].count("program_not_running") == 1


def hurry(*watchers: Watcher) -> None:
    """Let what was found be written and read now: the threads' pauses are real ones."""
    for watcher in watchers:
        watcher.monitor.history.flush_soon()


def test_a_window_beside_a_headless_monitor_tells_what_that_one_finds(
    watch: Callable[..., Watcher], settings: Settings
) -> None:
    headless = watch()
    headless.until(lambda _tick: bool(headless.told("no_restore_point")))
    window = watch(echo=True)
    hurry(headless, window)
    window.until(lambda _tick: bool(window.monitor.report().incidents), 4_000)
    assert not window.notices, "what went on before it was opened is no news"
    program = subprocess.Popen([sys.executable, "run_desktop_ui.py"], cwd=settings.app)
    try:

        def over(_tick: Tick) -> bool:
            headless.step()
            hurry(headless, window)
            return bool(window.told("program_not_running"))

        window.until(over, 4_000)
        headless.monitor.silence(
            Silence(
                rule="program_not_running", metric="", since=NEWEST_CANDLE, by="kim@desk",
                until=datetime.now(UTC) + timedelta(days=1),
            )
        )  # fmt: skip
    finally:
        program.kill()
        program.wait()

    def again(_tick: Tick) -> bool:
        headless.step()
        hurry(headless, window)
        return any(
            one.rule == "program_not_running" and one.silenced
            for one in window.monitor.report().incidents
        )

    window.until(again, 4_000)
    window.step(20)
    assert window.told("program_not_running") == ["resolved program_running"], "silenced since"
    assert any(
        one.silenced
        for one in headless.monitor.report().incidents
        if one.rule == "program_not_running"
    )


def test_a_disk_that_hangs_delays_neither_the_other_probes_nor_the_tick(
    watch: Callable[..., Watcher], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = Event()

    def hang(*_: object) -> None:
        hanging.wait()

    monkeypatch.setattr("core.monitoring.probes.guard.running_operation", hang)
    monkeypatch.setattr("core.monitoring.probes.machine.psutil.disk_usage", hang)
    watcher = watch()
    try:
        watcher.step(2)
        watcher.until(lambda _tick: bool(watcher.told("program_not_running")))
        (tick,) = watcher.step()
        late = {problem.probe for problem in tick.problems if problem.overrun}
        assert {"disk", "operation"} <= late and "machine" not in late
        assert {"cpu_percent", "memory_percent"} <= set(tick.sample.values)
        assert "disk_percent" not in tick.sample.values
    finally:
        hanging.set()


@needs_mount
def test_on_a_disk_that_is_read_only_it_still_tells(
    watch: Callable[..., Watcher], settings: Settings, small_disk: Path
) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    watcher = watch(settings.model_copy(update={"home": small_disk / "home"}))
    watcher.until(lambda _tick: bool(watcher.told("program_not_running")))
    assert "history" in {one.probe for one in watcher.monitor.report().problems}
    report = read_health(settings.model_copy(update={"home": small_disk / "home"}))
    assert report.field("program_running").state is State.CRITICAL


@no_open_file_is_replaced
def test_a_history_that_was_begun_anew_is_told_in_every_report(
    watch: Callable[..., Watcher], settings: Settings
) -> None:
    watcher = watch()
    watcher.step(2)
    watcher.monitor.history.flush_soon()
    watcher.until(lambda _tick: watcher.monitor.history.size_bytes > 0, 4_000)
    (settings.home / FILE).unlink()

    def told(_tick: Tick) -> bool:
        watcher.monitor.history.flush_soon()
        return "history" in {one.probe for one in watcher.monitor.report().problems}

    watcher.until(told, 4_000)
    assert "history" in {one.probe for one in read_health(settings).problems}


def test_one_look_tells_every_field_with_its_state(
    settings: Settings, trading_program: subprocess.Popen[bytes]
) -> None:
    report = read_health(settings)
    states = {field.key: field.state for field in report.fields}
    assert states["program_running"] is State.OK
    assert states["db.market_data.reachable"] is State.OK
    assert states["guard.restore_points"] is State.WARNING
    assert states["guard.disk_full_days"] is State.UNKNOWN
    assert report.field("active_strategies").value == 8.0
    assert report.field("program_cpu_percent").value is not None
    # Not every machine counts what its disks write: Wine does not.
    counted = report.field("disk_write_bytes_per_second").value is not None
    assert counted == bool(psutil.disk_io_counters())
    assert (report.state, report.exit_code) == (State.WARNING, 1)
    assert report.problems == ()
    assert not [one.key for one in report.facts if one.key.startswith("foreign_holder")]
    trading_program.kill()
    trading_program.wait()
    report = read_health(settings)
    assert (report.field("program_running").state, report.exit_code) == (State.CRITICAL, 2)
    settings.file("strategies").path.unlink()
    report = read_health(settings)
    assert report.field("db.strategies.reachable").state is State.CRITICAL


@no_restart_manager
def test_another_program_at_the_databases_is_named(settings: Settings) -> None:
    other = child(
        "import sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1])\n"
        "c.execute('SELECT 1 FROM sqlite_schema').fetchone()",
        str(settings.file("settings").path),
    )
    try:
        report = read_health(settings)
    finally:
        end(other)
    named = [one for one in report.facts if str(other.pid) in one.value]
    # A stranger that holds the databases is either taken for the program or named.
    assert named


def test_the_headless_monitor_runs_records_and_ends(settings: Settings) -> None:
    context = Context()
    result = RunMonitor(settings, seconds=0.6).run(context)
    assert result.recorded
    assert result.ticks >= 1
    with open_state(settings) as connection:
        rows = connection.execute("SELECT count(*) FROM health_raw").get
    assert rows == result.ticks
    sizes = [one.value for one in read_health(settings).facts if one.key == "history_size"]
    assert len(sizes) == 1 and sizes[0].endswith(" / 300.0 MB")
    context.cancel()
    assert RunMonitor(settings).run(context).ended - result.ended < timedelta(seconds=30)


def test_a_watch_hands_on_its_reports_until_it_is_cancelled(settings: Settings) -> None:
    context, reports = Context(), list[HealthReport]()

    def on_report(report: HealthReport) -> None:
        reports.append(report)
        context.cancel()

    last = watch_health(settings, context, on_report)
    assert reports[0].field("program_running").value == 0.0
    assert last.field("cpu_percent").value is not None


def test_acknowledging_and_silencing_reach_the_engine(
    watch: Callable[..., Watcher], settings: Settings
) -> None:
    watcher = watch()
    watcher.until(lambda _tick: bool(watcher.told("program_not_running")))
    (going_on,) = [
        one for one in watcher.monitor.report().incidents if one.rule == "program_not_running"
    ]
    watcher.monitor.acknowledge(going_on.id, "kim@desk")
    watcher.monitor.silence(
        Silence(
            rule="program_not_running", metric="", since=NEWEST_CANDLE, until=None, by="kim@desk"
        )
    )

    def acknowledged(_tick: Tick) -> bool:
        known = {one.id: one for one in watcher.monitor.report().incidents}
        return known[going_on.id].acknowledged_by == "kim@desk"

    watcher.until(acknowledged, 4_000)
    program = subprocess.Popen([sys.executable, "run_desktop_ui.py"], cwd=settings.app)
    try:
        watcher.until(
            lambda _tick: (
                "program_not_running"
                not in {one.rule for one in watcher.monitor.report().incidents}
            ),
            4_000,
        )
    finally:
        program.kill()
        program.wait()
    assert watcher.told("program_not_running") == ["fired program_running"], "silenced"
