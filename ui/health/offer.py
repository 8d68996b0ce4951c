"""After an operation health was watched and is worse: say so, and offer the way back."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from core.health.watch import WatchResult
from core.text import translate
from ui.language import say
from ui.operations import operation_name


class Offer(QFrame):
    """Stands below the strip until the operator answers."""

    wanted = pyqtSignal(str)
    """The restore point to look at in the Rollback tab."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._point = ""
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._go = QPushButton(say(translate("health", "See the way &back")), self)
        self._go.clicked.connect(self._take)
        close = QToolButton(self)
        close.setText("×")
        close.setToolTip(say(translate("window", "Close")))
        close.setAccessibleName(close.toolTip())
        close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.addWidget(self._text, 1)
        row.addWidget(self._go)
        row.addWidget(close)
        self.hide()

    def show_result(self, result: WatchResult) -> None:
        """Show what the watch found, where it found health worse."""
        if not result.worse:
            return
        self._point = result.restore_point or ""
        self._go.setVisible(bool(self._point))
        head = translate(
            "health",
            "Since '{operation}' health is worse.",
            operation=operation_name(result.operation),
        )
        reasons = "; ".join(say(reason) for reason in result.reasons[:3])
        self._text.setText(f"{say(head)} {reasons}")
        self.show()

    def _take(self) -> None:
        self.hide()
        self.wanted.emit(self._point)
