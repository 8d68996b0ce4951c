"""Settings: found without any, overridden in order, refused by name."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.databases import ASK_SECONDS, Condition, Examiner, examine
from core.base.operation import Context, OperationError
from core.status import read_status


def test_the_program_s_own_configuration_is_enough(workspace: Path) -> None:
    settings = load_settings(None, {}, workspace / "logs")
    assert settings.app == workspace.resolve()
    assert [file.name for file in settings.databases] == ["settings", "strategies", "market_data"]
    assert settings.store == workspace / "data" / "backups"
    assert settings.file("api_credentials").kind == "paired"


def test_paths_of_the_program_s_configuration_are_followed(workspace: Path) -> None:
    moved = workspace / "elsewhere" / "settings.sqlite3"
    moved.parent.mkdir()
    (workspace / "data" / "settings.sqlite3").rename(moved)
    config = workspace / "config" / "paths_config.yaml"
    config.write_text(
        config.read_text(encoding="utf-8").replace("data/settings", "elsewhere/settings"),
        encoding="utf-8",
    )
    assert load_settings(workspace, {}, workspace).file("settings").path == moved


def test_ops_console_yaml_overrides_and_the_environment_overrides_that(workspace: Path) -> None:
    (workspace / "ops_console.yaml").write_text(
        "program: {stop_seconds: 50}\nlanguage: en\n", encoding="utf-8"
    )
    settings = load_settings(workspace, {}, workspace)
    assert settings.program.stop_seconds == 50 and settings.language == "en"
    environment = {"OPS_CONSOLE_PROGRAM__STOP_SECONDS": "70", "OPS_CONSOLE_RETENTION__LAST": "3"}
    settings = load_settings(workspace, environment, workspace)
    assert settings.program.stop_seconds == 70 and settings.retention.last == 3
    assert settings.program.start_seconds == 30, "what is not named stays"


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("program: {stop_seconds: -1}", "program.stop_seconds", "-1"),
        ("retention: {last: 0}", "retention.last", "0"),
        ("colour: blue", "colour", "blue"),
        ("schedule: {every_minutes: 5, at: '03:00'}", "schedule", "03:00"),
        ("files: [{name: '../x', path: y}]", "files.0.name", "../x"),
    ],
)
def test_a_wrong_value_is_refused_with_file_key_and_value(
    workspace: Path, text: str, key: str, value: str
) -> None:
    (workspace / "ops_console.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(OperationError) as caught:
        load_settings(workspace, {}, workspace)
    said = str(caught.value.happened)
    assert "ops_console.yaml" in said and key in said and value in said


@pytest.mark.parametrize("text", ["a: [", "- 1\n- 2", "&a [*a, *a]", "x" * 2_000_000])
def test_a_hostile_configuration_is_refused(workspace: Path, text: str) -> None:
    (workspace / "ops_console.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(OperationError):
        load_settings(workspace, {}, workspace)


def ruin(settings: Settings, condition: Condition) -> None:
    path = settings.file("strategies").path
    match condition:
        case Condition.MISSING:
            path.unlink()
        case Condition.EMPTY:
            path.write_bytes(b"")
        case Condition.NOT_SQLITE:
            path.write_bytes(b"this is a letter, not a database\n" * 200)
        case Condition.ENCRYPTED:
            path.write_bytes(os.urandom(8192))
        case Condition.CORRUPT:
            path.write_bytes(path.read_bytes()[:100] + b"\xff" * 9000)


@pytest.mark.parametrize(
    "condition",
    [
        Condition.MISSING,
        Condition.EMPTY,
        Condition.NOT_SQLITE,
        Condition.ENCRYPTED,
        Condition.CORRUPT,
    ],
)
def test_a_database_is_shown_as_what_it_is_and_stops_nothing(
    settings: Settings, condition: Condition
) -> None:
    ruin(settings, condition)
    status = read_status(settings)
    shown = {state.name: state.condition for state in status.files}
    assert shown["strategies"] is condition
    assert shown["settings"] is Condition.OK
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    assert point.file("settings").database is not None


def test_a_database_that_was_well_is_asked_again_when_it_is_due_or_another(
    settings: Settings,
) -> None:
    now = 0.0
    examiner, file = Examiner(lambda: now), settings.file("strategies")
    assert examiner.examine(file).condition is Condition.OK
    with file.path.open("r+b") as open_file:  # the schema's page, behind the header
        open_file.seek(100)
        open_file.write(b"\xff" * 400)
    assert examiner.examine(file).condition is Condition.OK, "not asked yet"
    now += ASK_SECONDS
    assert examiner.examine(file).condition is Condition.CORRUPT
    now += 1.0
    assert examiner.examine(file).condition is Condition.CORRUPT, "what is ill is asked each time"
    other = file.path.with_suffix(".new")
    shutil.copyfile(settings.file("settings").path, other)
    other.replace(file.path)
    assert examiner.examine(file).condition is Condition.OK
    other.write_bytes(b"no database" * 1_000)
    other.replace(file.path)
    assert examiner.examine(file).condition is Condition.NOT_SQLITE


LOCKING = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = DELETE")
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
input()
"""


def test_a_locked_database_is_shown_as_locked(settings: Settings) -> None:
    path = settings.file("strategies").path
    other = subprocess.Popen(
        [sys.executable, "-c", LOCKING, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        encoding="utf-8",
    )  # fmt: skip
    assert other.stdout is not None and other.stdout.readline() == "locked\n"
    assert examine(settings.file("strategies")).condition is Condition.LOCKED
    other.communicate("\n")
    assert examine(settings.file("strategies")).condition is Condition.OK


def test_a_name_that_a_swap_keeps_free_is_loaded_and_another_folder_refused(
    workspace: Path,
) -> None:
    path = workspace / "data" / "settings.sqlite3"
    path.unlink()
    path.mkdir()
    with pytest.raises(OperationError, match="folder"):
        load_settings(workspace, {}, workspace)
    (workspace / "data" / ".ops_console").mkdir()
    assert load_settings(workspace, {}, workspace).file("settings").path == path
