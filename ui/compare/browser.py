"""The rows of one table that differ, page by page; no table is ever loaded whole."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QSplitter,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.base.text import Text, translate
from core.diff import RowKind, Status
from ui.compare.cells import named
from ui.compare.rows import PageView, RowDelegate, RowsModel
from ui.compare.tables import TableLine
from ui.format import count_text
from ui.language import say
from ui.theme.palette import Tint

PAGE_ROWS = 100


class RowBrowser(QWidget):
    """Shows a table's differing rows; asks its owner for the pages it needs."""

    page_wanted = pyqtSignal(object, int)
    """The kind of rows (None: all) and the number of rows before the page."""

    def __init__(self, tint: Tint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line: TableLine | None = None
        self._first = 0
        self._title = QLabel(self)
        self._title.setObjectName("subtitle")
        self._kinds = QComboBox(self)
        self._kinds.setAccessibleName(say(translate("compare", "Which rows are shown")))
        self._range = QLabel(self)
        self._back = self._pager("‹", translate("compare", "Previous page (Alt+Page Up)"))
        self._on = self._pager("›", translate("compare", "Next page (Alt+Page Down)"))
        self._back.setShortcut("Alt+PgUp")
        self._on.setShortcut("Alt+PgDown")
        self.model = RowsModel(self)
        self.table = QTableView(self)
        self.table.setModel(self.model)
        self._delegate = RowDelegate(tint, self)
        self.table.setItemDelegate(self._delegate)
        self.table.setAccessibleName(say(translate("compare", "Rows that differ")))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setWordWrap(False)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._dress_headers()
        self._schema = QPlainTextEdit(self)
        self._schema.setReadOnly(True)
        self._schema.setAccessibleName(say(translate("compare", "Structure, now and then")))
        self._parts = QSplitter(Qt.Orientation.Vertical, self)
        self._parts.addWidget(self._schema)
        self._parts.addWidget(self.table)
        self._parts.setStretchFactor(1, 1)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self._title, 1)
        for widget in (self._kinds, self._range, self._back, self._on):
            head.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._parts, 1)
        self._kinds.activated.connect(lambda _: self._ask(0))
        self._back.clicked.connect(lambda: self._ask(max(0, self._first - PAGE_ROWS)))
        self._on.clicked.connect(lambda: self._ask(self._first + PAGE_ROWS))

    def _dress_headers(self) -> None:
        across, down = self.table.horizontalHeader(), self.table.verticalHeader()
        if across is not None:
            across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        if down is not None:
            down.setVisible(False)
            down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            down.setDefaultSectionSize(round(self.fontMetrics().height() * 1.6))

    def _pager(self, sign: str, name: Text) -> QToolButton:
        button = QToolButton(self)
        button.setText(sign)
        button.setAutoRaise(True)
        button.setToolTip(say(name))
        button.setAccessibleName(say(name))
        return button

    def set_tint(self, tint: Tint) -> None:
        """Draw with other colours from now on."""
        self._delegate.tint = tint
        self.table.viewport().update()  # type: ignore[union-attr]

    def open(self, line: TableLine) -> None:
        """Begin with the first page of *line*'s rows."""
        self._line = line
        self._title.setText(named(line.table))
        self._title.setToolTip(line.database)
        self._fill_kinds(line)
        self._show_schema(line)
        self.model.show(PageView((), ()))
        self._ask(0)

    def show_page(self, page: PageView, first: int) -> None:
        """Show *page*, before which *first* rows lie."""
        columns_changed = self.model.columnCount() != len(page.columns) + 1
        self._first = first
        self.model.show(page)
        if columns_changed or first == 0:
            self.table.resizeColumnsToContents()
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
