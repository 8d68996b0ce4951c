"""The list of restore points, the same in every tab: by the order of making, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import IntEnum

from PyQt6.QtCore import QModelIndex, QObject, QPointF, QSize
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from core.backup.models import ListedPoint
from core.backup.order import newest_state_first
from core.base.text import translate
from ui.format import bytes_text
from ui.kit.rows import ROW_ROLE, Column, RowsModel
from ui.kit.table import Table, paint_ground
from ui.points.choice import when
from ui.points.glyphs import paint_sign, sign
from ui.points.messages import ago, exact_time, note_of, point_tip, proven, reason_name
from ui.theme import Theme


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
