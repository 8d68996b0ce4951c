"""The page on which the operator decides about rows that need review: one, many, or a whole table.

Keys: arrows and Shift, Ctrl+A, Return decides, Delete withdraws, Ctrl+F goes to the search.
Beside it the wizard's two questions: before the program is stopped, and before the way back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from core.base.text import translate
from core.program.models import Program, RunningProgram
from migration.models import ReviewRow
from migration.run.models import Decision, Outcome, UndoPlan
from ui.kit.parts import Answer, ask, beside, label, lay
from ui.kit.table import Table
from ui.language import count_text, say
from ui.migration.choice import Choice, Scope
from ui.migration.messages import reason_text
from ui.migration.review_model import LegacyTable, ReviewModel, table_of


class Deciding(QWidget):
    """Search above, rows left, the decision right."""

    decided = pyqtSignal(object)
    """Decisions to keep."""
    withdrawn = pyqtSignal(object)
    """Decisions to take back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._total = 0
        self._sizes: dict[LegacyTable, tuple[str, int]] = {}
        self.model = ReviewModel(self)
        name = translate("migrating", "Rows that need review")
        self.table = Table(self.model, name, self, squeeze=True)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.choice = Choice(self)
        self.search = self.table.filter
        self.tables, self.reasons = QComboBox(self), QComboBox(self)
        self.undecided = QCheckBox(say(translate("migrating", "Undecided only")), self)
        self.count = label(self, "small")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.search.setPlaceholderText(say(translate("migrating", "Search the rows (Ctrl+F)")))
        self.search.setAccessibleName(say(translate("migrating", "Search the rows")))
        self.tables.setAccessibleName(say(translate("migrating", "Table")))
        self.reasons.setAccessibleName(say(translate("migrating", "Reason")))
        top = lay(
            QHBoxLayout(), (self.search, 1), self.tables, self.reasons, self.undecided, spacing=8
        )
        left = QWidget(self)
        lay(QVBoxLayout(left), (self.table, 1), self.count, spacing=4, margins=0)
        parts = beside(self, left, self.choice)
        width = 44 * self.fontMetrics().horizontalAdvance("0")
        parts.setSizes([2 * width, width])
        lay(QVBoxLayout(self), top, (parts, 1), spacing=8, margins=(0, 8, 0, 0))

    def _connect(self) -> None:
        self.search.textChanged.connect(self._filtered)
        self.search.listen(self)
        self.tables.activated.connect(self._want)
        self.reasons.activated.connect(self._want)
        self.undecided.toggled.connect(self._want)
        selection = self.table.selectionModel()
        if selection is not None:
            selection.selectionChanged.connect(self._chosen)
        self.model.dataChanged.connect(self._chosen)
        for text, do, keys in (
            (
                translate("migrating", "&Keep this decision"),
                self._decide_or_ask,
                (Qt.Key.Key_Return, Qt.Key.Key_Enter),
            ),
            (translate("migrating", "&Leave in review"), self._leave, ()),
            (
                translate("migrating", "&Withdraw the decision"),
                self._withdraw,
                (Qt.Key.Key_Delete,),
            ),
        ):
            self.table.add_action(text, do, *keys)
        self.choice.keep_wanted.connect(self._decide)
        self.choice.leave_wanted.connect(self._leave)
        self.choice.withdraw_wanted.connect(self._withdraw)

    # ---- what is shown -------------------------------------------------------------------

    def show_outcome(self, outcome: Outcome, *, open_: bool) -> None:
        """Show the rows of *outcome*; *open_* says whether decisions still count."""
        self._total = outcome.review_total
        self._sizes = {}
        for row in outcome.review:
            here = f"{row.database}.{row.table}"
            name, many = self._sizes.get(table_of(row), (here, 0))
            self._sizes[table_of(row)] = (name, many + 1)
        for table in outcome.tables:  # more than are listed, maybe
            key = LegacyTable(table.database, table.table.lower())
            if key in self._sizes:
                name, many = self._sizes[key]
                self._sizes[key] = (name, max(many, table.review))
        self._fill_filters({row.reason: reason_text(row) for row in outcome.review})
        self.choice.setVisible(open_)
        self.choice.show_strategies(outcome.choices)
        self.model.show_rows(outcome.review, outcome.choices)
        self._want()
        self.table.fit()
        self._choose(0)

    def show_decisions(self, decisions: tuple[Decision, ...]) -> None:
        """Mark the rows about which something is decided."""
        self.model.show_decisions(decisions)

    def _fill_filters(self, reasons: dict[str, str]) -> None:
        table, reason = self.tables.currentData(), self.reasons.currentData()
        self.tables.clear()
        self.tables.addItem(say(translate("migrating", "All tables")), None)
        for key, (name, many) in self._sizes.items():
            self.tables.addItem(f"{name} ({count_text(many)})", key)
        self.reasons.clear()
        self.reasons.addItem(say(translate("migrating", "All reasons")), "")
        for name, text in sorted(reasons.items()):
            self.reasons.addItem(text, name)
        self.tables.setCurrentIndex(max(0, _place(self.tables, table)))
        self.reasons.setCurrentIndex(max(0, _place(self.reasons, reason)))

    def _want(self) -> None:
        """Show what the filters say; the row that was in sight stays chosen where it is shown."""
        self.model.only(
            self.tables.currentData(),
            self.reasons.currentData() or "",
            undecided=self.undecided.isChecked(),
        )
        self._filtered()

    def _filtered(self) -> None:
        if self.table.chosen() is None:
            self._choose(0)
        self._count()

    def _count(self) -> None:
        shown, listed = self.model.rowCount(), len(self.model.rows)
        chosen = len(self.table.chosen_places())
        text = translate(
            "migrating", "{chosen} chosen, {shown} of {total} rows shown",
            chosen=chosen, shown=shown, total=self._total,
        )  # fmt: skip
        if self._total > listed:
            text = translate(
                "migrating",
                "{chosen} chosen, {shown} shown; only the first {listed} of {total} rows are "
                "listed: decide about the whole table, then rehearse again.",
                chosen=chosen, shown=shown, listed=listed, total=self._total,
            )  # fmt: skip
        self.count.setText(say(text))

    # ---- what is chosen ------------------------------------------------------------------

    def _choose(self, shown: int) -> None:
        if shown < self.model.rowCount():
            self.table.selectRow(shown)
            self.table.scrollTo(self.model.index(shown, 0))
        else:
            self._chosen()

    def chosen(self) -> list[ReviewRow]:
        """Return the rows that are chosen, from top to bottom."""
        return [self.model.row(place) for place in self.table.chosen_places()]

    def _chosen(self) -> None:
        chosen = self.chosen()
        decisions = {self.model.decision(row) for row in chosen}
        self.choice.show_rows(
            chosen,
            decisions.pop() if len(decisions) == 1 else None,
            [self._sizes[table] for table in _tables(chosen)],
        )
        self._count()

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
        if len(self.table.chosen_places()) == 1 and self.choice.scope is Scope.ROWS:
            place = self.table.currentIndex().row() + 1
            if place < self.model.rowCount():
                self._choose(place)

    def _leave(self) -> None:
        self._decide(leave=True)

    def _withdraw(self) -> None:
        chosen = self.chosen()
        if self.choice.scope is Scope.ROWS:
            decisions = self.model.own_decisions(chosen)
        else:
            tables = _tables(chosen)
            decisions = tuple(kept for table in tables for kept in self.model.decisions_of(table))
        if decisions:
            self.withdrawn.emit(decisions)


def _tables(rows: Sequence[ReviewRow]) -> tuple[LegacyTable, ...]:
    return tuple(dict.fromkeys(table_of(row) for row in rows))


def _place(box: QComboBox, wanted: object) -> int:
    """Return where *wanted* is; `findData` does not know tuples."""
    return next((place for place in range(box.count()) if box.itemData(place) == wanted), -1)


def ask_to_run(
    parent: QWidget, program: Program | RunningProgram | None, go: Callable[[], None]
) -> None:
    """Ask whether to migrate now, and say what happens; calls *go* on yes."""
    if program is None:
        first = translate("migrating", "No program runs, so none is stopped.")
    else:
        first = translate(
            "migrating",
            "The trading program (PID {pid}) is asked to stop, and started again afterwards.",
            pid=str(program.pid),
        )
    rest = translate(
        "migrating",
        "The present state is saved first. A fresh copy is migrated and proven; only then "
        "the files are swapped. If anything fails, the former state comes back by itself.",
    )
    ask(
        parent,
        translate("migrating", "Migrate the databases now?"),
        f"{say(first)}\n{say(rest)}",
        Answer(translate("migrating", "Stop the program and migrate"), go),
    )


def ask_to_undo(
    parent: QWidget, plan: UndoPlan, go: Callable[[], None], export: Callable[[], None]
) -> None:
    """Say what going back costs, and ask; calls *go* or *export*."""
    text = translate(
        "migrating",
        "{rows} rows written since then leave the live data and stay in a restore point "
        "of the present.",
        rows=count_text(plan.rows_lost),
    )
    if plan.exact and not plan.rows_lost:
        text = translate("migrating", "Nothing was written since then, so no row is lost.")
    elif not plan.exact:
        text = translate(
            "migrating",
            "At most {rows} rows written since then leave the live data and stay in a restore "
            "point of the present. The scripts have changed, so rows that the migration wrote "
            "itself may be among them.",
            rows=count_text(plan.rows_lost),
        )
    lines = [say(text)]
    lines += [
        say(translate("cli", "The file {name} has changed since and goes back, too.", name=name))
        for name in plan.files_changed
    ]
    ask(
        parent,
        translate("migrating", "Go back to before the migration?"),
        "\n".join(lines),
        Answer(translate("migrating", "Go back"), go),
        Answer(translate("migrating", "Export these rows first…"), export, bool(plan.changes)),
        details="\n".join(
            f"{change.place}: +{change.added} ~{change.changed} −{change.removed}"
            for change in plan.changes
        ),
    )
