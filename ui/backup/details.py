"""What the chosen restore point holds, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QPushButton, QWidget

from core.backup.models import ListedPoint
from core.base.text import Text, translate
from ui.kit.parts import Card, label
from ui.language import bytes_text, count_text, say
from ui.points.messages import condition, exact_time, reason_name, when
from ui.theme import restyle


class Details(Card):
    """A card beside the table; the tab carries out what it asks for."""

    note_wanted = pyqtSignal(str, str)
    pin_wanted = pyqtSignal(str, bool)
    check_wanted = pyqtSignal(str)
    drill_wanted = pyqtSignal(str)
    export_wanted = pyqtSignal(str)
    compare_wanted = pyqtSignal(str)
    rollback_wanted = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: ListedPoint | None = None
        self._busy = False
        self._title = label(self, "subtitle")
        self._about = label(self, "faint", wrap=True)
        self._condition = label(self, wrap=True)
        self._note = QLineEdit(self)
        self._note.setPlaceholderText(say(translate("backup", "Note")))
        self._note.setAccessibleName(say(translate("backup", "Note")))
        self._note.editingFinished.connect(self._save_note)
        self._pin = QCheckBox(say(translate("backup", "&Pinned: never removed by itself")), self)
        self._pin.clicked.connect(self._save_pin)
        self._files = QGridLayout()
        self._files.setHorizontalSpacing(16)
        self._files.setVerticalSpacing(4)
        self._files.setColumnStretch(0, 1)
        buttons = QGridLayout()
        buttons.setSpacing(8)
        self._buttons: list[QPushButton] = []
        self.offers: list[QAction] = []
        """The same as the buttons offer, for the menu of a row."""
        offers: tuple[tuple[Text, Callable[[str], None]], ...] = (
            (translate("backup", "&Check stored bytes"), self.check_wanted.emit),
            (translate("backup", "Restore &drill"), self.drill_wanted.emit),
            (translate("backup", "Co&mpare with now"), self.compare_wanted.emit),
            (translate("backup", "&Export…"), self.export_wanted.emit),
            (translate("backup", "&Go back to this state…"), self.rollback_wanted.emit),
        )
        for index, (text, ask) in enumerate(offers):
            button = QPushButton(say(text), self)
            button.clicked.connect(partial(self._ask, ask))
            self._buttons.append(button)
            action = QAction(say(text), self)
            action.triggered.connect(button.click)
            self.offers.append(action)
            if index < len(offers) - 1:
                buttons.addWidget(button, index // 2, index % 2)
        self._back = self._buttons[-1]
        column = self.column
        for widget in (self._title, self._about, self._condition):
            column.addWidget(widget)
        column.addSpacing(8)
        column.addLayout(self._files)
        column.addSpacing(8)
        column.addWidget(self._note)
        column.addWidget(self._pin)
        column.addStretch(1)
        column.addLayout(buttons)
        column.addWidget(self._back)

    def show_point(self, listed: ListedPoint | None) -> None:
        """Show *listed*."""
        before = self._shown
        self._shown = listed
        self.setVisible(listed is not None)
        if listed is None:
            return
        point = listed.point
        self._title.setText(exact_time(when(listed)))
        version = point.program_version or "–"
        lines = (
            f"{reason_name(point.reason)} · {point.by}",
            say(
                translate(
                    "backup",
                    "Program {program} · Console {console}",
                    program=version,
                    console=point.console_version,
                )
            ),
            point.id,
        )
        self._about.setText("\n".join(lines))
        self._about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._condition.setText(condition(listed))
        self._condition.setObjectName("good" if listed.good else "alarm")
        restyle(self._condition)
        self._offer()
        if before is None or before.point.id != point.id or not self._note.hasFocus():
            self._note.setText(listed.annotations.note)
        self._pin.setChecked(listed.annotations.pinned)
        if before is None or before.point.id != point.id:
            self._show_files(listed)

    def set_busy(self, *, busy: bool) -> None:
        """Offer nothing that would have to wait."""
        self._busy = busy
        for widget in (self._note, self._pin):
            widget.setEnabled(not busy)
        self._offer()

    def _offer(self) -> None:
        for button, action in zip(self._buttons, self.offers, strict=True):
            good = button is not self._back or (self._shown is not None and self._shown.good)
            button.setEnabled(good and not self._busy)
            action.setEnabled(button.isEnabled())

    def _show_files(self, listed: ListedPoint) -> None:
        while (item := self._files.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        titles: tuple[Text, ...] = (
            translate("backup", "File"),
            translate("backup", "Tables"),
            translate("backup", "Rows"),
            translate("backup", "Size"),
        )
        for column, title in enumerate(titles):
            self._cell(say(title), 0, column, faint=True)
        for row, file in enumerate(listed.point.files, start=1):
            facts = file.database
            cells = (
                file.name,
                count_text(facts.table_count) if facts else "–",
                count_text(facts.rows) if facts else "–",
                bytes_text(file.size),
            )
            for column, text in enumerate(cells):
                self._cell(text, row, column)

    def _cell(self, text: str, row: int, column: int, *, faint: bool = False) -> None:
        cell = label(self, "small" if faint else "", text)
        if column:
            cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._files.addWidget(cell, row, column)

    def _ask(self, ask: Callable[[str], None], *_: bool) -> None:
        if self._shown is not None:
            ask(self._shown.point.id)

    def _save_note(self) -> None:
        shown = self._shown
        if shown is not None and self._note.text() != shown.annotations.note:
            self.note_wanted.emit(shown.point.id, self._note.text())

    def _save_pin(self) -> None:
        if self._shown is not None:
            self.pin_wanted.emit(self._shown.point.id, self._pin.isChecked())
