"""What stands where on the time line; shared by its painting and its mouse.  Nothing here draws.

Which stretch of time is seen, and where its ticks stand: instants are Unix seconds; ticks and
labels are in local time, because the operator's clock is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from PyQt6.QtCore import QDate, QLocale, QPointF, QRectF
from PyQt6.QtGui import QFont, QFontMetricsF

from core.base.journal import Entry, Outcome
from core.base.operation import Kind
from ui.language import duration_text, operation_name, outcome_text
from ui.points.messages import exact_time

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
WEEK, MONTH, YEAR = 7 * DAY, 30.44 * DAY, 365.25 * DAY

SHORTEST = 10 * MINUTE
"""The closest one can zoom in, in seconds from edge to edge."""


class Span(NamedTuple):
    """The stretch of time that is seen, in Unix seconds."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.end - self.start

    def x(self, at: float, width: float) -> float:
        """Return the horizontal place of instant *at* in a picture *width* wide."""
        return (at - self.start) / self.seconds * width

    def at(self, x: float, width: float) -> float:
        """Return the instant at place *x* of a picture *width* wide."""
        return self.start + x / width * self.seconds

    def zoomed(self, factor: float, anchor: float) -> Span:
        """Return a span *factor* times as long in which *anchor* keeps its place."""
        return Span(anchor - (anchor - self.start) * factor, anchor + (self.end - anchor) * factor)

    def moved(self, seconds: float) -> Span:
        """Return the span moved to later (or, when negative, earlier) by *seconds*."""
        return Span(self.start + seconds, self.end + seconds)

    def within(self, limits: Span) -> Span:
        """Return the nearest span inside *limits* that is not shorter than `SHORTEST`."""
        length = min(max(self.seconds, SHORTEST), max(limits.seconds, SHORTEST))
        middle = (self.start + self.end) / 2
        span = Span(middle - length / 2, middle + length / 2)
        if span.end > limits.end:
            span = span.moved(limits.end - span.end)
        if span.start < limits.start:
            span = span.moved(limits.start - span.start)
        return span


class Tick(NamedTuple):
    """One tick of the fine scale."""

    at: float
    label: str


class Band(NamedTuple):
    """One stretch of the coarse scale below it: a day, a month or a year."""

    start: float
    end: float
    label: str


class Scale(NamedTuple):
    """The ticks and bands for a span."""

    ticks: tuple[Tick, ...]
    bands: tuple[Band, ...]


class _Step(NamedTuple):
    seconds: float
    unit: str
    every: int


_STEPS: Sequence[_Step] = (
    *(_Step(count * MINUTE, "minute", count) for count in (1, 2, 5, 10, 15, 30)),
    *(_Step(count * HOUR, "hour", count) for count in (1, 2, 3, 6, 12)),
    *(_Step(count * DAY, "day", count) for count in (1, 2)),
    _Step(WEEK, "week", 1),
    *(_Step(count * MONTH, "month", count) for count in (1, 3, 6)),
    *(_Step(count * YEAR, "year", count) for count in (1, 2, 5, 10, 50)),
)

# Qt's date formats (QLocale.toString): of the tick, and of the band that it stands in.
_FORMATS = {
    "ko": {"day": "d일 (ddd)", "month": "M월", "year": "yyyy년"},
    "en": {"day": "ddd d", "month": "MMM", "year": "yyyy"},
}
_BANDS = {
    "ko": {"day": "M월 d일 (ddd)", "month": "yyyy년 M월", "year": "yyyy년"},
    "en": {"day": "ddd d MMM", "month": "MMMM yyyy", "year": "yyyy"},
}


def scale(span: Span, width: float, spacing: float, locale: QLocale) -> Scale:
    """Return the finest scale of *span* whose ticks stand at least *spacing* apart."""
    wanted = spacing / max(width, 1.0) * span.seconds
    step = next((step for step in _STEPS if step.seconds >= wanted), _STEPS[-1])
    coarse = "day" if step.seconds < DAY else "month" if step.seconds < MONTH else "year"
    language = "ko" if locale.language() == QLocale.Language.Korean else "en"
    ticks = tuple(
        Tick(_instant(local), _tick_label(local, step, language, locale))
        for local in _marks(span, step)
    )
    if step.unit == "year":
        return Scale(ticks, ())
    edges = list(_marks(span, _Step(0, coarse, 1), before=True))
    bands = tuple(
        Band(_instant(edge), _instant(_after(edge, _Step(0, coarse, 1))), label)
        for edge in edges
        for label in (_text(edge, _BANDS[language][coarse], locale),)
    )
    return Scale(ticks, bands)


def _instant(local: datetime) -> float:
    return local.timestamp()  # a naive datetime is local time


def _tick_label(local: datetime, step: _Step, language: str, locale: QLocale) -> str:
    if step.unit in ("minute", "hour"):
        return f"{local:%H:%M}"
    return _text(local, _FORMATS[language]["day" if step.unit == "week" else step.unit], locale)


def _text(local: datetime, pattern: str, locale: QLocale) -> str:
    return locale.toString(QDate(local.year, local.month, local.day), pattern)


def _marks(span: Span, step: _Step, *, before: bool = False) -> Iterator[datetime]:
    """Yield the local times of *step* in *span*; with *before* from the one before it too."""
    local = _floor(datetime.fromtimestamp(span.start), step)
    while _instant(local) <= span.end:
        if before or _instant(local) >= span.start:
            yield local
        local = _after(local, step)


def _floor(local: datetime, step: _Step) -> datetime:
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    match step.unit:
        case "minute" | "hour":
            size = timedelta(**{f"{step.unit}s": step.every})
            return day + (local - day) // size * size
        case "day":
            return day - timedelta(days=(day.toordinal()) % step.every)
        case "week":
            return day - timedelta(days=day.weekday())  # weeks begin on Monday in Korea too
        case "month":
            return day.replace(day=1, month=(day.month - 1) // step.every * step.every + 1)
        case _:
            return day.replace(day=1, month=1, year=max(1, day.year // step.every * step.every))


def _after(local: datetime, step: _Step) -> datetime:
    match step.unit:
        case "minute" | "hour" | "day" | "week":
            return local + timedelta(**{f"{step.unit}s": step.every})
        case "month":
            months = local.year * 12 + local.month - 1 + step.every
            return local.replace(year=months // 12, month=months % 12 + 1)
        case _:
            return local.replace(year=local.year + step.every)


def cluster(instants: Sequence[float], gap: float) -> list[tuple[int, ...]]:
    """Gather the indices of *instants* (ascending) that lie less than *gap* seconds apart.

    Counted from the newest one back, each group at most *gap* long, so that groups do not
    change while the picture is moved and do not chain into one long heap.
    """
    groups: list[tuple[int, ...]] = []
    group: list[int] = []
    for index in range(len(instants) - 1, -1, -1):
        if group and instants[group[0]] - instants[index] >= gap:
            groups.append(tuple(reversed(group)))
            group = []
        group.append(index)
    if group:
        groups.append(tuple(reversed(group)))
    groups.reverse()
    return groups


class FlagKind(StrEnum):
    """What the console itself did."""

    ROLLBACK = "rollback"
    MIGRATION = "migration"
    DEPLOYMENT = "deployment"
    RECOVERY = "recovery"


class Flag(NamedTuple):
    """An operation of the console that changed live data, as a flag on the line."""

    at: datetime
    kind: FlagKind
    ok: bool
    label: str
    tip: str
    target: str | None = None
    """The restore point that a rollback went back to."""


class Lanes(NamedTuple):
    """The horizontal lanes, in pixels; all sizes follow the font's."""

    line: float
    """Height of one line of text."""
    radius: float
    """Of a sign."""
    flags: float
    """Top of the flags."""
    callout: float
    """Top of the chosen point's time."""
    signs: float
    """Middle of the restore points."""
    axis: float
    """The line of time itself."""
    ticks: float
    """Top of the ticks' labels."""
    bands: float
    """Top of the labels of days, months or years."""
    plot: QRectF
    """Where time is drawn: from the top of the flags to the axis."""

    @classmethod
    def of(cls, font: QFont, width: float) -> Lanes:
        """Return the lanes for a widget *width* pixels wide in *font*."""
        metrics = QFontMetricsF(font)
        line, em = metrics.height(), metrics.horizontalAdvance("M")
        radius = line * 0.46
        flags = line * 0.3
        callout = flags + line * 1.35
        signs = callout + line * 1.35 + radius
        axis = signs + radius * 1.9
        ticks = axis + line * 0.3
        bands = ticks + line * 1.1
        # At the right, a little off so that the newest restore point stays clear of it,
        # stands the present, and the word for it.
        left, right = em * 1.2, em * 7.5
        plot = QRectF(left, flags, max(width - left - right, 1.0), axis - flags)
        return cls(line, radius, flags, callout, signs, axis, ticks, bands, plot)

    @classmethod
    def height(cls, font: QFont) -> int:
        """Return the height of all lanes together."""
        lanes = cls.of(font, 1.0)
        return round(lanes.bands + lanes.line * 1.3)


class Heap(NamedTuple):
    """One sign on the line: a restore point, or several too close to be told apart."""

    x: float
    members: tuple[int, ...]


class Layout(NamedTuple):
    """Where everything stands at one width and span, in pixels."""

    lanes: Lanes
    span: Span
    heaps: tuple[Heap, ...]
    chosen: int | None
    chosen_x: float
    now_x: float
    """Of the pole of the present, which stands a little behind the instant itself."""
    flags: tuple[tuple[float, Flag], ...]

    def x(self, at: float) -> float:
        """Return the place of an instant."""
        return self.lanes.plot.left() + self.span.x(at, self.lanes.plot.width())

    def at(self, x: float) -> float:
        """Return the instant at a place."""
        return self.span.at(x - self.lanes.plot.left(), self.lanes.plot.width())

    def shows(self, x: float) -> bool:
        """Whether a place lies in the plot."""
        plot = self.lanes.plot
        return plot.left() - self.lanes.radius <= x <= plot.right() + self.lanes.radius

    def hit(self, place: QPointF) -> Heap | None:
        """Return the sign at *place*; the chosen point lies above the heap it belongs to."""
        reach = self.lanes.radius * 1.5
        if abs(place.y() - self.lanes.signs) > reach:
            return None
        apart = self.chosen is not None and all(len(heap.members) > 1 for heap in self._of_chosen())
        if apart and self.chosen is not None and abs(place.x() - self.chosen_x) < self.lanes.radius:
            return Heap(self.chosen_x, (self.chosen,))
        near = [heap for heap in self.heaps if abs(heap.x - place.x()) <= reach]
        return min(near, key=lambda heap: abs(heap.x - place.x()), default=None)

    def flag_at(self, place: QPointF) -> Flag | None:
        """Return the flag at *place*."""
        line = self.lanes.line
        if not self.lanes.flags - 2 <= place.y() <= self.lanes.flags + line:
            return None
        near = [pair for pair in self.flags if -4 <= place.x() - pair[0] <= line]
        return min(near, key=lambda pair: abs(pair[0] - place.x()))[1] if near else None

    def _of_chosen(self) -> list[Heap]:
        return [heap for heap in self.heaps if self.chosen in heap.members]


def lay_out(
    lanes: Lanes,
    span: Span,
    instants: Sequence[float],
    flags: Sequence[Flag],
    *,
    chosen: int | None,
    now: float,
) -> Layout:
    """Return where the restore points of *instants* (ascending) and *flags* stand."""
    empty = Layout(lanes, span, (), chosen, 0.0, 0.0, ())
    gap = lanes.radius * 2.1 * span.seconds / lanes.plot.width()
    heaps = (
        Heap(empty.x((instants[members[0]] + instants[members[-1]]) / 2), members)
        for members in cluster(instants, gap)
    )
    placed = ((empty.x(flag.at.timestamp()), flag) for flag in flags)
    return empty._replace(
        heaps=tuple(heap for heap in heaps if empty.shows(heap.x)),
        chosen_x=0.0 if chosen is None else empty.x(instants[chosen]),
        now_x=empty.x(now) + lanes.radius * 2.8,
        flags=tuple(pair for pair in placed if empty.shows(pair[0])),
    )


KINDS = {
    Kind.ROLLBACK: FlagKind.ROLLBACK,
    Kind.RECOVER: FlagKind.RECOVERY,
    Kind.MIGRATE_RUN: FlagKind.MIGRATION,
    Kind.MIGRATE_UNDO: FlagKind.ROLLBACK,
    Kind.DEPLOY_RUN: FlagKind.DEPLOYMENT,
    Kind.DEPLOY_ROLLBACK: FlagKind.ROLLBACK,
}


def flags(entries: Iterable[Entry]) -> tuple[Flag, ...]:
    """Return the operations that changed live data as flags."""
    return tuple(
        Flag(
            at=entry.begun,
            kind=KINDS[entry.kind],
            ok=entry.outcome is Outcome.OK,
            label=operation_name(entry.operation),
            tip=_tip(entry),
            target=_target(entry),
        )
        for entry in entries
        if entry.kind in KINDS and entry.outcome is not Outcome.RUNNING
    )


def _tip(entry: Entry) -> str:
    lines = [
        f"{operation_name(entry.operation)} · {outcome_text(entry.outcome)}",
        exact_time(entry.begun),
    ]
    if entry.length_seconds is not None:
        lines.append(duration_text(entry.length_seconds))
    return "\n".join(lines)


def _result(entry: Entry) -> dict[str, object]:
    found = json.loads(entry.result) if entry.result else {}
    return found if isinstance(found, dict) else {}


def _target(entry: Entry) -> str | None:
    target = _result(entry).get("point_id")
    return target if isinstance(target, str) else None
