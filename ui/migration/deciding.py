"""The page on which the operator decides about rows that need review: one, many, or a whole table.

Keys: arrows and Shift, Ctrl+A, Return decides, Delete withdraws, Ctrl+F goes to the search.
"""

from __future__ import annotations

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from core.base.text import translate
from migration.run.models import Decision, Outcome
from ui.format import count_text
from ui.language import say
from ui.migration.choice import Choice, Scope
from ui.migration.lines import LinesTable
from ui.migration.messages import reason_text
from ui.migration.review_model import ReviewModel, Table, Wanted, table_of

SEARCH_MS = 150
"""How long after the last key the search begins."""


class ReviewTable(LinesTable):
    """The rows; Return decides and Delete withdraws."""

    decide_wanted = pyqtSignal()
    withdraw_wanted = pyqtSignal()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Take the two keys, and leave the others to the table."""
        key = event.key() if event is not None else 0
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.decide_wanted.emit()
        elif key == Qt.Key.Key_Delete:
            self.withdraw_wanted.emit()
        else:
            super().keyPressEvent(event)


class Deciding(QWidget):
    """Search above, rows left, the decision right."""

    decided = pyqtSignal(object)
    """Decisions to keep."""
    withdrawn = pyqtSignal(object)
    """Decisions to take back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._total = 0
        self._sizes: dict[Table, tuple[str, int]] = {}
        self.model = ReviewModel(self)
        self.table = ReviewTable(
            self.model, say(translate("migrating", "Rows that need review")), self
        )
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.choice = Choice(self)
        self.search = QLineEdit(self)
        self.tables, self.reasons = QComboBox(self), QComboBox(self)
        self.undecided = QCheckBox(say(translate("migrating", "Undecided only")), self)
        self.count = QLabel(self)
        self.count.setObjectName("small")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SEARCH_MS)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.search.setPlaceholderText(say(translate("migrating", "Search the rows (Ctrl+F)")))
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(say(translate("migrating", "Search the rows")))
        self.tables.setAccessibleName(say(translate("migrating", "Table")))
        self.reasons.setAccessibleName(say(translate("migrating", "Reason")))
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.search, 1)
        for widget in (self.tables, self.reasons, self.undecided):
            top.addWidget(widget)
        left = QWidget(self)
        rows = QVBoxLayout(left)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(4)
        rows.addWidget(self.table, 1)
        rows.addWidget(self.count)
        parts = QSplitter(Qt.Orientation.Horizontal, self)
        parts.setChildrenCollapsible(False)
        parts.setHandleWidth(16)
        parts.addWidget(left)
        parts.addWidget(self.choice)
        width = 44 * self.fontMetrics().horizontalAdvance("0")
        parts.setStretchFactor(0, 1)
        parts.setSizes([2 * width, width])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(parts, 1)

    def _connect(self) -> None:
        self._timer.timeout.connect(self._want)
        self.search.textChanged.connect(lambda: self._timer.start())  # noqa: PLW0108 (overloaded)
        self.search.returnPressed.connect(self.table.setFocus)
        self.tables.activated.connect(self._want)
        self.reasons.activated.connect(self._want)
        self.undecided.toggled.connect(self._want)
        selection = self.table.selectionModel()
        if selection is not None:
            selection.selectionChanged.connect(self._chosen)
        self.model.dataChanged.connect(self._chosen)
        self.table.decide_wanted.connect(self._decide_or_ask)
        self.table.withdraw_wanted.connect(self._withdraw)
        self.choice.keep_wanted.connect(self._decide)
        self.choice.leave_wanted.connect(lambda: self._decide(leave=True))
        self.choice.withdraw_wanted.connect(self._withdraw)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self._to_search)

    # ---- what is shown -------------------------------------------------------------------

    def show_outcome(self, outcome: Outcome, *, open_: bool) -> None:
        """Show the rows of *outcome*; *open_* says whether decisions still count."""
        self._total = outcome.review_total
        self._sizes = {}
        for one in outcome.review:
            here = f"{one.database}.{one.table}"
            name, many = self._sizes.get(table_of(one), (here, 0))
            self._sizes[table_of(one)] = (name, many + 1)
        for table in outcome.tables:  # more than are listed, maybe
            key = Table(table.database, table.table.lower())
            if key in self._sizes:
                name, many = self._sizes[key]
                self._sizes[key] = (name, max(many, table.review))
        self._fill_filters(sorted({one.reason for one in outcome.review}))
        self.choice.setVisible(open_)
        self.choice.show_strategies(outcome.strategies)
        self.model.show(outcome.review, outcome.strategies)
        self._want()
        self.table.fit()
        self._choose(0)

    def show_decisions(self, decisions: tuple[Decision, ...]) -> None:
        """Mark the rows about which something is decided."""
        self.model.show_decisions(decisions)

    def _fill_filters(self, reasons: list[str]) -> None:
        table, reason = self.tables.currentData(), self.reasons.currentData()
        self.tables.clear()
        self.tables.addItem(say(translate("migrating", "All tables")), None)
        for key, (name, many) in self._sizes.items():
            self.tables.addItem(f"{name} ({count_text(many)})", key)
        self.reasons.clear()
        self.reasons.addItem(say(translate("migrating", "All reasons")), "")
        for one in reasons:
            self.reasons.addItem(reason_text(one), one)
        self.tables.setCurrentIndex(max(0, _place(self.tables, table)))
        self.reasons.setCurrentIndex(max(0, _place(self.reasons, reason)))

    def _want(self) -> None:
        """Show what the filters say; the row that was in sight stays chosen where it is shown."""
        before = self.table.currentIndex()
        row = self.model.row(before.row()) if before.isValid() else None
        self.model.want(
            Wanted(
                words=self.search.text(),
                table=self.tables.currentData(),
                reason=self.reasons.currentData() or "",
                undecided=self.undecided.isChecked(),
            )
        )
        if not self.table.currentIndex().isValid():
            shown = range(self.model.rowCount())
            self._choose(next((one for one in shown if self.model.row(one) is row), 0))
        self._count()

    def _count(self) -> None:
        shown, listed = self.model.rowCount(), len(self.model.rows)
        text = translate(
            "migrating", "{chosen} chosen, {shown} of {total} rows shown",
            chosen=self._chosen_count(), shown=shown, total=self._total,
        )  # fmt: skip
        if self._total > listed:
            text = translate(
                "migrating",
                "{chosen} chosen, {shown} shown; only the first {listed} of {total} rows are "
                "listed: decide about the whole table, then rehearse again.",
                chosen=self._chosen_count(), shown=shown, listed=listed, total=self._total,
            )  # fmt: skip
        self.count.setText(say(text))

    # ---- what is chosen ------------------------------------------------------------------

    def _choose(self, shown: int) -> None:
        if shown < self.model.rowCount():
            self.table.selectRow(shown)
            self.table.scrollTo(self.model.index(shown, 0))
        else:
            self._chosen()

    def _chosen_count(self) -> int:
        return sum(len(one) for one in self._ranges())

    def chosen(self) -> list[int]:
        """Return which of the shown rows are chosen, from top to bottom."""
        return sorted({place for one in self._ranges() for place in one})

    def _ranges(self) -> list[range]:
        model = self.table.selectionModel()
        if model is None:
            return []
        chosen = model.selection()
        parts = (chosen[place] for place in range(len(chosen)))
        return [range(one.top(), one.bottom() + 1) for one in parts]

    def _chosen(self) -> None:
        chosen = self.chosen()
        found = {self.model.decision(one) for one in chosen}
        self.choice.show_rows(
            [self.model.row(one) for one in chosen],
            found.pop() if len(found) == 1 else None,
            [self._sizes[table] for table in self._tables(chosen)],
        )
        self._count()

    def _tables(self, chosen: list[int]) -> tuple[Table, ...]:
        return tuple(dict.fromkeys(self.model.table(one) for one in chosen))

    # ---- what is decided -----------------------------------------------------------------

    def _decide_or_ask(self) -> None:
        """Keep what the boxes say; where they say nothing, go to them."""
        if self.choice.says_something:
            self._decide()
        else:
            self.choice.role.setFocus()

    def _decide(self, *, leave: bool = False) -> None:
        decisions = self.choice.decisions(leave=leave)
        if not decisions:
            return
        self.decided.emit(decisions)
        if self._chosen_count() == 1 and self.choice.scope is Scope.ROWS:
            place = self.table.currentIndex().row() + 1
            if place < self.model.rowCount():
                self._choose(place)

    def _withdraw(self) -> None:
        chosen = self.chosen()
        if self.choice.scope is Scope.ROWS:
            found = self.model.own_decisions(chosen)
        else:
            tables = self._tables(chosen)
            found = tuple(one for table in tables for one in self.model.decisions_of(table))
        if found:
            self.withdrawn.emit(found)

    def _to_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()


def _place(box: QComboBox, wanted: object) -> int:
    """Return where *wanted* is; `findData` does not know tuples."""
    return next((one for one in range(box.count()) if box.itemData(one) == wanted), -1)
