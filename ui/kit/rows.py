"""What a list shows: columns declared as data, and rows that are sorted, filtered and fed by
difference, so that selection and scrolling stay where the operator left them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PyQt6.QtGui import QIcon

from core.base.text import Text
from ui.language import say

Row = TypeVar("Row")

ROW_ROLE = Qt.ItemDataRole.UserRole
"""The row itself, in each of its cells."""
MOST_RUNS = 64
"""So many separate places of rows that come or go are told one by one; more are told at once."""

_ROOT = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column: its title, and what it makes of a row."""

    title: Text | str
    """A `str` is shown as it stands."""
    text: Callable[[Row], str]
    right: bool = False
    """Numbers stand right."""
    sort: Callable[[Row], Any] | None = None
    """What rows are sorted by; None: the text."""
    tip: Callable[[Row], str] | None = None
    icon: Callable[[Row], QIcon] | None = None
    said: Callable[[Row], str] | None = None
    """What a screen reader says in place of the text."""


class RowsModel(QAbstractTableModel, Generic[Row]):
    """Rows in the order in which they are given, until the operator sorts or filters them."""

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        key: Callable[[Row], Hashable],
        parent: QObject | None = None,
        *,
        words: Callable[[Row], str] | None = None,
    ) -> None:
        """*key* tells rows apart; *words* is what a filter searches, None: the texts of a row."""
        super().__init__(parent)
        self.columns = tuple(columns)
        self.key = key
        self._words_of = words or self._texts
        self._given: dict[Hashable, Row] = {}
        self._shown: list[Row] = []
        self._hay: dict[Hashable, str] = {}
        self._words: list[str] = []
        self._wanted: Callable[[Row], bool] | None = None
        self._sorted_by: tuple[int, bool] | None = None

    # ---- what it is told -----------------------------------------------------------------

    def show(self, rows: Iterable[Row]) -> None:
        """Show *rows* in place of those before."""
        before, given = self._given, {self.key(row): row for row in rows}
        if given == before and list(given) == list(before):
            return
        self._given = given
        self._hay = {
            key: hay
            for key, hay in self._hay.items()
            if key in given and (given[key] is before[key] or given[key] == before[key])
        }
        self._become(self._matching())

    def show_columns(self, columns: Sequence[Column[Row]], rows: Iterable[Row]) -> None:
        """Show *rows* of another kind."""
        self.beginResetModel()
        self.columns, self._sorted_by, self._hay = tuple(columns), None, {}
        self._given = {self.key(row): row for row in rows}
        self._shown = self._matching()
        self.endResetModel()

    def filter(self, text: str) -> None:
        """Show only the rows that hold each word of *text*."""
        self._words = text.casefold().split()
        self._become(self._matching(), at_once=True)

    def want(self, wanted: Callable[[Row], bool] | None) -> None:
        """Show only the rows that are *wanted*, besides what the filter says."""
        self._wanted = wanted
        self._become(self._matching(), at_once=True)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by *column*; by none where it is negative."""
        down = order is Qt.SortOrder.DescendingOrder
        self._sorted_by = (column, down) if column >= 0 else None
        self._become(self._matching(), at_once=True)

    def changed(self, first: int = 0, last: int | None = None, column: int | None = None) -> None:
        """Have rows painted anew of which something else is to be said now."""
        last = len(self._shown) - 1 if last is None else last
        if 0 <= first <= last:
            across = len(self.columns) - 1 if column is None else column
            self.dataChanged.emit(self.index(first, column or 0), self.index(last, across))

    # ---- what it tells -------------------------------------------------------------------

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, shown or not."""
        return tuple(self._given.values())

    @property
    def filtered(self) -> bool:
        """Whether rows are left out."""
        return len(self._shown) < len(self._given)

    def row(self, number: int) -> Row:
        """Return one of the rows that are shown."""
        return self._shown[number]

    def get(self, key: Hashable) -> Row | None:
        """Return the row of *key*, shown or not."""
        return self._given.get(key)

    def place(self, key: Hashable) -> int | None:
        """Return where the row of *key* is shown."""
        return next((n for n, row in enumerate(self._shown) if self.key(row) == key), None)

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of rows that are shown."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return the titles."""
        if orientation is not Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.right else _LEFT
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return column.title if isinstance(column.title, str) else say(column.title)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what stands in a cell."""
        row, column = self._shown[index.row()], self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.right else None
        told = {
            Qt.ItemDataRole.ToolTipRole: column.tip,
            Qt.ItemDataRole.DecorationRole: column.icon,
            Qt.ItemDataRole.AccessibleTextRole: column.said,
        }.get(role)  # type: ignore[call-overload]  # (Qt's roles are numbers)
        return told(row) if told is not None else None

    # ---- which rows, and how the list becomes them ---------------------------------------

    def _texts(self, row: Row) -> str:
        return "\n".join(column.text(row) for column in self.columns)

    def read_ahead(self, most: int) -> bool:
        """Make *most* rows ready to be filtered; False where all are."""
        waiting = (key for key in self._given if key not in self._hay)
        for key in list(islice(waiting, most)):
            self._hay[key] = self._words_of(self._given[key]).casefold()
        return len(self._hay) < len(self._given)

    def _holds(self, row: Row) -> bool:
        key = self.key(row)
        hay = self._hay.get(key)
        if hay is None:
            hay = self._hay[key] = self._words_of(row).casefold()
        return all(word in hay for word in self._words)

    def _matching(self) -> list[Row]:
        rows = list(self._given.values())
        if self._wanted is not None:
            rows = [row for row in rows if self._wanted(row)]
        if self._words:
            rows = [row for row in rows if self._holds(row)]
        if self._sorted_by is not None:
            number, down = self._sorted_by
            column = self.columns[number]
            rows.sort(key=column.sort or (lambda row: column.text(row).casefold()), reverse=down)
        return rows

    def _become(self, wanted: list[Row], *, at_once: bool = False) -> None:
        """Show *wanted*, telling views no more than what is gone, new or changed.

        *at_once*: what is gone takes the choice with it, instead of handing it to a neighbour.
        """
        before = [self.key(row) for row in self._shown]
        after = [self.key(row) for row in wanted]
        known, stays = set(before), set(after)
        gone = list(_runs(key not in stays for key in before))
        new = list(_runs(key not in known for key in after))
        order = [key for key in before if key in stays] == [key for key in after if key in known]
        if not order or len(gone) + len(new) > (0 if at_once else MOST_RUNS):
            self.beginResetModel()
            self._shown = wanted
            self.endResetModel()
            return
        for first, last in reversed(gone):
            self.beginRemoveRows(_ROOT, first, last)
            del self._shown[first : last + 1]
            self.endRemoveRows()
        for first, last in new:
            self.beginInsertRows(_ROOT, first, last)
            self._shown[first:first] = wanted[first : last + 1]
            self.endInsertRows()
        pairs = zip(self._shown, wanted, strict=True)
        changed = list(_runs(old is not now and old != now for old, now in pairs))
        self._shown = wanted
        for first, last in changed:
            self.changed(first, last)


def _runs(flags: Iterable[bool]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last place of each run of *flags* that hold."""
    first: int | None = None
    last = -1
    for last, flag in enumerate(flags):
        if flag and first is None:
            first = last
        elif not flag and first is not None:
            yield first, last - 1
            first = None
    if first is not None:
        yield first, last
