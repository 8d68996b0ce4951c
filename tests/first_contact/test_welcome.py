"""The welcome leads on: to the operator's program, or to one to practise on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.operation import OperationError
from tests.first_contact.conftest import ENTRY, content
from ui.language import use_language
from ui.welcome import Welcome, practice_folder


def failure(folder: Path | None, cwd: Path) -> OperationError:
    with pytest.raises(OperationError) as caught:
        load_settings(folder, {}, cwd)
    return caught.value


def test_a_wrong_folder_is_told_and_the_right_one_opens(
    qtbot: QtBot, qapp: QApplication, settings: Settings, stranger: Path
) -> None:
    opened: list[tuple[Path, bool]] = []

    def attempt(folder: Path, practising: bool) -> None:
        opened.append((load_settings(folder, {}, folder).app, practising))

    welcome = Welcome(failure(None, stranger), attempt, "en")
    qtbot.addWidget(welcome)
    welcome.show()
    assert str(stranger) in welcome.happened.text() and welcome.happened.objectName() == ""
    welcome.open_folder(stranger)
    assert welcome.isVisible() and not opened
    assert "not a trading program" in welcome.happened.text()
    assert welcome.happened.objectName() == "alarm" and "ops_console.yaml" in welcome.rest.text()
    welcome.speak("ko")
    assert "거래 프로그램 폴더가 아닙니다" in welcome.happened.text()
    welcome.open_folder(settings.app)
    assert opened == [(settings.app, False)] and not welcome.isVisible()
    assert welcome.language == "ko"
    use_language(qapp, "en")


def test_a_place_for_practice_that_holds_other_files_is_left_alone(
    qtbot: QtBot, qapp: QApplication, stranger: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    if not practice_folder().is_relative_to(tmp_path):
        pytest.skip("this system says by itself where data lies")
    practice_folder().mkdir(parents=True)
    (practice_folder() / "diary.txt").write_text("mine", encoding="utf-8")
    before = content(practice_folder())
    welcome = Welcome(failure(None, stranger), lambda *_: None, "en")
    qtbot.addWidget(welcome)
    welcome.show()
    welcome.practise.click()
    qtbot.waitUntil(lambda: "not a practice workspace" in welcome.happened.text())
    assert welcome.isVisible() and not welcome.practising and welcome.practise.isEnabled()
    assert content(practice_folder()) == before


PRACTISE = """
import sys
from PyQt6.QtCore import QTimer
from ui.app import make_application, open_window
app = make_application()
found = []
def step():
    for window in app.topLevelWidgets():
        name = type(window).__name__
        if name == "Welcome" and window.isVisible() and window.practise.isEnabled():
            window.practise.click()
        if name == "MainWindow" and window.isVisible() and not found:
            found.extend(file.path for file in window._session.settings.files)
            window.close()
timer = QTimer()
timer.timeout.connect(step)
timer.start(50)
code = open_window(None, "en")
print(*found, sep="\\n")
sys.exit(code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows says by itself where data lies")
def test_practising_never_reaches_the_real_program(
    settings: Settings, stranger: Path, tmp_path: Path
) -> None:
    real = {file.name: file.path.read_bytes() for file in settings.files}
    surroundings = {
        "XDG_DATA_HOME": str(tmp_path / "share"),
        # The operator's own program says so where its data lies.
        "UPBIT_DATA_DIR": str(settings.app / "data"),
        "PYTHONPATH": str(ENTRY.parent),
    }
    done = subprocess.run(
        [sys.executable, "-c", PRACTISE], cwd=stranger, env=os.environ | surroundings,
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    guarded = done.stdout.split()
    place = tmp_path / "share" / "upbit-ops-console" / "practice"
    assert guarded and all(Path(path).is_relative_to(place) for path in guarded), done
    assert {file.name: file.path.read_bytes() for file in settings.files} == real


def test_a_stand_in_that_is_started_by_hand_never_writes_to_the_real_data(
    workspace: Path, settings: Settings, tmp_path: Path
) -> None:
    """The operator's surroundings say where the data of the real program lies."""
    real = shutil.copytree(settings.app / "data", tmp_path / "real" / "data")
    before = content(real)
    done = subprocess.run(
        [sys.executable, "run_desktop_ui.py"], cwd=workspace, capture_output=True, check=False,
        env={**os.environ, "UPBIT_DATA_DIR": str(real)}, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 1 and "no practice data" in done.stderr
    assert content(real) == before
