"""The trading program by clicks: start, stop, restart, and its log as it grows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from core.base.config.models import Settings
from core.program.find import find_program
from core.program.runs import log_paths, read_wanted
from tests.killing import KILL
from tests.program.conftest import Console, console, end_all, supervised
from tests.ui.conftest import Open
from tests.ui.test_window import LONG, click, dialog
from ui.deployment.log_tail import KEPT_LINES
from ui.deployment.program_panel import ProgramPanel
from ui.main_window import MainWindow

__all__ = ["console"]


def shown(window: MainWindow, qtbot: QtBot) -> ProgramPanel:
    window.tabs.setCurrentWidget(window.deployment)
    panel = window.deployment.program
    qtbot.waitUntil(panel.settled, timeout=LONG)
    return panel


def lines(panel: ProgramPanel) -> list[str]:
    return panel.log._text.toPlainText().splitlines()


@pytest.fixture
def out(settings: Settings) -> Path:
    path = log_paths(settings).out
    path.parent.mkdir(exist_ok=True)
    return path


def test_start_restart_and_stop(settings: Settings, open_window: Open, qtbot: QtBot) -> None:
    window = open_window(settings)
    panel = shown(window, qtbot)
    start, restart, stop = (panel.buttons[key] for key in ("start", "restart", "stop"))
    assert start.isVisible() and not stop.isVisible()
    try:
        click(qtbot, start)
        qtbot.waitUntil(lambda: stop.isVisible() and stop.isEnabled(), timeout=LONG)
        first = find_program(settings)
        assert first is not None and str(first.pid) in panel._head.title.text()
        assert "not supervised" in panel._head.below.text()
        click(qtbot, restart)
        box = dialog(qtbot, QMessageBox)
        click(qtbot, next(one for one in box.buttons() if one.text() == "Restart the program"))
        qtbot.waitUntil(
            lambda: (
                not window._session.busy
                and panel._head.title.text().endswith(")")
                and str(first.pid) not in panel._head.title.text()
            ),
            timeout=LONG,
        )
        click(qtbot, stop)
        box = dialog(qtbot, QMessageBox)
        click(qtbot, next(one for one in box.buttons() if one.text() == "Cancel"))
        assert find_program(settings) is not None
        click(qtbot, stop)
        box = dialog(qtbot, QMessageBox)
        click(qtbot, next(one for one in box.buttons() if one.text() == "Stop the program"))
        qtbot.waitUntil(lambda: start.isVisible() and start.isEnabled(), timeout=LONG)
        assert find_program(settings) is None
        wanted = read_wanted(settings)
        assert wanted is not None and wanted.state == "stopped"
        assert panel._head.title.text() == "The trading program was stopped"
    finally:
        end_all(settings)


def test_a_start_that_fails_is_told_in_its_place(
    settings: Settings, open_window: Open, qtbot: QtBot
) -> None:
    (settings.app / "run_desktop_ui.py").write_text(
        "raise SystemExit('no configuration')", encoding="utf-8"
    )
    window = open_window(settings)
    panel = shown(window, qtbot)
    click(qtbot, panel.buttons["start"])
    qtbot.waitUntil(panel._banner.isVisible, timeout=LONG)
    assert "no configuration" in panel._banner._happened.text()
    panel.log._which.setCurrentIndex(1)
    qtbot.waitUntil(lambda: lines(panel) == ["no configuration"], timeout=LONG)


def test_the_log_grows_across_rotations_and_shows_errors_alone(
    settings: Settings, open_window: Open, qtbot: QtBot, out: Path
) -> None:
    out.write_text("one\nERROR two\n", encoding="utf-8")
    panel = shown(open_window(settings), qtbot)
    qtbot.waitUntil(lambda: lines(panel) == ["one", "ERROR two"], timeout=LONG)
    with out.open("a", encoding="utf-8") as log:
        log.write("three\nTraceback (most recent call last):\n  File x\nKeyError: 'y'\n")
    out.rename(out.with_name(f"{out.name}.1"))
    out.write_text("four 한글\n", encoding="utf-8")
    qtbot.waitUntil(lambda: lines(panel)[-1] == "four 한글", timeout=LONG)
    assert len(lines(panel)) == 7
    click(qtbot, panel.log._only_errors)
    errors = ["ERROR two", "Traceback (most recent call last):", "  File x", "KeyError: 'y'"]
    assert lines(panel) == errors
    click(qtbot, panel.log._copy)
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None and clipboard.text() == "\n".join(errors)
    click(qtbot, panel.log._only_errors)
    assert len(lines(panel)) == 7
    document = panel.log._text.document()
    assert document is not None
    painted = [bool(document.findBlockByNumber(at).userState() == 1) for at in range(7)]
    assert painted == [False, True, False, True, True, True, False]


def test_what_nobody_sees_is_not_read_and_is_caught_up(
    settings: Settings, open_window: Open, qtbot: QtBot, out: Path
) -> None:
    out.write_text("one\n", encoding="utf-8")
    window = open_window(settings)
    panel = shown(window, qtbot)
    window.tabs.setCurrentIndex(0)
    assert not panel.log._timer.isActive()
    # More than is read at one look, and more than is kept.
    out.write_text(
        "one\n" + "".join(f"line {n} {'x' * 80}\n" for n in range(20_000)), encoding="utf-8"
    )
    window.tabs.setCurrentWidget(window.deployment)
    qtbot.waitUntil(lambda: bool(lines(panel)) and lines(panel)[-1].startswith("line 19999 "),
                    timeout=LONG)  # fmt: skip
    assert len(lines(panel)) <= KEPT_LINES and any("left out" in one for one in lines(panel))
    click(qtbot, panel.fold)
    assert not panel.log.isVisible() and not panel.log._timer.isActive()


def test_a_supervisor_that_gave_up_is_said(
    console: Console, settings: Settings, open_window: Open, qtbot: QtBot
) -> None:
    console.configure("program:\n  supervise: {restarts: 0}\n")
    supervisor = console.start("service", "supervise")
    state = supervised(settings, "watching")
    assert state.program_pid is not None
    panel = shown(open_window(settings), qtbot)
    qtbot.waitUntil(lambda: "supervised" in panel._head.below.text(), timeout=LONG)
    os.kill(state.program_pid, KILL)
    qtbot.waitUntil(lambda: panel._head.title.text() == "The supervisor gave up", timeout=LONG)
    assert "signal 9" in panel._head.below.text() and supervisor.poll() is None
