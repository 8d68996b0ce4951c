"""All large graphs in one picture: one time axis, one crosshair, one set of marks.

pyqtgraph moves through time; the lines are painted into a picture that is kept until something
in it changes, so that the pointer, which moves far more often, costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyqtgraph as pg
from PyQt6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QRegion,
)
from PyQt6.QtWidgets import QScrollBar, QToolTip, QWidget

from core.base.text import translate
from core.monitoring.history.query import Series
from core.monitoring.history.tiers import Floats
from core.monitoring.models import State
from ui.health.cursor import Headings, time_text, value_at
from ui.health.frame import Frame, Layer, TimeView, lane_height, lay_lanes
from ui.health.loader import Mark, marks_near
from ui.health.messages import name_text, value_text
from ui.health.painting import Lane, LanesPainter
from ui.language import say
from ui.theme import Theme

LEAST_LINES = 3.6
"""The least height of a graph, in lines of text; more graphs than fit are scrolled."""
REACH_PIXELS = 5
FOCUS_BY_KEYS = {
    Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
}  # fmt: skip
PAN_SHARE = 0.2
ZOOM_FACTOR = 0.7


class GraphCanvas(pg.GraphicsView):  # type: ignore[misc]
    """Draws the chosen metrics one below the other; knows nothing of where values come from."""

    viewed = pyqtSignal(float, float)
    """Beginning and end of what is seen, whenever it changes."""
    moved_by_hand = pyqtSignal()
    live_wanted = pyqtSignal()
    pause_wanted = pyqtSignal()
    menu_wanted = pyqtSignal(str, QPoint)
    """The metric, and where on the screen."""

    def __init__(
        self, theme: Theme, interval: float = 1.0, parent: QWidget | None = None,
        least_lines: float = LEAST_LINES,
    ) -> None:  # fmt: skip
        super().__init__(parent, background=None)
        self._theme, self.interval, self._least_lines = theme, interval, least_lines
        self.lanes: list[Lane] = []
        self._marks: tuple[Mark, ...] = ()
        self.states: dict[str, State] = {}
        self.crosshair: float | None = None
        """Where the crosshair is, in Unix seconds."""
        self._chosen: int | None = None
        self._by_keys = False
        """Whether the operator works by keys: only then a frame shows which graph they are for."""
        self._kept: QPixmap | None = None
        self._stale = False
        self._old: set[int] = set()
        """Numbers of lanes that have to be painted anew, where not all have to be."""
        self._exposed: QRegion | None = None
        self.pictures = 0
        """How many pictures were painted so far."""
        self.view = TimeView()
        self._grid = pg.GraphicsLayout()
        self._grid.addItem(self.view, 0, 0)
        self.setCentralItem(self._grid)
        self._lines = Layer(self._paint_lines, 10)
        self._above = Layer(self._paint_above, 20)
        for item in (self._lines, self._above):
            self.scene().addItem(item)
        self._bar = QScrollBar(Qt.Orientation.Vertical, self)
        self._bar.hide()
        self._bar.valueChanged.connect(self._renew)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.view.sigXRangeChanged.connect(self._range_changed)
        self.view.moved_by_hand.connect(self.moved_by_hand)
        self.view.live_wanted.connect(self.live_wanted)
        self.view.menu_wanted.connect(self._want_menu)
        self.view.scrolled.connect(lambda delta: self._scroll(-delta / 120))
        theme.changed.connect(self._dress)
        self.setAccessibleName(say(translate("health", "Graphs")))
        self.setToolTip("")
        self._dress()

    # ---- what is drawn -------------------------------------------------------------------

    def set_lanes(self, lanes: Sequence[Lane]) -> None:
        """Draw these graphs, from top to bottom."""
        self.lanes = list(lanes)
        self._chosen = None
        self._lay()

    def set_range(self, start: float, end: float) -> None:
        """See *start* to *end* (Unix seconds); less than a pixel is no move."""
        before, after = self.view.span
        least = (after - before) / max(1.0, self.view.width()) * 0.9
        if abs(start - before) > least or abs(end - after) > least:
            self.view.show(start, end)

    def show_data(self, series: Mapping[str, Series | None], marks: Sequence[Mark]) -> None:
        """Draw *series* and *marks*."""
        for lane in self.lanes:
            lane.series, lane.newest = series.get(lane.key), None
        self._marks = tuple(marks)
        self._renew()

    def show_lanes(self, series: Mapping[str, Series | None]) -> None:
        """Draw the lanes of *series* anew, and no other."""
        frame = self.frame()
        for number, lane in enumerate(self.lanes):
            if lane.key in series:
                lane.series, lane.newest = series[lane.key], None
                self._old.add(number)
                for item in (self._lines, self._above):
                    item.update(frame.row(number))

    def show_newest(self, values: Mapping[str, tuple[Floats, Floats]]) -> list[str]:
        """Show the newest *values* where that changes the lines by nothing.

        They are the times and values of each metric since the series that is drawn.  Returns
        the metrics whose lines have to be drawn anew.
        """
        width = self.frame().seconds_per_pixel
        if self._stale or width <= self.interval:
            return [lane.key for lane in self.lanes]
        changed = [lane.key for lane in self.lanes if not lane.holds(*values[lane.key], width)]
        for lane in self.lanes:
            _, known = values[lane.key]
            if len(known) and lane.key not in changed:
                lane.newest = float(known[-1])
        if self.crosshair is None:
            self._renew_headings()
        return changed

    def _renew_headings(self) -> None:
        """Paint those headings anew that say something else than before."""
        frame = self.frame()
        for number, lane in enumerate(self.lanes):
            told = value_text(lane.key, lane.newest)
            if lane.newest is not None and told != lane.told:
                self._above.update(frame.heading(number, self.fontMetrics().height()))

    def show_states(self, states: dict[str, State]) -> None:
        """Show how well each metric is."""
        if states != self.states:
            self.states = states
            self._above.update()

    def show_at(self, at: float | None) -> None:
        """Put the crosshair at *at*; None takes it away."""
        if at == self.crosshair:
            return
        self.crosshair = at
        self._above.update()
        self._describe()

    def frame(self) -> Frame:
        """Return where everything lies now."""
        plot = self.view.sceneBoundingRect()
        lanes = lay_lanes(plot, len(self.lanes), self._least, float(self._bar.value()))
        line = self.fontMetrics().height()
        high = lanes[0].height() if lanes else 0.0
        head = line + 6.0 if high >= 3.2 * line else 0.0
        return Frame(plot, *self.view.span, lanes, head)

    @property
    def _least(self) -> float:
        return float(self._least_lines * self.fontMetrics().height())

    # ---- painting ------------------------------------------------------------------------

    def _dress(self) -> None:
        self.setBackground(self._theme.tokens.surface)
        self._renew()

    def _renew(self, *_: object) -> None:
        """Paint the lines anew when they are next seen."""
        self._stale = True
        self._old.clear()
        self._lines.update()
        self._above.update()

    def _range_changed(self, *_: object) -> None:
        self._renew()
        self.viewed.emit(*self.view.span)

    def _paint_lines(self, painter: QPainter) -> None:
        ratio = self.devicePixelRatioF()
        size = self.viewport().size() * ratio
        if self._kept is None or self._kept.size() != size:
            self._kept, self._stale = QPixmap(size), True
            self._kept.setDevicePixelRatio(ratio)
        if self._stale or self._old:
            self._paint_picture(self._kept)
        painter.drawPixmap(QPointF(0, 0), self._kept)

    def _paint_picture(self, picture: QPixmap) -> None:
        frame = self.frame()
        anew = range(len(self.lanes)) if self._stale else sorted(self._old)
        seen = [number for number in anew if frame.is_seen(number)]
        for number in seen:
            self.lanes[number].fit(frame, number)
        painter = QPainter(picture)
        painter.setFont(self.font())
        brushwork = LanesPainter(painter, frame, self._theme.tokens)
        if self._stale:
            painter.fillRect(self.rect(), pg.mkColor(self._theme.tokens.surface))
            brushwork.paint(self.lanes, self._marks)
        else:
            for number in seen:
                brushwork.paint_again(self.lanes[number], number, self._marks)
        painter.end()
        self._stale = False
        self._old.clear()
        self.pictures += 1

    def paintEvent(self, ev: QPaintEvent) -> None:
        """Note which part is painted: what is outside of it is not even made."""
        self._exposed = ev.region()
        super().paintEvent(ev)
        self._exposed = None

    def _paint_above(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setFont(self.font())
        headings = Headings(
            painter, self.frame(), self._theme.tokens, self.devicePixelRatioF(), self.interval,
            self._exposed,
        )  # fmt: skip
        chosen = self._chosen if self.hasFocus() and self._by_keys else None
        headings.paint(self.lanes, self.states, self.crosshair, chosen)

    def _lay(self) -> None:
        """Leave room for labels, flags and times, in the size of the font."""
        metrics = self.fontMetrics()
        line, bar = metrics.height(), self._bar.sizeHint().width()
        left = metrics.horizontalAdvance("00:00:00 MB/h")
        height = self.height() - 2 * line - 20
        more = len(self.lanes) * self._least > height
        self._bar.setVisible(more)
        self._grid.layout.setContentsMargins(left, line + 7, bar + 6 if more else 8, line + 13)
        self._grid.layout.activate()
        plot = QRectF(0, 0, 1, height)
        total = len(self.lanes) * lane_height(plot, len(self.lanes), self._least)
        self._bar.setGeometry(self.width() - bar - 3, line + 7, bar, height)
        self._bar.setPageStep(int(height))
        self._bar.setSingleStep(int(self._least))
        self._bar.setMaximum(max(0, round(total - height)) if more else 0)
        area = QRectF(0, 0, self.width(), self.height())
        self._lines.lay(area)
        self._above.lay(area)
        self._renew()

    def resizeEvent(self, ev: object) -> None:
        """Lay everything out anew."""
        super().resizeEvent(ev)
        if hasattr(self, "_bar"):
            self._lay()

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange and hasattr(self, "_bar"):
            self._lay()

    # ---- mouse and keyboard --------------------------------------------------------------

    def mouseMoveEvent(self, ev: QMouseEvent) -> None:
        """Let the crosshair follow the pointer."""
        super().mouseMoveEvent(ev)
        frame, place = self.frame(), ev.position()
        inside = frame.plot.contains(place)
        self.show_at(frame.at(place.x()) if inside else None)

    def leaveEvent(self, ev: object) -> None:
        """Take the crosshair away."""
        super().leaveEvent(ev)
        self.show_at(None)

    def viewportEvent(self, event: QEvent | None) -> bool:
        """Tell what the marks at the pointer are."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            frame = self.frame()
            at, reach = frame.at(event.pos().x()), REACH_PIXELS * frame.seconds_per_pixel
            tips = [mark.tip for mark in marks_near(self._marks, at, reach)]
            if tips and event.pos().x() >= frame.plot.left():
                QToolTip.showText(event.globalPos(), "\n\n".join(tips), self)
            else:
                QToolTip.hideText()
            return True
        return bool(super().viewportEvent(event))

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Do by keys all that the mouse can: arrows pan and choose, + and - zoom."""
        key, modifiers = Qt.Key(ev.key()), ev.modifiers()
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        match key:
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                ahead = 1 if key == Qt.Key.Key_Right else -1
                if control or shift:
                    self._step(ahead * (10 if control else 1))
                else:
                    self.view.pan(ahead * PAN_SHARE)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.view.zoom(ZOOM_FACTOR, self.crosshair)
            case Qt.Key.Key_Minus:
                self.view.zoom(1 / ZOOM_FACTOR, self.crosshair)
            case Qt.Key.Key_Up | Qt.Key.Key_Down:
                self._choose(1 if key == Qt.Key.Key_Down else -1)
            case Qt.Key.Key_PageUp | Qt.Key.Key_PageDown:
                self._scroll(3 if key == Qt.Key.Key_PageDown else -3)
            case Qt.Key.Key_Space:
                self.pause_wanted.emit()
            case Qt.Key.Key_End:
                self.live_wanted.emit()
            case Qt.Key.Key_Escape if self.crosshair is not None:
                self.show_at(None)
            case Qt.Key.Key_Menu | Qt.Key.Key_F10 if shift or key == Qt.Key.Key_Menu:
                self._menu_of_chosen()
            case _:
                ev.ignore()
                return
        self._by_keys = True
        self._above.update()
        ev.accept()

    def mousePressEvent(self, ev: QMouseEvent) -> None:
        """Leave the keys for the mouse."""
        self._by_keys = False
        self._above.update()
        super().mousePressEvent(ev)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Show which graph the keys are for."""
        super().focusInEvent(event)
        if event is not None and event.reason() in FOCUS_BY_KEYS:
            self._by_keys = True
        if self._chosen is None and self.lanes:
            self._chosen = 0
        self._above.update()
        self._describe()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Take the frame away."""
        super().focusOutEvent(event)
        self._above.update()

    def _step(self, pixels: int) -> None:
        frame = self.frame()
        at = frame.end if self.crosshair is None else self.crosshair
        at += pixels * frame.seconds_per_pixel * 4
        self.show_at(min(max(at, frame.start), frame.end))

    def _choose(self, step: int) -> None:
        if not self.lanes:
            return
        first = -1 if self._chosen is None else self._chosen
        self._chosen = min(max(first + step, 0), len(self.lanes) - 1)
        lane, plot = self.frame().lanes[self._chosen], self.frame().plot
        moved = min(0.0, lane.top() - plot.top()) + max(0.0, lane.bottom() - plot.bottom())
        self._bar.setValue(self._bar.value() + round(moved))
        self._above.update()
        self._describe()

    def _scroll(self, lanes: float) -> None:
        self._bar.setValue(self._bar.value() + round(lanes * self._least))

    def _want_menu(self, place: QPointF) -> None:
        number = self.frame().lane_at(place.y())
        if number is not None:
            self.menu_wanted.emit(self.lanes[number].key, self.mapToGlobal(place.toPoint()))

    def _menu_of_chosen(self) -> None:
        if self._chosen is not None and self._chosen < len(self.lanes):
            place = self.frame().lanes[self._chosen].topLeft().toPoint()
            self.menu_wanted.emit(self.lanes[self._chosen].key, self.mapToGlobal(place))

    def _describe(self) -> None:
        """Say to a screen reader what the eye sees at the crosshair."""
        if not self.hasFocus():
            return
        at = self.crosshair
        lanes = self.lanes if self._chosen is None else [self.lanes[self._chosen]]
        told = [
            f"{name_text(lane.key)} {value_text(lane.key, value)}"
            for lane in lanes
            for value in (value_at(lane.series, at, self.interval),)
        ]
        self.setAccessibleDescription(", ".join(told if at is None else [time_text(at), *told]))
