"""Ctrl+K: everything that can be done, found by typing a part of its name.

Actions, buttons, tabs and restore points are taken from the window as it is when it opens, so
that nothing has to be listed twice; what cannot be done now is not offered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QAction, QKeyEvent
from PyQt6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QHeaderView,
    QLineEdit,
    QTableView,
    QTabWidget,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.base.text import Text, translate
from ui.language import say

MOST_SHOWN = 200
"""So many rows are listed; more letters find the rest."""
SIZE_IN_LETTERS = (72, 24)
MARGIN = 64
_MOVES = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}
# "&Back up", and "지금 백업(&B)" as Korean has it.
_MNEMONIC = re.compile(r"\(&.\)|&(?=.)")


class Choice(NamedTuple):
    """One thing that can be done, where it belongs, its shortcut, and doing it."""

    title: str
    place: str
    keys: str
    do: Callable[[], object]


def plain(text: str) -> str:
    """Return the *text* of a button or action without the sign of its Alt key."""
    return _MNEMONIC.sub("", text).strip()


def of_actions(actions: Iterable[QAction], place: str) -> list[Choice]:
    """Return a choice for each action that has a name and can be triggered now."""
    return [
        Choice(plain(action.text()), place, action.shortcut().toString(), action.trigger)
        for action in actions
        if action.text() and action.isEnabled() and action.menu() is None
    ]


def of_tabs(tabs: QTabWidget) -> list[Choice]:
    """Return a choice for each tab, and for each button on it that can be clicked now."""
    found = []
    for number in range(tabs.count()):
        page, title = tabs.widget(number), tabs.tabText(number)
        if page is None:
            continue
        opened = say(translate("palette", "Open the tab {name}", name=title))
        found.append(
            Choice(opened, "", f"Ctrl+{number + 1}", partial(tabs.setCurrentIndex, number))
        )
        for button in page.findChildren(QAbstractButton):
            if _is_offered(button, page):
                found.append(_of_button(tabs, number, button, title))
    return found


def _is_offered(button: QAbstractButton, page: QWidget) -> bool:
    named = bool(plain(button.text())) and not button.isCheckable()
    has_menu = isinstance(button, QToolButton) and button.menu() is not None
    return named and not has_menu and button.isEnabled() and button.isVisibleTo(page)


def _of_button(tabs: QTabWidget, number: int, button: QAbstractButton, place: str) -> Choice:
    def click() -> None:
        tabs.setCurrentIndex(number)
        button.click()

    return Choice(plain(button.text()), place, button.shortcut().toString(), click)


def of_lists(tabs: QTabWidget) -> list[Choice]:
    """Return what every list does by its keys, for whoever wants to know them."""
    place = say(translate("palette", "every list"))
    page = tabs.currentWidget()
    tables = page.findChildren(QTableView) if page is not None else []
    found = [*of_actions(tables[0].actions(), place)] if tables else []
    if page is not None and tables:
        show = say(translate("palette", "Filter"))
        found.append(Choice(show, place, "Ctrl+F", tables[0].setFocus))
    return found


class Palette(QDialog):
    """A field to type into and the choices that fit, the first one chosen."""

    def __init__(self, title: Text, choices: Sequence[Choice], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(say(title))
        self.setModal(True)
        self._choices = choices
        self._folded = [f"{choice.title} {choice.place}".casefold() for choice in choices]
        self._shown: list[Choice] = []
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(
            say(translate("palette", "What do you want to do? Type a part of its name"))
        )
        self.field.setAccessibleName(self.field.placeholderText())
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._filter)
        self.field.returnPressed.connect(self._take)
        self.field.installEventFilter(self)
        self.list = QTreeWidget(self)
        self.list.setColumnCount(3)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setAccessibleName(say(title))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(self._take)
        header = self.list.header()
        if header is not None:
            header.setStretchLastSection(False)
            header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        metrics = self.fontMetrics()
        letters, lines = SIZE_IN_LETTERS
        wide = min(metrics.horizontalAdvance("n") * letters, parent.width() - MARGIN)
        self.resize(wide, min(metrics.height() * lines, parent.height() - MARGIN))
        self._filter("")

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        self._shown = [
            choice
            for choice, folded in zip(self._choices, self._folded, strict=True)
            if all(word in folded for word in words)
        ][:MOST_SHOWN]
        self.list.clear()
        rows = [
            QTreeWidgetItem([choice.title, choice.place, choice.keys]) for choice in self._shown
        ]
        if not rows:
            rows = [QTreeWidgetItem([say(translate("palette", "Nothing has this name."))])]
            rows[0].setFlags(Qt.ItemFlag.NoItemFlags)
        self.list.addTopLevelItems(rows)
        self.list.setCurrentItem(rows[0])

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Let the arrows move in the list while letters go into the field."""
        if watched is self.field and isinstance(event, QKeyEvent) and event.key() in _MOVES:
            if event.type() == QEvent.Type.KeyPress:
                self.list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def _take(self, *_: object) -> None:
        row = self.list.indexOfTopLevelItem(self.list.currentItem())
        if not 0 <= row < len(self._shown):
            return
        choice = self._shown[row]
        self.accept()
        choice.do()
