"""The restore points as a table, the newest state first, by the order of making.

Fed by difference: what is new is inserted, what is gone removed, and only changed cells are
painted anew, so that selection and scrolling stay where the operator left them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import IntEnum

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from core.backup.models import ListedPoint
from core.backup.order import newest_state_first
from core.base.text import Text, translate
from ui.format import bytes_text
from ui.language import say
from ui.points.choice import when
from ui.points.messages import ago, exact_time, note_of, point_tip, proven, reason_name


class Column(IntEnum):
    """The columns of the table."""

    TIME = 0
    REASON = 1
    CONDITION = 2
    SIZE = 3
    NOTE = 4


POINT_ROLE = Qt.ItemDataRole.UserRole

_ROOT = QModelIndex()


class PointsModel(QAbstractTableModel):
    """Restore points, newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._points: list[ListedPoint] = []
        self._now = datetime.now(UTC)

    def show(self, points: Sequence[ListedPoint]) -> None:
        """Show *points*, given in any order, by difference to those shown."""
        wanted = newest_state_first(points)
        ids = {listed.point.id for listed in wanted}
        shown = [listed.point.id for listed in self._points]
        known = set(shown)
        staying = [listed.point.id for listed in wanted if listed.point.id in known]
        if staying != [point_id for point_id in shown if point_id in ids]:
            self.beginResetModel()  # an import found another place among fewer others
            self._points = wanted
            self.endResetModel()
            return
        for row in range(len(self._points) - 1, -1, -1):
            if self._points[row].point.id not in ids:
                self.beginRemoveRows(_ROOT, row, row)
                del self._points[row]
                self.endRemoveRows()
        for row, listed in enumerate(wanted):
            if row < len(self._points) and self._points[row].point.id == listed.point.id:
                if self._points[row] != listed:
                    self._points[row] = listed
                    self.dataChanged.emit(self.index(row, 0), self.index(row, len(Column) - 1))
                continue
            # What is shown is a part of what is wanted in the same order, so all that does
            # not stand here already is new.
            self.beginInsertRows(_ROOT, row, row)
            self._points.insert(row, listed)
            self.endInsertRows()

    def set_now(self, now: datetime) -> None:
        """Count relative times from *now*."""
        self._now = now
        if self._points:
            last = self.index(len(self._points) - 1, Column.TIME)
            self.dataChanged.emit(self.index(0, Column.TIME), last)

    def row_of(self, point_id: str) -> int | None:
        """Return the row of a restore point."""
        for row, listed in enumerate(self._points):
            if listed.point.id == point_id:
                return row
        return None

    def listed(self, row: int) -> ListedPoint:
        """Return the restore point in *row*."""
        return self._points[row]

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of restore points."""
        return 0 if parent.isValid() else len(self._points)

    def columnCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return the titles."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and section == Column.SIZE:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        titles: dict[int, Text] = {
            Column.TIME: translate("points", "State of"),
            Column.REASON: translate("points", "Reason"),
            Column.CONDITION: translate("points", "Condition"),
            Column.SIZE: translate("points", "Size"),
            Column.NOTE: translate("points", "Note"),
        }
        return say(titles[section])

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what stands in a cell."""
        listed = self._points[index.row()]
        if role == POINT_ROLE:
            return listed
        if role == Qt.ItemDataRole.DisplayRole:
            return self._shown(listed, Column(index.column()))
        if role == Qt.ItemDataRole.ToolTipRole:
            return point_tip(listed)
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == Column.TIME:
            return exact_time(when(listed))
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == Column.SIZE:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def _shown(self, listed: ListedPoint, column: Column) -> str:
        match column:
            case Column.TIME:
                local = when(listed).astimezone()
                return f"{local:%m-%d %H:%M:%S}  ·  {ago(when(listed), self._now)}"
            case Column.REASON:
                return reason_name(listed.point.reason)
            case Column.CONDITION:
                return proven(listed, self._now)
            case Column.SIZE:
                return bytes_text(listed.point.size)
            case Column.NOTE:
                return note_of(listed)
