"""Samples all probes of a workspace once a second, whatever they and the clocks do.

One thread keeps the schedule.  Each probe has a thread of its own that does at most one look
at a time; the schedule's thread waits for those that are quick, and what a slow one finds
comes with the tick after it is found.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Sequence
from threading import Condition, Event, Lock, Thread
from typing import NamedTuple, Protocol

from core.base.config.models import Settings
from core.base.text import Text, translate
from core.monitoring.models import Event as HealthEvent
from core.monitoring.models import EventKind, Fact, Moment, Probe, Problem, Reading, Sample, utc
from core.monitoring.probes.client import Helper, HelperGone
from core.monitoring.probes.databases import DatabaseProbe, Shared
from core.monitoring.probes.guard import GuardProbe, PlaceProbe
from core.monitoring.probes.logs import LogProbe
from core.monitoring.probes.machine import DiskProbe, DisksProbe, MachineProbe
from core.monitoring.probes.program import HoldersProbe, ProgramProbe

JUMP_SECONDS = 2.0
"""A wall clock that is off by more has been set, not corrected."""
PATIENCE_SHARE = 0.5
"""The share of an interval for which a tick waits for its probes."""
JOIN_SECONDS = 5.0

log = logging.getLogger(__name__)


class Tick(NamedTuple):
    """All that one tick brought."""

    sample: Sample
    monotonic: float
    facts: tuple[Fact, ...]
    problems: tuple[Problem, ...]
    events: tuple[HealthEvent, ...]


class _Worker:
    """A probe and the thread in which it looks."""

    def __init__(self, probe: Probe, changed: Condition, lock: Lock) -> None:
        self.probe = probe
        self.busy_since: float | None = None
        self.reading: Reading | None = None
        self.error: Text | None = None
        self._changed = changed
        # Of the same lock, but its own: a look that begins or ends wakes no other worker.
        self._wake = Condition(lock)
        self._moment: Moment | None = None
        self._stopped = False
        self.thread = Thread(target=self._run, name=f"health-{probe.name}", daemon=True)

    def begin(self, moment: Moment) -> None:
        """Let the probe look; under the condition, and only when it is not busy."""
        self.busy_since = moment.monotonic
        self._moment = moment
        self._wake.notify()

    def stop(self) -> None:
        """Let the thread end when its look is over; under the condition."""
        self._stopped = True
        self._wake.notify()

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._moment is not None or self._stopped)
                moment, self._moment = self._moment, None
                if self._stopped or moment is None:
                    return
            reading, error = self._look(moment)
            with self._changed:
                self.reading, self.error, self.busy_since = reading, error, None
                self._changed.notify_all()

    def _look(self, moment: Moment) -> tuple[Reading | None, Text | None]:
        try:
            return self.probe.measure(moment), None
        except HelperGone as error:
            why = str(error)
        except OSError as error:
            why = str(error)
            log.warning("health probe %s: %s", self.probe.name, error)
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            log.exception("health probe %s failed", self.probe.name)
        return None, translate(
            "health", "'{probe}' could not be looked at: {why}", probe=self.probe.name, why=why
        )


class Sampler:
    """Takes a sample every *interval* seconds and hands each `Tick` to *deliver*.

    *deliver* is called on the sampler's thread and must not wait for anything.
    """

    def __init__(
        self,
        probes: Sequence[Probe],
        interval: float,
        deliver: Callable[[Tick], None],
        clock: Clock | None = None,
    ) -> None:
        self._interval = interval
        self._deliver = deliver
        self._clock = clock or SystemClock()
        lock = Lock()
        self._changed = Condition(lock)
        """UserError whenever a look is over, and when all ends."""
        self._workers = [_Worker(probe, self._changed, lock) for probe in probes]
        self._facts: dict[str, tuple[Fact, ...]] = {}
        self._stop = Event()
        self._thread: Thread | None = None
        self._last: Times | None = None
        self.ticks = 0
        self.missed = 0
        """Ticks that fell out because the process was not run in time."""
        self.longest_gap = 0.0
        """The longest time between two ticks, in seconds of the monotonic clock."""

    def start(self) -> None:
        """Begin sampling in a thread of its own."""
        self.start_probes()
        self._thread = Thread(target=self.run, name="health-sampler", daemon=True)
        self._thread.start()

    def start_probes(self) -> None:
        """Begin the threads of the probes only, for a caller that calls `run` or `tick` itself."""
        for worker in self._workers:
            if not worker.thread.is_alive():
                worker.thread.start()

    def stop(self) -> None:
        """End sampling; a look that hangs is left to its own thread."""
        self._stop.set()
        with self._changed:
            for worker in self._workers:
                worker.stop()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(JOIN_SECONDS)
        for worker in self._workers:
            if worker.busy_since is None and worker.thread.is_alive():
                worker.thread.join(JOIN_SECONDS)

    def run(self) -> None:
        """Tick until `stop`, on a schedule that does not drift."""
        due = self._clock.now().monotonic
        while not self._clock.wait(self._stop, max(0.0, due - self._clock.now().monotonic)):
            try:
                self._deliver(self.tick())
            except Exception:
                # One tick that goes wrong must not end the watch.
                log.exception("a tick of the health sampler failed")
            due += self._interval
            late = self._clock.now().monotonic - due
            if late > self._interval / 2:
                # No catching up: what was missed stays a gap.
                skipped = math.ceil(late / self._interval)
                self.missed += skipped
                due += skipped * self._interval

    def tick(self, patience: float | None = None) -> Tick:
        """Take one sample now; wait *patience* seconds for slow probes (None: half an interval)."""
        begun = time.perf_counter()
        times = self._clock.now()
        events = self._clock_events(times)
        self._last = times
        self.ticks += 1
        moment = Moment(times.monotonic, times.wall)
        with self._changed:
            begun_now = [
                worker
                for worker in self._workers
                if worker.busy_since is None and worker.probe.due(times.monotonic)
            ]
            for worker in begun_now:
                worker.begin(moment)
            # A probe that hangs since an earlier tick is not waited for again.
            self._changed.wait_for(
                lambda: (
                    self._stop.is_set() or all(worker.busy_since is None for worker in begun_now)
                ),
                timeout=self._interval * PATIENCE_SHARE if patience is None else patience,
            )
            values, problems = self._collect(times, events)
        values["console.tick_seconds"] = time.perf_counter() - begun
        values["console.late_probes"] = float(sum(problem.overrun for problem in problems))
        values["console.missed_ticks"] = float(self.missed)
        return Tick(
            sample=Sample(at=utc(times.wall * 1000), values=values),
            monotonic=times.monotonic,
            facts=tuple(fact for facts in self._facts.values() for fact in facts),
            problems=tuple(problems),
            events=tuple(events),
        )

    def _collect(
        self, times: Times, events: list[HealthEvent]
    ) -> tuple[dict[str, float], list[Problem]]:
        values: dict[str, float] = {}
        problems = []
        for worker in self._workers:
            name = worker.probe.name
            reading, worker.reading = worker.reading, None
            if reading is not None:
                values |= reading.values
                self._facts[name] = reading.facts
                events += reading.events
            if worker.busy_since is not None:
                seconds = times.monotonic - worker.busy_since
                problems.append(_late(name, max(seconds, self._interval * PATIENCE_SHARE)))
            elif worker.error is not None:
                problems.append(Problem(probe=name, what=worker.error))
                self._facts.pop(name, None)
        return values, problems

    def _clock_events(self, times: Times) -> list[HealthEvent]:
        if self._last is None:
            return []
        awake = times.monotonic - self._last.monotonic
        passed = times.awake_or_asleep - self._last.awake_or_asleep
        self.longest_gap = max(self.longest_gap, awake)
        jump = times.wall - self._last.wall - passed
        at = utc(times.wall * 1000)
        events = []
        if passed - awake > JUMP_SECONDS or awake > max(30.0, 10 * self._interval):
            events.append(
                HealthEvent(
                    at=at,
                    kind=EventKind.PAUSED,
                    text=translate(
                        "health", "The machine slept or stood still for {seconds} seconds.",
                        seconds=round(max(passed, awake)),
                    ),
                )
            )  # fmt: skip
        if abs(jump) > JUMP_SECONDS:
            events.append(
                HealthEvent(
                    at=at,
                    kind=EventKind.CLOCK_JUMPED,
                    text=translate(
                        "health", "The machine's clock was set by {seconds} seconds.",
                        seconds=f"{jump:+.0f}",
                    ),
                )
            )  # fmt: skip
        return events


def _late(name: str, seconds: float) -> Problem:
    return Problem(
        probe=name,
        what=translate(
            "health", "'{probe}' has not answered for {seconds} seconds.",
            probe=name, seconds=f"{seconds:.1f}",
        ),
        overrun=True,
    )  # fmt: skip


class Times(NamedTuple):
    """What the clocks say at one instant, in seconds."""

    monotonic: float
    """Never jumps; stands still while a Linux or macOS machine sleeps."""
    awake_or_asleep: float
    """Never jumps and goes on during sleep, where the system has such a clock."""
    wall: float
    """Unix time, as it is set."""


class Clock(Protocol):
    """Where times come from and how one waits."""

    def now(self) -> Times:
        """Return all clocks at once."""
        ...

    def wait(self, stop: Event, seconds: float) -> bool:
        """Wait until *stop* is set, at most *seconds*; return whether it is set."""
        ...


class SystemClock:
    """The machine's clocks."""

    def __init__(self) -> None:
        self._boot = getattr(time, "CLOCK_BOOTTIME", None)

    def now(self) -> Times:
        """Return all clocks at once."""
        monotonic = time.monotonic()
        asleep = time.clock_gettime(self._boot) if self._boot is not None else monotonic
        return Times(monotonic, asleep, time.time())

    def wait(self, stop: Event, seconds: float) -> bool:
        """Wait until *stop* is set, at most *seconds*; return whether it is set."""
        return stop.wait(seconds)


def make_probes(settings: Settings, helper: Helper) -> list[Probe]:
    """Return the probes of *settings*; the databases' share *helper*, which the caller closes."""
    program = ProgramProbe(settings)
    shared: Shared = {}
    return [
        MachineProbe(),
        DiskProbe.of_data(settings),
        DiskProbe.of_store(settings),
        DisksProbe.of_files(settings),
        DisksProbe.of_copies(settings),
        PlaceProbe(settings),
        program,
        *(DatabaseProbe(settings, file, helper, shared) for file in settings.databases),
        HoldersProbe(settings, program),
        LogProbe(settings, program),
        GuardProbe(settings),
    ]
