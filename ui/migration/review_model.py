"""The rows that need review as a list: what is shown of them, and what is decided about each.

There may be thousands: every look-up is one in a dictionary, and a row has no widget.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from PyQt6.QtCore import QObject, pyqtSignal

from core.base.config.models import Settings
from core.base.text import translate
from core.base.worker import Worker
from migration.models import Assignee, ReviewRow
from migration.run.models import Decision
from migration.run.records import decide_all, withdraw
from ui.kit.rows import Column, RowsModel
from ui.migration.messages import decision_text, reason_text
from ui.session import Session

_NAMES = ("name", "condition_name", "strategy_name", "title", "key")
"""Columns by which an operator knows a row."""


DECISION = 3
"""The place of the column that tells what was decided."""


class LegacyTable(NamedTuple):
    """A legacy table; its name is folded, as SQLite compares it."""

    database: str
    name: str


class Place(NamedTuple):
    """What a decision is about; `row` None: the whole table."""

    table: LegacyTable
    row: int | None
    part: str


def table_of(what: ReviewRow | Decision) -> LegacyTable:
    """Return the table of a row or of a decision."""
    return LegacyTable(what.database, what.table.lower())


def place_of(what: ReviewRow | Decision) -> Place:
    """Return what a row is, or what a decision is about."""
    return Place(table_of(what), what.row, what.part)


def place_text(row: ReviewRow) -> str:
    """Return where a row stands."""
    return f"{row.database}.{row.table} #{row.row} {row.part}".strip()


def name_text(row: ReviewRow) -> str:
    """Return the name of a row, where it has one."""
    return next((str(row.values[name]) for name in _NAMES if row.values.get(name)), "")


def strategy_names(strategies: Iterable[Assignee]) -> dict[str, str]:
    """Return what strategies are called, by their ids; names that repeat are told apart."""
    listed = tuple(strategies)
    many = Counter(strategy.name for strategy in listed)
    return {
        strategy.id: strategy.name
        if many[strategy.name] == 1
        else f"{strategy.name} ({strategy.id})"
        for strategy in listed
    }


class ReviewModel(RowsModel[ReviewRow]):
    """The rows in the order in which they were found, and what is decided about them.

    A row that has just been decided goes on being shown until another filter is wanted: it would
    vanish from under the operator's eyes.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        self._strategies: dict[str, str] = {}
        self._decisions: dict[Place, Decision] = {}
        columns = (
            Column(translate("migrating", "Where"), place_text, tip=place_text),
            Column(translate("migrating", "Name"), name_text, tip=name_text),
            Column(translate("migrating", "Reason"), reason_text, tip=reason_text),
            Column(translate("migrating", "Decision"), self._decided, tip=self._decided),
        )
        super().__init__(columns, id, parent, words=_words)

    def show_rows(self, rows: Sequence[ReviewRow], strategies: Iterable[Assignee]) -> None:
        """Show the rows of another outcome."""
        self._strategies = strategy_names(strategies)
        self.show(rows)

    def show_decisions(self, decisions: Iterable[Decision]) -> None:
        """Show what is decided by now; only rows of which that is new are painted anew."""
        before = self._decisions
        self._decisions = {place_of(decision): decision for decision in decisions}
        changed = {
            place
            for place in before.keys() | self._decisions.keys()
            if before.get(place) != self._decisions.get(place)
        }
        if not changed:
            return
        tables = {place.table for place in changed if place.row is None}
        places = [
            number
            for number in range(self.rowCount())
            if (place := place_of(self.row(number))) in changed or place.table in tables
        ]
        if places:
            self.changed(places[0], places[-1], DECISION)

    def only(self, table: LegacyTable | None, reason: str, *, undecided: bool) -> None:
        """Show only the rows of *table* and *reason*, and those *undecided*, where these say so."""

        def wanted(row: ReviewRow) -> bool:
            return (
                (table is None or table_of(row) == table)
                and (not reason or row.reason == reason)
                and (not undecided or self.decision(row) is None)
            )

        self.want(wanted)

    def decision(self, row: ReviewRow) -> Decision | None:
        """Return what is decided about *row*, be it for its table."""
        place = place_of(row)
        own = self._decisions.get(place)
        if own is not None or place.part:
            return own
        return self._decisions.get(Place(place.table, None, ""))

    def own_decisions(self, rows: Iterable[ReviewRow]) -> tuple[Decision, ...]:
        """Return what is decided about *rows* themselves."""
        own = (self._decisions.get(place_of(row)) for row in rows)
        return tuple(decision for decision in own if decision is not None)

    def decisions_of(self, table: LegacyTable) -> tuple[Decision, ...]:
        """Return everything that is decided about *table* and its rows."""
        kept = self._decisions.items()
        return tuple(decision for place, decision in kept if place.table == table)

    def _decided(self, row: ReviewRow) -> str:
        decision = self.decision(row)
        if decision is None:
            return ""
        strategy = decision.strategy
        name = self._strategies.get(strategy, strategy) if strategy else None
        return decision_text(decision, name)


def _words(row: ReviewRow) -> str:
    values = " ".join(str(value) for value in row.values.values())
    return f"{place_text(row)} {reason_text(row)} {values}"


Change = Callable[[Settings, Sequence[Decision]], tuple[Decision, ...]]


class Keeping(QObject):
    """A queue of changes."""

    changed = pyqtSignal(object)
    """All decisions that are kept by now."""
    failed = pyqtSignal(object)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._queue: deque[tuple[Change, Sequence[Decision]]] = deque()
        self._worker: Worker | None = None

    @property
    def busy(self) -> bool:
        """Whether a change has still to be written."""
        return self._worker is not None or bool(self._queue)

    def keep(self, decisions: Sequence[Decision]) -> None:
        """Add *decisions* to those that are kept."""
        self._queue.append((decide_all, decisions))
        self._go_on()

    def withdraw(self, decisions: Sequence[Decision]) -> None:
        """Take *decisions* back."""
        self._queue.append((withdraw, decisions))
        self._go_on()

    def _go_on(self) -> None:
        if self._worker is not None or not self._queue:
            return
        change, decisions = self._queue.popleft()
        settings = self._session.settings
        self._worker = self._session.look(
            lambda _: change(settings, decisions), self.changed.emit, self.failed.emit
        )
        self._worker.finished.connect(self._over)

    def _over(self) -> None:
        self._worker = None
        self._go_on()
