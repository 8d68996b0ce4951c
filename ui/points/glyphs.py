"""The signs of restore points: shape says why one was made, filling whether it is good.

The same sign stands on the time line, in its legend and in the table, so that one learns it
once.  Nothing depends on colour: a damaged point is hollow and crossed out, a proven one
bears a check mark, a pinned one a pin.
"""

from __future__ import annotations

from math import cos, pi, sin
from typing import NamedTuple

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPainterPath, QPen, QPolygonF

from core.backup.models import ListedPoint, Reason
from ui.kit.signs import paint_check, paint_cross, stroke
from ui.theme.palette import Ink


class Sign(NamedTuple):
    """What the sign of a restore point says."""

    reason: Reason
    good: bool
    proven: bool
    pinned: bool


def sign(listed: ListedPoint) -> Sign:
    """Return the sign of *listed*; proven means restored in a drill since, and whole."""
    full = listed.annotations.full
    return Sign(
        listed.point.reason, listed.good, full is not None and full.ok, listed.annotations.pinned
    )


def outline(reason: Reason, centre: QPointF, radius: float) -> QPainterPath:
    """Return the shape for *reason*; all shapes have about the same weight for the eye."""
    path = QPainterPath()
    match reason:
        case Reason.MANUAL:
            path.addEllipse(centre, radius * 0.92, radius * 0.92)
        case Reason.SCHEDULED:
            side = radius * 0.82
            path.addRoundedRect(
                QRectF(centre.x() - side, centre.y() - side, 2 * side, 2 * side),
                radius * 0.3,
                radius * 0.3,
            )
        case Reason.BEFORE_ROLLBACK:
            path.addPolygon(_polygon(centre, radius * 1.14, 3, turn=pi))
            path.closeSubpath()
        case Reason.BEFORE_MIGRATION:
            path.addPolygon(_polygon(centre, radius * 1.1, 4, turn=0))
            path.closeSubpath()
        case Reason.BEFORE_DEPLOYMENT:
            path.addPolygon(_polygon(centre, radius * 1.02, 5, turn=-pi / 2))
            path.closeSubpath()
        case Reason.IMPORTED:
            path.addPolygon(_polygon(centre, radius * 1.14, 3, turn=pi / 2))
            path.closeSubpath()
    return path


def _polygon(centre: QPointF, radius: float, corners: int, turn: float) -> QPolygonF:
    return QPolygonF(
        [
            QPointF(
                centre.x() + radius * cos(turn + 2 * pi * corner / corners),
                centre.y() + radius * sin(turn + 2 * pi * corner / corners),
            )
            for corner in range(corners)
        ]
    )


def paint_sign(painter: QPainter, centre: QPointF, radius: float, of: Sign, ink: Ink) -> None:
    """Paint the sign of a restore point around *centre*, about ``2 * radius`` pixels wide."""
    shape = outline(of.reason, centre, radius)
    colour = ink.points[of.reason]
    if of.good:
        painter.setPen(QPen(ink.surface, radius * 0.22))
        painter.setBrush(colour)
        painter.drawPath(shape)
        if of.proven:
            paint_check(painter, centre, radius * 0.5, ink.surface)
    else:
        painter.setPen(QPen(ink.danger, radius * 0.22, Qt.PenStyle.DotLine))
        painter.setBrush(ink.surface)
        painter.drawPath(shape)
        paint_cross(painter, centre, radius * 0.42, ink.danger)
    if of.pinned:
        paint_pin(painter, QPointF(centre.x() + radius * 0.85, centre.y() - radius), radius, ink)


def paint_pin(painter: QPainter, centre: QPointF, radius: float, ink: Ink) -> None:
    """Paint a pin: a head on a needle."""
    painter.setPen(stroke(ink.text, radius * 0.2))
    painter.drawLine(centre, centre + QPointF(-radius * 0.35, radius * 0.7))
    painter.setPen(QPen(ink.surface, radius * 0.14))
    painter.setBrush(ink.text)
    painter.drawEllipse(centre, radius * 0.36, radius * 0.36)
