"""What differs, table by table: counts as bars to both sides of a middle line.

To the right stands what would return, to the left what would leave, and in the middle what
would be changed.  The lengths grow with the square root of the rows, so that ten rows can be
seen beside a hundred thousand; the exact numbers stand beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from math import sqrt

from PyQt6.QtCore import QModelIndex, QObject, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPen
from PyQt6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from core.base.text import Text, translate
from core.diff.models import Status
from ui.compare.difference import TableLine, describe, named
from ui.kit.rows import ROW_ROLE, Column, RowsModel
from ui.kit.table import Table, paint_ground
from ui.language import count_text
from ui.theme import Theme


class At(IntEnum):
    """The places of the columns that are painted."""

    TABLE = 0
    BAR = 1


def _number(sign: str, count: Callable[[TableLine], int], title: Text) -> Column[TableLine]:
    return Column(
        title, lambda line: f"{sign}{count_text(count(line))}" if count(line) else "–",
        right=True, sort=count, tip=describe, said=describe,
    )  # fmt: skip


class TablesModel(RowsModel[TableLine]):
    """The tables that differ, those with the most rows first, database by database."""

    def __init__(self, parent: QObject | None = None) -> None:
        columns = (
            Column[TableLine](
                translate("compare", "Table"), lambda line: named(line.table),
                tip=describe, said=describe,
            ),
            Column[TableLine](
                translate("compare", "− leave   ·   + return"), lambda _: "",
                sort=lambda line: line.rows, tip=describe, said=describe,
            ),
            _number("+", lambda line: line.added, translate("compare", "+ return")),
            _number("−", lambda line: line.removed, translate("compare", "− leave")),
            _number("~", lambda line: line.changed, translate("compare", "~ change")),
        )  # fmt: skip
        super().__init__(columns, lambda line: (line.database, line.table, line.status), parent)
        self.longest = 1
        """The most rows of one table on one side, by which the bars are drawn."""

    def show_lines(self, lines: Sequence[TableLine]) -> None:
        """Show *lines*."""
        self.longest = max((max(line.added, line.removed) for line in lines), default=1)
        self.show(
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


class TablesTable(Table[TableLine]):
    """The tables; the one that is chosen is opened below."""

    def __init__(self, model: TablesModel, theme: Theme, parent: QWidget | None = None) -> None:
        name = translate("compare", "Tables that differ")
        super().__init__(model, name, parent, stretch=At.TABLE, lines=1.7)
        self.setItemDelegateForColumn(At.TABLE, _NameDelegate(theme, self))
        self.setItemDelegateForColumn(At.BAR, _BarDelegate(theme, model, self))


class _NameDelegate(QStyledItemDelegate):
    """Paints the table's name, its database small behind it, and what happens to it whole."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Paint one cell."""
        line = index.data(ROW_ROLE)
        if painter is None or not isinstance(line, TableLine):
            return
        area, tint = paint_ground(painter, option), self._theme.tint
        metrics = option.fontMetrics
        status = line.said
        behind = f"{line.database} · {status}" if status else line.database
        needed = metrics.horizontalAdvance(behind) + 12
        room = max(area.width() - needed, area.width() * 0.5)
        name = metrics.elidedText(line.table, Qt.TextElideMode.ElideMiddle, round(room))
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.save()
        painter.setPen(tint.text)
        painter.drawText(area, align, name)
        area.setLeft(area.left() + metrics.horizontalAdvance(name) + 10)
        painter.setPen(tint.changed if status else tint.faint)
        rest = metrics.elidedText(behind, Qt.TextElideMode.ElideRight, round(area.width()))
        painter.drawText(area, align, rest)
        painter.restore()


class _BarDelegate(QStyledItemDelegate):
    """Paints the counts of a table as bars to both sides of a middle line."""

    def __init__(self, theme: Theme, model: TablesModel, parent: QObject) -> None:
        super().__init__(parent)
        self._theme, self._model = theme, model

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Ask for room in which a bar says something."""
        return QSize(option.fontMetrics.height() * 9, super().sizeHint(option, index).height())

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Paint one bar."""
        line, longest = index.data(ROW_ROLE), self._model.longest
        if painter is None or not isinstance(line, TableLine):
            return
        area, tint = paint_ground(painter, option), self._theme.tint
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        thick = min(area.height() * 0.42, 10.0)
        top = area.center().y() - thick / 2
        middle = area.center().x()
        half = area.width() / 2 - thick
        painter.setPen(QPen(tint.line, 1))
        painter.drawLine(int(middle), int(area.top()), int(middle), int(area.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)

        def length(rows: int) -> float:
            return 0.0 if rows == 0 else max(sqrt(rows / max(longest, 1)) * half, 2.0)

        core = thick * 0.9 if line.changed else 0.0
        left, right = length(line.removed), length(line.added)
        if left:
            # Hatched besides being of another colour than what returns.
            bar = QRectF(middle - core - left, top, left, thick)
            painter.setBrush(tint.removed_wash)
            painter.drawRect(bar)
            painter.setBrush(tint.removed)
            painter.drawRect(QRectF(bar.left(), top, 2, thick))
            hatch = painter.brush()
            hatch.setStyle(Qt.BrushStyle.BDiagPattern)
            painter.setBrush(hatch)
            painter.drawRect(bar)
        if right:
            painter.setBrush(tint.added)
            painter.drawRect(QRectF(middle + core, top, right, thick))
        if core:
            # A diamond: rows that stay where they are, with other values.
            painter.setBrush(tint.changed)
            painter.translate(middle, area.center().y())
            painter.rotate(45)
            side = thick * 0.8
            painter.drawRect(QRectF(-side / 2, -side / 2, side, side))
        painter.restore()
