"""A folder that is no trading program is refused before anything is written into it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.operation import Context, OperationError
from tests.first_contact.conftest import Start, content

COMMANDS = (
    "status", "health", "backup create", "backup list", "rollback --yes", "recover", "verify data",
    "migrate plan", "deploy init", "service start", "monitor --seconds 1",
    "backup prune", "journal",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_writes_into_somebody_elses_folder(
    command: str, start: Start, stranger: Path
) -> None:
    before = content(stranger)
    console = start(
        "--app", stranger, "--lang", "en", *command.split(), "--json", cwd=stranger.parent
    )
    out, err = console.communicate()
    assert console.returncode == (3 if command == "health" else 1), err
    error = json.loads(out)["error"]
    assert "is not a trading program's folder" in error["happened"]
    assert error["data_state"] == "Nothing was touched." and "ops_console.yaml" in error["to_do"]
    assert content(stranger) == before


@pytest.mark.parametrize("text", ["", "language: en\n", "files: []\n"])
def test_a_configuration_that_names_no_file_makes_no_program(stranger: Path, text: str) -> None:
    (stranger / "ops_console.yaml").write_text(text, encoding="utf-8")
    for named in (stranger, None):
        with pytest.raises(OperationError, match="not a trading program's folder"):
            load_settings(named, {}, stranger)


def test_each_sign_of_a_program_is_enough(settings: Settings, tmp_path: Path) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)

    def copied(name: str, *parts: str) -> Path:
        folder = tmp_path / name
        for part in parts:
            (folder / part).parent.mkdir(parents=True, exist_ok=True)
            source = settings.app / part
            (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / part)
        return folder

    named = tmp_path / "named"
    named.mkdir()
    text = "files: [{name: orders, path: orders.db}]\n"
    (named / "ops_console.yaml").write_text(text, encoding="utf-8")
    for folder in (
        copied("script", settings.program.script),
        copied("database", "data/market_data.sqlite3"),
        copied("lost all but its restore points", "data/backups"),
        named,
    ):
        assert load_settings(folder, {}, folder).app == folder
    below = named / "a" / "b"
    below.mkdir(parents=True)
    assert load_settings(None, {}, below).app == named
