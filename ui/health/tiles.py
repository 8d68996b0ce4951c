"""All fields at a glance: sign, name, value and the last minutes as a sparkline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import IntEnum

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPointF,
    QRectF,
    QSize,
    QSizeF,
    Qt,
)
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap
from PyQt6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from core.base.text import translate
from core.monitoring.history.query import per_column, pieces, zigzag
from core.monitoring.history.tiers import Floats
from core.monitoring.view import Field, HealthReport
from ui.health.loader import Recent, sparkline
from ui.health.messages import field_tip, name_text, sign_of, state_text, value_text
from ui.kit.parts import pixmap
from ui.kit.table import paint_ground
from ui.language import say
from ui.theme import Theme

SPARK_SECONDS = 300.0
_ROOT = QModelIndex()


class Role(IntEnum):
    """What a tile is asked for."""

    FIELD = Qt.ItemDataRole.UserRole


class FieldsModel(QAbstractListModel):
    """The fields of the newest report, in the catalogue's order; checked ones are drawn large."""

    def __init__(self, recent: Recent, interval: float, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recent, self._interval = recent, interval
        self._fields: tuple[Field, ...] = ()
        self._large: tuple[str, ...] = ()

    @property
    def large(self) -> tuple[str, ...]:
        """The keys of the metrics that are drawn large."""
        return self._large

    def set_large(self, keys: Sequence[str]) -> None:
        """Draw these large."""
        self._large = tuple(keys)
        self._changed()

    def show(self, report: HealthReport) -> None:
        """Show *report*."""
        same = [field.key for field in report.fields] == [field.key for field in self._fields]
        if same:
            self._fields = report.fields
            self._changed()
            return
        self.beginResetModel()
        self._fields = report.fields
        self.endResetModel()

    def _changed(self) -> None:
        if self._fields:
            self.dataChanged.emit(self.index(0), self.index(len(self._fields) - 1))

    def line(self, key: str) -> tuple[Floats, Floats]:
        """Return times and values of a sparkline."""
        return sparkline(key, self._recent, self._interval, SPARK_SECONDS)

    @property
    def until(self) -> float:
        """The time of the newest sample, in Unix seconds."""
        return self._recent.end

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of fields."""
        return 0 if parent.isValid() else len(self._fields)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a tile shows."""
        field = self._fields[index.row()]
        large = field.key in self._large
        match role:
            case Role.FIELD:
                return field
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                value = value_text(field.key, field.value)
                return f"{name_text(field.key)}: {value}, {state_text(field.state)}"
            case Qt.ItemDataRole.ToolTipRole:
                what = (
                    translate("health", "Click to draw it small again")
                    if large
                    else translate("health", "Click to draw it large")
                )
                return f"{field_tip(field)}\n{say(what)}"
            case Qt.ItemDataRole.CheckStateRole:
                return Qt.CheckState.Checked if large else Qt.CheckState.Unchecked
            case _:
                return None


class TileDelegate(QStyledItemDelegate):
    """Paints one field."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sparks: dict[str, tuple[tuple[object, ...], QPixmap]] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Two lines of text and a little air."""
        return QSize(0, round(option.fontMetrics.height() * 2.7))

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Paint sign, name, value and sparkline."""
        field = index.data(Role.FIELD)
        if painter is None or not isinstance(field, Field):
            return
        tokens = self._theme.tokens
        paint_ground(painter, option)
        painter.save()
        area = QRectF(option.rect).adjusted(12, 4, -12, -4)
        line = option.fontMetrics.height()
        sign, colour = sign_of(field.state)
        ratio = option.widget.devicePixelRatioF() if option.widget is not None else 1.0
        icon = pixmap(sign, self._theme.colour(colour), line, ratio)
        painter.drawPixmap(QPointF(area.left(), area.center().y() - line / 2), icon)
        words = area.adjusted(line + 10, 0, -area.width() * 0.34, 0)
        top = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        bottom = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
        small = QFont(option.font)
        small.setPointSizeF(small.pointSizeF() * 0.9)
        painter.setFont(small)
        painter.setPen(QColor(tokens.faint))
        name = QFontMetricsF(small).elidedText(
            name_text(field.key), Qt.TextElideMode.ElideRight, words.width()
        )
        painter.drawText(words, top, name)
        painter.setFont(option.font)
        painter.setPen(QColor(tokens.text))
        painter.drawText(words, bottom, value_text(field.key, field.value))
        if index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked:
            painter.fillRect(
                QRectF(option.rect.left(), option.rect.top() + 4, 3, option.rect.height() - 8),
                QColor(tokens.accent),
            )
        spark = QRectF(area.right() - area.width() * 0.32, area.top() + 2,
                       area.width() * 0.32, area.height() - 4)  # fmt: skip
        line_colour = QColor(self._theme.colour(colour))
        painter.drawPixmap(spark.topLeft(), self._spark(index, spark.size(), line_colour, ratio))
        painter.restore()

    def _spark(self, index: QModelIndex, size: QSizeF, colour: QColor, ratio: float) -> QPixmap:
        """Return the sparkline, painted anew when it moved by a pixel."""
        key, model = index.data(Role.FIELD).key, index.model()
        if not isinstance(model, FieldsModel):
            return QPixmap()
        step = SPARK_SECONDS / max(1.0, size.width())
        version = (model.until // step, size, colour.rgb(), ratio)
        kept = self._sparks.get(key)
        if kept is not None and kept[0] == version:
            return kept[1]
        whole = QSize(math.ceil(size.width() * ratio), math.ceil(size.height() * ratio))
        picture = QPixmap(whole)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        area = QRectF(QPointF(0, 0), size).adjusted(1, 1, -1, -1)
        times, values = model.line(key)
        _paint_line(painter, area, times, values, model.until, colour)
        painter.end()
        self._sparks[key] = (version, picture)
        return picture


def _paint_line(
    painter: QPainter, area: QRectF, times: Floats, values: Floats, end: float, colour: QColor
) -> None:
    """Draw a line over the last minutes up to *end*; where nothing was measured it is empty."""
    if not len(times) or np.isnan(values).all():
        return
    columns = max(1, int(area.width()))
    found = per_column(times, values, values, values, end - SPARK_SECONDS, end + 1e-3, columns)
    x, y = zigzag(found)
    least, greatest = float(np.nanmin(y)), float(np.nanmax(y))
    span = greatest - least
    x = area.left() + (x - (end - SPARK_SECONDS)) / SPARK_SECONDS * area.width()
    y = area.bottom() - ((y - least) / span if span else y * 0 + 0.5) * area.height()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.3))
    for first, last in pieces(y):
        if last - first == 1:
            painter.drawPoint(QPointF(float(x[first]), float(y[first])))
        else:
            painter.drawPolyline(pg.functions.arrayToQPolygonF(x[first:last], y[first:last]))
