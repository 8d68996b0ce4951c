"""How the time line looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PyQt6.QtCore import QLineF, QLocale, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from core.backup.models import ListedPoint
from ui.kit.parts import paint_cross
from ui.points.table import paint_sign, sign
from ui.rollback.timeline_layout import Flag, Heap, Layout, Scale, scale
from ui.theme.style import Ink

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
MIDDLE = Qt.AlignmentFlag.AlignCenter


class Picture(NamedTuple):
    """All that a painting depends on."""

    layout: Layout
    points: Sequence[ListedPoint]
    hovered: Heap | None
    ink: Ink
    locale: QLocale
    font: QFont
    small: QFont
    now_label: str
    chosen_label: str
    distance_label: str
    """How far back the chosen point lies, written into the stretch up to now."""
    focus: bool
    width: float


def paint(painter: QPainter, picture: Picture) -> None:
    """Paint the time line."""
    _paint_scale(painter, picture)
    _paint_way_back(painter, picture)
    _paint_flags(painter, picture)
    _paint_now(painter, picture)
    _paint_signs(painter, picture)
    _paint_chosen(painter, picture)


def _paint_scale(painter: QPainter, picture: Picture) -> None:
    layout, ink = picture.layout, picture.ink
    lanes = layout.lanes
    metrics = QFontMetricsF(picture.small)
    spacing = metrics.horizontalAdvance("00:00") * 1.9
    marks: Scale = scale(layout.span, lanes.plot.width(), spacing, picture.locale)
    painter.setFont(picture.small)
    for band in marks.bands[1:]:
        x = layout.x(band.start)
        if lanes.plot.left() < x <= lanes.plot.right():
            painter.setPen(QPen(ink.line, 1))
            painter.drawLine(QLineF(x, lanes.flags, x, lanes.bands + lanes.line))
    painter.setPen(QPen(ink.line, 1.5))
    end = min(layout.now_x, lanes.plot.right() + lanes.radius * 2.8)
    painter.drawLine(QLineF(lanes.plot.left() - lanes.radius, lanes.axis, end, lanes.axis))
    for tick in marks.ticks:
        x = layout.x(tick.at)
        painter.setPen(QPen(ink.line, 1.5))
        painter.drawLine(QLineF(x, lanes.axis, x, lanes.axis + lanes.line * 0.25))
        painter.setPen(ink.faint)
        half = metrics.horizontalAdvance(tick.label) / 2 + 2
        if x - half >= 0:
            painter.drawText(
                QRectF(x - half, lanes.ticks, 2 * half, lanes.line), MIDDLE, tick.label
            )
    painter.setPen(ink.text)
    for band in marks.bands:
        # The label of the band that has begun before the picture sticks to its left edge,
        # and gives way to the next one.
        left = max(layout.x(band.start), lanes.plot.left() - lanes.radius) + 4
        room = min(layout.x(band.end), picture.width) - left
        if metrics.horizontalAdvance(band.label) + 6 <= room:
            painter.drawText(QRectF(left, lanes.bands, room, lanes.line), LEFT, band.label)


def _paint_way_back(painter: QPainter, picture: Picture) -> None:
    """Shade what lies between the chosen point and now: what going back would leave."""
    layout, ink = picture.layout, picture.ink
    if layout.chosen is None:
        return
    lanes = layout.lanes
    left = max(layout.chosen_x, lanes.plot.left() - lanes.radius)
    right = min(layout.now_x, picture.width)
    if right - left < 2:
        return
    painter.fillRect(
        QRectF(left, lanes.callout, right - left, lanes.axis - lanes.callout), ink.wash
    )
    metrics = QFontMetricsF(picture.small)
    needed = metrics.horizontalAdvance(picture.distance_label) + 2 * lanes.line
    callout = metrics.horizontalAdvance(picture.chosen_label) / 2 + lanes.line
    if right - left - callout > needed:
        painter.setFont(picture.small)
        painter.setPen(ink.accent)
        area = QRectF(left + callout, lanes.callout, right - left - callout, lanes.line * 1.2)
        painter.drawText(area, MIDDLE, picture.distance_label)


def _paint_flags(painter: QPainter, picture: Picture) -> None:
    layout, ink = picture.layout, picture.ink
    lanes = layout.lanes
    metrics = QFontMetricsF(picture.small)
    painter.setFont(picture.small)
    for index, (x, flag) in enumerate(layout.flags):
        colour = ink.text if flag.ok else ink.danger
        painter.setPen(QPen(ink.faint, 1, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(x, lanes.flags, x, lanes.axis))
        _paint_pennant(painter, QPointF(x, lanes.flags), lanes.line * 0.7, flag, colour)
        edge = layout.flags[index + 1][0] if index + 1 < len(layout.flags) else picture.width
        room = edge - x - lanes.line * 1.1
        if metrics.horizontalAdvance(flag.label) <= room:
            painter.setPen(colour)
            area = QRectF(x + lanes.line * 0.9, lanes.flags - lanes.line * 0.1, room, lanes.line)
            painter.drawText(area, LEFT, flag.label)


def _paint_pennant(
    painter: QPainter, foot: QPointF, size: float, flag: Flag, colour: QColor
) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(
        QPolygonF([foot, foot + QPointF(size, size * 0.45), foot + QPointF(0, size * 0.9)])
    )
    if not flag.ok:
        paint_cross(painter, foot + QPointF(size * 0.4, size * 1.4), size * 0.22, colour)


def _paint_now(painter: QPainter, picture: Picture) -> None:
    layout, ink = picture.layout, picture.ink
    lanes = layout.lanes
    x = layout.now_x
    if x > picture.width:
        return
    painter.setPen(QPen(ink.good, 2))
    painter.drawLine(QLineF(x, lanes.callout, x, lanes.axis))
    painter.setBrush(ink.surface)
    painter.drawEllipse(QPointF(x, lanes.signs), lanes.radius * 0.7, lanes.radius * 0.7)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink.good)
    painter.drawEllipse(QPointF(x, lanes.signs), lanes.radius * 0.35, lanes.radius * 0.35)
    painter.setPen(ink.text)
    painter.setFont(picture.font)
    left = x + lanes.radius * 1.2
    painter.drawText(
        QRectF(left, lanes.signs - lanes.line / 2, picture.width - left, lanes.line),
        LEFT,
        picture.now_label,
    )


def _paint_signs(painter: QPainter, picture: Picture) -> None:
    layout, ink = picture.layout, picture.ink
    lanes = layout.lanes
    painter.save()
    clip = lanes.plot.adjusted(-lanes.radius * 1.6, 0, lanes.radius * 1.6, 0)
    painter.setClipRect(clip)
    for heap in layout.heaps:
        if len(heap.members) > 1:
            _paint_heap(painter, picture, heap)
            continue
        listed = picture.points[heap.members[0]]
        centre = QPointF(heap.x, lanes.signs)
        if heap == picture.hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink.wash)
            painter.drawEllipse(centre, lanes.radius * 1.7, lanes.radius * 1.7)
        paint_sign(painter, centre, lanes.radius, sign(listed), ink)
    painter.restore()


def _paint_heap(painter: QPainter, picture: Picture, heap: Heap) -> None:
    """Paint several restore points as one: two cards behind each other, and how many."""
    ink, lanes = picture.ink, picture.layout.lanes
    members = [picture.points[index] for index in heap.members]
    radius = lanes.radius * 1.05
    hovered = picture.hovered is not None and picture.hovered.members == heap.members
    area = QRectF(heap.x - radius, lanes.signs - radius, 2 * radius, 2 * radius)
    painter.setPen(QPen(ink.faint, 1.2))
    painter.setBrush(ink.surface)
    painter.drawRoundedRect(area.translated(2.5, -2.5), 4, 4)
    painter.setBrush(ink.wash if hovered else ink.surface)
    painter.setPen(QPen(ink.accent if hovered else ink.faint, 1.2))
    painter.drawRoundedRect(area, 4, 4)
    painter.setPen(ink.text)
    painter.setFont(picture.small)
    count = len(members)
    painter.drawText(area, MIDDLE, str(count) if count < 100 else "99+")
    if any(not listed.good for listed in members):
        corner = area.bottomRight()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink.surface)
        painter.drawEllipse(corner, radius * 0.5, radius * 0.5)
        paint_cross(painter, corner, radius * 0.26, ink.danger)


def _paint_chosen(painter: QPainter, picture: Picture) -> None:
    layout, ink = picture.layout, picture.ink
    lanes = layout.lanes
    if layout.chosen is None or not layout.shows(layout.chosen_x):
        return
    listed = picture.points[layout.chosen]
    x, radius = layout.chosen_x, lanes.radius
    centre = QPointF(x, lanes.signs)
    painter.setPen(QPen(ink.accent, 2))
    painter.drawLine(QLineF(x, lanes.signs + radius * 1.5, x, lanes.axis))
    painter.setBrush(ink.surface)
    painter.drawEllipse(centre, radius * 1.6, radius * 1.6)
    paint_sign(painter, centre, radius, sign(listed), ink)
    if picture.focus:
        painter.setPen(QPen(ink.accent, 1.5, Qt.PenStyle.DotLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, radius * 2.0, radius * 2.0)
    _paint_callout(painter, picture)


def _paint_callout(painter: QPainter, picture: Picture) -> None:
    """Write the chosen point's time above it, inside the picture."""
    layout, ink = picture.layout, picture.ink
    lanes = layout.lanes
    bold = QFont(picture.small)
    bold.setWeight(QFont.Weight.DemiBold)
    metrics = QFontMetricsF(bold)
    width = metrics.horizontalAdvance(picture.chosen_label) + lanes.line
    left = min(max(layout.chosen_x - width / 2, 2.0), picture.width - width - 2)
    area = QRectF(left, lanes.callout, width, lanes.line * 1.2)
    path = QPainterPath()
    path.addRoundedRect(area, lanes.line * 0.25, lanes.line * 0.25)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink.accent)
    painter.drawPath(path)
    tip = QPointF(layout.chosen_x, area.bottom() + lanes.line * 0.28)
    half = lanes.line * 0.28
    painter.drawPolygon(
        QPolygonF([tip, tip + QPointF(-half, -half - 0.5), tip + QPointF(half, -half - 0.5)])
    )
    painter.setPen(ink.surface)
    painter.setFont(bold)
    painter.drawText(area, MIDDLE, picture.chosen_label)
