"""What the rehearsal found: map, changes, and the rows that the operator may decide about."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from core.base.text import Text, translate
from migration.models import SettingChange
from migration.run.models import Decision, Outcome, SchemaChange
from ui.kit.parts import label, lay, scrolled
from ui.kit.rows import Column, Row, RowsModel
from ui.kit.table import Table
from ui.language import say
from ui.migration.deciding import Deciding
from ui.migration.map import MigrationMap
from ui.migration.messages import change_text, rule_text, type_text, validator_name
from ui.theme import Theme


def _column(title: Text, text: Callable[[Row], str]) -> Column[Row]:
    """Return a column whose tooltip holds what does not fit."""
    return Column(title, text, tip=text)


SCHEMA: tuple[Column[SchemaChange], ...] = (
    _column(translate("migrating", "Database"), lambda change: change.database),
    _column(translate("migrating", "Change"), lambda change: change_text(change.change)),
    _column(translate("migrating", "Kind"), lambda change: type_text(change.type)),
    _column(translate("migrating", "Object"), lambda change: change.name),
)
SETTINGS: tuple[Column[SettingChange], ...] = (
    _column(translate("migrating", "Where"), lambda change: f"{change.table}.{change.column}"),
    _column(translate("migrating", "Before"), lambda change: change.before or "NULL"),
    _column(translate("migrating", "After"), lambda change: change.after or "NULL"),
    _column(translate("migrating", "Rule"), lambda change: rule_text(change.rule)),
)


class Review(QWidget):
    """Four views of one outcome."""

    decided = pyqtSignal(object)
    """Decisions to keep."""
    withdrawn = pyqtSignal(object)
    """Decisions to take back."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._verdict = label(self, wrap=True)
        self._map = MigrationMap(theme, self)
        self._schema = RowsModel(SCHEMA, lambda change: change, self)
        self._settings = RowsModel(SETTINGS, lambda change: change, self)
        self.deciding = Deciding(self)
        self.deciding.decided.connect(self.decided)
        self.deciding.withdrawn.connect(self.withdrawn)
        schema = translate("migrating", "Changes of the schema")
        settings = translate("migrating", "Changes of settings")
        self._lists = (
            Table(self._schema, schema, self, squeeze=True),
            Table(self._settings, settings, self, squeeze=True),
        )
        for table in self._lists:
            table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.tabs = QTabWidget(self)
        lists = (table.with_filter() for table in self._lists)
        for page in (scrolled(self, self._map), *lists, self.deciding):
            self.tabs.addTab(page, "")
        lay(QVBoxLayout(self), self._verdict, (self.tabs, 1), spacing=8, margins=0)

    def show_outcome(self, outcome: Outcome, *, open_: bool) -> None:
        """Show what a rehearsal or a run found; *open_* says whether decisions still count."""
        signs = "   ".join(
            f"{'✓' if validator.ok else '✗'} {validator_name(validator.name)}"
            for validator in outcome.validators
        )
        problems = "\n".join(say(text) for text in outcome.problems[:5])
        self._verdict.setText(f"{signs}\n{problems}".strip())
        self._map.show_tables(outcome.tables)
        told = _told(outcome)
        self._schema.show(told)
        self._settings.show(outcome.setting_changes)
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
    return [change for change in outcome.schema_changes if not change.name.startswith("sqlite_")]
