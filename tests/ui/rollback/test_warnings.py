"""What an operation found on its way is shown, by the command and by the window."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QSettings
from PyQt6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from core.base.operation import Context
from core.base.text import Text, translate
from ui.cli.run import step_line
from ui.kit.steps import StepState, StepsView, step_state
from ui.language import say
from ui.theme import Theme

FOUND = Text(context="", template="The store is damaged (chunk 07: missing).")


def test_a_warning_is_told_as_one_and_not_as_a_step_that_was_skipped(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    context = Context()
    with context.step("safety", translate("rollback", "Save the present")):
        context.warn(FOUND)
    safety, warning = context.steps
    assert safety.ok and step_state(warning) is StepState.WARNING
    assert step_line(warning) == f"! {FOUND}"
    store = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    view = StepsView(Theme(qapp, store))
    qtbot.addWidget(view)
    view.show_steps(context.steps)
    view.grab()
    shown = [label.text() for label in view.findChildren(QLabel)]
    assert str(FOUND) in shown
    assert say(translate("rollback", "warning")) in shown
    assert say(translate("rollback", "skipped")) not in shown
