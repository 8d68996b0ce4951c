"""Ctrl+K finds everything that can be done, and ``?`` what has a shortcut."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.config.models import Settings
from core.base.operation import Context
from tests.ui.conftest import Open
from ui.kit.palette import Palette
from ui.main_window import MainWindow


def palette(window: MainWindow, qtbot: QtBot) -> Palette:
    qtbot.waitUntil(lambda: bool(window.findChildren(Palette)))
    return window.findChildren(Palette)[-1]


def shown(found: Palette) -> list[str]:
    items = [found.list.topLevelItem(row) for row in range(found.list.topLevelItemCount())]
    return [" ".join(item.text(column) for column in range(3)) for item in items if item]


def test_all_that_can_be_done_is_found_by_a_part_of_its_name(
    settings: Settings, open_window: Open, qtbot: QtBot
) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL, note="before the fair")
    window = open_window(settings)
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    found = palette(window, qtbot)
    everything = shown(found)
    assert any("Open the tab Health" in line and "Ctrl+3" in line for line in everything)
    assert any("Back up now" in line and "Ctrl+B" in line for line in everything)
    for page in (window.tabs.widget(number) for number in range(window.tabs.count())):
        assert page is not None
        for button in page.findChildren(QPushButton):
            if button.isEnabled() and button.isVisibleTo(page) and not button.isCheckable():
                name = button.text().replace("&", "")
                assert any(line.startswith(name) for line in everything), name
    qtbot.keyClicks(found.field, "fair back")
    (line,) = shown(found)
    assert "before the fair" in line
    qtbot.keyClick(found.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.tabs.currentWidget() is window.rollback)
    chosen = window.rollback.model.row(window.rollback.table.currentIndex().row())
    assert chosen.point.id == point.id
    # Nothing of that name is an answer, and Return does nothing then.
    window.show_palette()
    found = palette(window, qtbot)
    qtbot.keyClicks(found.field, "xyzzy")
    assert shown(found) == ["Nothing has this name.  "]
    qtbot.keyClick(found.field, Qt.Key.Key_Return)
    assert found.isVisible()
    qtbot.keyClick(found.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.findChildren(Palette))


def test_the_arrows_choose_and_shortcuts_have_a_list(
    settings: Settings, open_window: Open, qtbot: QtBot
) -> None:
    window = open_window(settings)
    qtbot.keyClick(window, Qt.Key.Key_Question, Qt.KeyboardModifier.ShiftModifier)
    keys = palette(window, qtbot)
    assert any(line.startswith("Operations manual") and "F1" in line for line in shown(keys))
    qtbot.keyClicks(keys.field, "open the tab")
    for _ in range(3):
        qtbot.keyClick(keys.field, Qt.Key.Key_Down)
    qtbot.keyClick(keys.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.tabs.currentIndex() == 3)
    assert QApplication.activeModalWidget() is None
