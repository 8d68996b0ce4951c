"""What the rehearsal found: map, changes, and the rows that the operator may decide about.

The map is a picture: old tables left, new ones right, bands as thick as their rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PyQt6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from core.base.text import Text, translate
from migration.models import (
    SettingChange,
    TableMap,
)
from migration.run.models import Decision, Outcome, SchemaChange
from ui.kit.parts import label, lay, scrolled
from ui.kit.rows import Column, Row, RowsModel
from ui.kit.table import Table
from ui.language import count_text, say
from ui.migration.deciding import Deciding
from ui.migration.messages import CHANGES, RULES, TYPES, named_text, validator_name
from ui.theme import Theme

REVIEW = "migration_review"
THICKEST = 18.0


class MigrationMap(QWidget):
    """Painted in one go; rows that need review are drawn in amber."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tables: tuple[TableMap, ...] = ()
        self._targets: tuple[tuple[str, int], ...] = ()
        theme.changed.connect(self.update)

    def show_tables(self, tables: Sequence[TableMap]) -> None:
        """Show where the rows of *tables* go."""
        self._tables = tuple(table for table in tables if table.rows)
        targets: dict[str, int] = {}
        for table in self._tables:
            for name, rows in _flows(table).items():
                targets[name] = targets.get(name, 0) + rows
        self._targets = tuple(sorted(targets.items(), key=lambda one: (one[0] == REVIEW, one[0])))
        self.setMinimumHeight(self.sizeHint().height())
        text = "; ".join(
            f"{self._name(table)} {table.rows} → {name} {rows}"
            for table in self._tables
            for name, rows in _flows(table).items()
        )
        self.setAccessibleName(say(translate("migrating", "Map from old tables to new ones")))
        self.setAccessibleDescription(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As high as the longer side."""
        rows = max(len(self._tables), len(self._targets), 1)
        return QSize(480, round(rows * self._pitch() + 16))

    def _pitch(self) -> float:
        return self.fontMetrics().height() * 2.9

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Paint boxes and bands."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = self._boxes(len(self._tables), 8.0)
        width = left[0].width() if left else 0.0
        right = self._boxes(len(self._targets), self.width() - width - 8.0)
        tokens = self._theme.tokens
        most = max((rows for _, rows in self._targets), default=1)
        names = [name for name, _ in self._targets]
        for table, box in zip(self._tables, left, strict=True):
            for name, rows in _flows(table).items():
                target = right[names.index(name)]
                colour = QColor(tokens.warn if name == REVIEW else tokens.accent)
                colour.setAlpha(90)
                thick = max(1.5, sqrt(rows / most) * THICKEST)
                _band(painter, box, target, colour, thick)
        for table, box in zip(self._tables, left, strict=True):
            self._box(painter, box, self._name(table), f"{count_text(table.rows)} · {table.shape}")
        for (name, rows), box in zip(self._targets, right, strict=True):
            self._box(painter, box, name, count_text(rows), warn=name == REVIEW)
        painter.end()

    def _name(self, table: TableMap) -> str:
        """Return the table's name, with its database's where tables of two have the same."""
        same = [one for one in self._tables if one.table == table.table]
        return f"{table.database}.{table.table}" if len(same) > 1 else table.table

    def _boxes(self, count: int, x: float) -> list[QRectF]:
        pitch = self._pitch()
        width = min(self.width() * 0.36, 30 * self.fontMetrics().horizontalAdvance("0"))
        whole = max(len(self._tables), len(self._targets)) * pitch
        top = 8 + (whole - count * pitch) / 2
        return [QRectF(x, top + row * pitch, width, pitch - 6) for row in range(count)]

    def _box(
        self, painter: QPainter, box: QRectF, name: str, below: str, *, warn: bool = False
    ) -> None:
        tokens = self._theme.tokens
        painter.setPen(QPen(QColor(tokens.warn if warn else tokens.line), 1))
        painter.setBrush(QColor(tokens.warn_wash if warn else tokens.surface))
        painter.drawRoundedRect(box, 6, 6)
        inside = box.adjusted(10, 3, -10, -3)
        metrics = self.fontMetrics()
        cut = Qt.TextElideMode.ElideMiddle
        painter.setPen(QColor(tokens.text))
        painter.drawText(
            inside,
            Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft,
            metrics.elidedText(name, cut, round(inside.width())),
        )
        painter.setPen(QColor(tokens.faint))
        painter.drawText(
            inside,
            Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft,
            metrics.elidedText(below, cut, round(inside.width())),
        )


def _flows(table: TableMap) -> dict[str, int]:
    """Return rows by target; what needs review is a target, too."""
    flows = {name: rows for name, rows in table.targets.items() if rows}
    if table.review and REVIEW not in flows:
        flows[REVIEW] = table.review
    return flows


def _band(painter: QPainter, left: QRectF, right: QRectF, colour: QColor, thick: float) -> None:
    start = QPointF(left.right(), left.center().y())
    end = QPointF(right.left(), right.center().y())
    bend = (end.x() - start.x()) / 2
    path = QPainterPath(start)
    path.cubicTo(start + QPointF(bend, 0), end - QPointF(bend, 0), end)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawPath(path)


def _column(title: Text, text: Callable[[Row], str]) -> Column[Row]:
    """Return a column whose tooltip holds what does not fit."""
    return Column(title, text, tip=text)


SCHEMA: tuple[Column[SchemaChange], ...] = (
    _column(translate("migrating", "Database"), lambda change: change.database),
    _column(translate("migrating", "Change"), lambda change: named_text(CHANGES, change.change)),
    _column(translate("migrating", "Kind"), lambda change: named_text(TYPES, change.type)),
    _column(translate("migrating", "Object"), lambda change: change.name),
)
SETTINGS: tuple[Column[SettingChange], ...] = (
    _column(translate("migrating", "Where"), lambda change: f"{change.table}.{change.column}"),
    _column(translate("migrating", "Before"), lambda change: change.before or "NULL"),
    _column(translate("migrating", "After"), lambda change: change.after or "NULL"),
    _column(translate("migrating", "Rule"), lambda change: named_text(RULES, change.rule)),
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
