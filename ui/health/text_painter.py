"""Writes short texts that stand in every picture; each is laid out once."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFont, QPainter, QStaticText, QTransform

KEPT = 2_000
_laid_out: dict[tuple[str, str], QStaticText] = {}


class TextPainter:
    """Writes in one font, in the colour that the painter has."""

    def __init__(self, painter: QPainter, font: QFont) -> None:
        self._painter, self._font, self._key = painter, font, font.key()

    def _words(self, text: str) -> QStaticText:
        found = _laid_out.get((text, self._key))
        if found is None:
            if len(_laid_out) >= KEPT:
                _laid_out.clear()
            found = QStaticText(text)
            found.setTextFormat(Qt.TextFormat.PlainText)
            found.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            found.prepare(QTransform(), self._font)
            _laid_out[text, self._key] = found
        return found

    def width_of(self, text: str) -> float:
        """Return how wide *text* is."""
        return self._words(text).size().width()

    def write(self, place: QRectF, text: str, *, right: bool = False) -> None:
        """Write *text* in the middle of *place*'s height, at its left or right.

        The painter must have this pen's font.
        """
        words = self._words(text)
        size = words.size()
        x = place.right() - size.width() if right else place.left()
        self._painter.drawStaticText(QPointF(x, place.center().y() - size.height() / 2), words)
