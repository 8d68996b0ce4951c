"""How every list behaves, whatever it shows.

Typing, or Ctrl+F, filters and Esc ends that; a click on a title sorts, a second one turns that
round and a third puts the rows back into their own order; titles are dragged to where they are
wanted, and hidden by their menu; Return or a double click opens; Ctrl+C copies the chosen rows as
text; the menu of a row holds every action with its shortcut.  Columns are as wide as what they
show needs, never narrower than before, and what the operator does with them is remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Generic

from PyQt6.QtCore import (
    QByteArray,
    QEvent,
    QItemSelection,
    QRectF,
    QSettings,
    QSize,
    Qt,
    QTimer,
    pyqtSignal,
)
from PyQt6.QtGui import (
    QAction,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QLineEdit,
    QStyle,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.base.text import Text, translate
from ui.kit.parts import lay
from ui.kit.rows import Row, RowsModel
from ui.language import say
from ui.theme.style import CELL_MARGIN

MEASURED = 32
"""The rows whose texts are measured for the width of a column."""
AHEAD = 25
"""So many rows are made ready to be filtered at a time, while nothing else is to be done."""
LAST_PART = 0.15
"""The part of the width that the column which takes the rest has at least."""
WIDEST = 48
"""The characters that a column shows at first, at most."""


def paint_ground(painter: QPainter, option: QStyleOptionViewItem) -> QRectF:
    """Paint selection and hover as the style does; return the area inside a cell's margins."""
    widget = option.widget
    style = widget.style() if widget is not None else QApplication.style()
    if style is not None:
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, widget)
    return QRectF(option.rect).adjusted(CELL_MARGIN, 0, -CELL_MARGIN, 0)


class _Titles(QHeaderView):
    """The titles; tells when the operator moved, resized or sorted by one of them."""

    used = pyqtSignal()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Tell of it once it is done."""
        super().mouseReleaseEvent(event)
        self.used.emit()


class Table(QTableView, Generic[Row]):
    """A calm table: whole rows, no grid, no wrapping."""

    opened = pyqtSignal(object)
    """The row on which the operator pressed Return, or which was clicked twice."""

    def __init__(
        self,
        model: RowsModel[Row],
        name: Text,
        parent: QWidget | None = None,
        *,
        stretch: int | None = None,
        many: bool = True,
        fill: bool = True,
        squeeze: bool = False,
        tall: bool = False,
        lines: float = 1.9,
    ) -> None:
        """*stretch*: the column that takes what room is left, None: the last; *many*: rows may
        be chosen together; *fill*: the columns take all of the width; *squeeze*: no more than that;
        *tall*: one column without a title, of several lines a row; *lines*: the height of other
        rows in lines of text.
        """
        super().__init__(parent)
        self._rows, self._stretch, self._fill, self._tall = model, stretch, fill, tall
        self._squeeze = squeeze
        self._lines = lines
        self._widths: dict[int, int] = {}
        self._by_hand = False
        self._current: Hashable = None
        self.filter = FilterField(self)
        self.setModel(model)
        self.setAccessibleName(say(name))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        modes = QAbstractItemView.SelectionMode
        self.setSelectionMode(modes.ExtendedSelection if many else modes.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(tall)
        self.setTabKeyNavigation(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.titles = _Titles(Qt.Orientation.Horizontal, self)
        self._dress_titles()
        self._fitting = QTimer(self)
        self._fitting.setSingleShot(True)
        self._fitting.timeout.connect(self._fit)
        self._reading = QTimer(self)
        self._reading.timeout.connect(self._read_ahead)
        self.add_action(translate("lists", "Copy"), self.copy_rows, QKeySequence.StandardKey.Copy)
        self.add_action(translate("lists", "Filter"), self.filter.begin)
        self.activated.connect(lambda index: self.opened.emit(model.row(index.row())))
        for changes in (model.rowsInserted, model.modelReset, model.dataChanged):
            changes.connect(self._changed)
        model.modelAboutToBeReset.connect(self._note_current)
        model.modelReset.connect(self._find_current)

    def _dress_titles(self) -> None:
        across, down = self.titles, self.verticalHeader()
        across.setVisible(not self._tall)
        across.setSectionsClickable(True)
        across.setSectionsMovable(True)
        across.setHighlightSections(False)
        across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        across.setResizeContentsPrecision(MEASURED)
        across.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        across.setSortIndicatorClearable(True)
        across.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setHorizontalHeader(across)
        if self._stretch is None:
            across.setStretchLastSection(self._fill)
        else:
            across.setSectionResizeMode(self._stretch, QHeaderView.ResizeMode.Stretch)
        self.setSortingEnabled(not self._tall)
        if down is None:
            return
        down.setVisible(False)
        if self._tall:
            self.setObjectName("tall")
            self.setIconSize(QSize(20, 20))
            down.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
            across.sectionResized.connect(lambda *_: self.resizeRowsToContents())
        else:
            down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            down.setDefaultSectionSize(round(self.fontMetrics().height() * self._lines))

    def add_action(
        self, text: Text, do: Callable[[], object], *keys: QKeySequence.StandardKey | Qt.Key
    ) -> None:
        """Offer *do* in the menu of a row, and by *keys* while the list has the focus."""
        action = QAction(say(text), self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda _=False: do())
        self.addAction(action)

    def _changed(self) -> None:
        if self.isVisible():
            self._fitting.start()
            self._reading.start()

    # ---- what is chosen ------------------------------------------------------------------

    def chosen(self) -> Row | None:
        """Return the row on which the operator stands, None where there is none."""
        index = self.currentIndex()
        return self._rows.row(index.row()) if index.isValid() else None

    def chosen_places(self) -> list[int]:
        """Return the places of all chosen rows, from top to bottom."""
        selection = self.selectionModel()
        chosen = selection.selection() if selection is not None else QItemSelection()
        parts = (chosen[number] for number in range(len(chosen)))
        return sorted({row for part in parts for row in range(part.top(), part.bottom() + 1)})

    def choose(self, key: Hashable) -> None:
        """Choose the row of *key*; do nothing where it is not shown."""
        place = self._rows.place(key)
        if place is not None:
            self.selectRow(place)

    def _note_current(self) -> None:
        row = self.chosen()
        if row is not None:
            self._current = self._rows.key(row)

    def _find_current(self) -> None:
        if self._current is not None:
            self.choose(self._current)

    def copy_rows(self) -> None:
        """Copy the chosen rows as text, a line each, with tabs between the columns in sight."""
        order = (self.titles.logicalIndex(place) for place in range(self.titles.count()))
        columns = [self._rows.columns[at] for at in order if not self.titles.isSectionHidden(at)]
        rows = (self._rows.row(place) for place in self.chosen_places())
        lines = ["\t".join(column.text(row) for column in columns) for row in rows]
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None and lines:
            clipboard.setText("\n".join(lines))

    # ---- filtering -----------------------------------------------------------------------

    def with_filter(self, *, by_key: bool = True) -> QWidget:
        """Return the table under its field to filter.

        *by_key*: Ctrl+F shows it; of the lists that are in sight together one at most has it.
        """
        panel = QWidget(self.parentWidget())
        lay(QVBoxLayout(panel), self.filter, (self, 1), spacing=8, margins=0)
        panel.setFocusProxy(self)
        self.filter.hide()
        self.filter.stays = False
        if by_key:
            self.filter.listen(panel)
        return panel

    def keyboardSearch(self, search: str | None) -> None:
        """Filter by what is typed."""
        if search and search.strip():
            self.filter.begin(search)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Say so where the filter leaves nothing."""
        super().paintEvent(event)
        view = self.viewport()
        if view is None or self._rows.rowCount() or not self._rows.filtered:
            return
        painter = QPainter(view)
        painter.setPen(self.palette().placeholderText().color())
        none = say(translate("lists", "Nothing matches the filter."))
        painter.drawText(view.rect(), Qt.AlignmentFlag.AlignCenter, none)

    def _read_ahead(self) -> None:
        if not self.isVisible() or not self._rows.read_ahead(AHEAD):
            self._reading.stop()

    # ---- columns -------------------------------------------------------------------------

    def remember(self, store: QSettings, name: str) -> None:
        """Show the columns as the operator left them, and keep in *store* what is done to them."""
        for number, column in enumerate(self._rows.columns):
            title = column.title if isinstance(column.title, str) else say(column.title)
            action = QAction(title, self.titles)
            action.setCheckable(True)
            action.toggled.connect(
                lambda shown, number=number: self.titles.setSectionHidden(number, not shown)
            )
            self.titles.addAction(action)
        kept = store.value(f"lists/{name}")
        if isinstance(kept, QByteArray) and self.titles.restoreState(kept):
            self._by_hand = True
        for number, action in enumerate(self.titles.actions()):
            action.setChecked(not self.titles.isSectionHidden(number))
            action.toggled.connect(self.titles.used)

        def keep() -> None:
            self._by_hand = True
            store.setValue(f"lists/{name}", self.titles.saveState())

        self.titles.used.connect(keep)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Measure what was not measured while it was hidden."""
        super().showEvent(event)
        self._fit()
        self._reading.start()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Leave the column that takes the rest its part of the new width."""
        super().resizeEvent(event)
        self._spread()

    def fit(self) -> None:
        """Measure the columns anew, for other rows than before."""
        self._widths = {}
        self._fit()

    def _fit(self) -> None:
        if self._by_hand or self._tall or not self.isVisible() or not self._rows.rowCount():
            return
        widest = WIDEST * self.fontMetrics().averageCharWidth()
        count = self._rows.columnCount()
        last = count - 1 if self._stretch is None else self._stretch
        rest = last if self._fill else None
        before = {number: width for number, width in self._widths.items() if number < count}
        self._widths = {
            number: max(
                before.get(number, 0),
                self.titles.sectionSizeHint(number),
                min(widest, self.sizeHintForColumn(number)),
            )
            for number in range(count)
            if number != rest
        }
        self._spread()

    def _spread(self) -> None:
        view = self.viewport()
        if view is None or self._by_hand or not self._widths:
            return
        wanted = sum(self._widths.values())
        part = min(1.0, view.width() * (1 - LAST_PART) / wanted) if self._squeeze else 1.0
        for number, width in self._widths.items():
            self.setColumnWidth(number, round(width * part))


class FilterField(QLineEdit):
    """Where the words stand that rows must hold; Return and the arrows go on to the list."""

    def __init__(self, table: Table[Any]) -> None:
        super().__init__(table.parentWidget())
        self._table = table
        self.stays = True
        """Whether it is in sight when there is nothing to filter by, too."""
        self.setPlaceholderText(say(translate("lists", "Filter (Esc shows all)")))
        self.setAccessibleName(say(translate("lists", "Filter")))
        self.setClearButtonEnabled(True)
        self.textChanged.connect(self._filter)

    def listen(self, page: QWidget) -> None:
        """Come when Ctrl+F is pressed while *page* is in sight."""
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), page)
        find.activated.connect(self.begin)

    def begin(self, text: str | None = None) -> None:
        """Take the focus, with *text* where something was typed already."""
        self.show()
        self.setFocus()
        if text is None:
            self.selectAll()
        else:
            self.setText(self.text() + text)

    def _filter(self, text: str) -> None:
        model = self._table.model()
        if isinstance(model, RowsModel):
            model.filter(text)

    def event(self, event: QEvent | None) -> bool:
        """Take Esc before it cancels an operation, while there is something to clear or leave."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Esc clears and goes back to the list; Return and the arrows go there as it is."""
        key = event.key() if event is not None else 0
        if key == Qt.Key.Key_Escape:
            self.clear()
            self.setVisible(self.stays)
            self._table.setFocus()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down, Qt.Key.Key_Up}:
            self._table.setFocus()
        else:
            super().keyPressEvent(event)
