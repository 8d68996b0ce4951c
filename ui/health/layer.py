"""One layer of the picture of the graphs, as pyqtgraph's scene knows it."""

from __future__ import annotations

from collections.abc import Callable

import pyqtgraph as pg
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QStyleOptionGraphicsItem, QWidget


class Layer(pg.GraphicsObject):  # type: ignore[misc]
    """One layer of the canvas: hands on its painting."""

    def __init__(self, paint_with: Callable[[QPainter], None], z: float) -> None:
        super().__init__()
        self._paint_with = paint_with
        self.area = QRectF()
        self.setZValue(z)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def lay(self, area: QRectF) -> None:
        """Cover *area*."""
        self.prepareGeometryChange()
        self.area = area

    def boundingRect(self) -> QRectF:
        """Return what it covers."""
        return self.area

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Let the canvas paint."""
        self._paint_with(painter)
