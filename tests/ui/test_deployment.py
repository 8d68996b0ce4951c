"""A deployment by clicks: checks, the release in production, and one button back."""

from __future__ import annotations

import subprocess

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.config.models import Settings
from core.base.operation import Context
from core.program.find import find_program
from core.release.config import config_path
from core.release.log import append, log_path
from core.release.releases import deploy_status
from tests.release.test_hostile import entry
from tests.ui.conftest import Open
from tests.ui.test_window import LONG, click, dialog


def test_deploy_and_go_back(
    settings: Settings, trading_program: subprocess.Popen[bytes], open_window: Open, qtbot: QtBot
) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    path = config_path(settings)
    path.write_text(
        path.read_text(encoding="utf-8").replace("soak_seconds: 5", "soak_seconds: 1"),
        encoding="utf-8",
    )
    window = open_window(settings)
    tab = window.deployment
    window.tabs.setCurrentWidget(tab)
    deploy, back = tab._buttons["deploy"], tab._buttons["back"]
    qtbot.waitUntil(lambda: tab.settled() and deploy.isEnabled(), timeout=LONG)
    assert not back.isVisible(), "there is nothing to go back to yet"
    click(qtbot, deploy)
    box = dialog(qtbot, QMessageBox)
    assert isinstance(box, QMessageBox)
    click(qtbot, next(one for one in box.buttons() if "1.5.0" in one.text()))
    qtbot.waitUntil(lambda: deploy_status(settings).pointer is not None, timeout=LONG)
    qtbot.waitUntil(lambda: tab.settled() and not window._session.busy, timeout=LONG)
    program = find_program(settings)
    assert program is not None and "releases" in str(program.cwd)
    qtbot.waitUntil(lambda: back.isVisible() and back.isEnabled(), timeout=LONG)
    click(qtbot, back)
    box = dialog(qtbot, QMessageBox)
    assert isinstance(box, QMessageBox)
    click(qtbot, next(one for one in box.buttons() if one.text() == "Go back"))
    qtbot.waitUntil(lambda: deploy_status(settings).pointer is None, timeout=LONG)
    qtbot.waitUntil(lambda: tab.settled() and not window._session.busy, timeout=LONG)
    assert tab.past.model.rowCount() == 2


def test_without_a_configuration_it_says_what_to_do(
    settings: Settings, open_window: Open, qtbot: QtBot
) -> None:
    config_path(settings).unlink()
    window = open_window(settings)
    tab = window.deployment
    window.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(lambda: tab._stack.currentIndex() == 1, timeout=LONG)
    tab._make_config()
    qtbot.waitUntil(lambda: not window._session.busy, timeout=LONG)
    qtbot.waitUntil(lambda: config_path(settings).exists(), timeout=LONG)
    qtbot.waitUntil(lambda: tab._stack.currentIndex() == 0 and tab.settled(), timeout=LONG)


def test_a_damaged_log_is_told_and_the_checks_are_shown(
    settings: Settings, open_window: Open, qtbot: QtBot
) -> None:
    for number in range(2):
        append(settings, entry(number))
    path = log_path(settings)
    path.write_bytes(path.read_bytes().replace(b'"d1"', b'"dX"'))
    window = open_window(settings)
    tab = window.deployment
    window.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(lambda: tab.settled() and tab.past.model.rowCount() == 1, timeout=LONG)
    assert tab.past._trouble.isVisible() and "line 2" in tab.past._trouble.text()
    assert len(tab.checks.lines) > 15
    # After an operation its steps are shown; looking again shows the checks.
    tab._left.setCurrentIndex(1)
    click(qtbot, tab._buttons["check"])
    qtbot.waitUntil(lambda: tab.settled() and tab._left.currentIndex() == 0, timeout=LONG)


def test_what_others_wrote_is_shown_as_it_stands(
    settings: Settings, open_window: Open, qtbot: QtBot
) -> None:
    path = config_path(settings)
    path.write_text(
        path.read_text(encoding="utf-8").replace("version: 1.5.0", "version: '<u>evil</u>'"),
        encoding="utf-8",
    )
    window = open_window(settings)
    tab = window.deployment
    window.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(lambda: tab.settled() and tab._plan is not None, timeout=LONG)
    assert tab._head.title.textFormat() == Qt.TextFormat.PlainText
    assert any("<u>evil</u>" in line.text for line in tab.checks.lines)
    labels = tab.checks.findChildren(QLabel)
    assert all(
        label.textFormat() == Qt.TextFormat.PlainText for label in labels if "evil" in label.text()
    )
