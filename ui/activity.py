"""The Activity tab: what was done, when, by whom, and how long each step took."""

from __future__ import annotations

from datetime import UTC, datetime

from PyQt6.QtCore import QModelIndex, Qt
from PyQt6.QtWidgets import QPushButton, QStackedWidget, QWidget

from core.base.journal import Entry, Outcome
from core.base.text import translate
from core.monitoring.verdict import Judgement, Verdict, what_changed
from ui.kit.parts import Card, EmptyState, Page, beside, label
from ui.kit.rows import Column, RowsModel
from ui.kit.steps import StepsView
from ui.kit.table import Table
from ui.language import by_text, duration_text, operation_name, outcome_text, say
from ui.points.messages import exact_time
from ui.session import Look, Session
from ui.theme import Theme

SIGNS = {
    Outcome.OK: "✓",
    Outcome.FAILED: "✗",
    Outcome.CANCELLED: "–",
    Outcome.INTERRUPTED: "!",
    Outcome.RUNNING: "…",
}


COLUMNS = (
    Column[Entry](
        translate("activity", "Begun"),
        lambda entry: f"{entry.begun.astimezone():%Y-%m-%d %H:%M:%S}",
        tip=lambda entry: exact_time(entry.begun),
    ),
    Column[Entry](
        translate("activity", "Operation"), lambda entry: operation_name(entry.operation)
    ),
    Column[Entry](
        translate("activity", "Outcome"),
        lambda entry: f"{SIGNS[entry.outcome]} {outcome_text(entry.outcome)}",
    ),
    Column[Entry](
        translate("activity", "Duration"),
        lambda entry: "…" if entry.length_seconds is None else duration_text(entry.length_seconds),
        right=True,
        sort=lambda entry: entry.length_seconds or 0.0,
    ),
    Column[Entry](translate("activity", "By"), lambda entry: by_text(entry.by)),
)


class ActivityTab(QWidget):
    """The journal, newest first, and the chosen operation beside it."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = RowsModel(COLUMNS, lambda entry: entry.id, self)
        self.table = Table(self.model, translate("activity", "Operations"), self)
        self.details = EntryCard(session, theme, self)
        empty = EmptyState(
            translate("activity", "Nothing was done yet"),
            translate(
                "activity",
                "Every backup, rollback and start of the program is written down here, "
                "with its steps and their times.",
            ),
            self,
        )
        parts = beside(self, self.table.with_filter(), self.details)
        width = 52 * self.fontMetrics().horizontalAdvance("0")
        self.details.setFixedWidth(width)
        parts.setSizes([3 * width, width])
        self._stack = QStackedWidget(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(parts)
        Page(self, self._stack)
        selection = self.table.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(self._chosen)
        self.model.dataChanged.connect(lambda *_: self._chosen())
        session.looked.connect(self._show)

    def _show(self, look: Look) -> None:
        newest = self.table.currentIndex().row() in {-1, 0}
        self.model.show(look.journal)
        self._stack.setCurrentIndex(1 if look.journal else 0)
        if newest and not self.model.filtered:
            self.table.selectRow(0)

    def _chosen(self, *_: QModelIndex) -> None:
        self.details.show_entry(self.table.chosen())


class EntryCard(Card):
    """One operation: its steps, why it failed, and what changed around it."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._entry: Entry | None = None
        self._title = label(self, "subtitle")
        self._about = label(self, "faint")
        self._failure = label(self, wrap=True)
        self._failure.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._steps = StepsView(theme, self)
        self._verdict = label(self, wrap=True)
        self._ask = QPushButton(say(translate("activity", "&What changed?")), self)
        self._ask.setToolTip(
            say(translate("activity", "Health in the quarter of an hour before and after it"))
        )
        self._ask.clicked.connect(self._compare)
        for widget in (self._title, self._about, self._failure):
            self.column.addWidget(widget)
        self.column.addSpacing(8)
        self.column.addWidget(self._steps)
        self.column.addStretch(1)
        self.column.addWidget(self._verdict)
        self.column.addWidget(self._ask, 0, Qt.AlignmentFlag.AlignLeft)

    def show_entry(self, entry: Entry | None) -> None:
        """Show *entry*."""
        self.setVisible(entry is not None)
        if self._entry is None or entry is None or entry.id != self._entry.id:
            self._verdict.clear()
        self._entry = entry
        if entry is None:
            return
        self._ask.setEnabled(entry.ended is not None)
        name, outcome = operation_name(entry.operation), outcome_text(entry.outcome)
        self._title.setText(f"{name} · {outcome}")
        self._about.setText(f"{exact_time(entry.begun)}\n{by_text(entry.by)}")
        failure = entry.failure
        self._failure.setVisible(failure is not None)
        if failure is not None:
            parts = (failure.happened, failure.data_state, failure.to_do)
            self._failure.setText("\n".join(say(part) for part in parts))
        self._steps.show_steps(entry.steps)

    def _compare(self) -> None:
        entry, settings = self._entry, self._session.settings
        if entry is None:
            return

        def show(verdict: Verdict) -> None:
            if self._entry is not None and self._entry.id == entry.id:
                self._verdict.setText("\n".join(_lines(verdict)))

        def fail(error: Exception) -> None:
            self._verdict.setText(str(error))

        self._session.look(lambda _: what_changed(settings, entry, datetime.now(UTC)), show, fail)


def _lines(verdict: Verdict) -> list[str]:
    """Return the verdict and the values that moved, a line each."""
    moved = [
        comparison
        for comparison in verdict.comparisons
        if comparison.judgement is not Judgement.SAME
    ]
    return [say(verdict.text), *(f"{say(metric.name)}: {say(metric.text)}" for metric in moved[:8])]
