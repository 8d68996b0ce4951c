"""A failure in the window: what happened, what state the data is in, what to do."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from core.base.operation import OperationError
from core.base.text import Text, translate
from ui.icons import pixmap
from ui.language import say
from ui.theme import Theme


class Banner(QFrame):
    """Stands above what it is about until it is closed or something succeeds."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("banner")
        self._sign = QLabel(self)
        self._happened = QLabel(self)
        self._happened.setObjectName("alarm")
        self._rest = QLabel(self)
        for label in (self._happened, self._rest):
            label.setWordWrap(True)
            # What a program or a file name says is shown as it stands.
            label.setTextFormat(Qt.TextFormat.PlainText)
        close = QToolButton(self)
        close.setText("×")
        close.setToolTip(say(translate("window", "Close")))
        close.setAccessibleName(close.toolTip())
        close.clicked.connect(self.hide)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self._happened)
        words.addWidget(self._rest)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 8, 12)
        row.setSpacing(12)
        row.addWidget(self._sign)
        row.addLayout(words, 1)
        row.addWidget(close)
        self.hide()
        theme.changed.connect(self._dress)

    def show_error(self, error: Exception) -> None:
        """Show *error*: the three sentences of a known one, or that it is a bug."""
        if isinstance(error, OperationError):
            happened, rest = say(error.happened), (error.data_state, error.to_do)
        else:
            happened = say(translate("window", "The console met an error of its own."))
            rest = (
                translate(
                    "window",
                    "The strip at the top shows what state the live data is in; the "
                    "details are in the log.",
                ),
                Text(context="", template="{bug}", values={"bug": repr(error)[:300]}),
            )
        self._happened.setText(happened)
        self._rest.setText("  ".join(say(part) for part in rest))
        self.setAccessibleDescription(f"{happened} {self._rest.text()}")
        self._dress()
        self.show()

    def _dress(self) -> None:
        side = round(self.fontMetrics().height() * 1.6)
        colour = self._theme.tokens.danger
        self._sign.setPixmap(pixmap("warning", colour, side, self.devicePixelRatioF()))
