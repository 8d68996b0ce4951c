"""Shows every label, message and tooltip as the text that it is.

Qt takes text with a tag in it for rich text, and names, notes and cells come from data that anybody
may have written.  Whatever is a label in the window (those of message boxes and tooltips are, too)
passes its style before it is shown.
"""

from __future__ import annotations

from typing import overload

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import QApplication, QLabel, QProxyStyle, QWidget


class PlainStyle(QProxyStyle):
    """Qt's own style, in which text is rich only where a label was told so."""

    @overload  # type: ignore[override]  # (Qt's own names of the argument differ)
    def polish(self, a0: QWidget | None) -> None: ...
    @overload
    def polish(self, a0: QApplication | None) -> None: ...
    @overload
    def polish(self, a0: QPalette) -> QPalette: ...
    def polish(self, a0: QWidget | QApplication | QPalette | None) -> QPalette | None:
        """Prepare *a0*; a label that would guess what its text is takes it as plain."""
        if isinstance(a0, QPalette):
            return super().polish(a0)
        if isinstance(a0, QApplication):
            super().polish(a0)
            return None
        super().polish(a0)
        if isinstance(a0, QLabel) and a0.textFormat() is Qt.TextFormat.AutoText:
            a0.setTextFormat(Qt.TextFormat.PlainText)
        return None
