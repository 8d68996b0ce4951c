"""The journal as a table, newest first, fed by difference."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from core.base.journal import Entry, Outcome
from core.base.text import Text, translate
from ui.format import duration_text
from ui.language import say
from ui.operations import operation_name, outcome_text
from ui.points.messages import exact_time

ENTRY_ROLE = Qt.ItemDataRole.UserRole
SIGNS = {
    Outcome.OK: "✓",
    Outcome.FAILED: "✗",
    Outcome.CANCELLED: "–",
    Outcome.INTERRUPTED: "!",
    Outcome.RUNNING: "…",
}

_ROOT = QModelIndex()


class Column(IntEnum):
    """The columns of the table."""

    TIME = 0
    OPERATION = 1
    OUTCOME = 2
    LENGTH = 3
    BY = 4


class JournalModel(QAbstractTableModel):
    """Operations, newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []

    def show(self, entries: Sequence[Entry]) -> None:
        """Show *entries*, newest first; what is new stands at the top."""
        known = self._entries[0].id if self._entries else 0
        fresh = [entry for entry in entries if entry.id > known]
        if fresh:
            self.beginInsertRows(_ROOT, 0, len(fresh) - 1)
            self._entries[:0] = fresh
            self.endInsertRows()
        by_id = {entry.id: entry for entry in entries}
        for row, entry in enumerate(self._entries):
            found = by_id.get(entry.id, entry)
            if found != entry:
                self._entries[row] = found
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(Column) - 1))

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of operations."""
        return 0 if parent.isValid() else len(self._entries)

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
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section == Column.LENGTH else _LEFT
            return side | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        titles: dict[int, Text] = {
            Column.TIME: translate("activity", "Begun"),
            Column.OPERATION: translate("activity", "Operation"),
            Column.OUTCOME: translate("activity", "Outcome"),
            Column.LENGTH: translate("activity", "Duration"),
            Column.BY: translate("activity", "By"),
        }
        return say(titles[section])

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what stands in a cell."""
        entry = self._entries[index.row()]
        if role == ENTRY_ROLE:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return _shown(entry, Column(index.column()))
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == Column.TIME:
            return exact_time(entry.begun)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == Column.LENGTH:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


_LEFT = Qt.AlignmentFlag.AlignLeft


def _shown(entry: Entry, column: Column) -> str:
    match column:
        case Column.TIME:
            return f"{entry.begun.astimezone():%Y-%m-%d %H:%M:%S}"
        case Column.OPERATION:
            return operation_name(entry.operation)
        case Column.OUTCOME:
            return f"{SIGNS[entry.outcome]} {outcome_text(entry.outcome)}"
        case Column.LENGTH:
            if entry.length_seconds is None:
                return "…"
            return duration_text(entry.length_seconds)
        case Column.BY:
            return entry.by
