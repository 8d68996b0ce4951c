"""A monitor that ticks when it is told to, for several tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from core.config.models import Settings
from core.health.alerts.models import Notice
from core.health.monitor import Monitor
from core.health.probes.client import Helper
from core.health.probes.shape import Probe
from tests.health.fast import FastClock, Watcher

NEWEST_CANDLE = datetime(2025, 9, 7, 12, 20, tzinfo=UTC)
Chosen = Callable[[Settings, Helper], Sequence[Probe]]


@pytest.fixture
def watch(settings: Settings) -> Iterator[Callable[..., Watcher]]:
    made: list[tuple[Monitor, Helper]] = []

    def begin(
        chosen: Settings = settings,
        wall: datetime = NEWEST_CANDLE,
        probes: Chosen | None = None,
    ) -> Watcher:
        clock, notices, helping = FastClock(wall), list[Notice](), Helper()
        monitor = Monitor(
            chosen,
            on_notice=notices.append,
            clock=clock,
            probes=None if probes is None else probes(chosen, helping),
        )
        made.append((monitor, helping))
        monitor.open()
        while monitor.recording and monitor._recall is None:
            pass  # the history's thread reads it at once
        return Watcher(monitor, clock, notices)

    yield begin
    for monitor, helping in made:
        with suppress(OSError):
            monitor.stop()
        helping.close()
