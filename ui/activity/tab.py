"""The Activity tab: what was done, when, by whom, and how long each step took."""

from __future__ import annotations

from datetime import UTC, datetime

from PyQt6.QtCore import QModelIndex, Qt
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.base.journal import Entry
from core.base.text import translate
from core.monitoring.verdict import Judgement, Verdict, what_changed
from ui.activity.model import ENTRY_ROLE, Column, JournalModel
from ui.empty import EmptyState
from ui.language import say
from ui.operations import operation_name, outcome_text
from ui.points.messages import exact_time
from ui.rollback.steps import StepsView
from ui.session import Look, Session
from ui.slots import while_there
from ui.theme import Theme
from ui.theme.palette import ink_of


class ActivityTab(QWidget):
    """The journal, and the chosen operation beside it."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._theme = theme
        self.model = JournalModel(self)
        self.table = QTableView(self)
        self.details = EntryCard(session, theme, self)
        empty = EmptyState(
            say(translate("activity", "Nothing was done yet")),
            say(
                translate(
                    "activity",
                    "Every backup, rollback and start of the program is written down here, "
                    "with its steps and their times.",
                )
            ),
            self,
        )
        parts = QSplitter(Qt.Orientation.Horizontal, self)
        parts.setChildrenCollapsible(False)
        parts.setHandleWidth(16)
        parts.addWidget(self.table)
        parts.addWidget(self.details)
        width = 52 * self.fontMetrics().horizontalAdvance("0")
        self.details.setMinimumWidth(width)
        self.details.setMaximumWidth(width)
        parts.setStretchFactor(0, 1)
        parts.setSizes([3 * width, width])
        self._stack = QStackedWidget(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(parts)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.addWidget(self._stack)
        self._dress_table()
        session.looked.connect(self._show)

    def _dress_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setAccessibleName(say(translate("activity", "Operations")))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        across, down = table.horizontalHeader(), table.verticalHeader()
        if across is not None:
            across.setHighlightSections(False)
            for column in Column:
                across.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
            across.setSectionResizeMode(Column.BY, QHeaderView.ResizeMode.Stretch)
        if down is not None:
            down.setVisible(False)
            down.setDefaultSectionSize(round(self.fontMetrics().height() * 1.9))
        selection = table.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(self._chosen)
        self.model.dataChanged.connect(lambda *_: self._chosen())

    def _show(self, look: Look) -> None:
        newest = self.table.currentIndex().row() in {-1, 0}
        self.model.show(look.journal)
        self._stack.setCurrentIndex(1 if look.journal else 0)
        if newest and look.journal:
            self.table.selectRow(0)

    def _chosen(self, *_: QModelIndex) -> None:
        entry = self.table.currentIndex().data(ENTRY_ROLE)
        self.details.show_entry(entry if isinstance(entry, Entry) else None)


class EntryCard(QFrame):
    """One operation: its steps, why it failed, and what changed around it."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._entry: Entry | None = None
        self.setObjectName("card")
        self._title = QLabel(self)
        self._title.setObjectName("subtitle")
        self._about = QLabel(self)
        self._about.setObjectName("faint")
        self._failure = QLabel(self)
        self._failure.setWordWrap(True)
        self._failure.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._steps = StepsView(ink_of(theme.tokens), self)
        theme.changed.connect(while_there(self, lambda: self._steps.set_ink(ink_of(theme.tokens))))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        for widget in (self._title, self._about, self._failure):
            column.addWidget(widget)
        column.addSpacing(8)
        column.addWidget(self._steps)
        column.addStretch(1)
        self._verdict = QLabel(self)
        self._verdict.setWordWrap(True)
        self._ask = QPushButton(say(translate("activity", "&What changed?")), self)
        self._ask.setToolTip(
            say(translate("activity", "Health in the quarter of an hour before and after it"))
        )
        self._ask.clicked.connect(self._compare)
        column.addWidget(self._verdict)
        column.addWidget(self._ask, 0, Qt.AlignmentFlag.AlignLeft)

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
        self._about.setText(f"{exact_time(entry.begun)}\n{entry.by}")
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
    moved = [one for one in verdict.comparisons if one.judgement is not Judgement.SAME]
    return [say(verdict.text), *(f"{say(one.name)}: {say(one.text)}" for one in moved[:8])]
