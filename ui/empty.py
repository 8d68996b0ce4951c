"""What stands where there is nothing yet: a sentence and what to do."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget


class EmptyState(QWidget):
    """A title and a sentence in the middle."""

    def __init__(self, title: str, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        head, body = QLabel(title, self), QLabel(sentence, self)
        head.setObjectName("title")
        body.setObjectName("faint")
        body.setWordWrap(True)
        body.setFixedWidth(70 * self.fontMetrics().horizontalAdvance("0"))
        column = QVBoxLayout(self)
        column.addStretch(2)
        for label in (head, body):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(head)
        column.addSpacing(8)
        # Between stretches and not aligned: only so its height follows its width.
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(body)
        middle.addStretch(1)
        column.addLayout(middle)
        column.addStretch(3)
