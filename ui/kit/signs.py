"""The icons of `resources/icons`, drawn in a colour of the theme, and labels that show one."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QByteArray, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPixmapCache, QPolygonF
from PyQt6.QtSvg import QSvgRenderer
from PyQt6.QtWidgets import QLabel, QWidget

from ui.theme import Theme

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "icons"


def pixmap(name: str, colour: str, side: int, ratio: float = 1.0) -> QPixmap:
    """Return icon *name* in *colour*, *side* device-independent pixels wide and high."""
    key = f"{name} {colour} {side} {ratio}"
    kept = QPixmapCache.find(key)
    if kept is not None:
        return kept
    drawing = (FOLDER / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    image = QPixmap(QSize(round(side * ratio), round(side * ratio)))
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(drawing.encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    QPixmapCache.insert(key, image)
    return image


def icon(name: str, colour: str) -> QIcon:
    """Return icon *name* in *colour*, sharp on screens of one and of two pixels a point."""
    sharp = QIcon()
    for ratio in (1.0, 2.0):
        sharp.addPixmap(pixmap(name, colour, 20, ratio))
    return sharp


def stroke(colour: QColor, width: float) -> QPen:
    """Return a pen of *width* pixels with round ends."""
    return QPen(
        colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    )


def paint_check(painter: QPainter, centre: QPointF, size: float, colour: QColor) -> None:
    """Paint a check mark."""
    painter.setPen(stroke(colour, size * 0.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(
        QPolygonF(
            [
                centre + QPointF(-size * 0.9, 0.1 * size),
                centre + QPointF(-size * 0.25, 0.75 * size),
                centre + QPointF(size * 0.9, -0.65 * size),
            ]
        )
    )


def paint_cross(painter: QPainter, centre: QPointF, size: float, colour: QColor) -> None:
    """Paint a cross."""
    painter.setPen(stroke(colour, size * 0.5))
    for slope in (1, -1):
        painter.drawLine(
            centre + QPointF(-size, -slope * size), centre + QPointF(size, slope * size)
        )


class Sign(QLabel):
    """One icon, *lines* lines of text high, in its colour of light and of dark."""

    def __init__(self, theme: Theme, parent: QWidget | None = None, lines: float = 1.3) -> None:
        super().__init__(parent)
        self._theme, self._lines = theme, lines
        self._shown = ("unknown", "faint")
        theme.changed.connect(self._dress)
        self._dress()

    def show_sign(self, name: str, colour: str) -> None:
        """Show icon *name* in what the theme calls *colour*."""
        if self._shown != (name, colour):
            self._shown = (name, colour)
            self._dress()

    def _dress(self) -> None:
        name, colour = self._shown
        side = round(self.fontMetrics().height() * self._lines)
        tint = self._theme.colour(colour)
        self.setPixmap(pixmap(name, tint, side, self.devicePixelRatioF()))
