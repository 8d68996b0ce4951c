"""All fields at a glance: sign, name, value and the last minutes as a sparkline."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF
from PyQt6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from core.health.models import Sample
from core.health.view import Field, HealthReport
from ui.health.wording import field_tip, name_text, sign_of, state_text, value_text
from ui.icons import pixmap
from ui.theme import Theme

_ROOT = QModelIndex()


class Role(IntEnum):
    """What a tile is asked for."""

    FIELD = Qt.ItemDataRole.UserRole
    LINE = Qt.ItemDataRole.UserRole + 1


class FieldsModel(QAbstractListModel):
    """The fields of the newest report, in the catalogue's order; checked ones are drawn large."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fields: tuple[Field, ...] = ()
        self._samples: Sequence[Sample] = ()
        self._large: tuple[str, ...] = ()

    @property
    def large(self) -> tuple[str, ...]:
        """The keys of the metrics that are drawn large."""
        return self._large

    def set_large(self, keys: Sequence[str]) -> None:
        """Draw these large."""
        self._large = tuple(keys)
        self._changed()

    def show(self, report: HealthReport, samples: Sequence[Sample]) -> None:
        """Show *report*; *samples* are the newest ones, the oldest first."""
        same = [field.key for field in report.fields] == [field.key for field in self._fields]
        self._samples = samples
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

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of fields."""
        return 0 if parent.isValid() else len(self._fields)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a tile shows."""
        field = self._fields[index.row()]
        match role:
            case Role.FIELD:
                return field
            case Role.LINE:
                return [sample.values.get(field.key) for sample in self._samples]
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                value = value_text(field.key, field.value)
                return f"{name_text(field.key)}: {value}, {state_text(field.state)}"
            case Qt.ItemDataRole.ToolTipRole:
                return field_tip(field)
            case Qt.ItemDataRole.CheckStateRole:
                large = field.key in self._large
                return Qt.CheckState.Checked if large else Qt.CheckState.Unchecked
            case _:
                return None


class TileDelegate(QStyledItemDelegate):
    """Paints one field."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

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
        style = option.widget.style() if option.widget is not None else QApplication.style()
        if style is not None:
            panel = QStyle.PrimitiveElement.PE_PanelItemViewItem
            style.drawPrimitive(panel, option, painter, option.widget)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(option.rect).adjusted(12, 4, -12, -4)
        line = option.fontMetrics.height()
        sign, colour = sign_of(field.state)
        ratio = option.widget.devicePixelRatioF() if option.widget is not None else 1.0
        icon = pixmap(sign, str(getattr(tokens, colour)), line, ratio)
        painter.drawPixmap(QPointF(area.left(), area.center().y() - line / 2), icon)
        words = area.adjusted(line + 10, 0, -area.width() * 0.34, 0)
        top = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        bottom = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
        small = QFont(option.font)
        small.setPointSizeF(small.pointSizeF() * 0.9)
        painter.setFont(small)
        painter.setPen(QColor(tokens.faint))
        name = option.fontMetrics.elidedText(
            name_text(field.key), Qt.TextElideMode.ElideRight, round(words.width() * 1.08)
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
        _paint_line(painter, spark, index.data(Role.LINE), QColor(str(getattr(tokens, colour))))
        painter.restore()


def _paint_line(
    painter: QPainter, area: QRectF, values: Sequence[float | None], colour: QColor
) -> None:
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return
    least, greatest = min(value for _, value in known), max(value for _, value in known)
    span = greatest - least
    last = max(len(values) - 1, 1)
    points = [
        QPointF(
            area.left() + place / last * area.width(),
            area.center().y()
            if not span
            else area.bottom() - (value - least) / span * area.height(),
        )
        for place, value in known
    ]
    painter.setPen(QPen(colour, 1.3))
    painter.drawPolyline(QPolygonF(points))
