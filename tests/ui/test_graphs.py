"""The graphs of the Health tab in a real window: moved, pointed at, saved, hidden."""

from __future__ import annotations

import csv
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QImage, QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from core.backup.create import CreateRestorePoint
from core.base.config.models import Settings
from core.base.state import open_state
from core.base.text import translate
from core.monitoring.alerts.incidents import save
from core.monitoring.alerts.models import Incident
from core.monitoring.history.query import Series, per_column, zigzag
from core.monitoring.history.writer import HistoryWriter
from core.monitoring.models import Event, EventKind, Sample, State
from migration.upbit.settings import UpbitHealth
from tests.ui.conftest import Open
from tests.ui.test_window import LONG, click
from ui.health.canvas import GraphCanvas
from ui.health.cursor import value_at
from ui.health.loader import Mark, Recent, Want, fetch, sparkline, with_newest
from ui.health.painting import Lane, Limit
from ui.health.tab import HealthTab, kept_keys

NOW = datetime.now(UTC)
GAP = (NOW - timedelta(hours=2), NOW - timedelta(hours=1))


@pytest.fixture
def watched(settings: Settings) -> Settings:
    """Four hours of history with an hour's gap in it, and one alert that fired."""
    health = UpbitHealth.model_validate({"interval_seconds": 0.2})
    settings = settings.model_copy(update={"health": health})
    writer = HistoryWriter(settings)
    for seconds in range(0, 4 * 3_600, 10):
        at = NOW - timedelta(hours=4) + timedelta(seconds=seconds)
        if not GAP[0] <= at <= GAP[1]:
            values = {"cpu_percent": 40 + seconds % 7, "memory_percent": 50.0}
            writer.add(Sample(at=at, values=values), monotonic=float(seconds))
        if seconds % 3_000 == 0:
            writer.flush()
    writer.add_event(
        Event(at=NOW - timedelta(hours=3), kind=EventKind.PROGRAM_ENDED,
              text=translate("health", "The trading program ended (process {pid}).", pid="1"))
    )  # fmt: skip
    writer.flush()
    writer.close()
    fired = NOW - timedelta(hours=3, minutes=30)
    incident = Incident(
        id=1, rule="cpu", metric="cpu_percent", severity=State.WARNING, begun=fired, fired=fired,
        last=fired, resolved=fired, value=45.0, worst=45.0, threshold=80.0,
    )  # fmt: skip
    with open_state(settings) as connection:
        save(connection, incident)
    return settings


def shown(window: object, qtbot: QtBot) -> HealthTab:
    tab: HealthTab = window.health  # type: ignore[attr-defined]
    window.tabs.setCurrentWidget(tab)  # type: ignore[attr-defined]
    qtbot.waitUntil(tab.settled, timeout=LONG)
    qtbot.waitUntil(lambda: tab.model.rowCount() > 20, timeout=LONG)
    return tab


def moved_to(canvas: GraphCanvas, place: QPoint) -> None:
    viewport = canvas.viewport()
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(place), QPointF(viewport.mapToGlobal(place)), none, none,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)


def test_keys_pan_and_zoom_all_graphs_and_pause(
    watched: Settings, open_window: Open, qtbot: QtBot
) -> None:
    tab = shown(open_window(watched), qtbot)
    canvas = tab.graphs.canvas
    canvas.setFocus()
    before = canvas.view.span
    assert tab.graphs.bar.live
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    start, end = canvas.view.span
    assert not tab.graphs.bar.live
    assert end < before[1] and end - start == pytest.approx(before[1] - before[0], rel=0.01)
    QTest.keyClick(canvas, Qt.Key.Key_Minus)
    assert canvas.view.span[1] - canvas.view.span[0] > end - start
    still = canvas.view.span
    ticks = len(tab._feed.recent)
    qtbot.waitUntil(lambda: len(tab._feed.recent) > ticks + 3, timeout=LONG)
    assert canvas.view.span == still, "paused, it stands still"
    QTest.keyClick(canvas, Qt.Key.Key_End)
    assert tab.graphs.bar.live
    assert canvas.view.span[1] == pytest.approx(time.time(), abs=5)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.view.span[1] < time.time() + 60, "there is nothing to see in the future"


def test_what_comes_into_view_is_fetched_and_its_gap_stays_a_gap(
    watched: Settings, open_window: Open, qtbot: QtBot
) -> None:
    tab = shown(open_window(watched), qtbot)
    canvas = tab.graphs.canvas
    click(qtbot, tab.graphs.bar._group.button(0))
    qtbot.waitUntil(tab.settled, timeout=LONG)
    canvas.view.zoom(240.0, canvas.view.span[1])
    lane = canvas.lanes[0]
    qtbot.waitUntil(
        lambda: lane.series is not None and lane.series.times[0] < GAP[0].timestamp(), timeout=LONG
    )
    qtbot.waitUntil(lambda: bool(np.isnan(lane.columns.low).any()), timeout=LONG)
    inside = (lane.columns.x > GAP[0].timestamp() + 30) & (lane.columns.x < GAP[1].timestamp() - 30)
    assert np.isnan(lane.columns.low[inside]).all()
    middle = (GAP[0].timestamp() + GAP[1].timestamp()) / 2
    assert value_at(lane.series, middle, 0.2) is None
    assert value_at(lane.series, GAP[0].timestamp() - 600, 0.2) == pytest.approx(43, abs=4)


def test_one_crosshair_follows_the_pointer_and_stays_while_values_come(
    watched: Settings, open_window: Open, qtbot: QtBot
) -> None:
    tab = shown(open_window(watched), qtbot)
    canvas = tab.graphs.canvas
    place = canvas.view.sceneBoundingRect().center().toPoint()
    moved_to(canvas, place)
    at = canvas.crosshair
    start, end = canvas.view.span
    assert at == pytest.approx((start + end) / 2, abs=(end - start) / 50)
    ticks = len(tab._feed.recent)
    qtbot.waitUntil(lambda: len(tab._feed.recent) > ticks + 3, timeout=LONG)
    assert canvas.crosshair == at
    canvas.setFocus()
    canvas.show_at(start + 1)
    assert "CPU" in canvas.accessibleDescription()
    moved_to(canvas, QPoint(1, 1))
    assert canvas.crosshair is None


def test_operations_restarts_and_alerts_are_marked(
    watched: Settings, open_window: Open, qtbot: QtBot
) -> None:
    window = open_window(watched)
    tab = shown(window, qtbot)
    click(qtbot, tab.graphs.bar._group.button(3))
    qtbot.waitUntil(lambda: any("ended" in one.label for one in tab.graphs.marks()), timeout=LONG)
    assert [one.id for one in tab.graphs.canvas.lanes[0].incidents] == [1]
    window._session.start(CreateRestorePoint(watched))
    qtbot.waitUntil(lambda: any(one.label == "Backup" for one in tab.graphs.marks()), timeout=LONG)
    qtbot.waitUntil(lambda: not window._session.busy, timeout=LONG)
    qtbot.waitUntil(
        lambda: any("done" in one.tip for one in tab.graphs.canvas._marks), timeout=LONG
    )


def test_what_is_hidden_costs_nothing(watched: Settings, open_window: Open, qtbot: QtBot) -> None:
    window = open_window(watched)
    tab = shown(window, qtbot)
    window.tabs.setCurrentIndex(0)
    qtbot.waitUntil(lambda: not tab.graphs.loader.busy, timeout=LONG)
    pictures, loaded = tab.graphs.canvas.pictures, tab.history
    ticks = len(tab._feed.recent)
    qtbot.waitUntil(lambda: len(tab._feed.recent) > ticks + 8, timeout=LONG)
    assert tab.graphs.canvas.pictures == pictures
    assert tab.history is loaded
    window.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(lambda: tab.graphs.canvas.pictures > pictures, timeout=LONG)


def test_a_click_draws_a_value_large_and_it_is_remembered(
    watched: Settings, open_window: Open, qtbot: QtBot
) -> None:
    window = open_window(watched)
    tab = shown(window, qtbot)
    tab._clicked(tab.model.index(1))
    assert tab.graphs.canvas.lanes[-1].key == "memory_percent"
    for lane in list(tab.graphs.canvas.lanes[:-1]):
        tab.toggle(lane.key)
    tab.toggle("memory_percent")
    assert [lane.key for lane in tab.graphs.canvas.lanes] == ["memory_percent"], "one stays"
    window._store.sync()
    again = type(window._store)(window._store.fileName(), window._store.format())
    assert kept_keys(again, watched) == ["memory_percent"]


def test_more_graphs_than_fit_are_scrolled(
    watched: Settings, open_window: Open, qtbot: QtBot
) -> None:
    window = open_window(watched)
    tab = shown(window, qtbot)
    keys = [tab.model._fields[row].key for row in range(20)]
    tab._choose(keys)
    canvas = tab.graphs.canvas
    frame = canvas.frame()
    assert canvas._bar.isVisible() and not frame.is_seen(19)
    canvas.setFocus()
    for _ in range(20):
        QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert canvas.frame().is_seen(19)


def test_the_range_that_is_seen_is_exported_as_csv(
    watched: Settings, open_window: Open, qtbot: QtBot, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    tab = shown(open_window(watched), qtbot)
    start = (NOW - timedelta(hours=3)).timestamp()
    tab.graphs.bar.set_live(False)
    tab.graphs.canvas.view.show(start, start + 600)
    target = tmp_path / "health.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    click(qtbot, tab._csv)
    qtbot.waitUntil(tab._note.isVisible, timeout=LONG)
    with target.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    times = [datetime.fromisoformat(row["time_utc"]).timestamp() for row in rows]
    assert 59 <= len(rows) <= 61
    assert start <= min(times) and max(times) <= start + 600
    assert str(target) in tab._note.text()


def test_a_graph_is_saved_as_a_picture(
    watched: Settings, open_window: Open, qtbot: QtBot, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    tab = shown(open_window(watched), qtbot)
    for key, target in (("cpu_percent", tmp_path / "one.png"), ("", tmp_path / "all.png")):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, to=target: (str(to), ""))
        tab._saving.picture(key)
        image = QImage(str(target))
        assert not image.isNull() and image.width() > 400
        colours = {image.pixel(x, image.height() // 2) for x in range(image.width())}
        assert len(colours) > 1
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "a.png"), "")
    )
    tab._saving.picture()
    assert tab._banner.isVisible()


def test_a_picture_is_painted_once_however_the_pointer_moves(
    watched: Settings, open_window: Open, qtbot: QtBot
) -> None:
    tab = shown(open_window(watched), qtbot)
    canvas = tab.graphs.canvas
    tab.graphs.bar.set_live(False)
    qtbot.waitUntil(tab.settled, timeout=LONG)
    canvas.viewport().repaint()
    before = canvas.pictures
    left = int(canvas.view.sceneBoundingRect().left())
    for x in range(left + 5, left + 200, 10):
        moved_to(canvas, QPoint(x, 100))
        canvas.viewport().repaint()
    assert canvas.pictures == before


def test_the_lines_of_all_graphs_share_their_columns(qtbot: QtBot, watched: Settings) -> None:
    """A fetch for a narrow picture of a long range is coarse, and finer for a short one."""
    now = datetime.now(UTC)
    end = now.timestamp()
    wide = fetch(watched, Want(("cpu_percent",), end - 4 * 3_600, end, 400), now)
    near = fetch(watched, Want(("cpu_percent",), end - 60, end, 400), now)
    assert near.step < wide.step
    assert not wide.answers(Want(("cpu_percent",), end - 60, end, 400), 0.2)
    assert near.answers(Want(("cpu_percent",), end - 60, end, 400), 0.2)


def test_samples_in_memory_keep_their_gaps() -> None:
    recent = Recent(10)
    begin = NOW.timestamp()
    for second in [*range(8), *range(60, 68)]:
        at = datetime.fromtimestamp(begin + second, UTC)
        recent.add(Sample(at=at, values={"cpu_percent": float(second)}))
    assert len(recent) == 10
    times, values = recent.line("cpu_percent")
    assert values.tolist() == [6.0, 7.0, *(float(one) for one in range(60, 68))]
    times, values = sparkline("cpu_percent", recent, 1.0, 300.0)
    assert np.isnan(values).sum() == 1 and len(times) == len(values)
    old = np.array([begin - 30.0, begin - 29.0])
    known = Series("cpu_percent", 0.0, old, old * 0, old * 0, old * 0)
    joined = with_newest("cpu_percent", known, recent, begin - 100)
    assert joined is not None and np.isnan(joined.mean).sum() == 2
    assert np.all(np.diff(joined.times) >= 0)


def test_what_the_history_knows_of_the_last_minutes_comes_before_the_first_sample() -> None:
    recent = Recent(4)
    begin = NOW.timestamp()
    times = begin + np.arange(6.0)
    recent.remember({
        "cpu_percent": (times, times - begin),
        "disk_percent": (times[::3], np.array([7.0, 8.0])),
    })  # fmt: skip
    recent.add(Sample(at=NOW + timedelta(seconds=7), values={"cpu_percent": 9.0}))
    assert recent.line("cpu_percent")[1].tolist() == [3.0, 4.0, 5.0, 9.0]
    assert recent.line("disk_percent")[1].tolist() == [8.0]


def test_a_clock_that_was_set_back_does_not_make_a_line_run_backwards() -> None:
    recent = Recent(10)
    begin = NOW.timestamp()
    for second in (100, 101, 0, 1, 2):
        at = datetime.fromtimestamp(begin + second, UTC)
        recent.add(Sample(at=at, values={"cpu_percent": float(second)}))
    assert recent.line("cpu_percent")[1].tolist() == [0.0, 1.0, 2.0]


def test_lanes_without_values_say_so(watched: Settings, open_window: Open, qtbot: QtBot) -> None:
    tab = shown(open_window(watched), qtbot)
    tab.graphs.canvas.set_lanes([Lane("db.nothing.read_seconds")])
    tab.graphs.canvas.viewport().repaint()
    assert tab.graphs.canvas.lanes[0].series is None


def test_a_value_that_changes_no_pixel_is_told_without_a_new_picture(
    qtbot: QtBot, watched: Settings, open_window: Open
) -> None:
    """And one that does, is drawn at once."""
    tab = shown(open_window(watched), qtbot)
    tab.graphs.bar.set_live(False)
    canvas = tab.graphs.canvas
    end = (NOW.timestamp() // 60) * 60
    times = np.arange(end - 86_400, end - 30, 10.0)
    canvas.set_lanes([Lane("cpu_percent")])
    canvas.set_range(end - 86_400, end + 60)
    wave = 50 + 10 * np.sin(times)
    canvas.show_data({"cpu_percent": Series("cpu_percent", 10.0, times, wave, wave, wave)}, [])
    canvas.viewport().repaint()
    lane, before = canvas.lanes[0], canvas.pictures
    newest = np.array([float(lane.columns.x[-1]) + 1e-3])
    inside = np.array([(lane.columns.low[-1] + lane.columns.high[-1]) / 2])
    assert canvas.show_newest({"cpu_percent": (newest, inside)}) == []
    canvas.viewport().repaint()
    assert canvas.pictures == before
    assert lane.newest == inside[0]
    anew = ["cpu_percent"]
    assert canvas.show_newest({"cpu_percent": (newest, inside + 50)}) == anew, "a peak"
    assert canvas.show_newest({"cpu_percent": (newest + 600, inside)}) == anew, "next columns"


def test_a_lane_that_is_painted_alone_looks_as_if_all_were_painted(
    qtbot: QtBot, watched: Settings, open_window: Open
) -> None:
    tab = shown(open_window(watched), qtbot)
    tab.graphs.bar.set_live(False)
    canvas = tab.graphs.canvas
    end = (NOW.timestamp() // 60) * 60
    times = np.arange(end - 86_400, end, 10.0)
    keys = ["cpu_percent", "memory_percent", "disk_percent"]
    canvas.set_lanes([Lane(key, (Limit(60.0, State.WARNING),)) for key in keys])
    canvas.set_range(end - 86_400, end)

    def wave(key: str, high: float) -> Series:
        values = high + 10 * np.sin(times / 900)
        return Series(key, 10.0, times, values * 0.9, values, values * 1.1)

    mark = Mark(end - 40_000, end - 30_000, "Backup", "", "safety")
    series = {key: wave(key, 50.0) for key in keys}
    canvas.show_data(series, [mark])
    canvas.show_at(end - 20_000)
    empty = canvas.grab().toImage()
    series["memory_percent"] = wave("memory_percent", 80.0)
    canvas.show_lanes({"memory_percent": series["memory_percent"]})
    alone = canvas.grab().toImage()
    assert alone != empty
    canvas.show_data(series, [mark])
    assert canvas.grab().toImage() == alone


@given(
    st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=400),
    st.integers(1, 60),
    st.integers(0, 300_000).map(lambda milliseconds: milliseconds / 1000),
    st.floats(1.0, 500.0),
)
def test_every_pixel_column_keeps_its_least_mean_and_greatest_value(
    values: list[float | None], columns: int, start: float, length: float
) -> None:
    """However one pans and zooms, and gaps stay gaps."""
    times = np.arange(len(values), dtype=float)
    mean = np.array([np.nan if value is None else value for value in values])
    low, high, end = mean - 1, mean + 2, start + length
    found = per_column(times, low, mean, high, start, end, columns)
    x, y = zigzag(found)
    assert np.all(np.diff(x) >= 0)

    def column_of(at: np.ndarray) -> np.ndarray:
        return np.floor((at - start) / (end - start) * columns)

    known = ~np.isnan(mean)
    for column in range(columns):
        inside = known & (column_of(times) == column) & (times >= start) & (times < end)
        if inside.any():
            kept = column_of(found.x) == column
            assert np.nanmin(found.low[kept]) == low[inside].min()
            assert np.nanmax(found.high[kept]) == high[inside].max()
            drawn = y[column_of(x) == column]
            assert (np.nanmin(drawn), np.nanmax(drawn)) == (low[inside].min(), high[inside].max())
            if not np.isnan(found.mean[kept]).any() and kept.sum() == 1:
                assert found.mean[kept][0] == pytest.approx(mean[inside].mean(), abs=1e-6)
    seen = (times >= start - 1) & (times <= end + 1)
    pieces = np.cumsum(~known)[known & seen]
    assert np.isnan(found.low).sum() <= (np.diff(pieces) != 0).sum()
    inner = (times >= start) & (times <= end)
    pieces = np.cumsum(~known)[known & inner]
    assert np.isnan(found.low).sum() >= (np.diff(pieces) != 0).sum()
