"""The arithmetic of the time line: which stretch of time is seen, and where its ticks stand.

Instants are Unix seconds; ticks and labels are in local time, because the operator's clock is.
Nothing here draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from PyQt6.QtCore import QDate, QLocale

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
