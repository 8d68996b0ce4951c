"""The commands ``service …`` as a script uses them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import Any

import psutil
import pytest

from core.base.config.models import Settings
from core.program.runs import log_paths
from tests.program.conftest import Console, supervised, until
from tests.skips import no_ctrl_c


def as_json(console: Console, *words: str, code: int = 0) -> Any:
    done = console.run(*words, "--json")
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def test_start_restart_stop_and_what_status_says(console: Console) -> None:
    first = as_json(console, "service", "start")["program"]["pid"]
    status = as_json(console, "service", "status")
    assert status["running"] and status["how"] == "detached" and status["wanted"] == "running"
    assert status["program"]["pid"] == first and status["last_exit_code"] is None
    assert as_json(console, "service", "start")["program"]["pid"] == first
    second = as_json(console, "service", "restart")["program"]["pid"]
    assert second != first and not psutil.pid_exists(first)
    assert not as_json(console, "service", "stop")["running"]
    status = as_json(console, "service", "status", code=1)
    assert status["wanted"] == "stopped" and status["last_exit_code"] == 0
    assert status["how"] is None and status["supervisor"] is None and not status["given_up"]
    assert "stopped by 'service stop'" in console.run("service", "status").stdout
    names = [one["operation"] for one in as_json(console, "journal")["entries"]]
    assert names == ["service stop", "service restart", "service start", "service start"]


def test_started_by_hand_is_said(
    console: Console, trading_program: subprocess.Popen[bytes]
) -> None:
    status = as_json(console, "service", "status")
    assert status["how"] == "by_hand" and status["program"]["pid"] == trading_program.pid


def test_a_start_that_fails_says_the_last_line_that_was_printed(
    console: Console, settings: Settings
) -> None:
    (settings.app / "run_desktop_ui.py").write_text(
        "raise SystemExit('the config is gone')", encoding="utf-8"
    )
    error = as_json(console, "service", "start", code=1)["error"]
    assert "ended with code 1 (the config is gone)" in error["happened"]
    shown = as_json(console, "service", "log", "--which", "err")
    assert shown["lines"] == ["the config is gone"]
    assert shown["path"] == str(log_paths(settings).err)


def test_what_the_system_refuses_at_a_start_is_told_as_a_program_that_was_not_started(
    console: Console, settings: Settings
) -> None:
    as_json(console, "service", "stop")
    lock = settings.home / "program.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    for command in ("start", "restart"):
        error = as_json(console, "service", command, code=1)["error"]
        assert error["happened"].startswith("The trading program was not started: "), error
        assert error["to_do"] == "Remove the cause, then try again."


def test_a_start_without_a_known_launch_says_that_nothing_was_started(
    console: Console, settings: Settings
) -> None:
    (settings.app / "deployment" / "current.json").mkdir(parents=True)
    error = as_json(console, "service", "start", code=1)["error"]
    assert "current.json cannot be used" in error["happened"], error
    assert error["data_state"].endswith("The program was not started.")


def test_log_shows_the_newest_lines_across_rotations(console: Console, settings: Settings) -> None:
    out = log_paths(settings).out
    out.parent.mkdir(exist_ok=True)
    out.with_name(f"{out.name}.1").write_text(
        "".join(f"old {n}\n" for n in range(5)), encoding="utf-8"
    )
    out.write_bytes("새 줄\n\x1b[31mred\x1b[0m\n".encode())
    assert as_json(console, "service", "log", "--lines", "4")["lines"] == [
        "old 3", "old 4", "새 줄", "�[31mred�[0m",
    ]  # fmt: skip
    assert as_json(console, "service", "log", "--lines", "0")["lines"] == []
    assert as_json(console, "service", "log", "--which", "program") == {
        "which": "program", "path": None, "lines": [],
    }  # fmt: skip
    assert console.run("service", "log", "--lines", "many").returncode == 2


def test_log_shows_the_programs_own_newest(console: Console) -> None:
    pid = as_json(console, "service", "start")["program"]["pid"]
    shown = as_json(console, "service", "log", "--which", "program")
    assert shown["path"].endswith(f"PID{pid}.log") and shown["lines"] == ["started"]


@no_ctrl_c
def test_log_follows_until_it_is_told_to_end(console: Console, settings: Settings) -> None:
    out = log_paths(settings).out
    out.parent.mkdir(exist_ok=True)
    follow = console.start("service", "log", "--follow")
    assert follow.stdout is not None
    # The log need not be there yet, and is followed when it is renamed.
    for round_ in ("one", "two", "three"):
        out.write_text(f"{round_}\n", encoding="utf-8")
        assert follow.stdout.readline() == f"{round_}\n"
        out.rename(out.with_name(f"{out.name}.1"))
    follow.send_signal(signal.SIGINT)
    rest, said = follow.communicate(timeout=30)
    assert (rest, said, follow.returncode) == ("", "", 0)


@no_ctrl_c
def test_supervise_speaks_json_lines_and_stops_the_program_when_it_is_ended(
    console: Console, settings: Settings
) -> None:
    supervisor = console.start("service", "supervise", "--json")
    supervised(settings, "watching")
    status = until(lambda: (one := as_json(console, "service", "status"))["running"] and one)
    assert status["how"] == "supervised" and status["supervisor"]["pid"] == supervisor.pid
    second = console.run("service", "supervise")
    assert second.returncode == 4 and f"process {supervisor.pid}" in second.stderr
    supervisor.send_signal(signal.SIGTERM)
    said, _ = supervisor.communicate(timeout=60)
    assert supervisor.returncode == 0
    lines = [json.loads(line) for line in said.splitlines()]
    assert lines[0]["phase"] == "watching"
    assert lines[-1]["stopped_pid"] == status["program"]["pid"]
    assert not psutil.pid_exists(status["program"]["pid"])
    assert as_json(console, "service", "status", code=1)["wanted"] == "running"


def test_install_prints_without_touching_anything(console: Console, settings: Settings) -> None:
    if sys.platform == "win32":
        pytest.skip("prints a task there")
    for flag in ("--dry-run", "--print"):
        done = console.run("service", "install", flag)
        assert done.returncode == 0
        assert f"{settings.app} service supervise --resume" in done.stdout
    shown = as_json(console, "service", "install", "--print")
    assert shown["kind"] == "systemd" and shown["text"] == done.stdout
    assert not settings.home.exists()
