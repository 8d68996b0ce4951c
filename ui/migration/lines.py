"""A plain list of texts in columns, filled once for each outcome, and how every list here looks."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

_ROOT = QModelIndex()
_MEASURED = 100
"""The rows whose texts are measured for the width of a column."""
_LAST = 0.22
"""The part of the width that the last column has at least."""
_WIDEST = 48
"""The characters that a column shows at first, at most; the last one takes what is left."""


class LinesModel(QAbstractTableModel):
    """Rows of texts; what does not fit is in the tooltip."""

    def __init__(self, titles: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._titles = tuple(titles)
        self._lines: tuple[tuple[str, ...], ...] = ()

    def show(self, lines: Sequence[tuple[str, ...]]) -> None:
        """Show *lines* in place of those of the former outcome."""
        if self._lines == tuple(lines):
            return
        self.beginResetModel()
        self._lines = tuple(lines)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._titles)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return the titles."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return self._titles[section]

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what stands in a cell."""
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return self._lines[index.row()][index.column()]
        return None


class LinesTable(QTableView):
    """A calm table: whole rows, no grid, no wrapping, headers to the left."""

    def __init__(
        self, model: QAbstractTableModel, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._wanted: list[int] = []
        self.setModel(model)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        across, down = self.horizontalHeader(), self.verticalHeader()
        if across is not None:
            across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            across.setHighlightSections(False)
            across.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
            across.setStretchLastSection(True)
            across.setResizeContentsPrecision(_MEASURED)
        if down is not None:
            down.setVisible(False)
            down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            down.setDefaultSectionSize(round(self.fontMetrics().height() * 1.9))

    def fit(self) -> None:
        """Give each column the room that the rows in sight need."""
        model = self.model()
        if model is None or not model.rowCount():
            return
        widest = _WIDEST * self.fontMetrics().averageCharWidth()
        self._wanted = []
        for column in range(model.columnCount() - 1):
            self.resizeColumnToContents(column)
            self._wanted.append(min(widest, self.columnWidth(column) + 24))
        self._spread()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Leave the last column its part of the new width."""
        super().resizeEvent(event)
        self._spread()

    def _spread(self) -> None:
        view = self.viewport()
        if view is None or not self._wanted:
            return
        part = min(1.0, view.width() * (1 - _LAST) / sum(self._wanted))
        for column, width in enumerate(self._wanted):
            self.setColumnWidth(column, round(width * part))
