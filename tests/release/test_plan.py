"""Every check can fail and says why; configuration and log are not taken on trust."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.base.config.load import read_yaml
from core.base.config.models import Settings
from core.base.operation import Context, OperationError
from core.release.checks_live import is_allowed
from core.release.config import (
    DeploymentConfig,
    WindowSettings,
    example_path,
    load_config,
)
from core.release.log import (
    LogDamaged,
    append,
    history_as_it_is,
    log_path,
    read_log,
    read_log_as_it_is,
)
from core.release.models import CheckResult, Ending, Hooks, Record, RecordKind
from core.release.plan import DeployPlan
from core.release.run import DeployRun
from core.runner.run import run_operation
from migration.upbit.settings import UpbitDeployment
from tests.release.conftest import CHECK_NAMES, TRADE, Site

pytestmark = pytest.mark.usefixtures("quick")


def checks(site: Site, hooks: Hooks | None = None, **over: Any) -> dict[str, CheckResult]:
    plan = DeployPlan(site.settings, hooks or TRADE, **over).run(Context())
    return {check.name: check for check in plan.checks}


def test_all_checks_run_with_state_evidence_and_remedy(site: Site) -> None:
    site.configure(site.release("one"))
    found = checks(site)
    assert found.keys() == CHECK_NAMES
    assert {"python", "dependencies", "databases", "migrations", "tests", "disk_space", "sqlite",
            "holders", "restore_point", "window"} <= CHECK_NAMES  # fmt: skip
    for check in found.values():
        assert str(check.evidence)
        assert check.remedy is not None and str(check.remedy)
    plan = DeployPlan(site.settings, TRADE).run(Context())
    document = json.loads(plan.model_dump_json())
    assert {"name", "state", "evidence", "remedy"} <= document["checks"][0].keys()
    assert plan.ready
    # Whatever fails, the others are made.
    site.configure(site.shelf / "nowhere", python="3.99")
    found = checks(site)
    assert found.keys() == CHECK_NAMES
    assert found["artefact"].state == found["python"].state == "failed"
    assert found["databases"].state == "ok"


def test_a_database_that_cannot_be_swapped_is_told_in_the_plan(site: Site) -> None:
    site.configure(site.release("one"))
    os.link(site.settings.file("market_data").path, site.shelf / "second name")
    found = checks(site)["swappable"]
    assert found.state == "failed" and "hard links" in str(found.evidence)


class Waiting:
    def pending(self, context: Context, settings: Settings) -> tuple[str, ...]:
        return ("strategies: 001",)

    def run(self, context: Context, settings: Settings) -> tuple[str, ...]:
        raise AssertionError


def test_each_check_fails_for_its_reason(running: Site) -> None:
    site = running
    release = site.release("one")
    site.configure(
        release, data="elsewhere",
        checks={"free_mb": 10**9, "restore_point_max_age_hours": 0.000001,
                "sqlite_minimum": "9.0", "junit": "nowhere.xml"},
        window={"max_open_positions": 0, "max_pending_orders": 0, "max_volatility_percent": 0.5},
    )  # fmt: skip
    settings = site.settings
    site.run_sql("CREATE TABLE pending_orders (id INTEGER, status TEXT)")
    site.run_sql("INSERT INTO pending_orders VALUES (1, 'open'), (2, 'filled')")
    (release / "requirements.lock").write_text("loose>=1\n", encoding="utf-8")
    held = subprocess.Popen(
        [sys.executable, "-c", "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
         "c.execute('SELECT count(*) FROM sqlite_schema').fetchall(); print(1, flush=True); "
         "input()", settings.file("strategies").path],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert held.stdout and held.stdout.readline()
        with settings.file("settings").path.open("r+b") as file:
            file.write(b"no database any more")
        found = checks(site, replace(TRADE, migrations=Waiting()))
    finally:
        held.kill()
        held.wait()
    states = {name: check.state for name, check in found.items() if check.state == "failed"}
    assert states.keys() == {
        "dependencies", "migrations", "tests", "sqlite", "directories", "disk_space", "databases",
        "holders", "restore_point", "positions", "orders", "volatility",
    }  # fmt: skip
    assert "loose>=1" in str(found["dependencies"].evidence)
    assert "Open: 1" in str(found["orders"].evidence)
    assert "settings" in str(found["databases"].evidence)


def candles(settings: Settings, prices: list[float], newest: datetime) -> None:
    connection = sqlite3.connect(settings.file("market_data").path)
    connection.execute("DELETE FROM candles_KRW_BTC_1m")
    for index, price in enumerate(reversed(prices)):
        moment = newest - timedelta(minutes=index)
        connection.execute(
            "INSERT INTO candles_KRW_BTC_1m (candle_date_time_utc, market, candle_date_time_kst, "
            "high_price, low_price, timestamp) VALUES (?, 'KRW-BTC', '', ?, ?, 0)",
            (f"{moment:%Y-%m-%dT%H:%M:%S}", price, price),
        )
    connection.commit()
    connection.close()


def test_a_market_that_moves_and_one_that_nobody_knows(site: Site) -> None:
    window = {"max_volatility_percent": 2.0, "volatility_minutes": 30}
    site.configure(site.release("one"), window=window)
    now = datetime.now(UTC)
    candles(site.settings, [50.0, *[100.0] * 20, 101.0, *[100.0] * 10], now)
    assert checks(site)["volatility"].state == "ok", "the fall to 50 is too long ago"
    candles(site.settings, [100.0, 103.0], now)
    assert "3.0 %" in str(checks(site)["volatility"].evidence)
    candles(site.settings, [100.0] * 30, now - timedelta(hours=1))
    assert checks(site)["volatility"].state == "failed"


JUNIT = '<testsuites><testsuite><properties><property name="artefact" value="{digest}"/></properties>{}</testsuite></testsuites>'  # noqa: E501


def test_test_results_of_this_very_artefact(site: Site) -> None:
    site.configure(site.release("one"), checks={"junit": "results.xml"})
    plan = DeployPlan(site.settings, TRADE).run(Context())
    assert plan.artefact is not None
    path = site.settings.app / "results.xml"

    def state(text: str) -> str:
        path.write_text(text, encoding="utf-8")
        return str(checks(site)["tests"].state)

    good = JUNIT.format('<testcase name="a"/>', digest=plan.artefact.digest)
    assert state(good) == "ok"
    assert state(good.replace(plan.artefact.digest, "0" * 64)) == "failed"
    assert state(good.replace("/></testsuite>", "><failure/></testcase></testsuite>")) == "failed"
    assert state(JUNIT.format("", digest=plan.artefact.digest)) == "failed", "no test at all"
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + good
    assert state(bomb) == "failed" and state("no xml") == "failed"
    path.write_text(good, encoding="utf-8")
    old = datetime.now().timestamp() - 25 * 3600
    os.utime(path, (old, old))
    assert "older" in str(checks(site)["tests"].evidence)


@pytest.mark.parametrize(
    ("days", "begin", "end", "utc", "allowed"),
    [
        ((), None, None, "2026-03-02T00:00", True),
        # 02:00 on Tuesday in Korea is 17:00 on Monday in UTC.
        (("tue",), "02:00", "06:00", "2026-03-02T17:00", True),
        (("mon",), "02:00", "06:00", "2026-03-02T17:00", False),
        (("tue",), "02:00", "06:00", "2026-03-02T16:59", False),
        (("tue",), "02:00", "06:00", "2026-03-02T21:00", False),
        # Over midnight, from Friday evening on: Saturday 01:00 belongs to Friday.
        (("fri",), "22:00", "04:00", "2026-03-06T16:00", True),
        (("sat",), "22:00", "04:00", "2026-03-06T16:00", False),
        (("fri",), "22:00", "04:00", "2026-03-06T19:00", False),
    ],
)
def test_the_window_is_korean_time(
    days: tuple[str, ...], begin: str | None, end: str | None, utc: str, allowed: bool
) -> None:
    window = WindowSettings.model_validate({"days": days, "begin": begin, "end": end})
    assert is_allowed(window, datetime.fromisoformat(utc).replace(tzinfo=UTC)) == allowed


def test_an_override_needs_a_reason_which_is_kept(running: Site) -> None:
    running.configure(running.release("one"), window={"max_open_positions": 0})
    with pytest.raises(OperationError, match="positions"):
        run_operation(running.settings, DeployRun(running.settings, TRADE), Context(), "test")
    for wrong in ({"positions": "  "}, {"artefact": "trust me"}, {"nothing": "x"}):
        with pytest.raises(OperationError, match="cannot be overridden"):
            DeployPlan(running.settings, TRADE, wrong).run(Context())
    reasons = {"positions": "the 0.01 BTC are held for years"}
    operation = DeployRun(running.settings, TRADE, reasons)
    run_operation(running.settings, operation, Context(), "test")
    newest, refused = history_as_it_is(running.settings)[0][:2]
    kept = {check.name: check for check in newest.checks}["positions"]
    assert (kept.state, kept.reason) == ("overridden", reasons["positions"])
    assert refused.ending is Ending.UNTOUCHED and running.version == "one"


def test_the_commented_default_is_valid(site: Site) -> None:
    english = read_yaml(example_path(site.settings.model_copy(update={"language": "en"})))
    assert UpbitDeployment.model_validate(english).keep_releases == 5
    assert set(english) == set(UpbitDeployment.model_fields), "it shows every key"
    for name, part in UpbitDeployment.model_fields.items():
        fields = getattr(part.annotation, "model_fields", None)
        if fields is not None:
            assert set(english[name]) == set(fields), name  # type: ignore[call-overload]
    korean = example_path(site.settings)
    assert korean.name == "production_config.ko.yaml"
    assert read_yaml(korean) == english, "they say the same"


def test_the_default_of_any_program_says_the_same_in_both_languages(site: Site) -> None:
    plain = site.settings.model_copy(update={"examples": None})
    korean = read_yaml(example_path(plain))
    assert korean == read_yaml(example_path(plain.model_copy(update={"language": "en"})))
    assert DeploymentConfig.model_validate({"start": ["x"]} | korean).window.days == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": "python run.py"}, {"start": ["{shell}", "x"]}, {"start": []},
        {"artefact": {"path": "x", "requirements": "../../etc/passwd"}},
        {"artefact": {"path": "x", "kind": "git"}},
        {"artefact": {"path": "x", "kind": "git", "tag": "--output=/etc/passwd"}},
        {"artefact": {"path": "x", "sha256": "abc"}},
        {"environment": {"A B": "x"}}, {"environment": {"A": "x\ny"}},
        {"environment": {"OPS_CONSOLE_HOME": "x"}}, {"unknown": 1},
        {"verify": {"commands": [["{shell}"]]}}, {"version": "a\x1b]0;b"},
        {"window": {"begin": 120, "end": 360}}, {"window": {"begin": "02:00"}},
        {"verify": {"response_ms": 0}}, {"imports": ["os; import this"]}, {"python": "2.7"},
    ],
)  # fmt: skip
def test_a_wrong_configuration_is_refused_by_its_key(site: Site, wrong: dict[str, Any]) -> None:
    path = site.settings.app / "deployment" / "production_config.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump({"artefact": {"path": "x"}} | wrong), encoding="utf-8")
    with pytest.raises(OperationError, match=r"production_config\.yaml") as caught:
        load_config(site.settings)
    assert next(iter(wrong)) in str(caught.value)


def record(number: int) -> Record:
    now = datetime.now(UTC)
    return Record(
        number=0, kind=RecordKind.DEPLOY, deployment=f"d{number}", begun=now, ended=now,
        ending=Ending.DONE, by="t", version="판올림 1.0", previous_hash="",
    )  # fmt: skip


def test_the_log_is_a_chain(settings: Settings) -> None:
    for number in range(4):
        append(settings, record(number))
    path = log_path(settings)
    content = path.read_bytes()
    lines = content.splitlines(keepends=True)
    assert [entry.record.number for entry in read_log(settings)] == [1, 2, 3, 4]
    assert read_log(settings)[1].record.previous_hash == read_log(settings)[0].hash
    changed = lines[1].replace(b'"done"', b'"undone"')
    forged = json.loads(lines[1])
    forged["record"]["version"] = "x"
    for damaged in (
        [lines[0], changed, *lines[2:]],
        [lines[0], *lines[2:]],
        [lines[0], lines[2], lines[1], lines[3]],
        [*lines[:2], lines[1], *lines[2:]],
        [lines[0], json.dumps(forged).encode() + b"\n", *lines[2:]],
        [lines[0], b"{}\n", *lines[2:]],
    ):
        path.write_bytes(b"".join(damaged))
        with pytest.raises(LogDamaged, match=r"line [23]"):
            read_log(settings)
        with pytest.raises(LogDamaged):
            append(settings, record(9))
        assert len(read_log_as_it_is(settings)[0]) >= 1
    # A write that was cut off is no entry, and the next one takes its place.
    path.write_bytes(content + lines[0][:40])
    append(settings, record(5))
    assert [entry.record.deployment for entry in read_log(settings)][-2:] == ["d3", "d5"]


def test_every_flipped_bit_of_the_log_is_told(settings: Settings) -> None:
    append(settings, record(1))
    append(settings, record(2))
    path: Path = log_path(settings)
    content = path.read_bytes()
    for place in range(0, len(content) - 1, 7):
        flipped = bytearray(content)
        flipped[place] ^= 1 << (place % 8)
        path.write_bytes(flipped)
        entries, problem = read_log_as_it_is(settings)
        assert problem is not None or len(entries) < 2, place
