"""What the rehearsal found: map, changes, and the rows that the operator may decide about."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QLabel, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from core.base.text import translate
from migration.run.models import Decision, Outcome, SchemaChange
from ui.format import count_text
from ui.language import say
from ui.migration.deciding import Deciding
from ui.migration.lines import LinesModel, LinesTable
from ui.migration.map import MigrationMap
from ui.migration.messages import change_text, rule_text, type_text, validator_name
from ui.theme import Theme


class Review(QWidget):
    """Four views of one outcome."""

    decided = pyqtSignal(object)
    """Decisions to keep."""
    withdrawn = pyqtSignal(object)
    """Decisions to take back."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._verdict = QLabel(self)
        self._verdict.setWordWrap(True)
        self._verdict.setTextFormat(Qt.TextFormat.PlainText)
        self._map = MigrationMap(theme, self)
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(self._map)
        self._schema = LinesModel(
            (
                say(translate("migrating", "Database")),
                say(translate("migrating", "Change")),
                say(translate("migrating", "Kind")),
                say(translate("migrating", "Object")),
            ),
            self,
        )
        self._settings = LinesModel(
            (
                say(translate("migrating", "Where")),
                say(translate("migrating", "Before")),
                say(translate("migrating", "After")),
                say(translate("migrating", "Rule")),
            ),
            self,
        )
        self.deciding = Deciding(self)
        self.deciding.decided.connect(self.decided)
        self.deciding.withdrawn.connect(self.withdrawn)
        self._lists = (
            LinesTable(self._schema, say(translate("migrating", "Changes of the schema")), self),
            LinesTable(self._settings, say(translate("migrating", "Changes of settings")), self),
        )
        self.tabs = QTabWidget(self)
        for page in (scroll, *self._lists, self.deciding):
            self.tabs.addTab(page, "")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._verdict)
        column.addWidget(self.tabs, 1)

    def show_outcome(self, outcome: Outcome, *, open_: bool) -> None:
        """Show what a rehearsal or a run found; *open_* says whether decisions still count."""
        signs = "   ".join(
            f"{'✓' if one.ok else '✗'} {validator_name(one.name)}" for one in outcome.validators
        )
        problems = "\n".join(say(text) for text in outcome.problems[:5])
        self._verdict.setText(f"{signs}\n{problems}".strip())
        self._map.show_tables(outcome.tables)
        told = _told(outcome)
        self._schema.show(
            [(one.database, change_text(one.change), type_text(one.type), one.name) for one in told]
        )
        self._settings.show(
            [
                (
                    f"{one.table}.{one.column}",
                    one.before or "NULL",
                    one.after or "NULL",
                    rule_text(one.rule),
                )
                for one in outcome.setting_changes
            ]
        )
        for table in self._lists:
            table.fit()
        self.deciding.show_outcome(outcome, open_=open_)
        names = (
            translate("migrating", "Map"),
            translate("migrating", "Schema ({n})", n=len(told)),
            translate("migrating", "Settings ({n})", n=len(outcome.setting_changes)),
            translate("migrating", "Manual review ({n})", n=outcome.review_total),
        )
        for index, name in enumerate(names):
            self.tabs.setTabText(index, say(name))

    def show_decisions(self, decisions: Sequence[Decision]) -> None:
        """Mark the rows about which something is decided, and show what."""
        self.deciding.show_decisions(tuple(decisions))


def _told(outcome: Outcome) -> list[SchemaChange]:
    """Return the changes of the schema without the indexes that SQLite makes for itself."""
    return [one for one in outcome.schema_changes if not one.name.startswith("sqlite_")]


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
