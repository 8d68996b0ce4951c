"""What drawing the graphs costs beside plain pyqtgraph: a tick of a day, and moving in a month."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmarks.table import Stopwatch
from core.monitoring.history.query import Series
from core.monitoring.history.tiers import Floats

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget  # noqa: TID251

    from ui.health.canvas import GraphCanvas

POINTS, GRAPHS, TICKS = 86_400, 8, 20
DAY = 86_400.0
MONTH, STEP, SERIES = 30 * DAY, 900.0, 30
FRAMES = 120
WIDTH, HEIGHT = 1600, 1000
OURS, PLAIN = "console", "plain pyqtgraph"


class Frames(NamedTuple):
    """How long one kind of picture took to change, in milliseconds."""

    middle: float
    p95: float


def _open() -> Callable[[], None]:
    """Return what lets Qt work; a window system is asked for only here."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from ui.app import make_application  # noqa: PLC0415

    return make_application().processEvents


def _canvas(data: dict[str, Series], least_lines: float) -> GraphCanvas:
    from PyQt6.QtCore import QSettings  # noqa: PLC0415

    from ui.app import make_application  # noqa: PLC0415
    from ui.health.canvas import GraphCanvas  # noqa: PLC0415
    from ui.health.painting import Lane  # noqa: PLC0415
    from ui.theme import Theme  # noqa: PLC0415

    theme = Theme(make_application(), QSettings("benchmark", "benchmark"))
    canvas = GraphCanvas(theme, least_lines=least_lines)
    canvas.set_lanes([Lane(key) for key in data])
    canvas.resize(WIDTH, HEIGHT)
    canvas.show()
    canvas.show_data(data, [])
    return canvas


def _plots(number: int, grid: bool) -> tuple[QWidget, list[object]]:
    import pyqtgraph as pg  # noqa: PLC0415

    page = pg.GraphicsLayoutWidget()
    plots = []
    for place in range(number):
        plot = page.addPlot(row=place, col=0, axisItems={"bottom": pg.DateAxisItem()})
        if place:
            plot.setXLink(plots[0])
        if grid:
            plot.showGrid(x=True, y=True)
        plots.append(plot)
    page.resize(WIDTH, HEIGHT)
    page.show()
    return page, plots


def draw(runs: int) -> None:
    """Print what a tick of eight graphs of a day at 1 Hz costs."""
    work = _open()
    times = 1.7e9 + np.arange(POINTS, dtype=float)
    values = 50 + np.cumsum(np.random.default_rng(1).normal(size=POINTS))
    data = {
        f"db.x{number}.size_bytes": Series("", 1.0, times, values, values, values)
        for number in range(GRAPHS)
    }
    canvas = _canvas(data, 3.6)
    canvas.set_range(times[0], times[-1])
    pages = {grid: _plots(GRAPHS, grid) for grid in (False, True)}
    work()
    watch = Stopwatch()

    def ours() -> None:
        with watch.timing("one tick", OURS):
            canvas.show_data(data, [])
            canvas.viewport().repaint()

    def plain(grid: bool) -> None:
        page, plots = pages[grid]
        with watch.timing("one tick", f"{PLAIN}, {'grid' if grid else 'no grid'}"):
            for plot in plots:
                plot.clear()  # type: ignore[attr-defined]
                plot.plot(times, values)  # type: ignore[attr-defined]
            page.grab()

    for turn in range(max(runs, TICKS)):
        watch.rotate(turn, ours, lambda: plain(False), lambda: plain(True))
    print(f"\n{GRAPHS} graphs of {POINTS:,} points in {WIDTH} x {HEIGHT}, {_versions()}")
    watch.show({"one tick": f"{PLAIN}, grid"})


def move(runs: int) -> None:
    """Print the 95th percentile of a frame while one pans and zooms over 30 days of 30 series.

    All thirty are in the picture.  As in the window a margin of a month lies on both sides; the
    peer clips to what is seen and keeps the peaks, which is its own best way.
    """
    work = _open()
    times = 1.7e9 + np.arange(0.0, 3 * MONTH, STEP)
    data = {f"db.x{number}.size_bytes": _wave(times, number) for number in range(SERIES)}
    canvas = _canvas(data, 1.5)
    page, plots = _plots(SERIES, False)
    for plot, series in zip(plots, data.values(), strict=True):
        curve = plot.plot(series.times, series.mean)  # type: ignore[attr-defined]
        # Not as arguments: the curve would look for its view before it has one.
        curve.setDownsampling(auto=True, method="peak")
        curve.setClipToView(True)
    work()
    begin = times[0] + MONTH
    found: dict[str, list[Frames]] = {OURS: [], PLAIN: []}
    for turn in range(runs):
        peers: list[tuple[str, Callable[[float, float], None]]] = [
            (OURS, canvas.view.show),
            (PLAIN, lambda start, end: plots[0].setXRange(start, end, padding=0)),  # type: ignore[attr-defined]
        ]
        for who, see in peers if turn % 2 == 0 else peers[::-1]:
            widget = canvas if who == OURS else page
            found[who].append(_frames(see, widget, begin))
    print(f"\npan and zoom: {FRAMES} frames, {SERIES} series of 30 days, {_versions()}")
    for who, runs_of in found.items():
        print(f"{who:24} median {median(one.middle for one in runs_of):6.1f} ms  "
              f"p95 {median(one.p95 for one in runs_of):6.1f} ms")  # fmt: skip


def _wave(times: Floats, seed: int) -> Series:
    random = np.random.default_rng(seed)
    mean = 50 + 20 * np.sin(times / DAY + seed) + random.gamma(4.0, 1.0, len(times))
    return Series("", STEP, times, mean * 0.8, mean, mean * 1.3)


def _frames(see: Callable[[float, float], None], widget: QWidget, begin: float) -> Frames:
    took: list[float] = []
    for frame in range(FRAMES):
        start = begin - frame * MONTH / 200
        length = MONTH * (1 + 0.3 * np.sin(frame / 10))
        first = time.perf_counter()
        see(start, start + length)
        widget.viewport().repaint()  # type: ignore[attr-defined]
        took.append(1000 * (time.perf_counter() - first))
    return Frames(median(took), float(np.percentile(took, 95)))


def _versions() -> str:
    import pyqtgraph as pg  # noqa: PLC0415
    from PyQt6.QtCore import PYQT_VERSION_STR  # noqa: PLC0415

    return f"pyqtgraph {pg.__version__}, PyQt {PYQT_VERSION_STR}, drawn in software"
