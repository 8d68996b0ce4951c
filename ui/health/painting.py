"""Paints the graphs: lines, thresholds, marks and labels, and nothing that is not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPen,
    QPolygonF,
    QStaticText,
    QTransform,
)

from core.base.metrics import Unit, metric_of
from core.monitoring.alerts.models import Incident
from core.monitoring.history.query import EMPTY, Columns, Series, per_column, pieces, zigzag
from core.monitoring.history.tiers import Floats
from core.monitoring.models import State
from ui.health.frame import Frame, Scale, TimeTick, scale_of, tick_text, time_ticks
from ui.health.loader import Mark, heap_label, heaps
from ui.health.messages import sign_of, value_text
from ui.theme.style import Tokens

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


FINE = 500
"""Lines of fewer points are smoothed, which costs several times as much."""
BAND = 0.45
"""How much of the line's colour the band between least and greatest has."""
SHADE = 34
"""Opacity of the time that an operation took, of 255."""
_LINE_WIDTH = 1.3
FLAG_LINES = 6
"""Marks that are nearer than so many lines of text are high share one flag."""


NO_SCALE = Scale(0.0, 1.0, (), 1.0)


class Limit(NamedTuple):
    """A threshold, and how bad it is beyond it."""

    value: float
    severity: State


@dataclass
class Lane:
    """One graph: its metric, and all that is drawn in it."""

    key: str
    limits: tuple[Limit, ...] = ()
    series: Series | None = None
    incidents: tuple[Incident, ...] = ()
    columns: Columns = field(default=EMPTY)
    scale: Scale = NO_SCALE
    slack: float = 0.0
    """Half a pixel, in the metric's unit."""
    newest: float | None = None
    """The value of now, where it is newer than the series."""
    told: str | None = None
    """The value as its heading says it."""
    summary: str | None = None
    """What is said of the values that are seen; None: to be made."""

    @property
    def unit(self) -> Unit:
        """What its metric is counted in."""
        metric = metric_of(self.key)
        return metric.unit if metric is not None else Unit.COUNT

    @property
    def known_until(self) -> float:
        """The end of the series, in Unix seconds."""
        series = self.series
        return float(series.times[-1]) if series is not None and len(series.times) else -np.inf

    def y(self, area: QRectF, value: float) -> float:
        """Return where *value* lies in *area*, which holds the line."""
        scale = self.scale
        return area.bottom() - (value - scale.bottom) / (scale.top - scale.bottom) * area.height()

    def ys(self, area: QRectF, values: Floats) -> Floats:
        """Return where *values* lie in *area*."""
        factor = area.height() / (self.scale.top - self.scale.bottom)
        return area.bottom() - (values - self.scale.bottom) * factor

    def holds(self, times: Floats, values: Floats, width: float) -> bool:
        """Whether the newest *values* would change nothing in a picture of it.

        *width* is that of a pixel column in seconds, *times* are Unix seconds.
        """
        found = self.columns
        if not len(found.x) or np.isnan(found.low[-1]) or not len(times):
            return not len(times)
        # With a value on either side of the picture the last column may lie beyond it.
        same = np.floor(times / width) == np.floor(found.x[-1] / width)
        low, high = found.low[-1] - self.slack, found.high[-1] + self.slack
        inside = (values >= low) & (values <= high)
        return bool(np.all(same & inside))

    def fit(self, frame: Frame, number: int) -> None:
        """Reduce the series to the columns of *frame*, and choose the scale for what is seen.

        The columns are those of fixed times, so that a line does not shimmer while it moves.
        """
        self.summary = None
        height = frame.drawn(number).height()
        series, width = self.series, frame.seconds_per_pixel
        if series is None:
            self.columns = EMPTY
        else:
            start = np.floor(frame.start / width) * width
            count = int(np.ceil((frame.end - start) / width)) + 1
            self.columns = per_column(
                series.times, series.low, series.mean if frame.head else series.low, series.high,
                start, start + count * width, count,
            )  # fmt: skip
        seen = (self.columns.x >= frame.start - width) & (self.columns.x <= frame.end)
        low, high = self.columns.low[seen], self.columns.high[seen]
        known = ~np.isnan(low)
        parts = 3 if height > 96 else 2 if height > 56 else 1
        if known.any():
            limits = [limit.value for limit in self.limits]
            self.scale = scale_of(
                self.unit, float(low[known].min()), float(high[known].max()), limits, parts
            )
        else:
            self.scale = NO_SCALE
        self.slack = (self.scale.top - self.scale.bottom) / max(1.0, height) / 2


class LanesPainter:
    """Paints one picture; made anew for each, as fonts and colours may have changed."""

    def __init__(self, painter: QPainter, frame: Frame, tokens: Tokens) -> None:
        self._painter = painter
        self._frame = frame
        self._tokens = tokens
        self._metrics = QFontMetricsF(painter.font())
        self._words = TextPainter(painter, painter.font())
        self._pens: dict[tuple[str, Qt.PenStyle], QPen] = {}
        self._bounds = frame.plot.adjusted(-frame.plot.left(), 0, 0, 0)
        """What is painted in, the labels at the left with it."""

    def paint(self, lanes: Sequence[Lane], marks: Sequence[Mark]) -> None:
        """Paint *lanes*, as they fit the frame, on an empty ground; *marks* over all of them."""
        frame, painter = self._frame, self._painter
        seen = [number for number in range(len(lanes)) if frame.is_seen(number)]
        ticks = self._ticks()
        self._time_lines(ticks)
        self._times(ticks)
        marks = self._seen(marks)
        painter.setClipRect(self._bounds)
        for number in seen:
            self._lane_ground(lanes[number], number)
        self._shades(marks)
        for number in seen:
            self._lane(lanes[number], number)
        painter.setClipping(False)
        self._flags(marks)

    def paint_again(self, lane: Lane, number: int, marks: Sequence[Mark]) -> None:
        """Paint *lane* over what was painted of it before, and nothing beside it."""
        self._bounds = self._frame.row(number)
        self._painter.setClipRect(self._bounds)
        self._painter.fillRect(self._bounds, QColor(self._tokens.surface))
        self._time_lines(self._ticks())
        self._lane_ground(lane, number)
        self._shades(self._seen(marks))
        self._lane(lane, number)
        self._painter.setClipping(False)

    def _ticks(self) -> tuple[TimeTick, ...]:
        frame, spacing = self._frame, self._metrics.horizontalAdvance("00:00:00") * 1.6
        return tuple(time_ticks(frame.start, frame.end, max(2, int(frame.plot.width() / spacing))))

    def _seen(self, marks: Sequence[Mark]) -> list[Mark]:
        start, end = self._frame.start, self._frame.end
        return [mark for mark in marks if mark.end >= start and mark.begin <= end]

    def _pen(self, colour: str, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> None:
        pen = self._pens.get((colour, style))
        if pen is None:
            pen = QPen(QColor(colour), 0, style)  # one pixel of the screen, whatever its scale
            self._pens[colour, style] = pen
        self._painter.setPen(pen)

    def _time_lines(self, ticks: Sequence[TimeTick]) -> None:
        plot = self._frame.plot
        self._pen(self._tokens.line)
        self._painter.drawLines(
            *[QLineF(x, plot.top(), x, plot.bottom() + 4)
             for x in (round(self._frame.x(tick.at)) + 0.5 for tick in ticks)]
        )  # fmt: skip

    def _times(self, ticks: Sequence[TimeTick]) -> None:
        plot, tokens = self._frame.plot, self._tokens
        high = self._metrics.height()
        for tick in ticks:
            self._pen(tokens.text if tick.strong else tokens.faint)
            x, half = self._frame.x(tick.at), self._metrics.horizontalAdvance(tick.text) / 2 + 1
            place = QRectF(x - half, plot.bottom() + 6, 2 * half, high)
            self._painter.drawText(place, Qt.AlignmentFlag.AlignCenter, tick.text)

    def _lane_ground(self, lane: Lane, number: int) -> None:
        area, plot = self._frame.drawn(number), self._frame.plot
        self._pen(self._tokens.line)
        edge = self._frame.lanes[number].bottom() - 0.5
        lines = [QLineF(0.0, edge, plot.right(), edge)]
        lines += [
            QLineF(plot.left(), y, plot.right(), y)
            for y in (round(lane.y(area, tick)) + 0.5 for tick in lane.scale.ticks[1:])
        ]
        self._painter.drawLines(*lines)
        self._pen(self._tokens.faint)
        high = self._metrics.height()
        places = [
            min(max(lane.y(area, tick), area.top() + high * 0.4), area.bottom() - high * 0.4)
            for tick in lane.scale.ticks
        ]
        for tick, y in zip(lane.scale.ticks, places, strict=True):
            if y not in (places[0], places[-1]) and min(places[0] - y, y - places[-1]) < high:
                continue  # there is no room between the ends
            place = QRectF(0, y - high / 2, plot.left() - 8, high)
            self._words.write(place, tick_text(lane.unit, tick, lane.scale.step), right=True)

    def _shades(self, marks: Sequence[Mark]) -> None:
        frame = self._frame
        for mark in marks:
            colour = QColor(str(getattr(self._tokens, mark.colour)))
            x, end = frame.x(mark.begin), frame.x(mark.end)
            self._painter.setPen(QPen(colour, 0))
            if x >= frame.plot.left():
                line = QLineF(x, frame.plot.top(), x, frame.plot.bottom())
                self._painter.drawLine(line)
            x = max(x, frame.plot.left())
            if end - x >= 1:
                colour.setAlpha(SHADE)
                self._painter.fillRect(
                    QRectF(x, frame.plot.top(), end - x, frame.plot.height()), colour
                )

    def _lane(self, lane: Lane, number: int) -> None:
        area = self._frame.drawn(number)
        lines = self._bounds.intersected(self._frame.plot)
        self._painter.setClipRect(area.adjusted(0, -2, 0, 1).intersected(lines))
        self._limits(lane, area)
        found = lane.columns
        if len(found.x):
            low = not self._frame.head  # too low for two lines to be told apart
            if low or bool(np.any(found.high > found.low)):
                band_x, band_y = zigzag(found)
                ys = lane.ys(area, band_y)
                self._line(self._frame.xs(band_x), ys, soft=not low)
            if not low:
                self._line(self._frame.xs(found.x), lane.ys(area, found.mean))
        if lane.incidents:
            self._alerts(lane, area)

    def _line(self, x: Floats, y: Floats, soft: bool = False) -> None:
        """Draw a line with a gap wherever *y* is NaN; a value alone between gaps is a point."""
        colour = QColor(self._tokens.accent)
        if soft:
            colour = mixed(colour, QColor(self._tokens.surface), BAND)
        fine = len(x) < FINE and not soft
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, fine)
        self._painter.setPen(QPen(colour, _LINE_WIDTH if fine else 0))
        np.clip(y, -1e5, 1e5, out=y)  # beyond that the painter overflows
        for first, last in pieces(y):
            if last - first == 1:
                self._dot(float(x[first]), float(y[first]), colour)
            else:
                polygon: QPolygonF = pg.functions.arrayToQPolygonF(x[first:last], y[first:last])
                self._painter.drawPolyline(polygon)
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _dot(self, x: float, y: float, colour: QColor) -> None:
        self._painter.fillRect(QRectF(x - 1, y - 1, 2, 2), colour)

    def _limits(self, lane: Lane, area: QRectF) -> None:
        scale = lane.scale
        for limit in lane.limits:
            colour = str(getattr(self._tokens, sign_of(limit.severity)[1]))
            self._pen(colour, Qt.PenStyle.DashLine)
            if not scale.ticks:
                continue
            if scale.bottom <= limit.value <= scale.top:
                y = round(lane.y(area, limit.value)) + 0.5
                self._painter.drawLine(QLineF(area.left(), y, area.right(), y))
            elif area.height() >= 2 * self._metrics.height():
                # Out of the picture: where it lies is said at the edge that it lies beyond.
                above = limit.value > scale.top
                text = f"{'↑' if above else '↓'} {value_text(lane.key, limit.value)}"
                edge = Qt.AlignmentFlag.AlignTop if above else Qt.AlignmentFlag.AlignBottom
                self._painter.drawText(
                    area.adjusted(0, 0, -8, 0), edge | Qt.AlignmentFlag.AlignRight, text
                )

    def _alerts(self, lane: Lane, area: QRectF) -> None:
        """Mark the points that fired an alert, and for how long it went on."""
        frame, side = self._frame, self._metrics.height() * 0.42
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for incident in lane.incidents:
            colour = QColor(str(getattr(self._tokens, sign_of(incident.severity)[1])))
            x = frame.x(incident.fired.timestamp())
            last = frame.x(incident.last.timestamp() if incident.resolved else frame.end)
            begun = max(frame.x(incident.begun.timestamp()), frame.plot.left())
            if last > begun:
                self._painter.fillRect(QRectF(begun, area.bottom() - 3, last - begun, 3), colour)
            if not frame.plot.left() - side <= x <= frame.plot.right() + side:
                continue
            y = min(max(lane.y(area, incident.value), area.top() + side), area.bottom() - 2)
            self._painter.setBrush(colour)
            self._painter.setPen(QPen(QColor(self._tokens.surface), 1))
            self._painter.drawPolygon(
                QPolygonF([
                    QPointF(x, y + 1), QPointF(x - side, y - 1.7 * side),
                    QPointF(x + side, y - 1.7 * side),
                ])
            )  # fmt: skip
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _flags(self, marks: Sequence[Mark]) -> None:
        """Write what happened above the graphs, once where it lies close together."""
        frame, high = self._frame, self._metrics.height()
        top, middle = frame.plot.top() - high - 5, Qt.AlignmentFlag.AlignVCenter
        found = heaps(marks, FLAG_LINES * high * frame.seconds_per_pixel)
        starts = [max(frame.x(heap[0].begin), frame.plot.left()) for heap in found]
        for number, heap in enumerate(found):
            text, name = heap_label(heap)
            colour, x = QColor(str(getattr(self._tokens, name))), starts[number]
            self._painter.fillRect(QRectF(x, top, 2, high + 5), colour)
            end = starts[number + 1] if number + 1 < len(found) else frame.plot.right()
            place = QRectF(x + 6, top, max(end - x - 12, 0), high)
            wide = self._metrics.horizontalAdvance(text) + 2
            before = starts[number - 1] if number else frame.plot.left()
            if place.width() < wide <= x - before - 12 and number + 1 == len(found):
                place = QRectF(x - wide - 4, top, wide, high)  # the last one, at the edge
            self._painter.setPen(colour)
            shown = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
            self._painter.drawText(place, middle, shown)


def mixed(colour: QColor, ground: QColor, share: float) -> QColor:
    """Return *colour* thinned with *ground*; opaque, so that crossing lines do not darken."""
    parts = zip(colour.getRgb()[:3], ground.getRgb()[:3], strict=True)
    return QColor(*(round(mine * share + other * (1 - share)) for mine, other in parts))
