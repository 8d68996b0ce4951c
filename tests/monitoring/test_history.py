"""The history: batches, roll-ups, gaps, its limit, and a damaged database."""

from __future__ import annotations

import csv
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.config.models import Settings
from core.base.operation import Context, OperationError
from core.base.sqlite import open_own
from core.base.state import FILE, KEPT_ASIDE, identity, open_state, set_aside
from core.monitoring.history.query import (
    ExportHistory,
    choose_tier,
    events,
    metric_keys,
    per_column,
    read_tier,
    zigzag,
)
from core.monitoring.history.tiers import (
    MANY_LAYOUTS,
    MOST_EVENTS,
    MOST_INCIDENTS,
    RAW,
    ROLLUPS,
    TIERS,
    cap,
    prune,
)
from core.monitoring.history.writer import HistoryWriter
from core.monitoring.models import EventKind, Sample
from tests.skips import no_open_file_is_replaced

START = datetime(2025, 9, 7, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def write(
    settings: Settings, samples: list[tuple[float, dict[str, float]]], batch: int = 7
) -> HistoryWriter:
    writer = HistoryWriter(settings)
    for number, (seconds, values) in enumerate(samples, start=1):
        writer.add(Sample(at=at(seconds), values=values), monotonic=seconds)
        if number % batch == 0:
            writer.flush()
    writer.flush()
    return writer


def test_every_resolution_tells_the_same_story(settings: Settings) -> None:
    values = [(float(n), {"cpu_percent": float((n * 37) % 101)}) for n in range(1_000)]
    write(settings, values).close()
    with open_state(settings) as connection:
        raw = read_tier(connection, RAW, ["cpu_percent"], at(0), at(1_000))["cpu_percent"]
        assert list(raw.mean) == [value["cpu_percent"] for _, value in values]
        for tier in ROLLUPS:
            rolled = read_tier(connection, tier, ["cpu_percent"], at(0), at(1_000))["cpu_percent"]
            step = tier.step / 1000
            for middle, low, mean, high in zip(
                rolled.times, rolled.low, rolled.mean, rolled.high, strict=True
            ):
                begin = middle - step / 2
                inside = raw.mean[(raw.times >= begin) & (raw.times < begin + step)]
                assert low == inside.min()
                assert high == inside.max()
                assert mean == pytest.approx(inside.mean(), rel=1e-6)


def test_a_bucket_goes_on_after_a_restart_of_the_console(settings: Settings) -> None:
    write(settings, [(float(n), {"cpu_percent": 10.0}) for n in range(30)]).close()
    write(settings, [(float(n), {"new": 1.0, "cpu_percent": 40.0}) for n in range(30, 60)]).close()
    with open_state(settings) as connection:
        minute = read_tier(connection, ROLLUPS[1], ["cpu_percent", "new"], at(0), at(59))
    assert list(minute["cpu_percent"].mean) == [25.0]
    assert list(minute["cpu_percent"].low) == [10.0]
    assert list(minute["cpu_percent"].high) == [40.0]
    assert list(minute["new"].mean) == [1.0]


def test_gaps_stay_gaps_and_slow_metrics_have_none_between_their_measurements(
    settings: Settings,
) -> None:
    samples = [
        (float(n), {"cpu_percent": 1.0} | ({"guard.restore_points": 2.0} if n % 30 == 0 else {}))
        for n in [*range(120), *range(300, 420)]
    ]
    write(settings, samples).close()
    with open_state(settings) as connection:
        tier = choose_tier(at(0), at(420), at(420), 2_000, 1.0)
        wanted = ["cpu_percent", "guard.restore_points"]
        found = read_tier(connection, tier, wanted, at(0), at(420))
    assert np.isnan(found["cpu_percent"].mean).sum() == 1
    gap = found["cpu_percent"].times[np.isnan(found["cpu_percent"].mean)][0]
    assert at(119).timestamp() < gap < at(300).timestamp()
    assert np.isnan(found["guard.restore_points"].mean).sum() == 1
    assert len(found["guard.restore_points"].known) == 8


def test_the_range_chooses_the_resolution(settings: Settings) -> None:
    write(settings, [(float(n), {"cpu_percent": 1.0}) for n in range(0, 600)]).close()
    steps = {}
    with open_state(settings) as connection:
        for name, start, now in (
            ("minutes", at(0), at(600)),
            ("3 hours", at(600 - 3 * 3600), at(600)),
            ("a day", at(600 - 86_400), at(600)),
            ("a month", at(600 - 29 * 86_400), at(600)),
            ("minutes of last month", at(0), at(20 * 86_400)),
        ):
            tier = choose_tier(start, at(600), now, 2_000, 1.0)
            found = read_tier(connection, tier, ["cpu_percent"], start, at(600))
            steps[name] = found["cpu_percent"].step
    assert steps == {
        "minutes": 0, "3 hours": 10, "a day": 60, "a month": 900, "minutes of last month": 60,
    }  # fmt: skip


def test_what_is_too_old_goes_and_each_tier_keeps_its_time(settings: Settings) -> None:
    writer = HistoryWriter(settings)
    for day in range(0, 400):
        writer.add(Sample(at=at(day * 86_400), values={"cpu_percent": 1.0}), day * 86_400.0)
        writer.flush()
    writer._hold_until = 0
    writer._prune(writer._connected())
    with open_state(settings) as connection:
        for tier in TIERS:
            oldest, newest = connection.execute(
                f"SELECT min(t), max(t) FROM {tier.table}"
            ).fetchone()
            assert at(399 * 86_400).timestamp() * 1000 - oldest <= tier.keep
            assert newest - oldest >= tier.keep - 2 * 86_400_000


def test_a_clock_that_jumps_ahead_deletes_nothing(settings: Settings) -> None:
    write(settings, [(float(n), {"cpu_percent": 1.0}) for n in range(60)]).close()
    writer = HistoryWriter(settings)
    for n in range(60, 120):
        writer.add(Sample(at=at(n), values={"cpu_percent": 1.0}), float(n))
    writer.flush()
    for n in range(400):  # ten years ahead, for the time of several prunings
        writer.add(Sample(at=at(3.2e8 + n), values={"cpu_percent": 1.0}), 120.0 + n)
        writer.flush()
    with open_state(settings) as connection:
        kept = read_tier(connection, RAW, ["cpu_percent"], at(0), at(200))["cpu_percent"]
    assert len(kept.known) == 120


def test_the_size_has_a_limit_and_the_newest_hour_stays(settings: Settings) -> None:
    small = settings.model_copy(
        update={"health": settings.health.model_copy(update={"history_max_mb": 8})}
    )
    writer = HistoryWriter(small)
    values = {f"candles.KRW-{n}.age_seconds": float(n) for n in range(100)}
    for n in range(0, 24_000):
        writer.add(Sample(at=at(n), values=values), float(n))
        if n % 1_000 == 999:
            writer.flush()
            cap(writer._connected(), writer._limit)
    writer.flush()
    assert 5e6 < writer.size_bytes <= 9e6
    writer.close()
    with open_state(settings) as connection:
        oldest, newest = connection.execute("SELECT min(t), max(t) FROM health_raw").fetchone()
    assert newest == at(23_999).timestamp() * 1000
    assert newest - oldest >= 3_000_000


@pytest.mark.parametrize("place", ["header", "pages"])
def test_a_damaged_history_is_set_aside_and_begun_anew_with_a_notice(
    settings: Settings, place: str
) -> None:
    writer = write(settings, [(float(n), {"cpu_percent": 1.0}) for n in range(500)])
    writer.close()
    path = settings.home / FILE
    with path.open("r+b") as file:
        if place == "header":
            file.write(b"\xff" * 100)
        else:
            size = path.stat().st_size
            file.seek(4096)
            file.write(b"\xff" * (size - 4096))
    writer.add(Sample(at=at(600), values={"cpu_percent": 2.0}), 600.0)
    writer.flush()
    writer.flush()
    writer.close()
    assert list(settings.home.glob(f"{FILE}.corrupt-*"))
    with open_state(settings) as connection:
        found = read_tier(connection, RAW, ["cpu_percent"], at(0), at(700))["cpu_percent"]
        assert list(found.mean) == [2.0]
        told = events(connection, START - timedelta(days=1), datetime(2100, 1, 1, tzinfo=UTC))
        assert [event.kind for event in told] == [EventKind.HISTORY]


def test_events_incidents_and_layouts_do_not_grow_without_bound(settings: Settings) -> None:
    writer = write(settings, [(float(n), {f"m{n % 120}": 1.0}) for n in range(10)])
    connection = writer._connected()
    now = round(at(10).timestamp() * 1000)
    with connection:
        connection.executemany(
            "INSERT INTO health_event (t, kind, text) VALUES (?, 'history', '{}')",
            ((now - 5 * MOST_EVENTS + n,) for n in range(MOST_EVENTS + 500)),
        )
        connection.executemany(
            "INSERT INTO alert_incident (id, rule, metric, severity, begun, fired, last, resolved,"
            " value, worst, threshold) VALUES (?, 'cpu', 'cpu_percent', 'warning', ?2, ?2, ?2, ?3,"
            " 1, 1, 1)",
            ((n, now, None if n == 1 else now) for n in range(1, MOST_INCIDENTS + 501)),
        )
        connection.executemany(
            "INSERT INTO health_layout (metrics) VALUES (?)",
            ((f"{n},{n}",) for n in range(MANY_LAYOUTS)),
        )
    prune(connection, now)

    def count(table: str) -> object:
        return connection.execute(f"SELECT count(*) FROM {table}").get

    assert count("health_event") == MOST_EVENTS
    assert count("alert_incident WHERE resolved IS NOT NULL") == MOST_INCIDENTS
    assert count("alert_incident WHERE resolved IS NULL") == 1, "it goes on"
    assert int(str(count("health_layout"))) < 10
    writer._prune(connection)
    writer.add(Sample(at=at(20), values={"m0": 3.0}), 20.0)
    writer.flush()
    writer.close()
    with open_state(settings) as reading:
        found = read_tier(reading, RAW, ["m0"], at(0), at(30))["m0"]
        assert list(found.mean[~np.isnan(found.mean)]) == [1.0, 3.0]


def test_of_two_that_find_it_damaged_one_sets_it_aside(settings: Settings) -> None:
    write(settings, [(0.0, {"cpu_percent": 0.0})]).close()
    path = settings.home / FILE
    damaged = identity(path)
    for _ in range(5):
        path.write_bytes(b"\xff" * 9_000)
        with open_state(settings):
            pass
        set_aside(settings, "found damaged a moment ago, too", damaged)
    with open_state(settings) as connection:
        assert connection.execute("SELECT count(*) FROM health_event").get == 1
    assert len(list(settings.home.glob(f"{FILE}.corrupt-*[0-9]"))) == KEPT_ASIDE


def test_a_history_that_cannot_be_looked_at_just_now_is_no_other_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows tells no number of a file that somebody keeps from being opened."""
    writer = write(settings, [(0.0, {"cpu_percent": 1.0})])
    real = Path.stat

    def nameless(self: Path, **options: bool) -> os.stat_result:
        found = real(self, **options)
        if self.name != FILE:
            return found
        return os.stat_result((found.st_mode, 0, 0, *tuple(found)[3:10]))

    with monkeypatch.context() as kept:
        kept.setattr(Path, "stat", nameless)
        writer.add(Sample(at=at(10), values={"cpu_percent": 2.0}), 10.0)
        writer.flush()
        writer.flush()  # what is told goes with the next batch
    writer.close()
    with open_state(settings) as connection:
        assert events(connection, at(-60), datetime.now(UTC) + timedelta(hours=1)) == ()


@no_open_file_is_replaced
@pytest.mark.parametrize("how", ["damaged", "removed"])
def test_a_history_that_is_replaced_while_it_is_written_goes_on_in_the_new_one(
    settings: Settings, how: str
) -> None:
    writer = write(settings, [(0.0, {"cpu_percent": 0.0})])
    path = settings.home / FILE
    if how == "damaged":
        with open_state(settings) as connection:  # else the log would make up for the damage
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        other = path.with_name("garbage")
        other.write_bytes(b"\xff" * 9_000)
        other.replace(path)
        with open_state(settings):
            pass  # another process comes upon it first, and sets it aside
    else:
        path.unlink()
    writer.add(Sample(at=at(10), values={"cpu_percent": 2.0}), 10.0)
    writer.flush()
    writer.flush()
    writer.close()
    with open_state(settings) as connection:
        found = read_tier(connection, RAW, ["cpu_percent"], at(0), at(700))["cpu_percent"]
        assert list(found.mean) == [2.0]
        told = events(connection, START - timedelta(days=1), datetime(2100, 1, 1, tzinfo=UTC))
        assert [event.kind for event in told] == [EventKind.HISTORY]


def test_a_history_that_cannot_be_written_waits_and_loses_nothing(settings: Settings) -> None:
    writer = write(settings, [(0.0, {"cpu_percent": 0.0})])
    # The same library: two of them in one process would not see each other's locks.
    blocker = open_own(settings.home / FILE)
    blocker.execute("BEGIN IMMEDIATE")
    for n in range(1, 10):
        writer.add(Sample(at=at(n), values={"cpu_percent": float(n)}), float(n))
    writer.flush()
    assert writer.problem is not None
    blocker.execute("ROLLBACK")
    blocker.close()
    writer.flush()
    assert writer.problem is None
    writer.close()
    with open_state(settings) as connection:
        found = read_tier(connection, RAW, ["cpu_percent"], at(0), at(99))["cpu_percent"]
        assert list(found.mean) == [float(n) for n in range(10)]
        tens = read_tier(connection, ROLLUPS[0], ["cpu_percent"], at(0), at(9))["cpu_percent"]
        assert tens.mean[0] == 4.5, "nothing was counted twice"


def test_a_range_is_exported_as_csv(settings: Settings, tmp_path: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    writer = HistoryWriter(settings)
    for n in range(10):
        values = {"cpu_percent": n + 0.1} | ({"memory_percent": 50.0} if n == 3 else {})
        writer.add(Sample(at=now - timedelta(seconds=10 - n), values=values), float(n))
    writer.flush()
    writer.close()
    path = tmp_path / "history.csv"
    operation = ExportHistory(
        settings, now - timedelta(seconds=8), now, path, ("memory_percent", "cpu_percent")
    )
    result = operation.run(Context())
    assert (result.rows, result.step_seconds) == (8, 0)
    rows = list(csv.reader(path.open()))
    assert rows[0] == ["time_utc", "memory_percent", "cpu_percent"]
    assert rows[1][1:] == ["", "2.1"]
    assert rows[2][1:] == ["50", "3.1"]
    assert datetime.fromisoformat(rows[1][0]) == now - timedelta(seconds=8)
    older = ExportHistory(settings, now - timedelta(days=20), now, path)
    assert older.run(Context()).step_seconds == 60
    assert "cpu_percent.max" in path.read_text(encoding="utf-8").splitlines()[0]
    with pytest.raises(OperationError):
        ExportHistory(settings, now, now, path).run(Context())
    with open_state(settings) as connection:
        assert metric_keys(connection) == ("cpu_percent", "memory_percent")


values_with_gaps = st.lists(
    st.one_of(st.just(float("nan")), st.floats(-1e6, 1e6)), min_size=1, max_size=300
)


@given(values=values_with_gaps, columns=st.integers(1, 40))
def test_decimation_hides_no_extreme_and_no_gap(values: list[float], columns: int) -> None:
    y = np.array(values)
    times = np.arange(len(y), dtype=float)
    end = float(len(y))
    drawn_x, drawn_y = zigzag(per_column(times, y, y, y, 0.0, end, columns))
    known = ~np.isnan(y)
    assert np.all(np.diff(drawn_x) >= 0)
    assert set(drawn_y[~np.isnan(drawn_y)]) <= set(y[known])
    for column in range(columns):
        inside = known & (np.floor(times / end * columns) == column)
        if inside.any():
            drawn = drawn_y[np.floor(drawn_x / end * columns) == column]
            assert np.nanmin(drawn) == y[inside].min()
            assert np.nanmax(drawn) == y[inside].max()
    # The line is broken exactly as often as there is a gap between two values.
    pieces = np.cumsum(~known)[known]
    assert np.isnan(drawn_y).sum() == (np.diff(pieces) != 0).sum()


def test_decimation_of_a_day_is_no_larger_than_the_picture() -> None:
    times = np.arange(86_400, dtype=float)
    wave = np.sin(times / 977.0) + np.cos(times * 1.7)
    x, y = zigzag(per_column(times, wave, wave, wave, 0.0, 86_400.0, 1_000))
    assert len(x) <= 2 * 1_002
    assert y.max() == wave.max()
