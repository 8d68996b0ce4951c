"""The table of restore points, the same in every tab."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QObject, QPointF, QSize, Qt
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from core.backup.models import ListedPoint
from core.base.text import translate
from ui.language import say
from ui.points.glyphs import paint_sign, sign
from ui.points.model import POINT_ROLE, Column, PointsModel
from ui.theme import Theme
from ui.theme.palette import Ink, ink_of


class _SignDelegate(QStyledItemDelegate):
    """Paints the sign of a restore point before its time."""

    def __init__(self, ink: Ink, parent: QObject) -> None:
        super().__init__(parent)
        self.ink = ink

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Leave room for the sign."""
        size = super().sizeHint(option, index)
        return QSize(size.width() + round(size.height() * 1.2), size.height())

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Paint one cell."""
        listed = index.data(POINT_ROLE)
        if painter is None or not isinstance(listed, ListedPoint):
            return
        room = round(option.rect.height() * 0.9)
        moved = QStyleOptionViewItem(option)
        moved.rect = option.rect.adjusted(room, 0, 0, 0)
        if option.widget is not None and (style := option.widget.style()) is not None:
            panel = style.PrimitiveElement.PE_PanelItemViewItem
            style.drawPrimitive(panel, option, painter, option.widget)
        super().paint(painter, moved, index)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centre = QPointF(option.rect.left() + room * 0.6, option.rect.center().y() + 0.5)
        paint_sign(painter, centre, option.rect.height() * 0.24, sign(listed), self.ink)
        painter.restore()


class PointsTable(QTableView):
    """Restore points, one chosen at a time; arrows move, Return goes on."""

    def __init__(self, model: PointsModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._signs = _SignDelegate(ink_of(theme.tokens), self)
        self.setModel(model)
        self.setItemDelegateForColumn(Column.TIME, self._signs)
        self.setAccessibleName(say(translate("points", "Restore points")))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        across, down = self.horizontalHeader(), self.verticalHeader()
        if across is not None:
            across.setHighlightSections(False)
            for column in Column:
                across.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
            across.setSectionResizeMode(Column.NOTE, QHeaderView.ResizeMode.Stretch)
            across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        if down is not None:
            down.setVisible(False)
            down.setDefaultSectionSize(round(self.fontMetrics().height() * 1.9))
        theme.changed.connect(self._dress)

    def _dress(self) -> None:
        self._signs.ink = ink_of(self._theme.tokens)

    def chosen(self) -> ListedPoint | None:
        """Return the restore point that is chosen."""
        index = self.currentIndex()
        found = index.data(POINT_ROLE) if index.isValid() else None
        return found if isinstance(found, ListedPoint) else None

    def choose(self, point_id: str) -> None:
        """Choose a restore point; do nothing where it is not listed."""
        model = self.model()
        row = model.row_of(point_id) if isinstance(model, PointsModel) else None
        if row is not None:
            self.selectRow(row)
