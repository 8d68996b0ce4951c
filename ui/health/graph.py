"""One large graph: a line of minima and maxima, its threshold, what happened, and a crosshair."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QResizeEvent
from PyQt6.QtWidgets import QWidget

from core.health.alerts.models import Incident
from core.health.history.decimate import decimate
from core.health.history.query import Series
from core.text import translate
from ui.health.wording import name_text, value_text
from ui.language import say
from ui.theme import Theme


class Mark(NamedTuple):
    """Something that happened, drawn over every graph; *end* None for a moment."""

    at: datetime
    end: datetime | None
    label: str
    danger: bool = False


class _ValueAxis(pg.AxisItem):  # type: ignore[misc]
    """Writes values with the units of the metric."""

    def __init__(self, key: str) -> None:
        super().__init__("left")
        self._key = key
        self.setWidth(76)

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return [value_text(self._key, value) for value in values]


class Graph(pg.PlotWidget):  # type: ignore[misc]
    """Draws one metric; all graphs share their range of time."""

    pointed = pyqtSignal(float)
    """Unix seconds under the pointer."""
    moved_by_hand = pyqtSignal()

    def __init__(self, key: str, theme: Theme, parent: QWidget | None = None) -> None:
        axis = pg.DateAxisItem(orientation="bottom")
        super().__init__(parent, axisItems={"bottom": axis, "left": _ValueAxis(key)})
        self.key = key
        self._theme = theme
        self._series: Series | None = None
        self._marks: list[pg.GraphicsObject] = []
        self._shown_marks: tuple[tuple[Mark, ...], tuple[Incident, ...]] = ((), ())
        self._curve = pg.PlotCurveItem(connect="finite")
        self._fired = pg.ScatterPlotItem(size=10, symbol="t")
        self._threshold = pg.InfiniteLine(angle=0)
        self._cross = pg.InfiniteLine(angle=90)
        self._title = pg.TextItem(anchor=(0, 0))
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setMouseEnabled(x=True, y=False)
        self.addItem(self._curve)
        self.addItem(self._fired)
        for item in (self._threshold, self._cross):
            item.setVisible(False)
            self.addItem(item, ignoreBounds=True)
        self._title.setParentItem(self.getPlotItem().vb)
        self._title.setPos(8, 4)
        self.setAccessibleName(name_text(key))
        self.scene().sigMouseMoved.connect(self._point)
        self.getPlotItem().vb.sigRangeChangedManually.connect(lambda *_: self.moved_by_hand.emit())
        self.getPlotItem().vb.sigXRangeChanged.connect(lambda *_: self._draw())
        theme.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        tokens = self._theme.tokens
        self.setBackground(tokens.surface)
        for name in ("left", "bottom"):
            axis = self.getPlotItem().getAxis(name)
            axis.setPen(pg.mkPen(tokens.line))
            axis.setTextPen(pg.mkPen(tokens.faint))
        self._curve.setPen(pg.mkPen(tokens.accent, width=1.4))
        self._threshold.setPen(pg.mkPen(tokens.danger, width=1, style=Qt.PenStyle.DashLine))
        self._cross.setPen(pg.mkPen(tokens.faint, width=1, style=Qt.PenStyle.DotLine))
        self._fired.setBrush(QColor(tokens.danger))
        self._fired.setPen(pg.mkPen(tokens.surface))
        self._title.setColor(QColor(tokens.text))
        self._remark(*self._shown_marks)

    def set_threshold(self, value: float | None) -> None:
        """Draw a dashed line at *value*."""
        self._threshold.setVisible(value is not None)
        if value is not None:
            self._threshold.setValue(value)

    def show_series(self, series: Series | None) -> None:
        """Draw *series*; what is hidden is not drawn."""
        self._series = series
        self._draw()
        self.show_at(None)

    def _draw(self) -> None:
        series = self._series
        if series is None or not self.isVisible():
            self._curve.setData([], [])
            return
        start, end = self.getPlotItem().vb.viewRange()[0]
        columns = max(1, self.width())
        x, y = decimate(series.times, series.low, series.high, start, end, columns)
        self._curve.setData(x, y)
        known = y[~np.isnan(y)]
        if len(known):
            low, high = float(known.min()), float(known.max())
            if self._threshold.isVisible() and high > 0.5 * float(self._threshold.value()):
                high = max(high, float(self._threshold.value()))
            # A span of at least a twentieth: noise in the last digits is no mountain.
            span = max(high - low, abs(high) / 20) or 1.0
            room = span * 0.12
            middle = (high + low) / 2
            low, high = min(low, middle - span / 2), max(high, middle + span / 2)
            self.setYRange(low - (room if low else 0), high + 2.5 * room, padding=0)

    def show_marks(self, marks: Sequence[Mark], incidents: Sequence[Incident]) -> None:
        """Draw what happened: the console's operations, restarts, and alerts of this metric."""
        if (tuple(marks), tuple(incidents)) != self._shown_marks:
            self._remark(tuple(marks), tuple(incidents))

    def _remark(self, marks: tuple[Mark, ...], incidents: tuple[Incident, ...]) -> None:
        self._shown_marks = (marks, incidents)
        for item in self._marks:
            self.removeItem(item)
        self._marks = []
        tokens = self._theme.tokens
        for mark in marks:
            colour = QColor(tokens.danger if mark.danger else tokens.safety)
            line = pg.InfiniteLine(
                mark.at.timestamp(),
                angle=90,
                pen=pg.mkPen(colour, width=1),
                label=mark.label,
                labelOpts={
                    "position": 0.12,  # the name and the value stand at the top
                    "color": colour,
                    "rotateAxis": (1, 0),
                    "anchors": [(1, 1), (1, 0)],
                },
            )
            self._marks.append(line)
            if mark.end is not None:
                colour.setAlpha(40)
                span = (mark.at.timestamp(), mark.end.timestamp())
                self._marks.append(
                    pg.LinearRegionItem(span, movable=False, brush=colour, pen=pg.mkPen(None))
                )
        for item in self._marks:
            self.addItem(item, ignoreBounds=True)
        mine = [one for one in incidents if one.metric == self.key]
        self._fired.setData([one.fired.timestamp() for one in mine], [one.value for one in mine])

    def show_at(self, at: float | None) -> None:
        """Put the crosshair at *at* (Unix seconds) and say the value there; None: the newest."""
        self._cross.setVisible(at is not None)
        series = self._series
        value: float | None = None
        if series is not None and len(series.times):
            if at is None:
                known = np.flatnonzero(~np.isnan(series.mean))
                value = float(series.mean[known[-1]]) if len(known) else None
            else:
                self._cross.setValue(at)
                place = int(np.clip(np.searchsorted(series.times, at), 0, len(series.times) - 1))
                found = float(series.mean[place])
                value = None if np.isnan(found) else found
        shown = value_text(self.key, value)
        if series is None:
            shown = say(translate("health", "no data in this range"))
        self._title.setText(f"{name_text(self.key)}   {shown}")

    def _point(self, place: QPointF) -> None:
        view = self.getPlotItem().vb
        if view.sceneBoundingRect().contains(place):
            self.pointed.emit(float(view.mapSceneToView(place).x()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw anew for the new number of columns."""
        super().resizeEvent(event)
        if hasattr(self, "_curve"):
            self._draw()
