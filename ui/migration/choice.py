"""What the operator decides about the chosen rows: a role, a strategy, or to leave them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.base.text import translate
from migration.models import (
    Assignee,
    ReviewRow,
)
from migration.run.models import (
    Decision,
)
from ui.kit.parts import lay
from ui.language import count_text, say
from ui.migration.messages import HELPED, ROLES, reason_text
from ui.migration.review_model import place_text, strategy_names, table_of

LISTED = 200
"""Of many chosen rows, the places of so many are told."""


class Scope(StrEnum):
    """What a decision is about."""

    ROWS = "rows"
    TABLES = "tables"


class Choice(QWidget):
    """The values of a row, two boxes, and three buttons."""

    keep_wanted = pyqtSignal()
    leave_wanted = pyqtSignal()
    withdraw_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel(self)
        self._title.setObjectName("subtitle")
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setWordWrap(True)
        self._values = QPlainTextEdit(self)
        self._values.setReadOnly(True)
        self._values.setTabChangesFocus(True)
        self._values.setAccessibleName(say(translate("migrating", "The row")))
        self._hint = QLabel(self)
        self._hint.setObjectName("small")
        self._hint.setWordWrap(True)
        self.about = QComboBox(self)
        self.about.setAccessibleName(say(translate("migrating", "Decide about")))
        self.role = QComboBox(self)
        self.role.setAccessibleName(say(translate("migrating", "Role")))
        self.role.addItem(say(translate("migrating", "No role")), None)
        for role in ("ENTRY", "EXIT", "MANAGEMENT"):
            self.role.addItem(say(ROLES[role]), role)
        self.strategy = QComboBox(self)
        self.strategy.setAccessibleName(say(translate("migrating", "Strategy")))
        for box in (self.about, self.strategy):  # a long name must not make the page wide
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(12)
        self.keep = QPushButton(say(translate("migrating", "&Keep this decision")), self)
        self.leave = QPushButton(say(translate("migrating", "&Leave in review")), self)
        self.withdraw = QPushButton(say(translate("migrating", "&Withdraw the decision")), self)
        self.keep.clicked.connect(self.keep_wanted)
        self.leave.clicked.connect(self.leave_wanted)
        self.withdraw.clicked.connect(self.withdraw_wanted)
        for box in (self.about, self.role, self.strategy):
            box.currentIndexChanged.connect(self._dress)
        self._rows: Sequence[ReviewRow] = ()
        self._lay_out()
        self._dress()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, box in enumerate((self.about, self.role, self.strategy)):
            label = QLabel(box.accessibleName(), self)
            label.setObjectName("small")
            label.setBuddy(box)
            grid.addWidget(label, row, 0)
            grid.addWidget(box, row, 1)
        buttons = QGridLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.keep, 0, 0, 1, 2)
        buttons.addWidget(self.leave, 1, 0)
        buttons.addWidget(self.withdraw, 1, 1)
        lay(
            QVBoxLayout(self),
            self._title,
            (self._values, 1),
            self._hint,
            grid,
            buttons,
            spacing=8,
            margins=0,
        )

    # ---- what is shown -------------------------------------------------------------------

    def show_strategies(self, strategies: Iterable[Assignee]) -> None:
        """Offer *strategies*."""
        self.strategy.clear()
        self.strategy.addItem(say(translate("migrating", "No strategy")), None)
        for strategy, name in strategy_names(strategies).items():
            self.strategy.addItem(name, strategy)

    def show_rows(
        self,
        rows: Sequence[ReviewRow],
        decision: Decision | None,
        tables: Sequence[tuple[str, int]],
    ) -> None:
        """Show the chosen *rows*, the *decision* that all have, and their *tables* with sizes."""
        self._rows = rows
        if not rows:
            title, text = say(translate("migrating", "No row is chosen")), ""
        elif len(rows) == 1:
            title = place_text(rows[0])
            text = "\n".join(f"{name}: {value}" for name, value in rows[0].values.items())
        else:
            title = say(translate("migrating", "{count} rows are chosen", count=len(rows)))
            text = "\n".join(place_text(row) for row in rows[:LISTED])
            text += "\n…" if len(rows) > LISTED else ""
        self._title.setText(title)
        if self._values.toPlainText() != text:
            self._values.setPlainText(text)
        self._show_scopes(len(rows), tables)
        for box, wanted in (
            (self.role, decision.role if decision else None),
            (self.strategy, decision.strategy if decision else None),
        ):
            box.setCurrentIndex(max(0, box.findData(wanted)))
        self._show_hint()
        self._dress()

    def _show_scopes(self, chosen: int, tables: Sequence[tuple[str, int]]) -> None:
        """Name what a decision may be about; after each choice it is the chosen rows again."""
        names = ", ".join(name for name, _ in tables)
        whole = sum(many for _, many in tables)
        texts = {
            Scope.ROWS: translate("migrating", "The chosen rows ({count})", count=chosen),
            Scope.TABLES: translate(
                "migrating", "All of {table} ({count})", table=names, count=count_text(whole)
            ),
        }
        if not self.about.count():
            for scope in Scope:
                self.about.addItem("", scope)
        for place, scope in enumerate(Scope):
            self.about.setItemText(place, say(texts[scope]))
        self.about.setCurrentIndex(0)

    def _dress(self) -> None:
        some = bool(self._rows)
        self.keep.setEnabled(some and self.says_something)
        self.leave.setEnabled(some)
        self.withdraw.setEnabled(some)

    def _show_hint(self) -> None:
        """Say why the chosen rows are here, and where no decision helps them."""
        reasons = {row.reason: reason_text(row) for row in self._rows}
        hint = ", ".join(reasons.values())
        if reasons and not HELPED & reasons.keys():
            more = translate(
                "migrating",
                "Neither a role nor a strategy mends this. Correct it in the program and rehearse "
                "again, or leave it: it is carried over whole.",
            )
            hint = f"{hint}. {say(more)}"
        self._hint.setText(hint)

    # ---- what is decided -----------------------------------------------------------------

    @property
    def scope(self) -> Scope:
        """What the next decision is about."""
        return Scope(self.about.currentData() or Scope.ROWS)

    @property
    def says_something(self) -> bool:
        """Whether a role or a strategy is chosen."""
        return self.role.currentData() is not None or self.strategy.currentData() is not None

    def decisions(self, *, leave: bool) -> tuple[Decision, ...]:
        """Return what is decided about the chosen rows, or about their tables."""
        rows = self._rows
        if not leave and not self.says_something:
            return ()
        role = None if leave else self.role.currentData()
        strategy = None if leave else self.strategy.currentData()
        if self.scope is Scope.TABLES:
            tables = {table_of(row): row.table for row in rows}
            return tuple(
                Decision(
                    database=key.database, table=name, role=role, strategy=strategy, leave=leave
                )
                for key, name in tables.items()
            )
        return tuple(
            Decision(
                database=row.database,
                table=row.table,
                row=row.row,
                part=row.part,
                role=role,
                # A part lies in a strategy already.
                strategy=None if row.part else strategy,
                leave=leave,
            )
            for row in rows
        )
