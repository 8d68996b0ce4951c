"""The rows of one table that differ, page by page, old and new value in one cell; no table is
ever loaded whole.
"""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QObject, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QPainter
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QPlainTextEdit,
    QSplitter,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.base.text import Text, translate
from core.diff.models import RowKind, Status
from ui.compare.difference import (
    PAGE_ROWS,
    SIGNS,
    Cell,
    PageView,
    RowView,
    TableLine,
    kind_text,
    named,
    one_line,
    sides,
)
from ui.kit.parts import label, lay
from ui.kit.rows import ROW_ROLE, Column, RowsModel
from ui.kit.table import Table, paint_ground
from ui.language import count_text, say
from ui.theme import Theme
from ui.theme.style import CELL_MARGIN


def _cell_column(name: str, place: int) -> Column[RowView]:
    return Column(
        name,
        lambda row: one_line(row.cells[place]),
        tip=lambda row: "\n→ ".join(sides(row.cells[place])),
    )


class RowBrowser(QWidget):
    """Shows a table's differing rows; asks its owner for the pages it needs."""

    page_wanted = pyqtSignal(object, int)
    """The kind of rows (None: all) and the number of rows before the page."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line: TableLine | None = None
        self._first = 0
        self._title = label(self, "subtitle")
        self._kinds = QComboBox(self)
        self._kinds.setAccessibleName(say(translate("compare", "Which rows are shown")))
        self._range = label(self)
        self._back = self._pager("‹", translate("compare", "Previous page (Alt+Page Up)"))
        self._on = self._pager("›", translate("compare", "Next page (Alt+Page Down)"))
        self._back.setShortcut("Alt+PgUp")
        self._on.setShortcut("Alt+PgDown")
        self.model: RowsModel[RowView] = RowsModel((), id, self)
        self.table = Table(
            self.model, translate("compare", "Rows that differ"), self, fill=False, lines=1.6
        )
        self.table.setItemDelegate(_RowDelegate(theme, self))
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._schema = QPlainTextEdit(self)
        self._schema.setReadOnly(True)
        self._schema.setAccessibleName(say(translate("compare", "Structure, now and then")))
        self._parts = QSplitter(Qt.Orientation.Vertical, self)
        self._parts.addWidget(self._schema)
        self._parts.addWidget(self.table.with_filter(by_key=False))
        self._parts.setStretchFactor(1, 1)
        head = lay(
            QHBoxLayout(),
            (self._title, 1),
            self._kinds,
            self._range,
            self._back,
            self._on,
            margins=0,
        )
        lay(QVBoxLayout(self), head, (self._parts, 1), spacing=4, margins=0)
        self._kinds.activated.connect(lambda _: self._ask(0))
        self._back.clicked.connect(lambda: self._ask(max(0, self._first - PAGE_ROWS)))
        self._on.clicked.connect(lambda: self._ask(self._first + PAGE_ROWS))

    def _pager(self, sign: str, name: Text) -> QToolButton:
        button = QToolButton(self)
        button.setText(sign)
        button.setAutoRaise(True)
        button.setToolTip(say(name))
        button.setAccessibleName(say(name))
        return button

    def open(self, line: TableLine) -> None:
        """Begin with the first page of *line*'s rows."""
        self._line = line
        self._title.setText(named(line.table))
        self._title.setToolTip(line.database)
        self._fill_kinds(line)
        self._show_schema(line)
        self._show(PageView((), ()))
        self._ask(0)

    def show_page(self, page: PageView, first: int) -> None:
        """Show *page*, before which *first* rows lie."""
        columns_changed = self.model.columnCount() != len(page.columns) + 1
        self._first = first
        self._show(page)
        if columns_changed or first == 0:
            self.table.fit()
        total = self._total()
        last = first + len(page.rows)
        self._back.setEnabled(first > 0)
        self._on.setEnabled(last < total)
        text = translate(
            "compare",
            "{first}–{last} of {total}",
            first=count_text(first + 1 if page.rows else 0),
            last=count_text(last),
            total=count_text(total),
        )
        self._range.setText(say(text))

    def _show(self, page: PageView) -> None:
        sign = Column[RowView](
            "", lambda row: SIGNS[row.kind],
            tip=lambda row: kind_text(row.kind), said=lambda row: kind_text(row.kind),
        )  # fmt: skip
        cells = (_cell_column(named(name), place) for place, name in enumerate(page.columns))
        self.model.show_columns((sign, *cells) if page.columns else (), page.rows)

    def _fill_kinds(self, line: TableLine) -> None:
        counts = {
            RowKind.RETURNING: (line.added, translate("compare", "+ return: {rows}")),
            RowKind.LEAVING: (line.removed, translate("compare", "− leave: {rows}")),
            RowKind.CHANGING: (line.changed, translate("compare", "~ change: {rows}")),
        }
        self._kinds.clear()
        self._kinds.addItem(
            say(translate("compare", "All: {rows}", rows=count_text(line.rows))), None
        )
        for kind, (rows, text) in counts.items():
            if rows:
                filled = text.model_copy(update={"values": {"rows": count_text(rows)}})
                self._kinds.addItem(say(filled), kind)
        self._kinds.setVisible(self._kinds.count() > 2)

    def _show_schema(self, line: TableLine) -> None:
        """Show the statements that differ; rows of a table that comes or goes speak for it."""
        self._schema.setVisible(line.status is Status.SCHEMA_CHANGED)
        if line.status is Status.SCHEMA_CHANGED:
            self._schema.setPlainText(f"-- {line.said}\n− {line.before_sql}\n+ {line.after_sql}")

    def _total(self) -> int:
        if self._line is None:
            return 0
        counts = {
            RowKind.RETURNING: self._line.added,
            RowKind.LEAVING: self._line.removed,
            RowKind.CHANGING: self._line.changed,
        }
        kind = self._kinds.currentData()
        return self._line.rows if kind is None else counts[RowKind(kind)]

    def _ask(self, first: int) -> None:
        kind = self._kinds.currentData()
        self.page_wanted.emit(None if kind is None else RowKind(kind), first)


class _RowDelegate(QStyledItemDelegate):
    """Paints rows by what happens to them, and in changed cells the old value struck out."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

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
        row, place = index.data(ROW_ROLE), index.column() - 1
        if not isinstance(row, RowView):
            return
        kind, cell = row.kind, row.cells[place] if place >= 0 else None
        tint = self._theme.tint
        washes = {RowKind.RETURNING: tint.added_wash, RowKind.LEAVING: tint.removed_wash}
        inks = {
            RowKind.RETURNING: tint.added,
            RowKind.LEAVING: tint.removed,
            RowKind.CHANGING: tint.changed,
        }
        painter.save()
        if kind in washes:
            painter.fillRect(option.rect, washes[kind])
        elif cell is not None and cell.differs:
            painter.fillRect(option.rect, tint.changed_wash)
        if option.state & QStyle.StateFlag.State_Selected:
            paint_ground(painter, option)
        area = QRectF(option.rect).adjusted(CELL_MARGIN, 0, -CELL_MARGIN, 0)
        if cell is not None:
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
        metrics, tint = option.fontMetrics, self._theme.tint
        cut = Qt.TextElideMode.ElideRight
        if not cell.differs or cell.before is None or cell.after is None:
            text = metrics.elidedText(one_line(cell), cut, round(area.width()))
            null = text == "NULL"
            painter.setPen(tint.faint if null else tint.text)
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
        painter.setPen(tint.faint)
        painter.drawText(area, align, before)
        area.setLeft(area.left() + metrics.horizontalAdvance(before))
        painter.setFont(option.font)
        painter.drawText(area, align, arrow)
        area.setLeft(area.left() + metrics.horizontalAdvance(arrow))
        painter.setPen(tint.text)
        painter.drawText(area, align, metrics.elidedText(cell.after, cut, round(area.width())))
