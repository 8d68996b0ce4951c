"""The headings of all graphs, and the one crosshair with the value of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QRegion

from core.base.metrics import Unit
from core.base.text import translate
from core.monitoring.history.query import Series, pause_of
from core.monitoring.models import State
from ui.health.frame import Frame
from ui.health.messages import name_text, sign_of, value_text
from ui.health.painting import Lane, TextPainter
from ui.kit.parts import pixmap
from ui.language import locale, say
from ui.theme.style import Tokens

SUMMARY_WIDTH = 620
"""From this width on a heading says least, mean and greatest, too."""


def value_at(series: Series | None, at: float | None, interval: float) -> float | None:
    """Return the value nearest to *at* (None: the newest), None within a gap."""
    if series is None or not len(series.times):
        return None
    if at is None:
        value = float(series.mean[-1])
        if np.isnan(value):
            known = series.mean[~np.isnan(series.mean)]
            return float(known[-1]) if len(known) else None
        return value
    after = int(np.searchsorted(series.times, at))
    near = [place for place in (after - 1, after) if 0 <= place < len(series.times)]
    place = min(near, key=lambda one: abs(float(series.times[one]) - at))
    if abs(float(series.times[place]) - at) > pause_of(series.key, max(series.step, interval)):
        return None
    value = float(series.mean[place])
    return None if np.isnan(value) else value


def time_text(at: float) -> str:
    """Return *at* (Unix seconds) in local time, as it stands at the crosshair."""
    return f"{datetime.fromtimestamp(at).astimezone():%Y-%m-%d %H:%M:%S}"


@lru_cache(maxsize=500)
def _name(key: str, language: str) -> str:
    """Return what metric *key* is called in *language*, which is the one that is spoken."""
    return name_text(key)


class Headings:
    """Paints what changes with every move of the pointer; made anew for each."""

    def __init__(
        self, painter: QPainter, frame: Frame, tokens: Tokens, ratio: float, interval: float,
        exposed: QRegion | None = None,
    ) -> None:  # fmt: skip
        """Paint with *painter*, whose pixels are seen only within *exposed* (None: everywhere)."""
        self._painter, self._frame, self._tokens = painter, frame, tokens
        self._ratio, self._interval, self._exposed = ratio, interval, exposed
        self._bold = QFont(painter.font())
        self._bold.setWeight(QFont.Weight.DemiBold)
        self._plain = QFont(painter.font())
        self._metrics = QFontMetricsF(self._plain)
        self._names = TextPainter(painter, self._plain)
        self._values = TextPainter(painter, self._bold)
        self._ground = QColor(tokens.surface)
        self._ground.setAlpha(200)

    def paint(
        self, lanes: Sequence[Lane], states: dict[str, State], at: float | None, chosen: int | None
    ) -> None:
        """Paint the headings of *lanes*, the crosshair at *at*, and a frame around *chosen*."""
        frame = self._frame
        crossed = at is not None and frame.start <= at <= frame.end
        for number, lane in enumerate(lanes):
            if not frame.is_seen(number) or not self._is_exposed(number):
                continue
            value = value_at(lane.series, at if crossed else None, self._interval)
            if not crossed and lane.newest is not None:
                value = lane.newest
            self._heading(lane, number, states.get(lane.key, State.UNKNOWN), value, crossed)
            if crossed and at is not None and value is not None:
                self._dot(lane, number, at, value)
        if crossed and at is not None:
            self._cross(at)
        if chosen is not None and frame.is_seen(chosen):
            self._painter.setPen(QPen(QColor(self._tokens.accent), 2))
            box = frame.lanes[chosen].intersected(frame.plot).adjusted(1, 1, -1, -2)
            self._painter.drawRect(box)

    def _is_exposed(self, number: int) -> bool:
        row = self._frame.row(number).toAlignedRect()
        return self._exposed is None or self._exposed.intersects(row)

    def _heading(
        self, lane: Lane, number: int, state: State, value: float | None, crossed: bool
    ) -> None:
        painter, tokens, metrics = self._painter, self._tokens, self._metrics
        row = self._frame.heading(number, metrics.height())
        plot = self._frame.plot
        if row.top() < plot.top() - 1 or row.bottom() > plot.bottom() + 1:
            return  # scrolled half away
        side = round(metrics.height() * 0.9)
        sign, colour = sign_of(state)
        icon = pixmap(sign, str(getattr(tokens, colour)), side, self._ratio)
        painter.drawPixmap(QPointF(row.left(), row.center().y() - side / 2), icon)
        left = row.left() + side + 6
        name = _name(lane.key, locale().name())
        text = lane.told = value_text(lane.key, value)
        if lane.series is None:
            text = say(translate("health", "no data in this range"))
        first = self._names.width_of(name) + 10
        painter.setFont(self._bold)
        wide = first + self._values.width_of(text)
        painter.fillRect(QRectF(left, row.top(), wide, row.height()), self._ground)
        painter.setPen(QColor(tokens.text if not crossed else tokens.accent))
        self._values.write(row.adjusted(left + first - row.left(), 0, 0, 0), text)
        painter.setFont(self._plain)
        painter.setPen(QColor(tokens.faint))
        self._names.write(row.adjusted(left - row.left(), 0, 0, 0), name)
        if self._frame.head and row.width() >= SUMMARY_WIDTH:
            if lane.summary is None:
                lane.summary = self._summary(lane)
            summary = lane.summary
            wide = metrics.horizontalAdvance(summary)
            painter.fillRect(row.adjusted(row.width() - wide, 0, 0, 0), self._ground)
            painter.setPen(QColor(tokens.faint))
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(row, right, summary)

    def _summary(self, lane: Lane) -> str:
        found = lane.columns
        if lane.unit is Unit.YES_NO or not len(found.x) or np.isnan(found.mean).all():
            return ""
        least, mean, most = (
            value_text(lane.key, float(value))
            for value in (np.nanmin(found.low), np.nanmean(found.mean), np.nanmax(found.high))
        )
        return say(
            translate("health", "min {least} · mean {mean} · max {most}", least=least, mean=mean,
                      most=most)
        )  # fmt: skip

    def _cross(self, at: float) -> None:
        frame, tokens = self._frame, self._tokens
        x = round(frame.x(at)) + 0.5
        self._painter.setPen(QPen(QColor(tokens.faint), 0))
        self._painter.drawLine(QLineF(x, frame.plot.top(), x, frame.plot.bottom()))
        text = time_text(at)
        wide, high = self._metrics.horizontalAdvance(text) + 16, self._metrics.height() + 4
        left = min(max(x - wide / 2, 0), frame.plot.right() - wide)
        place = QRectF(left, frame.plot.bottom() + 4, wide, high)
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.setBrush(QColor(tokens.text))
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.drawRoundedRect(place, 4, 4)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.setPen(QColor(tokens.surface))
        self._painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _dot(self, lane: Lane, number: int, at: float, value: float) -> None:
        area = self._frame.drawn(number)
        y = lane.y(area, value)
        if not (area.top() <= y <= area.bottom() + 1 and y <= self._frame.plot.bottom()):
            return
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.setBrush(QColor(self._tokens.accent))
        self._painter.setPen(QPen(QColor(self._tokens.surface), 1.5))
        self._painter.drawEllipse(QPointF(self._frame.x(at), y), 4, 4)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
