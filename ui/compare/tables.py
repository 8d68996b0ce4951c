"""What differs, table by table: counts as bars to both sides of a middle line.

To the right stands what would return, to the left what would leave, and in the middle what
would be changed.  The lengths grow with the square root of the rows, so that ten rows can be
seen beside a hundred thousand; the exact numbers stand beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from math import sqrt
from typing import NamedTuple

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPen
from PyQt6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from core.base.text import Text, translate
from core.diff import Status
from ui.compare.cells import named
from ui.format import count_text
from ui.language import say
from ui.theme.palette import Tint
from ui.theme.style import CELL_MARGIN


class TableLine(NamedTuple):
    """One table that differs; rows by what going from the left side to the right does to them."""

    database: str
    table: str
    status: Status
    added: int
    removed: int
    changed: int
    before_sql: str | None
    after_sql: str | None

    @property
    def rows(self) -> int:
        """All rows that differ."""
        return self.added + self.removed + self.changed

    @property
    def said(self) -> str:
        """What happens to it as a whole, in a word or two."""
        whole = self.before_sql is None and self.after_sql is None
        return whole_text(self.status) if whole else status_text(self.status)


class Column(IntEnum):
    """The columns of the table of tables."""

    TABLE = 0
    BAR = 1
    ADDED = 2
    REMOVED = 3
    CHANGED = 4


LINE_ROLE = Qt.ItemDataRole.UserRole
LONGEST_ROLE = Qt.ItemDataRole.UserRole + 1

_ROOT = QModelIndex()


def status_text(status: Status) -> str:
    """Return what happens to a table as a whole, in a word or two; empty when nothing does."""
    texts: dict[Status, Text] = {
        Status.ADDED: translate("compare", "new table"),
        Status.REMOVED: translate("compare", "table goes"),
        Status.SCHEMA_CHANGED: translate("compare", "structure differs"),
        Status.UNREADABLE: translate("compare", "cannot be read"),
    }
    return say(texts[status]) if status in texts else ""


def whole_text(status: Status) -> str:
    """Return what happens to a database or a file as a whole; empty when nothing does."""
    texts: dict[Status, Text] = {
        Status.ADDED: translate("compare", "comes back"),
        Status.REMOVED: translate("compare", "goes"),
        Status.CHANGED: translate("compare", "differs"),
        Status.NOT_HELD: translate("compare", "not in the restore point, stays as it is"),
    }
    return say(texts[status]) if status in texts else status_text(status)


class TablesModel(QAbstractTableModel):
    """The tables that differ, those with the most rows first, database by database."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[TableLine, ...] = ()
        self._longest = 1

    def show(self, lines: Sequence[TableLine]) -> None:
        """Show *lines*; a comparison is a whole, so the model is reset."""
        self.beginResetModel()
        self._lines = tuple(
            sorted(
                lines,
                key=lambda line: (
                    line.status in {Status.SAME, Status.NOT_HELD},
                    -line.rows,
                    line.database,
                    line.table,
                ),
            )
        )
        self._longest = max((max(line.added, line.removed) for line in self._lines), default=1)
        self.endResetModel()

    def line(self, row: int) -> TableLine:
        """Return the table in *row*."""
        return self._lines[row]

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of tables that differ."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return the titles; numbers stand right."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and section >= Column.ADDED:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        titles: dict[int, Text] = {
            Column.TABLE: translate("compare", "Table"),
            Column.BAR: translate("compare", "− leave   ·   + return"),
            Column.ADDED: translate("compare", "+ return"),
            Column.REMOVED: translate("compare", "− leave"),
            Column.CHANGED: translate("compare", "~ change"),
        }
        return say(titles[section])

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what stands in a cell."""
        line = self._lines[index.row()]
        if role == LINE_ROLE:
            return line
        if role == LONGEST_ROLE:
            return self._longest
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() >= Column.ADDED:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.DisplayRole:
            return _shown(line, Column(index.column()))
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return describe(line)
        return None


def _shown(line: TableLine, column: Column) -> str:
    numbers = {
        Column.ADDED: ("+", line.added),
        Column.REMOVED: ("−", line.removed),
        Column.CHANGED: ("~", line.changed),
    }
    if column is Column.TABLE:
        return named(line.table)
    if column is Column.BAR:
        return ""
    sign, number = numbers[column]
    return f"{sign}{count_text(number)}" if number else "–"


def describe(line: TableLine) -> str:
    """Return one table's differences as a sentence."""
    text = say(
        translate(
            "compare",
            "{database} · {table}: {added} rows return, {removed} leave, {changed} change",
            database=line.database,
            table=named(line.table),
            added=count_text(line.added),
            removed=count_text(line.removed),
            changed=count_text(line.changed),
        )
    )
    status = line.said
    return f"{text} ({status})" if status else text


class TableNameDelegate(QStyledItemDelegate):
    """Paints the table's name, its database small behind it, and what happens to it whole."""

    def __init__(self, tint: Tint, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tint = tint

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Paint one cell."""
        line = index.data(LINE_ROLE)
        if painter is None or not isinstance(line, TableLine):
            return
        area = _background(painter, option)
        metrics = option.fontMetrics
        status = line.said
        behind = f"{line.database} · {status}" if status else line.database
        needed = metrics.horizontalAdvance(behind) + 12
        room = max(area.width() - needed, area.width() * 0.5)
        name = metrics.elidedText(line.table, Qt.TextElideMode.ElideMiddle, round(room))
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.save()
        painter.setPen(self.tint.text)
        painter.drawText(area, align, name)
        area.setLeft(area.left() + metrics.horizontalAdvance(name) + 10)
        painter.setPen(self.tint.changed if status else self.tint.faint)
        rest = metrics.elidedText(behind, Qt.TextElideMode.ElideRight, round(area.width()))
        painter.drawText(area, align, rest)
        painter.restore()


class BarDelegate(QStyledItemDelegate):
    """Paints the counts of a table as bars to both sides of a middle line."""

    def __init__(self, tint: Tint, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tint = tint

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Ask for room in which a bar says something."""
        return QSize(option.fontMetrics.height() * 9, super().sizeHint(option, index).height())

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Paint one bar."""
        line, longest = index.data(LINE_ROLE), index.data(LONGEST_ROLE)
        if painter is None or not isinstance(line, TableLine) or not isinstance(longest, int):
            return
        area = _background(painter, option)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        thick = min(area.height() * 0.42, 10.0)
        top = area.center().y() - thick / 2
        middle = area.center().x()
        half = area.width() / 2 - thick
        painter.setPen(QPen(self.tint.line, 1))
        painter.drawLine(int(middle), int(area.top()), int(middle), int(area.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)

        def length(rows: int) -> float:
            return 0.0 if rows == 0 else max(sqrt(rows / max(longest, 1)) * half, 2.0)

        core = thick * 0.9 if line.changed else 0.0
        left, right = length(line.removed), length(line.added)
        if left:
            # Hatched besides being of another colour than what returns.
            bar = QRectF(middle - core - left, top, left, thick)
            painter.setBrush(self.tint.removed_wash)
            painter.drawRect(bar)
            painter.setBrush(self.tint.removed)
            painter.drawRect(QRectF(bar.left(), top, 2, thick))
            hatch = painter.brush()
            hatch.setStyle(Qt.BrushStyle.BDiagPattern)
            painter.setBrush(hatch)
            painter.drawRect(bar)
        if right:
            painter.setBrush(self.tint.added)
            painter.drawRect(QRectF(middle + core, top, right, thick))
        if core:
            # A diamond: rows that stay where they are, with other values.
            painter.setBrush(self.tint.changed)
            painter.translate(middle, area.center().y())
            painter.rotate(45)
            side = thick * 0.8
            painter.drawRect(QRectF(-side / 2, -side / 2, side, side))
        painter.restore()


def _background(painter: QPainter, option: QStyleOptionViewItem) -> QRectF:
    """Paint selection and hover as the style does; return the area inside its margins."""
    widget = option.widget
    style = widget.style() if widget is not None else QApplication.style()
    if style is not None:
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, widget)
    return QRectF(option.rect).adjusted(CELL_MARGIN, 0, -CELL_MARGIN, 0)
