"""The list of restore points, the same in every tab: by the order of making, newest first.

Its signs stand on the time line and in its legend, too: shape says why a point was made, filling
whether it is good.  Nothing depends on colour: a damaged point is hollow and crossed out, a
proven one bears a check mark, a pinned one a pin.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import IntEnum
from math import cos, pi, sin
from typing import NamedTuple

from PyQt6.QtCore import QModelIndex, QObject, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPainterPath, QPen, QPolygonF
from PyQt6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from core.backup.models import ListedPoint, Reason
from core.backup.order import newest_state_first
from core.base.text import translate
from ui.kit.parts import paint_check, paint_cross, stroke
from ui.kit.rows import ROW_ROLE, Column, RowsModel
from ui.kit.table import Table, paint_ground
from ui.language import bytes_text
from ui.points.messages import ago, exact_time, note_of, point_tip, proven, reason_name, when
from ui.theme import Theme
from ui.theme.style import Ink


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


class At(IntEnum):
    """The places of the columns that something else knows of."""

    TIME = 0
    NOTE = 4


class PointsModel(RowsModel[ListedPoint]):
    """Restore points, newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        self._now = datetime.now(UTC)
        columns = (
            Column(
                translate("points", "State of"), self._time, sort=when, tip=point_tip,
                said=lambda listed: exact_time(when(listed)),
            ),
            Column(
                translate("points", "Reason"), lambda listed: reason_name(listed.point.reason),
                tip=point_tip,
            ),
            Column(
                translate("points", "Condition"), lambda listed: proven(listed, self._now),
                tip=point_tip,
            ),
            Column(
                translate("points", "Size"), lambda listed: bytes_text(listed.point.size),
                right=True, sort=lambda listed: listed.point.size, tip=point_tip,
            ),
            Column(translate("points", "Note"), note_of, tip=point_tip),
        )  # fmt: skip
        super().__init__(columns, lambda listed: listed.point.id, parent)

    def show_points(self, points: Sequence[ListedPoint], now: datetime) -> None:
        """Show *points*, given in any order; relative times count from *now*."""
        self._now = now
        self.show(newest_state_first(points))
        self.changed()

    def _time(self, listed: ListedPoint) -> str:
        local = when(listed).astimezone()
        return f"{local:%m-%d %H:%M:%S}  ·  {ago(when(listed), self._now)}"


class _SignDelegate(QStyledItemDelegate):
    """Paints the sign of a restore point before its time."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Leave room for the sign."""
        size = super().sizeHint(option, index)
        return QSize(size.width() + round(size.height() * 1.2), size.height())

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Paint one cell."""
        listed = index.data(ROW_ROLE)
        if painter is None or not isinstance(listed, ListedPoint):
            return
        room = round(option.rect.height() * 0.9)
        moved = QStyleOptionViewItem(option)
        moved.rect = option.rect.adjusted(room, 0, 0, 0)
        paint_ground(painter, option)
        super().paint(painter, moved, index)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centre = QPointF(option.rect.left() + room * 0.6, option.rect.center().y() + 0.5)
        paint_sign(painter, centre, option.rect.height() * 0.24, sign(listed), self._theme.ink)
        painter.restore()


class PointsTable(Table[ListedPoint]):
    """Restore points; arrows move, Return goes on."""

    def __init__(
        self, model: PointsModel, theme: Theme, parent: QWidget | None = None, *, many: bool = False
    ) -> None:
        name = translate("points", "Restore points")
        super().__init__(model, name, parent, stretch=At.NOTE, many=many)
        self.setItemDelegateForColumn(At.TIME, _SignDelegate(theme, self))
