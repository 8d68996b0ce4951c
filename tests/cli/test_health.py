"""Health and alerts as scripts use them: exit codes, JSON, CSV."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from core.base.config.models import Settings
from core.base.state import open_state
from core.monitoring.alerts.incidents import save
from core.monitoring.alerts.models import Incident
from core.monitoring.models import State
from tests.cli.test_commands import ENTRY, as_json, console
from tests.killing import INTERRUPT, KILL, KILLED

STATES = {"ok": 0, "warning": 1, "critical": 2, "unknown": 3}


@pytest.fixture
def incident(settings: Settings) -> Incident:
    now = datetime.now(UTC)
    made = Incident(
        id=7, rule="disk", metric="disk_percent", severity=State.CRITICAL, begun=now, fired=now,
        last=now, resolved=None, value=95.0, worst=96.5, threshold=90.0,
    )  # fmt: skip
    with open_state(settings) as connection:
        save(connection, made)
    return made


def test_the_exit_code_is_the_state_and_every_field_has_one(settings: Settings) -> None:
    report = as_json(settings, "health", code=2)
    assert report["state"] == "critical", "the trading program does not run"
    assert {field["state"] for field in report["fields"]} <= set(STATES)
    running = next(one for one in report["fields"] if one["key"] == "program_running")
    assert (running["state"], running["rules"]) == ("critical", ["program_not_running"])
    assert all(fact["state"] in STATES for fact in report["facts"])


@pytest.mark.parametrize("arguments", [["health", "--bogus"], ["health", "--watch", "x"]])
def test_what_health_cannot_tell_is_unknown_and_neither_warning_nor_critical(
    settings: Settings, arguments: list[str]
) -> None:
    assert console(settings, *arguments).returncode == 3
    assert console(settings, "alerts", "--bogus").returncode == 2
    (settings.app / "ops_console.yaml").write_text(
        "health: {interval_seconds: 0}", encoding="utf-8"
    )
    assert console(settings, "health").returncode == 3
    assert console(settings, "alerts", "list").returncode == 1
    assert console(settings, "health", "history", "--csv", "-").returncode == 1


def test_a_watch_prints_a_report_at_every_tick_until_it_is_ended(settings: Settings) -> None:
    watch = subprocess.Popen(
        [sys.executable, ENTRY, "--app", settings.app, "--lang", "en", "health", "--watch"],
        stdout=subprocess.PIPE, encoding="utf-8", env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert watch.stdout is not None
    lines = [watch.stdout.readline() for _ in range(2)]
    os.kill(watch.pid, INTERRUPT)
    watch.communicate(timeout=30)
    assert all("✗ Critical" in line and "Trading program runs" in line for line in lines), lines
    assert watch.returncode == (KILLED if INTERRUPT == KILL else 2)


def test_the_history_goes_to_standard_output_too(settings: Settings) -> None:
    done = console(settings, "monitor", "--seconds", "2", "--no-schedule")
    assert done.returncode == 0, done.stderr
    assert "This monitor records and alerts." in done.stdout
    since = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    text = console(
        settings, "health", "history", "--from", since, "--to",
        datetime.now(UTC).isoformat(), "--metric", "cpu_percent", "--csv", "-",
    ).stdout  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows and list(rows[0]) == ["time_utc", "cpu_percent"]
    assert as_json(settings, "health", code=2)["state"] == "critical"
    assert not as_json(settings, "journal")["entries"], "no backup: the schedule was not kept"


def test_incidents_are_listed_acknowledged_and_silenced(
    settings: Settings, incident: Incident
) -> None:
    (listed,) = as_json(settings, "alerts", "list")["incidents"]
    assert (listed["id"], listed["rule"], listed["resolved"]) == (7, "disk", None)
    assert "The disk is almost full" in console(settings, "alerts", "list").stdout
    known = as_json(settings, "alerts", "ack", "7")
    assert known["acknowledged_by"]
    assert console(settings, "alerts", "ack", "8").returncode == 1
    made = as_json(settings, "alerts", "silence", "disk", "--until", "2100-01-01T00:00")
    assert made["until"].startswith(("2099-12-31", "2100-01-01"))
    found = as_json(settings, "alerts", "list", "--active")
    assert found["incidents"][0]["silenced"] and found["silences"][0]["rule"] == "disk"
    assert "silenced" in console(settings, "alerts", "list").stdout
    assert as_json(settings, "alerts", "silence", "disk", "--end")["silences"] == []
    assert console(settings, "alerts", "silence", "no_such_rule").returncode == 1


def test_what_changed_is_told_of_an_operation(settings: Settings) -> None:
    assert console(settings, "health", "changed").returncode == 1, "there was none"
    as_json(settings, "backup", "create")
    number = as_json(settings, "journal")["entries"][0]["id"]
    verdict = as_json(settings, "health", "changed", str(number))
    assert verdict["judgement"] == "unknown", "nothing was measured"
    assert "Backup" in console(settings, "health", "changed", str(number)).stdout
