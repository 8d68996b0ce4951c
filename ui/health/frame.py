"""Where everything lies in the picture of the graphs: lanes and layers, the time at each pixel, and
the values and times that they are labelled with.
"""

from __future__ import annotations

import math
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import pyqtgraph as pg
from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from core.base.metrics import Unit
from core.base.text import translate
from core.monitoring.history.tiers import Floats
from ui.language import duration_text, say

FROM_ZERO = 0.3
"""A span of this share of the greatest value is drawn from zero on."""
LEAST_SPAN = 0.05
"""Less than this share of the value is no mountain but noise in the last digits."""
NEAR = 2.5
"""A threshold at most so many times as high as the values is within the picture."""
WHOLE = {Unit.COUNT, Unit.BYTES, Unit.BYTES_PER_SECOND, Unit.BYTES_PER_HOUR}
"""What is counted in whole numbers."""
_TIMES = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 21_600,
          43_200, 86_400, 172_800, 432_000, 864_000, 2_592_000, 8_640_000, 31_536_000)  # fmt: skip


class Scale(NamedTuple):
    """The values at the lower and upper edge of a graph, and those that are written beside it."""

    bottom: float
    top: float
    ticks: tuple[float, ...]
    step: float


def scale_of(
    unit: Unit, low: float, high: float, thresholds: Sequence[float] = (), parts: int = 3
) -> Scale:
    """Return the scale for values from *low* to *high* with about *parts* steps."""
    if unit is Unit.YES_NO:
        return Scale(-0.12, 1.12, (0.0, 1.0), 1.0)
    near = [threshold for threshold in thresholds if _is_near(unit, threshold, low, high)]
    low, high = min([low, *near]), max([high, *near])
    if low >= 0 and high - low >= FROM_ZERO * high:
        low = 0.0
    least = max(abs(high), abs(low)) * LEAST_SPAN or 1.0
    if high - low < least:
        middle = (low + high) / 2
        bottom = middle - least / 2
        low, high = (max(0.0, bottom) if low >= 0 else bottom), middle + least / 2
    step = _round_step(unit, (high - low) / parts)
    if unit in WHOLE:
        step = max(1.0, step)
    first = math.floor(low / step + 1e-9)
    last: float = max(math.ceil(high / step - 1e-9), first + 1)
    if high > (last - 0.08) * step and not (unit is Unit.PERCENT and last * step == 100):
        last += 0.5  # what is highest shall not lie on the edge
    ticks = tuple(number * step for number in range(first, math.floor(last) + 1))
    return Scale(first * step, last * step, ticks, step)


def _is_near(unit: Unit, threshold: float, low: float, high: float) -> bool:
    if unit is Unit.PERCENT:
        return True
    if threshold > high:
        return high > 0 and threshold <= NEAR * high
    return threshold >= low or (low > 0 and threshold >= low / NEAR)


def _round_step(unit: Unit, least: float) -> float:
    if unit is Unit.SECONDS and least > _TIMES[6]:
        return float(_TIMES[min(bisect_left(_TIMES, least), len(_TIMES) - 1)])
    power = 10.0 ** math.floor(math.log10(least))
    return next((factor * power for factor in (1.0, 2.0, 5.0) if factor * power >= least * 0.999),
                10.0 * power)  # fmt: skip


def tick_text(unit: Unit, value: float, step: float) -> str:
    """Return *value* as it stands beside a graph whose labels are *step* apart."""
    match unit:
        case Unit.YES_NO:
            text = say(translate("health", "yes") if value else translate("health", "no"))
        case Unit.PERCENT:
            text = f"{_digits(value, step)} %"
        case Unit.BYTES | Unit.BYTES_PER_SECOND | Unit.BYTES_PER_HOUR:
            text = _bytes(value, step) + unit.value.removeprefix("bytes")
        case Unit.SECONDS if step >= 60:
            text = duration_text(value) if value else "0"
        case Unit.SECONDS if step < 0.1 and value < 1:
            text = f"{_digits(value * 1e3, step * 1e3)} ms" if value else "0 ms"
        case Unit.SECONDS:
            text = f"{_digits(value, step)} s"
        case Unit.DAYS:
            text = f"{_digits(value, step)} d"
        case _:
            text = _digits(value, step)
    return text


def _bytes(value: float, step: float) -> str:
    size, power = max(abs(value), step), 0
    while size >= 1000 and power < 4:
        size, power = size / 1000, power + 1
    unit = ("B", "kB", "MB", "GB", "TB")[power]
    return f"{_digits(value / 1000**power, step / 1000**power)} {unit}"


def _digits(value: float, step: float) -> str:
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{value:,.{decimals}f}"


class TimeTick(NamedTuple):
    """A time that is written below the graphs; *strong* where a day, month or year begins."""

    at: float
    text: str
    strong: bool


def time_ticks(start: float, end: float, count: int) -> tuple[TimeTick, ...]:
    """Return about *count* round local times from *start* to *end* (Unix seconds)."""
    least = (end - start) / max(1, count)
    if least > 10 * 86_400:
        return _months(start, end, max(1, math.ceil(least / (30.5 * 86_400))))
    step = next(one for one in (*_TIMES[:18], 172_800, 432_000, 864_000) if one >= least)
    if step >= 86_400:
        return _days(start, end, step // 86_400)
    zone = datetime.fromtimestamp(start).astimezone().utcoffset() or timedelta()
    offset = zone.total_seconds()
    at = math.ceil((start + offset) / step) * step - offset
    form = "%H:%M:%S" if step < 60 else "%H:%M"
    found = []
    while at <= end:
        local = datetime.fromtimestamp(at).astimezone()
        midnight = local.hour == local.minute == local.second == 0
        found.append(TimeTick(at, local.strftime("%m-%d" if midnight else form), midnight))
        at += step
    return tuple(found)


def _days(start: float, end: float, days: int) -> tuple[TimeTick, ...]:
    # Counted from a fixed day, so that the labels stay where they are while one pans.
    day = datetime.fromtimestamp(start).date()
    day += timedelta(days=-day.toordinal() % days)
    found = []
    while (at := datetime(day.year, day.month, day.day).astimezone().timestamp()) <= end:
        if at >= start:
            found.append(TimeTick(at, f"{day:%m-%d}", day.day == 1))
        day += timedelta(days=days)
    return tuple(found)


def _months(start: float, end: float, months: int) -> tuple[TimeTick, ...]:
    months = next((one for one in (1, 2, 3, 6) if one >= months), 12)
    first = datetime.fromtimestamp(start)
    number = first.year * 12 + first.month - 1
    number += -number % months
    found: list[TimeTick] = []
    while True:
        at = datetime(number // 12, number % 12 + 1, 1).astimezone().timestamp()
        if at > end:
            return tuple(found)
        if at >= start:
            found.append(TimeTick(at, f"{number // 12}-{number % 12 + 1:02}", number % 12 == 0))
        number += months


class Frame(NamedTuple):
    """The part of the picture that holds the lines, and one lane for each graph.

    Lengths are device-independent pixels, times Unix seconds.
    """

    plot: QRectF
    start: float
    end: float
    lanes: tuple[QRectF, ...]
    """Of all graphs; those outside of `plot` are scrolled away."""
    head: float
    """The height of a lane's heading; 0 where it stands over the line."""

    @property
    def seconds_per_pixel(self) -> float:
        """How much time a pixel column is."""
        return (self.end - self.start) / max(1.0, self.plot.width())

    def x(self, at: float) -> float:
        """Return where time *at* lies."""
        return self.plot.left() + (at - self.start) / self.seconds_per_pixel

    def xs(self, times: Floats) -> Floats:
        """Return where *times* lie."""
        return self.plot.left() + (times - self.start) / self.seconds_per_pixel

    def at(self, x: float) -> float:
        """Return the time at *x*."""
        return self.start + (x - self.plot.left()) * self.seconds_per_pixel

    def is_seen(self, number: int) -> bool:
        """Whether any of lane *number* is in the picture."""
        lane = self.lanes[number]
        return lane.bottom() > self.plot.top() and lane.top() < self.plot.bottom()

    def drawn(self, number: int) -> QRectF:
        """Return the part of lane *number* that holds its line."""
        return self.lanes[number].adjusted(0, self.head, 0, -1)

    def row(self, number: int) -> QRectF:
        """Return lane *number* with its labels at the left, as far as it is in the picture."""
        lane = self.lanes[number]
        top, bottom = max(lane.top(), self.plot.top()), min(lane.bottom(), self.plot.bottom())
        return QRectF(0.0, top, self.plot.right(), max(0.0, bottom - top))

    def heading(self, number: int, high: float) -> QRectF:
        """Return where the heading of lane *number* stands, in text of height *high*."""
        row = self.lanes[number].adjusted(8, 3, -8, 0)
        row.setHeight(high)
        return row

    def lane_at(self, y: float) -> int | None:
        """Return the number of the lane at *y*."""
        if not self.plot.top() <= y <= self.plot.bottom():
            return None
        found = [n for n, lane in enumerate(self.lanes) if lane.top() <= y < lane.bottom()]
        return found[0] if found else None


def lay_lanes(plot: QRectF, number: int, least: float, offset: float) -> tuple[QRectF, ...]:
    """Return *number* lanes of equal height, at least *least*, moved up by *offset*."""
    height = lane_height(plot, number, least)
    return tuple(
        QRectF(plot.left(), plot.top() - offset + height * place, plot.width(), height)
        for place in range(number)
    )


def lane_height(plot: QRectF, number: int, least: float) -> float:
    """Return the height of one of *number* lanes, in whole pixels."""
    return float(max(least, plot.height() // max(1, number)))


class Layer(pg.GraphicsObject):  # type: ignore[misc]
    """One layer of the canvas: hands on its painting."""

    def __init__(self, paint_with: Callable[[QPainter], None], z: float) -> None:
        super().__init__()
        self._paint_with = paint_with
        self.area = QRectF()
        self.setZValue(z)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def lay(self, area: QRectF) -> None:
        """Cover *area*."""
        self.prepareGeometryChange()
        self.area = area

    def boundingRect(self) -> QRectF:
        """Return what it covers."""
        return self.area

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Let the canvas paint."""
        self._paint_with(painter)


SHORTEST_SECONDS = 5.0
LONGEST_SECONDS = 2 * 366 * 86_400.0
AHEAD = 0.02
"""How far one may look into the future, as a share of the range."""


class TimeView(pg.ViewBox):  # type: ignore[misc]
    """A range of time; the other axis belongs to the lanes."""

    moved_by_hand = pyqtSignal()
    menu_wanted = pyqtSignal(QPointF)
    """Where in the scene."""
    live_wanted = pyqtSignal()
    scrolled = pyqtSignal(int)
    """Of a wheel with Shift: eighths of a degree."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.setMouseEnabled(x=True, y=False)
        self.setLimits(minXRange=SHORTEST_SECONDS, maxXRange=LONGEST_SECONDS, xMin=0.0)
        self.setYRange(0.0, 1.0, padding=0)
        self.sigRangeChangedManually.connect(lambda _: self._moved())

    @property
    def span(self) -> tuple[float, float]:
        """Beginning and end of what is seen, in Unix seconds."""
        start, end = self.viewRange()[0]
        return float(start), float(end)

    def show(self, start: float, end: float) -> None:
        """See *start* to *end*."""
        self.setXRange(start, end, padding=0)

    def pan(self, share: float) -> None:
        """Move by *share* of the range, as by hand."""
        start, end = self.span
        step = (end - start) * share
        self.show(start + step, end + step)
        self._moved()

    def zoom(self, factor: float, about: float | None = None) -> None:
        """Make the range *factor* times as long about a time (None: its middle), as by hand."""
        start, end = self.span
        about = (start + end) / 2 if about is None else about
        self.show(about - (about - start) * factor, about + (end - about) * factor)
        self._moved()

    def _moved(self) -> None:
        start, end = self.span
        latest = time.time() + (end - start) * AHEAD
        if end > latest:
            self.show(start - (end - latest), latest)
        self.moved_by_hand.emit()

    def wheelEvent(self, ev: object, axis: int | None = None) -> None:
        """Zoom about the pointer; with Shift scroll through the graphs."""
        if ev.modifiers() & Qt.KeyboardModifier.ShiftModifier:  # type: ignore[attr-defined]
            self.scrolled.emit(int(ev.delta()))  # type: ignore[attr-defined]
            ev.accept()  # type: ignore[attr-defined]
            return
        super().wheelEvent(ev, axis=0)

    def mouseClickEvent(self, ev: object) -> None:
        """Right: a menu.  Twice left: back to now."""
        if ev.button() == Qt.MouseButton.RightButton:  # type: ignore[attr-defined]
            ev.accept()  # type: ignore[attr-defined]
            self.menu_wanted.emit(ev.scenePos())  # type: ignore[attr-defined]
        elif ev.double():  # type: ignore[attr-defined]
            ev.accept()  # type: ignore[attr-defined]
            self.live_wanted.emit()
