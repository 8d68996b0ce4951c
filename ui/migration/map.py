"""The migration as a picture: old tables left, new ones right, bands as thick as their rows."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from core.base.text import translate
from migration.models import (
    TableMap,
)
from ui.format import count_text
from ui.language import say
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
