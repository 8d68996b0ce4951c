"""What stands where on the time line; shared by its painting and its mouse."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QFont, QFontMetricsF

from core.base.journal import Entry, Outcome
from core.base.operation import Kind
from ui.language import duration_text, operation_name, outcome_text
from ui.points.messages import exact_time
from ui.rollback.axis import Span, cluster


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
