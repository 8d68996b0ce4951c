"""What the tests of watching share: above all a clock whose waiting takes no time."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from threading import Event

from core.base.config.models import Settings
from core.monitoring.alerts.models import Notice
from core.monitoring.monitor import Monitor
from core.monitoring.probes.helper import Request
from core.monitoring.sampler import Tick, Times


class FastClock:
    """Real time passes; what is waited for passes at once."""

    def __init__(self, wall: datetime) -> None:
        self._begun = time.monotonic()
        self._wall = wall.timestamp()
        self.waited = 0.0
        self.slept = 0.0
        """How long the machine slept: the monotonic clock stood still."""

    def now(self) -> Times:
        passed = time.monotonic() - self._begun + self.waited
        awake_or_asleep = passed + self.slept
        return Times(passed, awake_or_asleep, self._wall + awake_or_asleep)

    def wait(self, stop: Event, seconds: float) -> bool:
        self.waited += seconds
        return stop.is_set()

    def jump(self, seconds: float) -> None:
        """Set the wall clock."""
        self._wall += seconds


class Watcher:
    """A monitor that ticks when it is told to."""

    def __init__(self, monitor: Monitor, clock: FastClock, notices: list[Notice]) -> None:
        self.monitor, self.clock, self.notices = monitor, clock, notices

    def step(self, seconds: int = 1) -> list[Tick]:
        """Let *seconds* pass, with a tick in each."""
        ticks = []
        for _ in range(seconds):
            self.clock.wait(Event(), 1.0)
            ticks.append(self.monitor.tick())
        return ticks

    def until(self, reached: Callable[[Tick], bool], limit: int = 200) -> Tick:
        """Tick until *reached*; fails after *limit* seconds."""
        for _ in range(limit):
            (tick,) = self.step()
            if reached(tick):
                return tick
        raise AssertionError(f"not within {limit} s: {tick}")

    def told(self, rule: str) -> list[str]:
        """What was told of *rule*."""
        return [
            f"{notice.kind.value} {notice.incident.metric}"
            for notice in self.notices
            if notice.incident.rule == rule
        ]


def asked(settings: Settings, name: str, **more: object) -> Request:
    """What is asked about a database; ``deep`` asks for all that the adapter measures."""
    measures = {one.reference: [] for one in settings.measures} if more.pop("deep", False) else {}
    plain = {"locks": False, "measures": measures}
    return Request(  # type: ignore[typeddict-item]
        **{"name": name, "path": str(settings.file(name).path)} | plain | more
    )


def child(code: str, *arguments: str) -> subprocess.Popen[str]:
    """A Python process that has run *code* and waits for its input to end."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"{code}\nprint('ready', flush=True)\ninput()", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()
