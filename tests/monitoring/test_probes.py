"""What single probes make of what they find."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from core.base.config.models import Settings
from core.base.metrics import catalogue, metric_of, subject_of
from core.base.owner import is_console
from core.base.sqlite import open_live
from core.monitoring.models import Moment, State
from core.monitoring.probes.client import Helper, HelperGone
from core.monitoring.probes.helper import Request, look
from core.monitoring.probes.logs import LogWatch
from core.monitoring.probes.program import (
    FRESH_SECONDS,
    ProgramProbe,
    may_lose_data,
    version_fact,
    version_of_number,
)
from migration.upbit.probes import count_strategies, newest_candles, unix_time
from migration.upbit.settings import ACTIVE_STRATEGIES, CANDLE_AGE
from tests.killing import KILL


def asked(path: Path, **more: object) -> Request:
    plain = {"locks": False, "measures": {}}
    return Request(**{"name": "x", "path": str(path)} | plain | more)  # type: ignore[typeddict-item]


SHAPES = {
    "unified": (
        "CREATE TABLE strategies (strategy_id TEXT, name TEXT, strategy_data TEXT, is_active);"
        "INSERT INTO strategies VALUES ('a', '', '', 1), ('b', '', '', 0), ('c', '', '', 'true')",
        2,
    ),
    "newest": (
        "CREATE TABLE strategies (id INTEGER PRIMARY KEY, strategy_name TEXT, strategy_type TEXT,"
        " is_active INTEGER);"
        "INSERT INTO strategies VALUES (1, 'x', 'y', 1), (2, 'x', 'y', 1), (3, 'x', 'y', 0)",
        2,
    ),
    "component maker": (
        "CREATE TABLE component_strategy (id TEXT, triggers, conditions, actions, is_active,"
        " is_template); INSERT INTO component_strategy VALUES ('a', '', '', '', 1, 0),"
        " ('b', '', '', '', 1, 1), ('c', '', '', '', 1, NULL)",
        2,
    ),
    "user": (
        "CREATE TABLE user_strategies (id INTEGER PRIMARY KEY, entry_triggers, exit_triggers);"
        "INSERT INTO user_strategies VALUES (1, '[]', '[]')",
        1,
    ),
    "task document": (
        "CREATE TABLE legacy_strategies (id INTEGER, name, description, strategy_config);"
        "INSERT INTO legacy_strategies VALUES (1, 'x', '', '{}'), (2, 'y', '', '{}')",
        2,
    ),
    "ORM v1": (
        "CREATE TABLE legacy_strategy (id TEXT, name, parameters, signal_type);"
        "INSERT INTO legacy_strategy VALUES ('a', 'x', '{}', 'BUY')",
        1,
    ),
    "migrated": (
        "CREATE TABLE legacy_strategies (id INTEGER, name, description, strategy_config);"
        "INSERT INTO legacy_strategies VALUES (1, 'x', '', '{}'), (2, 'y', '', '{}');"
        "CREATE TABLE domain_strategies (id TEXT PRIMARY KEY, aggregate_version, name);"
        "INSERT INTO domain_strategies VALUES ('s_1', 1, 'x')",
        1,
    ),
    "one id in two tables": (
        "CREATE TABLE strategies (strategy_id TEXT, strategy_data TEXT);"
        "CREATE TABLE user_strategies (strategy_id TEXT, entry_triggers, exit_triggers);"
        "INSERT INTO strategies VALUES ('a', ''); INSERT INTO user_strategies VALUES ('a', '', '')",
        1,
    ),
    "a name is not enough": ("CREATE TABLE strategy_notes (id, text)", None),
}


@pytest.mark.parametrize("shape", list(SHAPES))
def test_active_strategies_are_counted_in_every_shape(shape: str) -> None:
    script, expected = SHAPES[shape]
    connection = apsw.Connection(":memory:")
    connection.execute(script)
    assert count_strategies(connection) == (None if expected is None else {"": expected})


def test_the_newest_candle_of_each_market(settings: Settings) -> None:
    path = settings.file("market_data").path
    writer = sqlite3.connect(path)
    writer.execute("CREATE TABLE candles_KRW_OLD_1m (timestamp TEXT PRIMARY KEY, price REAL)")
    writer.execute("INSERT INTO candles_KRW_OLD_1m VALUES ('2025-09-07T12:30:00', 1)")
    writer.execute("CREATE TABLE candles_KRW_ODD_1m (when_it_was TEXT)")
    writer.execute("CREATE TABLE candles_notes (timestamp TEXT)")
    writer.execute("CREATE TABLE candles_KRW_EMPTY_1m (timestamp INTEGER)")
    writer.execute(
        "UPDATE candles_KRW_ETH_1m SET candle_date_time_utc = '2025-09-07T12:21:00' "
        "WHERE candle_date_time_utc = (SELECT max(candle_date_time_utc) FROM candles_KRW_ETH_1m)"
    )
    writer.commit()
    writer.close()
    connection = open_live(path)
    newest = newest_candles(connection, ["KRW-OLD", "KRW-ETH", "KRW-BTC", "KRW-ODD", "KRW-NONE"])
    assert newest == {
        "KRW-OLD": 1_757_248_200.0, "KRW-ETH": 1_757_247_660.0, "KRW-BTC": 1_757_247_600.0,
    }  # fmt: skip
    assert list(newest_candles(connection, []))[:2] == ["KRW-OLD", "KRW-ETH"]
    assert len(newest_candles(connection, [])) == 4
    connection.close()


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2025-09-07T12:20:00", 1_757_247_600.0),
        ("2025-09-07 12:20:00", 1_757_247_600.0),
        ("2025-09-07T21:20:00+09:00", 1_757_247_600.0),
        (1_757_247_600_000, 1_757_247_600.0),
        (1_757_247_600, 1_757_247_600.0),
        ("1757247600000", 1_757_247_600.0),
        ("yesterday", None),
        (None, None),
        (b"x", None),
    ],
)
def test_times_are_read_as_they_are_written(written: object, seconds: float | None) -> None:
    assert unix_time(written) == seconds


def test_errors_in_the_logs_are_counted_once_and_forgotten_after_a_minute(tmp_path: Path) -> None:
    log = tmp_path / "application.log"
    log.write_text("ERROR of yesterday\n", encoding="utf-8")
    watch = LogWatch(tmp_path)
    assert watch.look(0.0) == 0.0
    with log.open("a") as file:
        file.write("2025 | INFO | fine\n2025 | ERROR | one\nCRITICAL two\nERROR without an e")
        file.flush()
        assert watch.look(1.0) == 2.0
        file.write("nd\nTERRORS are none\nTraceback (most recent call last):\n")
        file.flush()
    assert watch.look(2.0) == 4.0
    assert watch.look(30.0) == 4.0
    (tmp_path / "session_20250907_122000_PID7.log").write_text(
        "ERROR in a new session\n", encoding="utf-8"
    )
    assert watch.look(40.0) == 5.0, "a new log is read from its beginning"
    log.write_text("ERROR after it was emptied\n", encoding="utf-8")
    assert watch.look(50.0) == 6.0
    assert watch.look(61.0) == 4.0
    assert watch.look(111.0) == 0.0
    assert LogWatch(tmp_path / "nowhere").look(0.0) is None


@pytest.mark.parametrize(
    ("version", "unsafe"),
    [
        ("3.6.23", False), ("3.7.0", True), ("3.40.1", True), ("3.44.5", True),
        ("3.44.6", False), ("3.45.0", True), ("3.50.6", True), ("3.50.7", False),
        ("3.51.0", True), ("3.51.2", True), ("3.51.3", False), ("3.54.1", False), ("?", False),
    ],
)  # fmt: skip
def test_versions_that_can_lose_data_are_known(version: str, unsafe: bool) -> None:
    assert may_lose_data(version) is unsafe
    fact = version_fact(version)
    assert (fact.state is State.WARNING) is unsafe
    assert (fact.advice is not None) is unsafe


def test_the_version_that_wrote_a_database_is_read_from_its_header(settings: Settings) -> None:
    answer = look(asked(settings.file("settings").path))
    assert version_of_number(answer["written_by"]) == sqlite3.sqlite_version
    assert version_of_number(0) is None


def test_a_checkpoint_is_due_when_a_thousand_frames_wait(settings: Settings) -> None:
    path = settings.file("settings").path
    code = (
        "import sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA wal_autocheckpoint = 0')\n"
        "c.execute('CREATE TABLE w (x)')\n"
        "c.execute('BEGIN')\n"
        "for n in range(1100): c.execute('INSERT INTO w VALUES (zeroblob(4000))')\n"
        "c.execute('COMMIT')\n"
        "print('ready', flush=True)\n"
        "input()\n"
        "c.execute('PRAGMA wal_checkpoint(PASSIVE)').fetchall()\n"
        "print('done', flush=True)\n"
        "input()\n"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", bufsize=1,
    )  # fmt: skip
    assert writer.stdin is not None
    assert writer.stdout is not None
    try:
        assert writer.stdout.readline() == "ready\n"
        answer = look(asked(path))
        assert answer["checkpoint_due"]
        assert answer["wal_size"] > 4_000_000
        writer.stdin.write("\n")
        assert writer.stdout.readline() == "done\n"
        assert not look(asked(path))["checkpoint_due"]
    finally:
        writer.kill()
        writer.communicate()


def test_what_is_no_database_is_told_apart(tmp_path: Path) -> None:
    for name, content, condition in (
        ("missing", None, "missing"),
        ("empty", b"", "empty"),
        ("text", b"not a database " * 100, "not_sqlite"),
        ("noise", os.urandom(8_192), "encrypted"),
        ("short", b"SQLite format 3\0" + b"\0" * 200, "corrupt"),
    ):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        assert look(asked(path))["condition"] == condition, name


def test_a_helper_that_dies_is_begun_anew(settings: Settings) -> None:
    helper = Helper()
    path = settings.file("settings").path
    assert helper.ask(asked(path))["condition"] == "ok"
    first = helper.pid
    assert first is not None
    os.kill(first, KILL)
    try:
        answer = helper.ask(asked(path))
    except HelperGone:
        answer = helper.ask(asked(path))
    assert answer["condition"] == "ok"
    assert helper.pid != first
    helper.close()
    assert helper.pid is None
    with pytest.raises(HelperGone):
        helper.ask(asked(path))


def test_the_helper_counts_as_the_console_and_strangers_do_not(settings: Settings) -> None:
    helper = Helper()
    helper.ask(asked(settings.file("settings").path))
    assert helper.pid is not None
    command = Path(f"/proc/{helper.pid}/cmdline")
    if command.exists():
        arguments = command.read_text(encoding="utf-8").split("\0")
        assert is_console(helper.pid, arguments)
    assert is_console(os.getpid(), ())
    assert not is_console(1, ["python", "run_desktop_ui.py"])
    helper.close()


def test_the_catalogue_is_consistent() -> None:
    metrics = catalogue([ACTIVE_STRATEGIES, CANDLE_AGE])
    assert len({metric.key for metric in metrics}) == len(metrics)
    assert len({metric.exported for metric in metrics}) == len(metrics)
    for metric in metrics:
        assert bool(metric.label) == ("*" in metric.key)
        key = metric.key.replace("*", "KRW-BTC")
        assert metric_of(key) == metric
        assert subject_of(key) == ("KRW-BTC" if metric.label else "")


def test_a_program_that_was_just_started_is_found_though_the_search_has_its_pause(
    settings: Settings,
) -> None:
    """On a busy machine a search through all processes takes long, and its pause is as long."""
    probe = ProgramProbe(settings)
    assert probe.measure(Moment(0.0, 0.0)).values["program_running"] == 0.0
    probe._search.done(0.0, 1_000.0)
    process = subprocess.Popen([sys.executable, "run_desktop_ui.py"], cwd=settings.app)
    try:
        now, values = 1.0, probe.measure(Moment(1.0, 1.0)).values
        while values["program_running"] == 0.0 and now < FRESH_SECONDS:
            now += 0.01  # it is no Python that runs the script yet
            values = probe.measure(Moment(now, now)).values
    finally:
        process.kill()
        process.wait()
    assert values["program_running"] == 1.0
    assert probe.pid == process.pid
