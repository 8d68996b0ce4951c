"""A monitor that ticks when it is told to, for several tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.base.config.models import Settings
from core.monitoring.alerts.models import Notice
from core.monitoring.models import Probe
from core.monitoring.monitor import Monitor
from core.monitoring.probes.client import Helper
from tests.monitoring.fast import FastClock, Watcher

NEWEST_CANDLE = datetime(2025, 9, 7, 12, 20, tzinfo=UTC)
Chosen = Callable[[Settings, Helper], Sequence[Probe]]


@pytest.fixture
def watch(settings: Settings) -> Iterator[Callable[..., Watcher]]:
    made: list[tuple[Monitor, Helper]] = []

    def begin(
        chosen: Settings = settings,
        wall: datetime = NEWEST_CANDLE,
        probes: Chosen | None = None,
        echo: bool = False,
    ) -> Watcher:
        clock, notices, helping = FastClock(wall), list[Notice](), Helper()
        monitor = Monitor(
            chosen,
            on_notice=notices.append,
            clock=clock,
            probes=None if probes is None else probes(chosen, helping),
            echo=echo,
        )
        made.append((monitor, helping))
        monitor.open()
        while monitor.recording and monitor._recall is None and not monitor.history.problem:
            pass  # the history's thread reads it at once
        return Watcher(monitor, clock, notices)

    yield begin
    for monitor, helping in made:
        with suppress(OSError):
            monitor.stop()
        helping.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)],
        check=False, capture_output=True,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip("this system does not let one mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def wait_for() -> Callable[[Callable[[], bool]], None]:
    """Ask again and again until it holds; the test's own time limit is the limit."""

    def wait(reached: Callable[[], bool]) -> None:
        while not reached():
            pass

    return wait
