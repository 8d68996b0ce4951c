"""The wizard, stepped through by clicks on the practice workspace."""

from __future__ import annotations

import sqlite3
import subprocess

from PyQt6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from core.config.models import Settings
from core.operation import Context
from core.services.find import find_program
from migration.operations import Decision, Rehearse
from tests.ui.conftest import Open
from tests.ui.test_window import LONG, click, dialog
from ui.migration.stages import Stage


def tables(settings: Settings) -> set[str]:
    connection = sqlite3.connect(settings.file("strategies").path)
    try:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    finally:
        connection.close()


def test_step_through_the_wizard_and_undo(
    settings: Settings, trading_program: subprocess.Popen[bytes], open_window: Open, qtbot: QtBot
) -> None:
    window = open_window(settings)
    tab = window.migration
    window.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(lambda: tab.progress.may_rehearse and tab.settled(), timeout=LONG)
    before = tables(settings)
    click(qtbot, tab._buttons["rehearse"])
    qtbot.waitUntil(lambda: tab.progress.stage is Stage.REVIEW, timeout=LONG)
    assert tables(settings) == before, "a rehearsal touches nothing"
    assert trading_program.poll() is None, "and the program runs on"
    qtbot.waitUntil(tab._buttons["run"].isEnabled, timeout=LONG)
    click(qtbot, tab._buttons["run"])
    box = dialog(qtbot, QMessageBox)
    assert isinstance(box, QMessageBox)
    assert str(trading_program.pid) in box.informativeText()
    go = next(one for one in box.buttons() if "migrate" in one.text())
    click(qtbot, go)
    qtbot.waitUntil(lambda: tab.progress.stage is Stage.REPORT, timeout=LONG)
    assert "domain_strategies" in tables(settings)
    assert trading_program.wait() == 0 and find_program(settings) is not None
    qtbot.waitUntil(tab._buttons["undo"].isEnabled, timeout=LONG)
    click(qtbot, tab._buttons["undo"])
    box = dialog(qtbot, QMessageBox)
    assert isinstance(box, QMessageBox)
    click(qtbot, next(one for one in box.buttons() if one.text() == "Go back"))
    # Nobody looks into the files meanwhile: a change under it makes the swap refuse.
    qtbot.waitUntil(lambda: tab.progress.stage is Stage.PREFLIGHT and tab.settled(), timeout=LONG)
    assert tables(settings) == before
    assert QApplication.activeModalWidget() is None


def test_the_wizard_opens_where_it_stood(
    settings: Settings, open_window: Open, qtbot: QtBot
) -> None:
    Rehearse(settings).run(Context())
    decision = Decision(database="strategies", table="trading_conditions", row=1, role="EXIT")
    window = open_window(settings)
    tab = window.migration
    window.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(lambda: tab.progress.stage is Stage.REVIEW, timeout=LONG)
    assert tab.progress.may_run, "what the rehearsal found still counts"
    tab._decide(decision)
    qtbot.waitUntil(lambda: tab.progress.hint is not None, timeout=LONG)
    marked = [tab.review._reviews.item(row, 0) for row in range(len(tab.review._rows))]
    assert [one.text() for one in marked if one is not None and "✓" in one.text()] == [
        "✓ trading_conditions #1"
    ]
    qtbot.waitUntil(tab.settled, timeout=LONG)
    tab.check()
    qtbot.waitUntil(lambda: tab.settled() and tab.progress.preflight is not None, timeout=LONG)
    assert tab.progress.stage is Stage.PREFLIGHT, "a decision was made since"
    assert str(tab.progress.hint) == "Decisions were made since the rehearsal."
