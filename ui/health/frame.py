"""Where everything lies in the picture of the graphs, and which time is at which pixel."""

from __future__ import annotations

from typing import NamedTuple

from PyQt6.QtCore import QRectF

from core.monitoring.history.tiers import Floats


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
