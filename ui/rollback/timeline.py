"""The restore points on a line of time, with the console's own operations as flags on it.

One widget, painted in one go: nothing in it is a child widget, so hundreds of restore points
cost no more than a few.  What stands where is decided in `timeline_layout`, which the painting
and the mouse share, so that what is seen is what is hit.

Mouse: click chooses, drag moves, wheel zooms at the pointer, Shift+wheel moves, double click
on a heap opens it.  Keys: Left and Right choose the neighbour, Home and End the oldest and the
newest, + and − zoom, Page Up and Page Down move, Return goes on with the chosen point.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from PyQt6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QFocusEvent,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.backup.models import ListedPoint
from core.base.text import translate
from ui.language import locale, say
from ui.points.messages import ago, clock, heap_tip, point_tip, spoken, when
from ui.rollback.timeline_layout import DAY, Flag, Heap, Lanes, Layout, Span, lay_out
from ui.rollback.timeline_paint import Picture, paint
from ui.theme import Theme

ZOOM_STEP = 0.8
"""One notch of the wheel shows this part of what was seen before."""


class Timeline(QWidget):
    """Shows restore points in time and lets one be chosen."""

    selected = pyqtSignal(str)
    """The operator chose the restore point with this id."""
    activated = pyqtSignal(str)
    """The operator pressed Return on the chosen restore point."""
    span_changed = pyqtSignal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._points: tuple[ListedPoint, ...] = ()
        self._instants: list[float] = []
        self._flags: tuple[Flag, ...] = ()
        self._now = datetime.now(UTC).timestamp()
        self._span = Span(self._now - DAY, self._now)
        self._follows = True
        self._chosen: str | None = None
        self._hovered: Heap | None = None
        self._drag: tuple[float, Span] | None = None
        self._dragged = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._name()

    # ---- what is shown -------------------------------------------------------------------

    def set_points(self, points: Sequence[ListedPoint]) -> None:
        """Show *points*, in any order."""
        first = not self._points
        self._points = tuple(sorted(points, key=lambda listed: (when(listed), listed.point.id)))
        self._instants = [when(listed).timestamp() for listed in self._points]
        self._hovered = None
        if first:
            self.show_all()
        self._name()
        self.update()

    def set_flags(self, flags: Sequence[Flag]) -> None:
        """Mark the console's own operations."""
        self._flags = tuple(sorted(flags, key=lambda flag: flag.at))
        self.update()

    def set_now(self, now: datetime) -> None:
        """Move the present; the picture follows while its right edge shows it."""
        moved = now.timestamp() - self._now
        self._now = now.timestamp()
        if self._follows:
            self._span = self._span.moved(moved)
        self.update()

    def select(self, point_id: str | None) -> None:
        """Choose a restore point without telling (`selected` is for the operator's choices)."""
        self._chosen = point_id if self._index(point_id) is not None else None
        self._reveal()
        self._name()
        self.update()

    @property
    def chosen(self) -> str | None:
        """The id of the chosen restore point."""
        return self._chosen

    @property
    def span(self) -> Span:
        """The stretch of time that is seen."""
        return self._span

    def show_all(self) -> None:
        """Show everything from the oldest restore point until now."""
        oldest = self._limits().start
        self._look(Span(oldest, self._now))

    # ---- geometry ------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Return a height of all lanes at the font's size, and a comfortable width."""
        return QSize(60 * self.fontMetrics().averageCharWidth(), Lanes.height(self.font()))

    def minimumSizeHint(self) -> QSize:
        """Return the same height, and a width that still shows something."""
        return QSize(30 * self.fontMetrics().averageCharWidth(), Lanes.height(self.font()))

    def layout_now(self) -> Layout:
        """Return where everything stands at present."""
        return lay_out(
            self._lanes(),
            self._span,
            self._instants,
            self._flags,
            chosen=self._index(self._chosen),
            now=self._now,
        )

    def hit(self, place: QPointF) -> Heap | None:
        """Return the sign at *place*."""
        return self.layout_now().hit(place)

    def _lanes(self) -> Lanes:
        return Lanes.of(self.font(), float(self.width()))

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.9)
        return font

    def _crowded(self, at: datetime) -> bool:
        """Whether another restore point stands in the same minute."""
        minute = at.timestamp() // 60
        return sum(instant // 60 == minute for instant in self._instants) > 1

    def _index(self, point_id: str | None) -> int | None:
        if point_id is None:
            return None
        for index, listed in enumerate(self._points):
            if listed.point.id == point_id:
                return index
        return None

    def _limits(self) -> Span:
        oldest = self._instants[0] if self._instants else self._now - DAY
        length = max(self._now - oldest, 60.0)
        return Span(oldest - 0.04 * length, self._now)

    def _look(self, span: Span) -> None:
        limits = self._limits()
        # One may look a day back even where all restore points are younger.
        self._span = span.within(Span(min(limits.start, self._now - DAY), limits.end))
        self._follows = self._span.end >= self._now - 1.0
        self._hovered = None
        self.span_changed.emit()
        self.update()

    def _reveal(self) -> None:
        index = self._index(self._chosen)
        if index is None:
            return
        at = self._instants[index]
        margin = self._span.seconds * 0.02
        if at < self._span.start + margin:
            self._look(self._span.moved(at - self._span.start - self._span.seconds * 0.1))
        elif at > self._span.end:
            self._look(self._span.moved(at - self._span.end + self._span.seconds * 0.1))

    def _name(self) -> None:
        index = self._index(self._chosen)
        listed = None if index is None else self._points[index]
        self.setAccessibleName(say(translate("rollback", "Time line of the restore points")))
        self.setAccessibleDescription(spoken(listed, len(self._points)))

    # ---- the operator --------------------------------------------------------------------

    def _choose(self, index: int) -> None:
        point_id = self._points[index].point.id
        if point_id == self._chosen:
            return
        self._chosen = point_id
        self._reveal()
        self._name()
        self.update()
        self.selected.emit(point_id)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Choose, move and zoom by keyboard."""
        if event is None:
            return
        last = len(self._points) - 1
        index = self._index(self._chosen)
        match event.key():
            case Qt.Key.Key_Left if last >= 0:
                self._choose(last if index is None else max(0, index - 1))
            case Qt.Key.Key_Right if last >= 0:
                self._choose(last if index is None else min(last, index + 1))
            case Qt.Key.Key_Home if last >= 0:
                self._choose(0)
            case Qt.Key.Key_End if last >= 0:
                self._choose(last)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self._zoom(ZOOM_STEP, self._anchor())
            case Qt.Key.Key_Minus:
                self._zoom(1 / ZOOM_STEP, self._anchor())
            case Qt.Key.Key_PageUp:
                self._look(self._span.moved(-self._span.seconds / 2))
            case Qt.Key.Key_PageDown:
                self._look(self._span.moved(self._span.seconds / 2))
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self._chosen is not None:
                self.activated.emit(self._chosen)
            case _:
                super().keyPressEvent(event)
                return
        event.accept()

    def _anchor(self) -> float:
        index = self._index(self._chosen)
        inside = index is not None and self._span.start <= self._instants[index] <= self._span.end
        return self._instants[index] if inside and index is not None else self._span.end

    def _zoom(self, factor: float, anchor: float) -> None:
        self._look(self._span.zoomed(factor, anchor))

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Zoom at the pointer; with Shift, or on a sideways wheel, move."""
        if event is None:
            return
        turn = event.angleDelta()
        sideways = event.modifiers() & Qt.KeyboardModifier.ShiftModifier or turn.x()
        notches = (turn.x() or turn.y()) / 120
        if sideways:
            self._look(self._span.moved(-notches * self._span.seconds / 10))
        elif notches:
            plot = self._lanes().plot
            at = self._span.at(event.position().x() - plot.left(), plot.width())
            self._zoom(ZOOM_STEP**notches, min(max(at, self._span.start), self._span.end))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Begin to drag; a press that does not move chooses on release."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._drag = (event.position().x(), self._span)
            self._dragged = False

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Drag, or show what would be chosen."""
        if event is None:
            return
        if self._drag is not None:
            begun, span = self._drag
            way = event.position().x() - begun
            if self._dragged or abs(way) > 4:  # a trembling hand still clicks
                self._dragged = True
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                plot = self._lanes().plot
                self._look(span.moved(-way / plot.width() * span.seconds))
            return
        hovered = self.hit(event.position())
        if hovered != self._hovered:
            self._hovered = hovered
            shape = Qt.CursorShape.PointingHandCursor if hovered else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Choose what was clicked: of a heap, its newest good restore point."""
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        clicked = self._drag is not None and not self._dragged
        self._drag = None
        self.setCursor(Qt.CursorShape.ArrowCursor)
        heap = self.hit(event.position()) if clicked else None
        if heap is not None:
            good = [index for index in heap.members if self._points[index].good]
            self._choose((good or heap.members)[-1])

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Open a heap so far that its restore points stand apart."""
        heap = None if event is None else self.hit(event.position())
        if heap is None or len(heap.members) < 2:
            return
        first, last = self._instants[heap.members[0]], self._instants[heap.members[-1]]
        margin = max((last - first) * 0.2, 60.0)
        self._look(Span(first - margin, last + margin))

    def leaveEvent(self, event: QEvent | None) -> None:
        """Forget what was under the pointer."""
        self._hovered = None
        self.update()
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Show the focus."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Take the focus ring away."""
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent | None) -> bool:
        """Show exact times and details in a tooltip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            tip = self.tip(QPointF(event.pos()))
            if tip:
                QToolTip.showText(event.globalPos(), tip, self, self._tip_area(event.pos()))
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def tip(self, place: QPointF) -> str:
        """Return the tooltip for *place*, or an empty text."""
        heap = self.hit(place)
        if heap is not None:
            members = [self._points[index] for index in heap.members]
            return point_tip(members[0]) if len(members) == 1 else heap_tip(members)
        flag = self.layout_now().flag_at(place)
        return "" if flag is None else flag.tip

    def _tip_area(self, place: QPoint) -> QRect:
        radius = round(self._lanes().radius)
        return QRect(place.x() - radius, place.y() - radius, 2 * radius, 2 * radius)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Paint everything."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        now = datetime.fromtimestamp(self._now, UTC)
        layout = self.layout_now()
        at = None if layout.chosen is None else when(self._points[layout.chosen])
        paint(
            painter,
            Picture(
                layout=layout,
                points=self._points,
                hovered=self._hovered,
                ink=self._theme.ink,
                locale=locale(),
                font=self.font(),
                small=self._small(),
                now_label=say(translate("rollback", "Now")),
                chosen_label="" if at is None else clock(at, now, exact=self._crowded(at)),
                distance_label="" if at is None else ago(at, now),
                focus=self.hasFocus(),
                width=float(self.width()),
            ),
        )
        painter.end()
