"""The icons of `resources/icons`, drawn in a colour of the theme."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QByteArray, QRectF, QSize, Qt
from PyQt6.QtGui import QIcon, QPainter, QPixmap, QPixmapCache
from PyQt6.QtSvg import QSvgRenderer

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "icons"


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
    found = QIcon()
    for ratio in (1.0, 2.0):
        found.addPixmap(pixmap(name, colour, 20, ratio))
    return found
