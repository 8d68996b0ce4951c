"""A window that is killed wherever the wizard may be: the next one says so and goes on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.operation import Context
from core.program.find import find_program
from migration.run.rehearse import Rehearse
from tests.killing import KILL
from tests.migration.test_run import old_or_new
from tests.ui.conftest import Open
from tests.ui.test_window import LONG
from tests.ui.wizard_process import PLACES
from ui.migration.messages import Stage

ROOT = Path(__file__).resolve().parents[2]
CHILD = "from tests.ui.wizard_process import main; main()"
SAID = {
    "rehearsing": "The last rehearsal was cut off.",
    "decided": "Rehearse again, or withdraw what was decided since.",
    "executing": "The last migration was cut off and has changed nothing",
    "stopped": "The last migration was cut off and has changed nothing",
    "swapped": "the next start finished it",
}


@pytest.fixture(scope="session")
def rehearsed(workspace_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace on which the migration was rehearsed, to copy."""
    folder = Path(shutil.copytree(workspace_template, tmp_path_factory.mktemp("rehearsed") / "app"))
    Rehearse(load_settings(folder, {}, folder)).run(Context())
    return folder


@pytest.fixture
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Rehearsed, but where the rehearsal itself is killed."""
    name = "rehearsed" if request.node.callspec.params["place"] != "rehearsing" else "template"
    source = request.getfixturevalue(name if name == "rehearsed" else "workspace_template")
    return Path(shutil.copytree(source, tmp_path / "app"))


@pytest.mark.parametrize("place", PLACES)
def test_the_window_after_one_that_was_killed_says_what_happened_and_goes_on(
    place: str,
    settings: Settings,
    trading_program: subprocess.Popen[bytes],
    open_window: Open,
    qtbot: QtBot,
) -> None:
    killed = subprocess.Popen(
        [sys.executable, "-c", CHILD, settings.app, place],
        cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    assert killed.stdout is not None
    assert killed.stdout.readline().strip() == place
    killed.send_signal(KILL)  # its helper processes end by themselves
    killed.wait()
    was_stopped = place in {"stopped", "swapping", "swapped"}
    if was_stopped:
        assert trading_program.wait() == 0

    window = open_window(settings)
    tab = window.migration
    window.tabs.setCurrentWidget(tab)
    # A recovery comes first; what the wizard had seen before is looked at again afterwards.
    qtbot.waitUntil(
        lambda: tab.settled() and tab.progress.preflight is not None and not window._session.busy
        and find_program(settings) is not None,
        timeout=LONG,
    )  # fmt: skip
    new = old_or_new(settings)
    assert new is (place == "swapped") or place == "swapping"
    program = find_program(settings)
    assert program is not None and (program.pid != trading_program.pid) is was_stopped
    assert SAID.get(place, "the next start finished it" if new else SAID["stopped"]) in (
        tab._head.below.text()
    )
    if place == "rehearsing":
        assert tab.progress.stage is Stage.PREFLIGHT and tab.progress.may_rehearse
    elif new:
        assert tab.progress.stage is Stage.REPORT and tab._buttons["undo"].isEnabled()
    else:
        assert tab.progress.stage is Stage.REVIEW
        assert tab.progress.may_run is (place != "decided")
    assert not list((settings.home / "scratch").glob("*")) or place == "decided"
