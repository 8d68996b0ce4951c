"""What the rehearsal found: map, changes, and the rows that the operator may decide about."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from core.text import translate
from migration.run.models import Decision, Outcome, ReviewRow, SchemaChange
from ui.format import count_text
from ui.language import say
from ui.migration.map import MigrationMap
from ui.migration.wording import (
    change_text,
    reason_text,
    rule_text,
    type_text,
    validator_name,
)
from ui.theme import Theme


class Review(QWidget):
    """Four views of one outcome."""

    decided = pyqtSignal(object)
    """`Decision`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[ReviewRow, ...] = ()
        self._decisions: dict[tuple[str, str, int | None, str], Decision] = {}
        self._verdict = QLabel(self)
        self._verdict.setWordWrap(True)
        self._map = MigrationMap(theme, self)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setWidget(self._map)
        self._schema = _table(
            self,
            say(translate("migrating", "Changes of the schema")),
            (
                say(translate("migrating", "Database")),
                say(translate("migrating", "Change")),
                say(translate("migrating", "Kind")),
                say(translate("migrating", "Object")),
            ),
        )
        self._settings = _table(
            self,
            say(translate("migrating", "Changes of settings")),
            (
                say(translate("migrating", "Where")),
                say(translate("migrating", "Before")),
                say(translate("migrating", "After")),
                say(translate("migrating", "Rule")),
            ),
        )
        self._tabs = QTabWidget(self)
        self._tabs.addTab(scroll, "")
        self._tabs.addTab(self._schema, "")
        self._tabs.addTab(self._settings, "")
        self._tabs.addTab(self._make_decisions(), "")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._verdict)
        column.addWidget(self._tabs, 1)

    def _make_decisions(self) -> QWidget:
        page = QSplitter(Qt.Orientation.Horizontal, self)
        page.setChildrenCollapsible(False)
        self._reviews = _table(
            page,
            say(translate("migrating", "Rows that need review")),
            (say(translate("migrating", "Where")), say(translate("migrating", "Reason"))),
        )
        side = QWidget(page)
        self._values = QPlainTextEdit(side)
        self._values.setReadOnly(True)
        self._values.setAccessibleName(say(translate("migrating", "The row")))
        self._role = QComboBox(side)
        self._role.setAccessibleName(say(translate("migrating", "Role")))
        self._role.addItem(say(translate("migrating", "No role")), None)
        for role, name in (
            ("ENTRY", translate("migrating", "Entry")),
            ("EXIT", translate("migrating", "Exit")),
            ("MANAGEMENT", translate("migrating", "Management")),
        ):
            self._role.addItem(say(name), role)
        self._strategy = QComboBox(side)
        self._strategy.setAccessibleName(say(translate("migrating", "Strategy")))
        keep = QPushButton(say(translate("migrating", "&Keep this decision")), side)
        leave = QPushButton(say(translate("migrating", "Leave it in &review")), side)
        keep.clicked.connect(lambda: self._decide(leave=False))
        leave.clicked.connect(lambda: self._decide(leave=True))
        buttons = QHBoxLayout()
        buttons.addWidget(leave)
        buttons.addWidget(keep)
        column = QVBoxLayout(side)
        column.addWidget(self._values, 1)
        for box in (self._role, self._strategy):
            label = QLabel(box.accessibleName(), side)
            label.setObjectName("small")
            label.setBuddy(box)
            column.addWidget(label)
            column.addWidget(box)
        column.addLayout(buttons)
        page.addWidget(self._reviews)
        page.addWidget(side)
        page.setSizes([500, 360])
        self._reviews.currentCellChanged.connect(lambda *_: self._show_row())
        return page

    def show_outcome(self, outcome: Outcome) -> None:
        """Show what a rehearsal or a run found."""
        signs = "   ".join(
            f"{'✓' if one.ok else '✗'} {validator_name(one.name)}" for one in outcome.validators
        )
        problems = "\n".join(say(text) for text in outcome.problems[:5])
        self._verdict.setText(f"{signs}\n{problems}".strip())
        self._map.show_tables(outcome.tables)
        _fill(
            self._schema,
            [
                (one.database, change_text(one.change), type_text(one.type), one.name)
                for one in _told(outcome)
            ],
        )
        _fill(
            self._settings,
            [
                (
                    f"{one.table}.{one.column}",
                    one.before or "NULL",
                    one.after or "NULL",
                    rule_text(one.rule),
                )
                for one in outcome.setting_changes
            ],
        )
        self._rows = outcome.review
        _fill(
            self._reviews,
            [(_place(row), reason_text(row.reason)) for row in self._rows],
        )
        for place, row in enumerate(self._rows):
            self._mark(place, row)
        self._strategy.clear()
        self._strategy.addItem(say(translate("migrating", "No strategy")), None)
        for strategy in outcome.strategies:
            self._strategy.addItem(strategy.name, strategy.id)
        self._name_tabs(outcome)
        self._show_row()

    def show_decisions(self, decisions: Sequence[Decision]) -> None:
        """Mark the rows about which something is decided, and show what."""
        self._decisions = {
            (one.database, one.table.lower(), one.row, one.part): one for one in decisions
        }
        for place, row in enumerate(self._rows):
            self._mark(place, row)
        self._show_row()

    def _decision(self, row: ReviewRow) -> Decision | None:
        return self._decisions.get((row.database, row.table.lower(), row.row, row.part))

    def _mark(self, place: int, row: ReviewRow) -> None:
        item = self._reviews.item(place, 0)
        if item is not None:
            sign = "✓ " if self._decision(row) is not None else ""
            item.setText(f"{sign}{_place(row)}")

    def _name_tabs(self, outcome: Outcome) -> None:
        names = (
            say(translate("migrating", "Map")),
            say(translate("migrating", "Schema ({n})", n=len(_told(outcome)))),
            say(translate("migrating", "Settings ({n})", n=len(outcome.setting_changes))),
            say(translate("migrating", "Manual review ({n})", n=outcome.review_total)),
        )
        for index, name in enumerate(names):
            self._tabs.setTabText(index, name)

    def _current(self) -> ReviewRow | None:
        row = self._reviews.currentRow()
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def _show_row(self) -> None:
        row = self._current()
        text = "" if row is None else "\n".join(f"{k}: {v}" for k, v in row.values.items())
        self._values.setPlainText(text)
        decided = self._decision(row) if row is not None else None
        for box, wanted in (
            (self._role, decided.role if decided else None),
            (self._strategy, decided.strategy if decided else None),
        ):
            box.setCurrentIndex(max(0, box.findData(wanted)))

    def _decide(self, *, leave: bool) -> None:
        row = self._current()
        if row is None:
            return
        self.decided.emit(
            Decision(
                database=row.database,
                table=row.table,
                row=row.row,
                part=row.part,
                role=None if leave else self._role.currentData(),
                strategy=None if leave else self._strategy.currentData(),
                leave=leave,
            )
        )
        self._reviews.setCurrentCell(self._reviews.currentRow() + 1, 0)


def _told(outcome: Outcome) -> list[SchemaChange]:
    """Return the changes of the schema without the indexes that SQLite makes for itself."""
    return [one for one in outcome.schema_changes if not one.name.startswith("sqlite_")]


def _place(row: ReviewRow) -> str:
    return f"{row.table} #{row.row} {row.part}".strip()


def _table(parent: QWidget, name: str, titles: Sequence[str]) -> QTableWidget:
    table = QTableWidget(0, len(titles), parent)
    table.setAccessibleName(name)
    table.setHorizontalHeaderLabels(list(titles))
    table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
    table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    across, down = table.horizontalHeader(), table.verticalHeader()
    if across is not None:
        across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        across.setHighlightSections(False)
        across.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        across.setDefaultSectionSize(220)
        across.setStretchLastSection(True)
    if down is not None:
        down.setVisible(False)
    return table


def _fill(table: QTableWidget, rows: Sequence[Sequence[str]]) -> None:
    """Fill a table once for each outcome; nothing here moves on a timer."""
    table.setRowCount(len(rows))
    for place, row in enumerate(rows):
        for column, text in enumerate(row):
            item = QTableWidgetItem(text)
            item.setToolTip(text)
            table.setItem(place, column, item)
    widest = 48 * table.fontMetrics().averageCharWidth()
    for column in range(table.columnCount() - 1):
        table.resizeColumnToContents(column)
        table.setColumnWidth(column, min(widest, table.columnWidth(column) + 24))
    if rows:
        table.setCurrentCell(0, 0)


def summary(outcome: Outcome) -> str:
    """Return how much an outcome changes, in one line."""
    converted = sum(table.converted for table in outcome.tables)
    return say(
        translate(
            "migrating",
            "{converted} rows converted, {review} to review, {settings} settings normalised",
            converted=count_text(converted),
            review=count_text(outcome.review_total),
            settings=count_text(len(outcome.setting_changes)),
        )
    )
