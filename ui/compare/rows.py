"""One page of rows that differ, old and new value in one cell."""

from __future__ import annotations

from typing import NamedTuple

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, QRectF, QSize, Qt
from PyQt6.QtGui import QFont, QPainter
from PyQt6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from core.base.text import Text, translate
from core.diff import RowKind
from ui.compare.cells import Cell, named
from ui.language import say
from ui.theme.palette import Tint
from ui.theme.style import CELL_MARGIN

SIGNS = {RowKind.RETURNING: "+", RowKind.LEAVING: "−", RowKind.CHANGING: "~"}

CELL_ROLE = Qt.ItemDataRole.UserRole
KIND_ROLE = Qt.ItemDataRole.UserRole + 1

_ROOT = QModelIndex()


class RowView(NamedTuple):
    """One row as it is shown."""

    kind: RowKind
    cells: tuple[Cell, ...]


class PageView(NamedTuple):
    """One page of rows as it is shown."""

    columns: tuple[str, ...]
    rows: tuple[RowView, ...]


def kind_text(kind: RowKind) -> str:
    """Return what happens to a row, in a word."""
    texts: dict[RowKind, Text] = {
        RowKind.RETURNING: translate("compare", "returns"),
        RowKind.LEAVING: translate("compare", "leaves"),
        RowKind.CHANGING: translate("compare", "changes"),
    }
    return say(texts[kind])


class RowsModel(QAbstractTableModel):
    """The rows of one page; the first column says what happens to each."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page = PageView((), ())

    def show(self, page: PageView) -> None:
        """Show *page* in place of the one before."""
        self.beginResetModel()
        self._page = page
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the rows on this page."""
        return 0 if parent.isValid() else len(self._page.rows)

    def columnCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the table's columns and one for the sign."""
        return 0 if parent.isValid() or not self._page.columns else len(self._page.columns) + 1

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return the names of the columns."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return named(self._page.columns[section - 1]) if section else ""

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what stands in a cell."""
        row = self._page.rows[index.row()]
        if role == KIND_ROLE:
            return row.kind
        if index.column() == 0:
            return _of_sign(row.kind, role)
        return _of_cell(row.cells[index.column() - 1], role)


def _of_sign(kind: RowKind, role: int) -> object:
    match role:
        case Qt.ItemDataRole.DisplayRole:
            return SIGNS[kind]
        case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
            return kind_text(kind)
        case Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        case _:
            return None


def _of_cell(cell: Cell, role: int) -> object:
    match role:
        case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
            return _line(cell)
        case Qt.ItemDataRole.ToolTipRole:
            return "\n→ ".join(_sides(cell))
        case _:
            return cell if role == CELL_ROLE else None


def _sides(cell: Cell) -> list[str]:
    if not cell.differs:
        return [cell.after if cell.after is not None else cell.before or ""]
    return [side for side in (cell.before, cell.after) if side is not None]


def _line(cell: Cell) -> str:
    return " → ".join(_sides(cell))


class RowDelegate(QStyledItemDelegate):
    """Paints rows by what happens to them, and in changed cells the old value struck out."""

    def __init__(self, tint: Tint, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tint = tint

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Leave room for the line, but none for a novel."""
        size = super().sizeHint(option, index)
        widest = option.fontMetrics.averageCharWidth() * 44
        return QSize(min(size.width() + 16, widest), size.height())

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Paint one cell."""
        if painter is None:
            return
        kind, cell = index.data(KIND_ROLE), index.data(CELL_ROLE)
        tint = self.tint
        washes = {RowKind.RETURNING: tint.added_wash, RowKind.LEAVING: tint.removed_wash}
        inks = {
            RowKind.RETURNING: tint.added,
            RowKind.LEAVING: tint.removed,
            RowKind.CHANGING: tint.changed,
        }
        painter.save()
        if kind in washes:
            painter.fillRect(option.rect, washes[kind])
        elif isinstance(cell, Cell) and cell.differs:
            painter.fillRect(option.rect, tint.changed_wash)
        if option.state & QStyle.StateFlag.State_Selected:
            style = option.widget.style() if option.widget is not None else QApplication.style()
            if style is not None:
                panel = QStyle.PrimitiveElement.PE_PanelItemViewItem
                style.drawPrimitive(panel, option, painter, option.widget)
        area = QRectF(option.rect).adjusted(CELL_MARGIN, 0, -CELL_MARGIN, 0)
        if isinstance(cell, Cell):
            self._paint_cell(painter, option, area, cell)
        else:
            painter.setPen(inks[kind])
            bold = QFont(option.font)
            bold.setBold(True)
            painter.setFont(bold)
            painter.drawText(option.rect, Qt.AlignmentFlag.AlignCenter, SIGNS[kind])
        painter.restore()

    def _paint_cell(
        self, painter: QPainter, option: QStyleOptionViewItem, area: QRectF, cell: Cell
    ) -> None:
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        metrics = option.fontMetrics
        cut = Qt.TextElideMode.ElideRight
        if not cell.differs or cell.before is None or cell.after is None:
            text = metrics.elidedText(_line(cell), cut, round(area.width()))
            null = text == "NULL"
            painter.setPen(self.tint.faint if null else self.tint.text)
            painter.drawText(area, align, text)
            return
        # The new value matters more: the old one is cut first.
        arrow = " → "
        after_width = min(metrics.horizontalAdvance(cell.after), area.width() * 0.6)
        room = area.width() - after_width - metrics.horizontalAdvance(arrow)
        before = metrics.elidedText(cell.before, cut, round(room))
        struck = QFont(option.font)
        struck.setStrikeOut(True)
        painter.setFont(struck)
        painter.setPen(self.tint.faint)
        painter.drawText(area, align, before)
        area.setLeft(area.left() + metrics.horizontalAdvance(before))
        painter.setFont(option.font)
        painter.drawText(area, align, arrow)
        area.setLeft(area.left() + metrics.horizontalAdvance(arrow))
        painter.setPen(self.tint.text)
        painter.drawText(area, align, metrics.elidedText(cell.after, cut, round(area.width())))
