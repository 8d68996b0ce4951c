"""Moves through time with mouse and wheel: pyqtgraph's view, held within what there can be."""

from __future__ import annotations

import time

import pyqtgraph as pg
from PyQt6.QtCore import QPointF, Qt, pyqtSignal

SHORTEST_SECONDS = 5.0
LONGEST_SECONDS = 2 * 366 * 86_400.0
AHEAD = 0.02
"""How far one may look into the future, as a share of the range."""


class TimeView(pg.ViewBox):  # type: ignore[misc]
    """A range of time; the other axis belongs to the lanes."""

    moved_by_hand = pyqtSignal()
    menu_wanted = pyqtSignal(QPointF)
    """Where in the scene."""
    live_wanted = pyqtSignal()
    scrolled = pyqtSignal(int)
    """Of a wheel with Shift: eighths of a degree."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.setMouseEnabled(x=True, y=False)
        self.setLimits(minXRange=SHORTEST_SECONDS, maxXRange=LONGEST_SECONDS, xMin=0.0)
        self.setYRange(0.0, 1.0, padding=0)
        self.sigRangeChangedManually.connect(lambda _: self._moved())

    @property
    def span(self) -> tuple[float, float]:
        """Beginning and end of what is seen, in Unix seconds."""
        start, end = self.viewRange()[0]
        return float(start), float(end)

    def show(self, start: float, end: float) -> None:
        """See *start* to *end*."""
        self.setXRange(start, end, padding=0)

    def pan(self, share: float) -> None:
        """Move by *share* of the range, as by hand."""
        start, end = self.span
        step = (end - start) * share
        self.show(start + step, end + step)
        self._moved()

    def zoom(self, factor: float, about: float | None = None) -> None:
        """Make the range *factor* times as long about a time (None: its middle), as by hand."""
        start, end = self.span
        about = (start + end) / 2 if about is None else about
        self.show(about - (about - start) * factor, about + (end - about) * factor)
        self._moved()

    def _moved(self) -> None:
        start, end = self.span
        latest = time.time() + (end - start) * AHEAD
        if end > latest:
            self.show(start - (end - latest), latest)
        self.moved_by_hand.emit()

    def wheelEvent(self, ev: object, axis: int | None = None) -> None:
        """Zoom about the pointer; with Shift scroll through the graphs."""
        if ev.modifiers() & Qt.KeyboardModifier.ShiftModifier:  # type: ignore[attr-defined]
            self.scrolled.emit(int(ev.delta()))  # type: ignore[attr-defined]
            ev.accept()  # type: ignore[attr-defined]
            return
        super().wheelEvent(ev, axis=0)

    def mouseClickEvent(self, ev: object) -> None:
        """Right: a menu.  Twice left: back to now."""
        if ev.button() == Qt.MouseButton.RightButton:  # type: ignore[attr-defined]
            ev.accept()  # type: ignore[attr-defined]
            self.menu_wanted.emit(ev.scenePos())  # type: ignore[attr-defined]
        elif ev.double():  # type: ignore[attr-defined]
            ev.accept()  # type: ignore[attr-defined]
            self.live_wanted.emit()
