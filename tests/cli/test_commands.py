"""The command line as scripts use it: its grammar, its JSON, its exit codes."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta
from errno import ENOSPC
from pathlib import Path
from typing import Any

import pytest

from core.backup.store import Store
from core.base.config.models import Settings
from tests.skips import no_ctrl_c, no_restart_manager
from ui.cli.main import main

ENTRY = Path(__file__).resolve().parents[2] / "run_ops_console.py"
HOUSE = ("core", "migration", "resources", "ui")


def console(
    settings: Settings, *arguments: str, lang: str = "en", stdin: int = subprocess.DEVNULL
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ENTRY, "--app", settings.app, "--lang", lang, *arguments],
        capture_output=True, encoding="utf-8", check=False, stdin=stdin,
    )  # fmt: skip


def as_json(settings: Settings, *arguments: str, code: int = 0) -> Any:
    done = console(settings, *arguments, "--json")
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def test_backup_then_rollback_as_a_script_does_it(
    settings: Settings, trading_program: subprocess.Popen[bytes]
) -> None:
    point = as_json(settings, "backup", "create", "--note", "밤 점검")
    assert point["note"] == "밤 점검" and point["reason"] == "manual" and point["good"]
    connection = sqlite3.connect(settings.file("strategies").path)
    connection.execute("DELETE FROM execution_history")
    connection.commit()
    connection.close()
    plan = as_json(settings, "rollback", "--dry-run")
    assert plan["point"]["point"]["id"] == point["id"]
    assert plan["program"]["pid"] == trading_program.pid
    made = datetime.fromisoformat(point["created"]).astimezone()
    for asked in (made + timedelta(seconds=1), made + timedelta(days=900)):
        at = as_json(settings, "rollback", "--dry-run", "--at", asked.isoformat())
        assert at["point"]["point"]["id"] == point["id"]
    none = console(settings, "rollback", "--dry-run", "--at", (made - timedelta(1)).isoformat())
    assert none.returncode == 1 and "no good restore point" in none.stderr
    odd = console(settings, "rollback", "--at", "half past two")
    assert odd.returncode == 2 and "14:31" in odd.stderr
    result = as_json(settings, "rollback", "--to", point["id"], "--yes")
    assert 0 < result["downtime_seconds"] < 30
    connection = sqlite3.connect(settings.file("strategies").path)
    assert connection.execute("SELECT count(*) FROM execution_history").fetchone() == (400,)
    connection.close()
    assert trading_program.wait() == 0
    # Without --to it offers what was live before the change: back from the rollback.
    again = as_json(settings, "rollback", "--dry-run")
    assert again["point"]["point"]["id"] == result["parked_point_id"]
    names = [entry["operation"] for entry in as_json(settings, "journal")["entries"]]
    assert names == ["rollback", "backup create"]
    assert as_json(settings, "service", "status")["running"]
    assert not as_json(settings, "service", "stop")["running"]
    as_json(settings, "service", "status", code=1)


def test_list_show_verify_pin_export_import_prune(settings: Settings, tmp_path: Path) -> None:
    point = as_json(settings, "backup", "create")
    assert [one["id"] for one in as_json(settings, "backup", "list")["points"]] == [point["id"]]
    shown = as_json(settings, "backup", "show", point["id"])
    assert {file["name"] for file in shown["files"]} == {file.name for file in settings.files}
    assert as_json(settings, "backup", "verify")["ok"]
    assert as_json(settings, "backup", "verify", point["id"], "--full")["ok"]
    assert as_json(settings, "backup", "show", point["id"])["full"]["ok"]
    assert as_json(settings, "backup", "pin", point["id"], "--note", "keep")["pinned"]
    folder = tmp_path / "out"
    exported = as_json(settings, "backup", "export", point["id"], "--to", str(folder))
    assert exported["left_out"] == ["api_credentials"]
    manifest = json.loads((folder / "backup_manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["files"]) == {"settings", "strategies", "market_data"}
    imported = as_json(settings, "backup", "import", str(folder))
    assert [one["reason"] for one in imported["points"]] == ["imported"]
    preview = as_json(settings, "backup", "prune", "--dry-run")
    assert preview["deleted"] == [] and preview["dry_run"]
    assert as_json(settings, "backup", "prune")["kept"] == 2


def test_a_damaged_store_is_an_exit_code(settings: Settings) -> None:
    as_json(settings, "backup", "create")
    pack = next(Store(settings.store).packs.iterdir())
    content = bytearray(pack.read_bytes())
    content[len(content) // 2] ^= 1
    pack.write_bytes(content)
    assert not as_json(settings, "backup", "verify", code=3)["ok"]


def test_failures_are_three_sentences_in_both_languages(settings: Settings) -> None:
    done = console(settings, "backup", "show", "nonsense", "--json")
    assert done.returncode == 1
    assert set(json.loads(done.stdout)["error"]) == {"happened", "data_state", "to_do"}
    korean = console(settings, "backup", "show", "nonsense", lang="ko")
    assert korean.stdout == "" and len(korean.stderr.splitlines()) == 3
    assert "복원 지점" in korean.stderr


def ended_terminal() -> int:
    """A terminal at which Ctrl+D was pressed; on Windows NUL, which is taken for one."""
    if sys.platform == "win32":
        return os.open(os.devnull, os.O_RDONLY)
    keys, terminal = os.openpty()
    os.write(keys, b"\x04")
    return terminal


def test_rollback_without_anybody_to_ask_needs_yes(settings: Settings) -> None:
    as_json(settings, "backup", "create")
    for stdin in (subprocess.DEVNULL, ended_terminal()):
        done = console(settings, "rollback", stdin=stdin)
        assert done.returncode == 2 and "--yes" in done.stderr
    assert as_json(settings, "status")["points"] == 1


def test_an_unknown_word_or_folder_is_refused(settings: Settings, tmp_path: Path) -> None:
    assert console(settings, "explode").returncode == 2
    done = subprocess.run(
        [sys.executable, ENTRY, "--app", tmp_path / "nowhere", "status"],
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 1 and str(tmp_path / "nowhere") in done.stderr


def test_the_program_is_found_from_the_working_directory(settings: Settings) -> None:
    done = subprocess.run(
        [sys.executable, ENTRY, "status", "--json"],
        cwd=settings.app / "data", capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert len(json.loads(done.stdout)["files"]) == 4


def test_a_command_waits_and_then_says_who_holds_the_lock(settings: Settings) -> None:
    code = (
        "import sys; from pathlib import Path; from core.base.config.load import load_settings\n"
        "from core.base.lock import console_lock\n"
        "app = Path(sys.argv[1])\n"
        "with console_lock(load_settings(app, {}, app), 'rollback'):\n"
        "    print('held', flush=True); input()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, settings.app], cwd=ENTRY.parent,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    assert other.stdout is not None and other.stdin is not None
    assert other.stdout.readline() == "held\n"
    done = console(settings, "backup", "create", "--json")
    assert done.returncode == 4
    assert f"process {other.pid}" in json.loads(done.stdout)["error"]["happened"]
    other.communicate("\n")
    assert as_json(settings, "backup", "create")["good"]


@no_ctrl_c
def test_ctrl_c_cancels_and_leaves_nothing(settings: Settings) -> None:
    process = subprocess.Popen(
        [sys.executable, ENTRY, "--app", settings.app, "--lang", "en", "backup", "create"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    while not list(settings.store.glob("packs/*.making")):
        assert process.poll() is None, "it was over before it could be cancelled"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130, said
    assert not list(settings.store.glob("packs/*")) and not list(settings.store.glob("points/*"))
    journal = as_json(settings, "journal")["entries"]
    assert journal[0]["outcome"] == "cancelled"


def test_demo_prepares_a_workspace_and_refuses_foreign_folders(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "precious.txt").write_text("x", encoding="utf-8")
    arguments = [sys.executable, ENTRY, "--lang", "en", "demo", "--prepare-only", "--json"]
    done = subprocess.run(
        [*arguments, "--size", "2MB", "--workspace", tmp_path / "new"],
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert Path(json.loads(done.stdout)["workspace"]) == (tmp_path / "new").resolve()
    refused = subprocess.run(
        [*arguments, "--workspace", tmp_path / "mine"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert refused.returncode == 1
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["precious.txt"]


def test_a_backup_says_what_is_damaged_or_missing_in_it(settings: Settings) -> None:
    live = settings.file("strategies").path
    good = as_json(settings, "backup", "create")
    content = bytearray(live.read_bytes())
    content[5 * 4096 : 25 * 4096] = os.urandom(20 * 4096)
    live.write_bytes(content)
    damaged = console(settings, "backup", "create")
    assert damaged.returncode == 3 and "damaged: strategies" in damaged.stdout
    live.unlink()
    missing = console(settings, "backup", "create")
    assert missing.returncode == 3 and "no such file: strategies" in missing.stdout
    assert json.loads(console(settings, "backup", "create", "--json").stdout)["good"]
    # What lacks the lost database is never what is offered.
    assert as_json(settings, "rollback", "--dry-run")["point"]["point"]["id"] == good["id"]


@no_restart_manager
def test_who_keeps_a_database_locked_is_named(settings: Settings) -> None:
    code = (
        "import sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "connection.execute('UPDATE strategies SET is_active = is_active')\n"
        "connection.execute('PRAGMA locking_mode = EXCLUSIVE')\n"
        "connection.execute('BEGIN EXCLUSIVE')\n"
        "connection.execute('CREATE TABLE held (x)')\n"
        "print('held', flush=True); input()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, settings.file("strategies").path],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    assert other.stdout is not None and other.stdout.readline() == "held\n"
    told = console(settings, "backup", "create")
    assert told.returncode == 1
    assert f"({other.pid}): strategies" in told.stderr
    other.communicate("\n")


@no_ctrl_c
@pytest.mark.parametrize("delay", [0.0, 0.05, 0.2, 0.4, 0.8])
def test_ctrl_c_at_any_moment_says_no_more_than_a_sentence(
    settings: Settings, delay: float
) -> None:
    """A terminal sends it to every process in front: the console and its helpers."""
    process = subprocess.Popen(
        [sys.executable, ENTRY, "--app", settings.app, "--lang", "en", "backup", "verify"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", start_new_session=True,
    )  # fmt: skip
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(delay)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
    said, told = process.communicate()
    if "Traceback" in told and not any(str(ENTRY.parent / part) in told for part in HOUSE):
        return  # of Python, which was still starting: nothing of the console had run
    assert process.returncode in {0, 130, -signal.SIGINT}, told
    assert "Traceback" not in said + told and len(told.splitlines()) <= 1


def test_a_bug_is_told_as_one_and_goes_to_the_log(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    as_json(settings, "backup", "create")

    def mistake(_: object) -> None:
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr("ui.cli.program.read_status", mistake)
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(logging, "raiseExceptions", True)
    assert main(["--app", str(settings.app), "--lang", "en", "status", "--json"]) == 70
    told = capsys.readouterr()
    assert "of ours" in json.loads(told.out)["error"]["happened"]
    assert "Traceback" not in told.err
    assert "ZeroDivisionError" in (settings.home / "logs" / "command.log").read_text(
        encoding="utf-8"
    )


def test_a_disk_that_fails_before_there_is_a_log_is_told_in_sentences(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(ENOSPC, os.strerror(ENOSPC))

    monkeypatch.setattr("ui.cli.main.load_settings", full)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    assert main(["--app", str(settings.app), "--lang", "en", "recover"]) == 1
    told = capsys.readouterr().err
    assert "did not let the console work" in told and "Traceback" not in told


@pytest.mark.parametrize("first", [True, False])
def test_a_sentence_points_to_no_log_that_is_not_there(
    first: bool, settings: Settings, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """On a first run nothing may be written for a look; what is made meanwhile is used."""

    def mistake(_: object) -> None:
        if not first:
            settings.home.mkdir()
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr("ui.cli.program.read_status", mistake)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    assert main(["--app", str(settings.app), "--lang", "en", "status"]) == 70
    told = capsys.readouterr().err
    path = settings.home / "logs" / "command.log"
    if first:
        assert not settings.home.exists() and str(path) not in told
        assert "the lines above" in told and "ZeroDivisionError: of ours" in told
        assert told.index("Traceback") < told.index("The console made a mistake")
    else:
        assert str(path) in told and "Traceback" not in told
        assert "ZeroDivisionError: of ours" in path.read_text(encoding="utf-8")


def test_looking_leaves_no_trace_in_a_workspace_that_was_never_changed(settings: Settings) -> None:
    before = set(settings.app.rglob("*"))
    for words in (["status"], ["health"], ["backup", "list"], ["journal"], ["alerts", "list"]):
        assert console(settings, *words).returncode in {0, 1, 2}
    assert set(settings.app.rglob("*")) == before
