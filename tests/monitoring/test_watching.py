"""Real processes, databases and disks: what goes wrong is told once, and so is its end."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from core.backup.copy import CopyStore
from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.config.models import Settings
from core.base.operation import Context
from core.base.state import open_state
from core.monitoring.alerts.incidents import list_incidents
from core.monitoring.exporter import render
from core.monitoring.history.query import events
from core.monitoring.models import EventKind, Probe, State
from core.monitoring.probes import helper
from core.monitoring.probes.client import Helper
from core.monitoring.probes.databases import DatabaseProbe
from core.monitoring.probes.guard import GuardProbe
from core.monitoring.probes.helper import look
from core.monitoring.report import read_health
from tests.monitoring.fast import Watcher, asked, child, end
from tests.skips import needs_mount
from tests.small_disk import mounted

no_lock_is_asked = pytest.mark.skipif(
    sys.platform == "win32", reason="no lock can be asked for there untaken"
)


def open_files(process: psutil.Process) -> int:
    """How many files, or on Windows handles, a process has open."""
    return int(process.num_handles() if sys.platform == "win32" else process.num_fds())


def only_market_data(settings: Settings, helping: Helper) -> Sequence[Probe]:
    return [DatabaseProbe(settings, settings.file("market_data"), helping, {})]


def guard_and_one_database(settings: Settings, helping: Helper) -> Sequence[Probe]:
    return [GuardProbe(settings), *only_market_data(settings, helping)]


def test_a_killed_program_is_told_once_and_so_is_its_return(
    watch: Callable[..., Watcher], settings: Settings, trading_program: subprocess.Popen[bytes]
) -> None:
    watcher = watch()
    tick = watcher.until(lambda tick: tick.sample.values.get("program_running") == 1.0)
    watcher.step(2)
    threads = watcher.monitor.report().field("program_threads").value
    # On Windows the stand-in has a window, and the system's threads for it.
    assert threads is not None and (threads >= 1.0 if sys.platform == "win32" else threads == 1.0)
    trading_program.kill()
    trading_program.wait()
    tick = watcher.until(lambda tick: tick.sample.values.get("program_running") == 0.0)
    assert [event.kind for event in tick.events] == [EventKind.PROGRAM_ENDED]
    watcher.step(60)
    assert watcher.told("program_not_running") == ["fired program_running"]
    assert watcher.monitor.report().state is State.CRITICAL
    again = subprocess.Popen([sys.executable, "run_desktop_ui.py"], cwd=settings.app)
    try:
        tick = watcher.until(lambda tick: tick.sample.values.get("program_running") == 1.0, 4_000)
        assert tick.sample.values["program_restarts"] == 1.0
        watcher.step(30)
    finally:
        again.kill()
        again.wait()
    assert watcher.told("program_not_running") == [
        "fired program_running", "resolved program_running",
    ]  # fmt: skip
    facts = {fact.key: fact for fact in tick.facts}
    assert facts["program_sqlite_version"].value == sqlite3.sqlite_version


def test_a_start_that_nobody_saw_is_marked_once_at_its_time(
    watch: Callable[..., Watcher], settings: Settings, trading_program: subprocess.Popen[bytes]
) -> None:
    for _ in range(2):  # the console is opened, closed and opened again
        watcher = watch(wall=datetime.now(UTC))
        watcher.until(lambda tick: tick.sample.values.get("program_running") == 1.0)
        watcher.monitor.stop()
    with open_state(settings) as connection:
        (kept,) = events(
            connection, datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
        )
    assert kept.kind is EventKind.PROGRAM_STARTED
    started = psutil.Process(trading_program.pid).create_time()
    assert kept.at.timestamp() == pytest.approx(started, abs=0.01)


@no_lock_is_asked
def test_an_exclusively_locked_database_is_told_once(
    watch: Callable[..., Watcher], settings: Settings
) -> None:
    watcher = watch()
    watcher.step(5)
    locker = child(
        "import sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA locking_mode = EXCLUSIVE')\n"
        "c.execute('BEGIN EXCLUSIVE')\n"
        "c.execute('CREATE TABLE locked (x)')",
        str(settings.file("strategies").path),
    )
    try:
        tick = watcher.until(
            lambda tick: tick.sample.values.get("db.strategies.reachable") == 0.0, 4_000
        )
        assert tick.sample.values["db.settings.reachable"] == 1.0
        watcher.step(20)
    finally:
        end(locker)
    fact = next(one for one in tick.facts if one.key == "db.strategies.condition")
    assert (fact.value, fact.state) == ("locked", State.CRITICAL)
    assert str(locker.pid) in str(fact.advice)
    watcher.step(30)
    assert watcher.told("database_unreachable") == [
        "fired db.strategies.reachable", "resolved db.strategies.reachable",
    ]  # fmt: skip


def test_a_database_that_is_locked_without_a_wal_answers_too_late(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helper, "WAIT_MS", 30)
    path = settings.file("settings").path
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    locker = child(
        "import sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('BEGIN EXCLUSIVE')",
        str(path),
    )
    try:
        answer = look(asked(settings, "settings"))
    finally:
        end(locker)
    assert answer["condition"] == "locked"
    assert answer["read_seconds"] >= 0.03
    assert look(asked(settings, "settings"))["condition"] == "ok"


@no_lock_is_asked
def test_the_wait_for_a_lock_is_seen_without_taking_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helper, "LOCK_LIMIT_SECONDS", 0.05)
    path = settings.file("settings").path
    writer = child(
        "import sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0)\n"
        "c.execute('BEGIN IMMEDIATE')\n"
        "c.execute('CREATE TABLE held (x)')",
        str(path),
    )
    try:
        answer = look(asked(settings, "settings", locks=True))
        assert answer["lock_pid"] == writer.pid
        assert answer["lock_seconds"] >= 0.05
        assert answer["condition"] == "ok", "readers of a WAL database do not wait"
    finally:
        end(writer)
    other = child(
        "import sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('SELECT 1 FROM sqlite_schema').fetchone()",
        str(path),
    )
    try:
        answer = look(asked(settings, "settings", locks=True))
        assert answer["lock_seconds"] == 0.0
        assert "lock_pid" not in answer
    finally:
        end(other)


def test_probing_leaves_nothing_beside_a_database_at_rest_and_takes_no_lock(
    settings: Settings,
) -> None:
    before = sorted(path.name for path in settings.file("settings").path.parent.iterdir())
    made = Helper()
    try:
        for file in settings.databases:
            answer = made.ask(asked(settings, file.name, locks=True, deep=True))
            assert answer["condition"] == "ok"
    finally:
        made.close()
    assert sorted(path.name for path in settings.file("settings").path.parent.iterdir()) == before


def test_a_program_at_work_is_never_refused_while_it_is_probed(settings: Settings) -> None:
    """No busy timeout: the first refusal would end the writer."""
    made = Helper()
    made.ask(asked(settings, "settings"))
    writer = subprocess.Popen(
        [
            sys.executable, "-c",
            "import sqlite3, sys\n"
            "c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0)\n"
            "c.execute('PRAGMA wal_autocheckpoint = 10')\n"
            "c.execute('PRAGMA synchronous = NORMAL')\n"
            "c.execute('CREATE TABLE w (x)')\n"
            "for n in range(3000): c.execute('INSERT INTO w VALUES (?)', ('x' * 400,))\n",
            str(settings.file("settings").path),
        ]
    )  # fmt: skip
    answers = []
    try:
        while writer.poll() is None:
            answers.append(made.ask(asked(settings, "settings", locks=True, deep=True)))
    finally:
        made.close()
    assert writer.returncode == 0
    assert len(answers) > 3
    # Transactions of a millisecond each, one after the other, are no long wait.
    assert max(answer.get("lock_seconds", 0.0) for answer in answers) < 1.0
    connection = sqlite3.connect(settings.file("settings").path)
    assert connection.execute("SELECT count(*) FROM w").fetchone() == (3000,)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


@needs_mount
def test_a_full_disk_is_told_even_though_nothing_can_be_written(
    watch: Callable[..., Watcher], settings: Settings, small_disk: Path
) -> None:
    shutil.copytree(settings.databases[0].path.parent, small_disk / "data")
    moved = settings.model_copy(
        update={
            "home": small_disk / "home",
            "files": tuple(
                file.model_copy(update={"path": small_disk / "data" / file.path.name})
                for file in settings.databases
            ),
        }
    )
    watcher = watch(moved)
    watcher.step(30)
    assert not watcher.told("disk")
    with (small_disk / "filler").open("wb") as filler, suppress(OSError):
        while True:
            filler.write(b"\0" * 65_536)
            filler.flush()
    ticks = watcher.step(120)
    assert ticks[-1].sample.values["disk_percent"] > 99
    assert watcher.told("disk") == ["fired disk_percent"]
    (small_disk / "filler").unlink()
    watcher.step(120)
    assert watcher.told("disk") == ["fired disk_percent", "resolved disk_percent"]
    watcher.monitor.stop()
    (kept,) = [one for one in list_incidents(moved) if one.rule == "disk"]
    assert kept.resolved is not None, "what was told was kept as well"


def test_candles_that_stop_are_told_once(watch: Callable[..., Watcher], settings: Settings) -> None:
    connection = sqlite3.connect(settings.file("market_data").path, isolation_level=None)
    chosen = settings.model_copy(
        update={"health": settings.health.model_copy(update={"markets": ("KRW-BTC",)})}
    )
    watcher = watch(chosen, probes=only_market_data)

    def write_candle() -> None:
        minute = datetime.fromtimestamp(watcher.clock.now().wall // 60 * 60, UTC)
        connection.execute(
            "INSERT OR IGNORE INTO candles_KRW_BTC_1m (candle_date_time_utc, market, timestamp) "
            "VALUES (?, 'KRW-BTC', 0)",
            (minute.replace(tzinfo=None).isoformat(),),
        )

    for _ in range(12):
        write_candle()
        watcher.step(30)
    assert not watcher.told("candles_stale")
    watcher.step(400)
    assert watcher.told("candles_stale") == ["fired candles.KRW-BTC.age_seconds"]
    for _ in range(4):
        write_candle()
        watcher.step(30)
    connection.close()
    assert watcher.told("candles_stale") == [
        "fired candles.KRW-BTC.age_seconds", "resolved candles.KRW-BTC.age_seconds",
    ]  # fmt: skip


@pytest.mark.parametrize("damage", [b"\0" * 16, b"SQLite format 4\0"])
def test_a_corrupt_header_is_told_once(
    watch: Callable[..., Watcher], settings: Settings, damage: bytes
) -> None:
    watcher = watch()
    watcher.step(3)
    path = settings.file("settings").path
    whole = path.read_bytes()[:16]
    with path.open("r+b") as file:
        file.write(damage)
    watcher.step(30)
    assert watcher.told("database_unreachable") == ["fired db.settings.reachable"]
    with path.open("r+b") as file:
        file.write(whole)
    watcher.step(30)
    assert watcher.told("database_unreachable") == [
        "fired db.settings.reachable", "resolved db.settings.reachable",
    ]  # fmt: skip


def test_a_clock_that_jumps_is_told_and_only_what_hangs_on_it(
    watch: Callable[..., Watcher], settings: Settings
) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    watcher = watch(wall=datetime.now(UTC), probes=guard_and_one_database)
    watcher.step(90)
    watcher.notices.clear()
    watcher.clock.jump(7_200.0)
    (tick,) = watcher.step()
    assert [event.kind for event in tick.events] == [EventKind.CLOCK_JUMPED]
    watcher.step(150)
    watcher.clock.jump(-7_200.0)
    (tick,) = watcher.step()
    assert [event.kind for event in tick.events] == [EventKind.CLOCK_JUMPED]
    watcher.step(150)
    assert watcher.notices == []
    watcher.clock.jump(27 * 3_600.0)  # now the newest restore point looks old
    watcher.step(150)
    watcher.clock.jump(-27 * 3_600.0)
    watcher.step(150)
    assert [notice.incident.rule for notice in watcher.notices] == ["restore_point_old"] * 2
    watcher.monitor.stop()
    with open_state(settings) as connection:
        kept = events(
            connection, datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
        )
    assert [one.kind for one in kept].count(EventKind.CLOCK_JUMPED) == 4


def test_sleep_is_a_pause_and_not_an_alarm(watch: Callable[..., Watcher]) -> None:
    watcher = watch(probes=guard_and_one_database)
    watcher.step(100)
    watcher.notices.clear()
    watcher.clock.slept += 8 * 3_600.0
    (tick,) = watcher.step()
    assert [event.kind for event in tick.events] == [EventKind.PAUSED]
    assert "28801 seconds" in str(tick.events[0].text)
    watcher.step(10)
    assert watcher.notices == []


@needs_mount
def test_a_disk_of_its_own_for_the_restore_points_is_watched_too(
    watch: Callable[..., Watcher], settings: Settings, small_disk: Path
) -> None:
    watcher = watch()
    assert "guard.store_disk_percent" not in watcher.step(2)[-1].sample.values
    assert all(not one.key.startswith("guard.store") for one in watcher.monitor.report().fields)
    watcher.monitor.stop()
    moved = settings.model_copy(update={"store": small_disk / "store" / "not_made_yet"})
    watcher = watch(moved)
    watcher.step(3)
    assert watcher.monitor.report().field("guard.store_disk_percent").state is State.OK
    (small_disk / "filler").write_bytes(b"\0" * 23_000_000)
    watcher.step(120)
    assert watcher.told("store_disk") == ["fired guard.store_disk_percent"]
    assert not watcher.told("disk")
    (small_disk / "filler").unlink()
    watcher.step(120)
    assert watcher.told("store_disk")[1:] == ["resolved guard.store_disk_percent"]


def fill(disk: Path) -> None:
    """Let *disk* be 94 % full."""
    usage = shutil.disk_usage(disk)
    (disk / "filler").write_bytes(b"\0" * (usage.total * 94 // 100 - usage.used))


@needs_mount
def test_every_disk_that_is_needed_is_watched_by_its_mount(
    watch: Callable[..., Watcher], settings: Settings, small_disk: Path
) -> None:
    """Of the databases market_data alone lies on a disk of its own, and that is 94 % full."""
    mount, full = str(small_disk), f"disks.{small_disk}.percent"
    file = settings.file("market_data")
    elsewhere = small_disk / "data" / "market_data.sqlite3"
    elsewhere.parent.mkdir()
    shutil.copy(file.path, elsewhere)
    moved = settings.model_copy(
        update={
            "files": tuple(
                one.model_copy(update={"path": elsewhere}) if one == file else one
                for one in settings.files
            )
        }
    )
    watcher = watch(moved)
    watcher.step(10)
    field = watcher.monitor.report().field(full)
    assert field.subject == mount and field.state is State.OK
    fill(small_disk)
    watcher.step(120)
    assert watcher.told("other_disk") == [f"fired {full}"] and not watcher.told("disk")
    report = read_health(moved)
    assert report.field(full).state is State.CRITICAL and report.exit_code == 2
    assert {fact.value for fact in report.facts if mount in str(fact.name)} == {"market_data"}
    assert f'upbit_ops_machine_other_disk_usage_ratio{{mount="{mount}"}} 0.9' in render(report)
    (small_disk / "filler").unlink()
    watcher.step(120)
    assert watcher.told("other_disk")[1:] == [f"resolved {full}"]


@pytest.mark.parametrize("what", ["home", "paired", "copy"])
@needs_mount
def test_no_disk_that_is_needed_is_left_out(
    what: str, settings: Settings, small_disk: Path
) -> None:
    if what == "home":
        settings = settings.model_copy(update={"home": small_disk / "home"})
    elif what == "paired":
        key = next(file for file in settings.files if file.kind == "paired")
        moved = key.model_copy(update={"path": small_disk / "keys.json"})
        files = (*(file for file in settings.files if file != key), moved)
        settings = settings.model_copy(update={"files": files})
    else:
        create_restore_point(Context(), settings, Reason.MANUAL)
        CopyStore(settings, small_disk / "copy", "to", create=True).run(Context())
    fill(small_disk)
    kind = "copy_disks" if what == "copy" else "disks"
    field = read_health(settings).field(f"{kind}.{small_disk}.percent")
    assert field.state is (State.WARNING if what == "copy" else State.CRITICAL)
    assert field.value is not None and field.value > 90


@needs_mount
def test_a_copy_whose_disk_is_not_mounted_is_no_disk_of_another(
    settings: Settings, tmp_path: Path
) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    with mounted(tmp_path / "usb", 24) as usb:
        CopyStore(settings, usb / "copy", "to", create=True).run(Context())
        assert f"copy_disks.{usb}.percent" in {one.key for one in read_health(settings).fields}
    assert not any(one.key.startswith("copy_disks") for one in read_health(settings).fields)


def test_the_real_probes_need_no_more_memory_files_or_threads_as_time_goes_by(
    watch: Callable[..., Watcher], settings: Settings, trading_program: subprocess.Popen[bytes]
) -> None:
    """`SOAK_HOURS=24` lets a whole day pass; by default it is five minutes."""
    seconds = int(float(os.environ.get("SOAK_HOURS", "0.084")) * 3_600)
    watcher = watch()
    watcher.until(lambda tick: tick.sample.values.get("program_running") == 1.0)
    console, helping = psutil.Process(), watcher.monitor._helper

    def needs() -> tuple[int, int, int, int]:
        watcher.monitor.history.flush_soon()
        helper = psutil.Process(helping.pid)
        memory = console.memory_info().rss + helper.memory_info().rss
        files = open_files(console) + open_files(helper)
        return memory, files, console.num_threads(), helper.num_threads()

    for _ in range(seconds // 3):
        watcher.step()  # not all at once: what it returns would be kept
    before = needs()
    for _ in range(seconds - seconds // 3):
        watcher.step()
    after = needs()
    assert after[0] - before[0] < 8_000_000, f"grew from {before} to {after}"
    assert after[1] - before[1] < 8, "no descriptor is left open"
    assert after[2:] == before[2:]
    assert watcher.monitor.sampler.longest_gap < 30.0
    assert trading_program.poll() is None
