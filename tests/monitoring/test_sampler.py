"""The schedule: no drift, no waiting for a slow probe, no catching up."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import psutil
import pytest

from core.base.config.models import Settings
from core.base.state import open_state
from core.monitoring.history.query import choose_tier, read_tier
from core.monitoring.history.tiers import RAW
from core.monitoring.models import EventKind, Every, Moment, Reading
from core.monitoring.monitor import Monitor
from core.monitoring.sampler import Sampler, Tick, Times
from tests.monitoring.fast import FastClock

NOON = datetime(2025, 9, 7, 12, 0, tzinfo=UTC)


class Stub:
    """A probe that does what it is told."""

    def __init__(
        self, name: str, hang: Event | None = None, error: Exception | None = None
    ) -> None:
        self.name = name
        self._hang, self._error = hang, error
        self.looks = 0

    def due(self, monotonic: float) -> bool:
        return True

    def measure(self, moment: Moment) -> Reading:
        self.looks += 1
        if self._hang is not None:
            self._hang.wait()
        if self._error is not None:
            raise self._error
        return Reading({self.name: float(self.looks)})


class ScriptedClock:
    """A clock that stands still unless it is waited for, and sometimes waits too long."""

    def __init__(self, delays: dict[int, float], ticks: int) -> None:
        self._time = 1_000.0
        self._delays, self._ticks = delays, ticks
        self._waits = 0

    def now(self) -> Times:
        return Times(self._time, self._time, NOON.timestamp() + self._time)

    def wait(self, stop: Event, seconds: float) -> bool:
        self._time += seconds + self._delays.get(self._waits, 0.0)
        self._waits += 1
        return self._waits > self._ticks


@pytest.fixture
def free() -> Iterator[Event]:
    released = Event()
    yield released
    released.set()


def test_a_probe_that_hangs_is_reported_and_delays_no_other(free: Event) -> None:
    slow, quick = Stub("slow", hang=free), Stub("quick")
    clock = FastClock(NOON)
    sampler = Sampler([slow, quick], 2.0, lambda _tick: None, clock)
    sampler.start_probes()
    ticks = []
    for _ in range(20):
        ticks.append(sampler.tick())
        clock.waited += 1.0
    assert [tick.sample.values["quick"] for tick in ticks] == [float(n) for n in range(1, 21)]
    assert slow.looks == 1, "at most one look at a time"
    assert all("slow" not in tick.sample.values for tick in ticks)
    assert all([one.probe for one in tick.problems] == ["slow"] for tick in ticks)
    assert all(one.overrun for tick in ticks for one in tick.problems)
    assert ticks[-1].sample.values["console.late_probes"] == 1.0
    late = str(ticks[-1].problems[0].what)
    assert 19 <= float(late.split()[-2]) < 30, "since when it has not answered"
    # The first tick waits half an interval for it; after that nothing does.
    assert ticks[0].sample.values["console.tick_seconds"] >= 1.0
    assert ticks[5].sample.values["console.tick_seconds"] < 1.0
    free.set()
    while "slow" not in (tick := sampler.tick()).sample.values:
        pass
    assert not tick.problems
    sampler.stop()


def test_a_probe_that_fails_is_reported_and_tried_again() -> None:
    broken, quick = Stub("broken", error=OSError("no such device")), Stub("quick")
    sampler = Sampler([broken, quick], 5.0, lambda _tick: None, FastClock(NOON))
    sampler.start_probes()
    ticks = [sampler.tick() for _ in range(3)]
    sampler.stop()
    assert broken.looks == 3
    assert [str(one.what) for one in ticks[-1].problems] == [
        "'broken' could not be looked at: no such device"
    ]
    assert ticks[-1].sample.values["quick"] == 3.0


def test_the_schedule_does_not_drift_and_makes_up_for_nothing() -> None:
    ticks: list[Tick] = []
    clock = ScriptedClock({3: 0.3, 10: 4.2}, ticks=20)
    sampler = Sampler([Stub("x")], 1.0, ticks.append, clock)
    sampler.start_probes()
    sampler.run()
    sampler.stop()
    times = [tick.monotonic for tick in ticks]
    on_time = [time for time in times if round(time % 1.0, 6) == 0]
    assert len(on_time) == len(times) - 2, "two were late, the next ones were not"
    assert sampler.missed == 4
    assert sampler.longest_gap == pytest.approx(5.2)


def test_an_error_while_a_tick_is_treated_does_not_end_the_watch() -> None:
    seen: list[Tick] = []

    def deliver(tick: Tick) -> None:
        seen.append(tick)
        if len(seen) == 2:
            raise RuntimeError("a bug")

    sampler = Sampler([Stub("x")], 1.0, deliver, ScriptedClock({}, ticks=5))
    sampler.start_probes()
    sampler.run()
    sampler.stop()
    assert len(seen) == 5


def test_a_stopped_process_is_told_as_a_pause() -> None:
    ticks: list[Tick] = []
    sampler = Sampler([Stub("x")], 1.0, ticks.append, ScriptedClock({5: 600.0}, ticks=10))
    sampler.start_probes()
    sampler.run()
    sampler.stop()
    told = [event for tick in ticks for event in tick.events]
    assert [event.kind for event in told] == [EventKind.PAUSED]


def test_a_slow_probe_comes_round_by_its_own_period() -> None:
    every = Every(10.0)
    done = []
    for second in range(100):
        if every.due(float(second)):
            every.done(float(second))
            done.append(second)
    assert done == list(range(0, 100, 10))


class Busy:
    """As many values as a real workspace has, that now and then breach."""

    name = "busy"

    def __init__(self) -> None:
        self._looks = 0

    def due(self, monotonic: float) -> bool:
        return True

    def measure(self, moment: Moment) -> Reading:
        self._looks += 1
        n = self._looks
        values = {f"candles.KRW-{coin}.age_seconds": float(n % 240) for coin in range(30)}
        values |= {"cpu_percent": 95.0 if n % 3_600 < 90 else 20.0, "memory_percent": n % 80.0}
        values |= {f"db.{name}.reachable": 1.0 for name in ("settings", "strategies")}
        return Reading(values)


def test_hours_of_watching_miss_no_tick_and_need_no_more_memory(settings: Settings) -> None:
    """`SOAK_HOURS=24` lets a whole day pass; by default it is two hours."""
    hours = float(os.environ.get("SOAK_HOURS", "2"))
    total = int(hours * 3_600)
    clock = FastClock(NOON)
    told = []
    monitor = Monitor(settings, on_notice=told.append, clock=clock, probes=[Busy()])
    monitor._take_role()
    monitor.history.flush()  # by hand: the thread's pauses would be real ones
    monitor.sampler.start_probes()
    memory = psutil.Process()
    early = peak = 0
    stop = Event()
    seconds, deliver = 0, monitor.sampler._deliver

    def count(tick: Tick) -> None:
        nonlocal seconds, early, peak
        deliver(tick)
        seconds += 1
        if seconds % 60 == 0:
            monitor.history.flush()
        if seconds == total // 4:
            early = memory.memory_info().rss
        if seconds > total // 4 and seconds % 600 == 0:
            peak = max(peak, memory.memory_info().rss)
        if seconds == total:
            monitor.sampler._stop.set()

    monitor.sampler._deliver = count
    runner = Thread(target=monitor.sampler.run)
    runner.start()
    runner.join()
    stop.set()
    monitor.stop()
    assert (monitor.sampler.ticks, monitor.sampler.missed) == (total, 0)
    assert monitor.sampler.longest_gap < 2.0
    assert monitor.history.dropped == 0
    assert peak - early < 6_000_000, f"grew by {peak - early} bytes"
    assert [notice.incident.rule for notice in told] == ["cpu"] * (2 * int(hours))
    with open_state(settings) as connection:
        assert connection.execute(f"SELECT count(*) FROM {RAW.table}").get == total
        end = NOON + timedelta(hours=hours)
        tier = choose_tier(NOON, end, end, 2_000, 1.0)
        day = read_tier(connection, tier, ["cpu_percent"], NOON, end)["cpu_percent"]
    assert day.high.max() == 95.0
