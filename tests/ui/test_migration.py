"""The wizard, stepped through by clicks on the practice workspace."""

from __future__ import annotations

import sqlite3
import subprocess

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from core.base.config.models import Settings
from core.base.operation import Context
from core.program.find import find_program
from migration.run.records import read_decisions
from migration.run.rehearse import Rehearse
from tests.ui.conftest import Open
from tests.ui.test_window import LONG, click, dialog
from ui.language import say
from ui.migration.messages import Stage
from ui.migration.tab import MigrationTab


def tables(settings: Settings) -> set[str]:
    connection = sqlite3.connect(settings.file("strategies").path)
    try:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    finally:
        connection.close()


def lose_and_find_the_report(settings: Settings, tab: MigrationTab, qtbot: QtBot) -> None:
    """Without the report there is nothing to migrate and nothing to rehearse, and it says so."""
    reports = settings.home / "migration" / "reports"
    hidden = reports.rename(reports.with_name("elsewhere"))
    tab.check()
    qtbot.waitUntil(lambda: tab.settled() and tab.progress.preflight is not None, timeout=LONG)
    assert tab.progress.stage is Stage.PREFLIGHT and not tab.progress.may_rehearse
    assert tab._head.title.text() == "There is nothing to migrate"
    assert not tab._buttons["rehearse"].isVisible() and tab._buttons["again"].isVisible()
    hidden.rename(reports)
    click(qtbot, tab._buttons["again"])
    qtbot.waitUntil(lambda: tab.settled() and tab.progress.stage is Stage.REPORT, timeout=LONG)


def test_step_through_the_wizard_and_undo(
    settings: Settings, trading_program: subprocess.Popen[bytes], open_window: Open, qtbot: QtBot
) -> None:
    window = open_window(settings)
    tab = window.migration
    window.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(lambda: tab.progress.may_rehearse and tab.settled(), timeout=LONG)
    before = tables(settings)
    click(qtbot, tab._buttons["rehearse"])
    assert [step.name for step in tab.steps.steps] == ["look"], "from the first moment"
    expected = tuple(say(text) for text in tab._course.ahead(()))
    assert len(expected) == 4
    qtbot.waitUntil(lambda: tab.progress.stage is Stage.REVIEW, timeout=LONG)
    assert tuple(say(step.what) for step in tab.steps.steps[1:]) == expected
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
    assert tab._course.ahead(tab._happened) == ()
    lose_and_find_the_report(settings, tab, qtbot)
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
    window = open_window(settings)
    tab = window.migration
    window.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(lambda: tab.progress.stage is Stage.REVIEW, timeout=LONG)
    assert tab.progress.may_run, "what the rehearsal found still counts"
    deciding = tab.review.deciding
    tab.review.tabs.setCurrentWidget(deciding)

    def decide() -> None:
        """Five rows, one after the other and faster than they are written."""
        deciding.search.setText("strategies.trading_conditions")
        qtbot.waitUntil(lambda: deciding.model.rowCount() == 24)
        deciding.table.selectRow(0)
        for _ in range(5):
            deciding.choice.role.setCurrentIndex(deciding.choice.role.findData("EXIT"))
            deciding.table.setFocus()
            qtbot.keyClick(deciding.table, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: len(tab.progress.decisions) == 5, timeout=LONG)

    run = tab._buttons["run"]
    decide()
    assert len(read_decisions(settings)) == 5, "none is lost"
    assert not run.isEnabled() and run.text() == "Rehearse again before you migrate"
    # What is left in review changes nothing that was rehearsed, and what is withdrawn neither.
    deciding.table.selectAll()
    qtbot.keyClick(deciding.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(run.isEnabled, timeout=LONG)
    click(qtbot, deciding.choice.leave)
    qtbot.waitUntil(lambda: len(read_decisions(settings)) == 24, timeout=LONG)
    qtbot.waitUntil(lambda: tab._keeping.busy is False, timeout=LONG)
    assert run.isEnabled() and run.text() == "Stop the program and &migrate"
    decide()
    assert not tab.progress.may_run
    # The next window goes on with the review, and says the same.
    tab.check()
    qtbot.waitUntil(lambda: tab.settled() and tab.progress.rehearsal is not None, timeout=LONG)
    assert tab.progress.stage is Stage.REVIEW and not run.isEnabled()
    assert tab._head.title.text() == "Decided, but not rehearsed yet"
    assert deciding.model.decision(deciding.model.row(0)) is not None
    click(qtbot, tab._buttons["rehearse"])
    qtbot.waitUntil(run.isEnabled, timeout=LONG)
    assert tab.progress.may_run, "what was decided is rehearsed now"
