"""The rows that need review as a list: what is shown of them, and what was decided about each.

There may be thousands: every look-up is one in a dictionary, and a row has no widget.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from core.base.text import Text, translate
from migration.run.models import Decision, ReviewRow, StrategyName
from ui.language import say
from ui.migration.messages import decision_text, reason_text

_ROOT = QModelIndex()
_NAMES = ("name", "condition_name", "strategy_name", "title", "key")
"""Columns by which an operator knows a row."""


class Column(IntEnum):
    """The columns."""

    PLACE = 0
    NAME = 1
    REASON = 2
    DECISION = 3


class Table(NamedTuple):
    """A legacy table; its name is folded, as SQLite compares it."""

    database: str
    name: str


class Place(NamedTuple):
    """What a decision is about; `row` None: the whole table."""

    table: Table
    row: int | None
    part: str


class Wanted(NamedTuple):
    """Which rows are shown; what is empty does not matter."""

    words: str = ""
    table: Table | None = None
    reason: str = ""
    undecided: bool = False


def table_of(one: ReviewRow | Decision) -> Table:
    """Return the table of a row or of a decision."""
    return Table(one.database, one.table.lower())


def place_of(one: ReviewRow | Decision) -> Place:
    """Return what a row is, or what a decision is about."""
    return Place(table_of(one), one.row, one.part)


def place_text(row: ReviewRow) -> str:
    """Return where a row stands."""
    return f"{row.database}.{row.table} #{row.row} {row.part}".strip()


def name_text(row: ReviewRow) -> str:
    """Return the name of a row, where it has one."""
    return next((str(row.values[one]) for one in _NAMES if row.values.get(one)), "")


def strategy_names(strategies: Iterable[StrategyName]) -> dict[str, str]:
    """Return what strategies are called, by their ids; names that repeat are told apart."""
    listed = tuple(strategies)
    many = Counter(one.name for one in listed)
    return {one.id: one.name if many[one.name] == 1 else f"{one.name} ({one.id})" for one in listed}


class ReviewModel(QAbstractTableModel):
    """The rows that are wanted, in the order in which they were found."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[ReviewRow, ...] = ()
        self._places: list[Place] = []
        self._hay: list[str] = []
        self._reasons: dict[str, str] = {}
        self._wanted = Wanted()
        self._shown: list[int] = []
        self._strategies: dict[str, str] = {}
        self._decisions: dict[Place, Decision] = {}

    # ---- what it is told -----------------------------------------------------------------

    def show(self, rows: Sequence[ReviewRow], strategies: Iterable[StrategyName]) -> None:
        """Show the rows of another outcome."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self._places = [place_of(row) for row in self._rows]
        self._hay = []
        self._reasons = {one: reason_text(one) for one in {row.reason for row in self._rows}}
        self._strategies = strategy_names(strategies)
        self._shown = self._matching()
        self.endResetModel()

    def want(self, wanted: Wanted) -> None:
        """Show only the rows that are *wanted*."""
        self._wanted = wanted
        shown = self._matching()
        if shown != self._shown:
            self.beginResetModel()
            self._shown = shown
            self.endResetModel()

    def show_decisions(self, decisions: Iterable[Decision]) -> None:
        """Show what is decided by now; rows about which nothing else is decided stay as they are.

        A row that has just been decided goes on being shown until another filter is wanted: it
        would vanish from under the operator's eyes.
        """
        before, self._decisions = self._decisions, {place_of(one): one for one in decisions}
        changed = {
            place
            for place in before.keys() | self._decisions.keys()
            if before.get(place) != self._decisions.get(place)
        }
        if not changed:
            return
        tables = {place.table for place in changed if place.row is None}
        places = [
            shown
            for shown, number in enumerate(self._shown)
            if self._places[number] in changed or self._places[number].table in tables
        ]
        if places:
            self.dataChanged.emit(
                self.index(places[0], Column.DECISION), self.index(places[-1], Column.DECISION)
            )

    def _matching(self) -> list[int]:
        wanted = self._wanted
        words = wanted.words.casefold().split()
        if words and not self._hay:
            self._hay = [_hay(row, self._reasons[row.reason]) for row in self._rows]
        return [
            number
            for number, row in enumerate(self._rows)
            if (wanted.table is None or self._places[number].table == wanted.table)
            and (not wanted.reason or row.reason == wanted.reason)
            and (not wanted.undecided or self._decided(self._places[number]) is None)
            and all(word in self._hay[number] for word in words)
        ]

    # ---- what it tells -------------------------------------------------------------------

    def row(self, shown: int) -> ReviewRow:
        """Return one of the rows that are shown."""
        return self._rows[self._shown[shown]]

    def table(self, shown: int) -> Table:
        """Return the table of one of the rows that are shown."""
        return self._places[self._shown[shown]].table

    def decision(self, shown: int) -> Decision | None:
        """Return what is decided about one of the rows that are shown, be it for its table."""
        return self._decided(self._places[self._shown[shown]])

    def _decided(self, place: Place) -> Decision | None:
        own = self._decisions.get(place)
        if own is not None or place.part:
            return own
        return self._decisions.get(Place(place.table, None, ""))

    def own_decisions(self, shown: Iterable[int]) -> tuple[Decision, ...]:
        """Return what is decided about rows that are shown, themselves."""
        found = (self._decisions.get(self._places[self._shown[one]]) for one in shown)
        return tuple(one for one in found if one is not None)

    def decisions_of(self, table: Table) -> tuple[Decision, ...]:
        """Return everything that is decided about *table* and its rows."""
        return tuple(one for place, one in self._decisions.items() if place.table == table)

    @property
    def rows(self) -> tuple[ReviewRow, ...]:
        """All rows, shown or not."""
        return self._rows

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of rows that are shown."""
        return 0 if parent.isValid() else len(self._shown)

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
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        titles: dict[int, Text] = {
            Column.PLACE: translate("migrating", "Where"),
            Column.NAME: translate("migrating", "Name"),
            Column.REASON: translate("migrating", "Reason"),
            Column.DECISION: translate("migrating", "Decision"),
        }
        return say(titles[section])

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what stands in a cell."""
        if role not in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return None
        row = self.row(index.row())
        match Column(index.column()):
            case Column.PLACE:
                return place_text(row)
            case Column.NAME:
                return name_text(row)
            case Column.REASON:
                return self._reasons[row.reason]
            case Column.DECISION:
                decision = self.decision(index.row())
                if decision is None:
                    return ""
                strategy = decision.strategy
                return decision_text(
                    decision, self._strategies.get(strategy, strategy) if strategy else None
                )


def _hay(row: ReviewRow, reason: str) -> str:
    values = " ".join(str(value) for value in row.values.values())
    return f"{place_text(row)} {reason} {values}".casefold()
