"""Runs that end otherwise than well, as the operator sees them, with a real program."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import psutil
import pytest
from PyQt6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from core.base.config.models import Settings
from core.base.operation import Context, OperationError, Step
from core.base.text import translate
from core.program.find import find_program
from migration.run import execute
from migration.run.rehearse import Rehearse
from tests.migration.test_run import old_or_new
from tests.ui.conftest import Open
from tests.ui.test_window import LONG, click
from ui.migration.messages import Stage
from ui.migration.tab import MigrationTab
from ui.operation_bar import OperationBar


def ready(tab: MigrationTab) -> bool:
    return tab.settled() and tab.progress.may_run and tab._buttons["run"].isEnabled()


def go_on(tab: MigrationTab, qtbot: QtBot) -> None:
    """What the wizard offers after a bad end leads back to where the run begins."""
    again = tab._buttons["again"]
    qtbot.waitUntil(lambda: again.isVisible() and again.isEnabled(), timeout=LONG)
    click(qtbot, again)
    qtbot.waitUntil(lambda: tab.progress.stage is Stage.REVIEW and ready(tab), timeout=LONG)


def test_a_run_that_fails_or_is_cancelled_says_so_starts_the_program_and_leads_on(
    settings: Settings,
    trading_program: subprocess.Popen[bytes],
    open_window: Open,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Rehearse(settings).run(Context())
    window = open_window(settings)
    tab, session = window.migration, window._session
    bar = window.findChild(OperationBar)
    assert bar is not None
    window.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(lambda: ready(tab), timeout=LONG)

    def over() -> bool:
        return not tab.progress.running and not session.busy

    def once(name: str, ok: bool | None, then: Callable[[], object]) -> None:
        def look(steps: tuple[Step, ...]) -> None:
            if steps and (steps[-1].name, steps[-1].ok) == (name, ok):
                session.stepped.disconnect(look)
                then()

        session.stepped.connect(look)

    def wake() -> None:
        """Let the program hear, long after the step ended, that it is asked to close."""
        psutil.Process(second.pid).resume()

    def cancel() -> None:
        click(qtbot, bar._cancel)

    # The swap is made and what is live then is found wanting.
    def wanting(*_live: object) -> None:
        raise OperationError(
            translate("test", "The third table is upside down."),
            data_state=translate("test", "The new databases are in place."),
            to_do=translate("test", "Turn it over."),
        )

    with monkeypatch.context() as broken:
        broken.setattr(execute, "_require_migrated", wanting)
        tab.run()
        assert [step.name for step in tab.steps.steps] == ["look"]
        qtbot.waitUntil(over, timeout=LONG)
    banner = tab._banner
    assert banner.isVisible() and tab._head.title.text() == "The migration failed"
    assert banner._happened.text() == "The migration was undone: The third table is upside down."
    assert banner._rest.text() == (
        "The former state is back and the program runs on it.  Turn it over."
    )
    assert trading_program.wait() == 0
    second = find_program(settings)
    assert second is not None and not old_or_new(settings)
    assert {step.name: step.ok for step in tab.steps.steps}["verify"] is False
    go_on(tab, qtbot)

    # Cancelled before the program is stopped.
    once("validate", None, cancel)
    tab.run()
    qtbot.waitUntil(over, timeout=LONG)
    assert tab._head.title.text() == "The migration was cancelled" and tab.progress.cancelled
    assert not banner.isVisible(), "nothing failed"
    still = find_program(settings)
    assert still is not None and still.pid == second.pid and not old_or_new(settings)
    go_on(tab, qtbot)

    # Cancelled while the program takes its time to close: it closes all the same, and later.
    psutil.Process(second.pid).suspend()
    once("stop", None, cancel)
    once("stop", False, lambda: QTimer.singleShot(700, wake))
    tab.run()
    qtbot.waitUntil(over, timeout=LONG)
    assert tab._head.title.text() == "The migration was cancelled"
    third = find_program(settings)
    assert third is not None and third.pid != second.pid and not old_or_new(settings)
    go_on(tab, qtbot)
