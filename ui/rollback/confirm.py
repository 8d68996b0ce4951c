"""The one question before a rollback: what exactly will happen, and a red button that says so.

The focus stands on Cancel, so that neither Return nor Space pressed by habit starts anything.
"""

from __future__ import annotations

from datetime import datetime

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.base.text import translate
from core.switchover.plan import RollbackPlan, sentences
from ui.language import say
from ui.rollback.headline import confirm_text, question


class Confirmation(QDialog):
    """Asks once; `exec` and `open` end with Accepted only by the red button."""

    def __init__(
        self, plan: RollbackPlan, now: datetime, *, exact: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(say(translate("rollback", "Rollback")))
        self.setModal(True)
        title = QLabel(question(plan, now, exact=exact), self)
        title.setObjectName("title")
        title.setWordWrap(True)
        steps = QGridLayout()
        steps.setHorizontalSpacing(12)
        steps.setVerticalSpacing(8)
        steps.setColumnStretch(1, 1)
        self.sentences = tuple(say(sentence) for sentence in sentences(plan))
        top = Qt.AlignmentFlag.AlignTop
        for row, sentence in enumerate(self.sentences):
            number = QLabel(f"{row + 1}", self)
            number.setObjectName("faint")
            text = QLabel(sentence, self)
            text.setWordWrap(True)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            steps.addWidget(number, row, 0, top)
            steps.addWidget(text, row, 1, top)
        self.cancel = QPushButton(say(translate("rollback", "&Cancel")), self)
        self.go = QPushButton(confirm_text(plan, now, exact=exact), self)
        self.go.setObjectName("danger")
        self.go.setAutoDefault(False)
        self.cancel.setDefault(True)
        self.cancel.clicked.connect(self.reject)
        self.go.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(16)
        column.addWidget(title)
        column.addLayout(steps)
        column.addStretch(1)
        column.addLayout(buttons)
        self.setMinimumWidth(72 * self.fontMetrics().horizontalAdvance("0"))
        self.setAccessibleDescription(" ".join(self.sentences))
        self.cancel.setFocus()
