"""A list of things that were looked at: a sign, what was found, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ui.icons import pixmap
from ui.slots import while_there
from ui.theme import Theme


class CheckLine(NamedTuple):
    """One line: icon, the theme's name of its colour, what was found, what to do."""

    icon: str
    colour: str
    text: str
    remedy: str = ""


class ChecksView(QScrollArea):
    """A card of lines; filled once for each look."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines: tuple[CheckLine, ...] = ()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        theme.changed.connect(while_there(self, lambda: self.show_lines(self._lines)))

    def show_lines(self, lines: Sequence[CheckLine]) -> None:
        """Show *lines* in place of those before."""
        self._lines = tuple(lines)
        card = QFrame()
        card.setObjectName("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        side = round(self.fontMetrics().height() * 1.3)
        for line in self._lines:
            column.addWidget(self._row(card, line, side))
        column.addStretch(1)
        self.setWidget(card)

    def _row(self, card: QWidget, line: CheckLine, side: int) -> QWidget:
        row = QWidget(card)
        across = QHBoxLayout(row)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(12)
        sign, text = QLabel(row), QLabel(line.text, row)
        tint = str(getattr(self._theme.tokens, line.colour))
        sign.setPixmap(pixmap(line.icon, tint, side, self.devicePixelRatioF()))
        text.setWordWrap(True)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(text)
        if line.remedy:
            remedy = QLabel(line.remedy, row)
            remedy.setObjectName("faint")
            remedy.setWordWrap(True)
            remedy.setTextFormat(Qt.TextFormat.PlainText)
            words.addWidget(remedy)
        across.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        across.addLayout(words, 1)
        return row
