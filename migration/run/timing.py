"""How long the parts of a migration take, and from that how long the rest of one will take.

A rehearsal does to a copy what the real run does to the data, so its own times are the best
forecast there is: part by part, they tell what is still to come; how fast the present run is
against them so far tells by how much they are off.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from core.base.config.models import Settings
from core.base.journal import Entry, Outcome, known_entries
from core.base.operation import Cancelled, Context, Kind, Progress, Step, Unit
from core.base.text import Text, translate
from migration.run.models import Estimate, Part
from migration.run.records import RehearsalRecord, read_rehearsal_record

WHOLE = frozenset({"safety", "stop", "promote", "start", "verify", "keep", "put_back"})
"""Steps that are timed as a whole: what they say of themselves differs from time to time."""
PRIOR = 0.015
"""The part of the whole for which the forecast is believed before anything was seen of the run."""


class Recorded(Context):
    """Hands everything on to *real* and keeps the steps that come from a worker in it."""

    def __init__(self, real: Context) -> None:
        super().__init__()
        self._real = real

    @property
    def cancelled(self) -> bool:
        """Whether *real* was cancelled."""
        return self._real.cancelled

    def check(self) -> None:
        """Raise `Cancelled` when *real* was cancelled."""
        if self._real.cancelled:
            raise Cancelled

    def on_progress(self, progress: Progress) -> None:
        """Hand *progress* on."""
        self._real.on_progress(progress)

    def on_step(self, step: Step) -> None:
        """Keep *step*, or its end, and hand it on."""
        steps = self._real.steps
        # Steps hold others: the end belongs to the newest one of its name that is still open.
        open_ones = (n for n in reversed(range(len(steps))) if steps[n].seconds is None)
        place = next((n for n in open_ones if steps[n].name == step.name), None)
        if step.ok is not None and place is not None:
            steps[place] = step
        else:
            steps.append(step)
        self._real.on_step(step)


class Forecast:
    """Tells the seconds left of a run whose parts are known beforehand."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = tuple(parts)
        self._rest = [0.0] * (len(self._parts) + 1)
        for place in reversed(range(len(self._parts))):
            self._rest[place] = self._rest[place + 1] + self._parts[place].seconds
        self._place = -1
        self._here: Part | None = None
        self._spent = 0.0
        self._planned = 0.0

    def enter(self, step: str, what: str, total: int | None, after: str = "") -> None:
        """A part begins; one that is not known adds nothing."""
        self._here = None
        order = [*range(self._place + 1, len(self._parts)), *range(self._place + 1)]
        for place in order:
            known = self._parts[place]
            if (known.step, known.what, known.after) == (step, what, after):
                # More rows than then take longer than then.
                grown = total / known.total if total and known.total else 1.0
                self._here = known.model_copy(update={"seconds": known.seconds * grown})
                self._place = place
                return

    def leave(self, seconds: float) -> None:
        """The part is over, after *seconds*."""
        if self._here is not None:
            self._spent += seconds
            self._planned += self._here.seconds
        self._here = None

    def left(self, seconds: float, fraction: float | None) -> float | None:
        """Return the seconds left, *seconds* and *fraction* into the present part.

        None where nothing is known.
        """
        if not self._parts:
            return None
        here = self._here.seconds if self._here is not None else 0.0
        rest = self._rest[self._place + 1]
        prior = PRIOR * self._rest[0]
        if fraction is None:
            # What counts nothing is as far as its time says, and late when that is over.
            pace = (self._spent + prior) / (self._planned + prior) if self._planned + prior else 1.0
            return max(here * pace - seconds, 0.0) + rest * pace
        spent, planned = self._spent + seconds, self._planned + here * fraction
        if self._here is None:
            spent, planned = self._spent, self._planned
        pace = (spent + prior) / (planned + prior) if planned + prior else 1.0
        return (here * (1 - fraction) + rest) * pace


class Timed(Recorded):
    """Hands everything on to *real*, keeps the times of the parts, and adds the time left."""

    def __init__(
        self,
        real: Context,
        forecast: Sequence[Part] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(real)
        self.parts: list[Part] = []
        self._forecast = Forecast(forecast)
        self._clock = clock
        self._begun = clock()
        self._steps: list[str] = []
        self._what = self._after = ""
        self._total: int | None = None
        self._first = 0

    def _turn(self, what: str, total: int | None, first: int = 0) -> None:
        """End the present part and begin another one, which counts on from *first*."""
        now = self._clock()
        self._end(now)
        self._what, self._after, self._total, self._first, self._begun = what, "", total, first, now
        self._forecast.enter(self._step, what, total)

    def _end(self, now: float) -> None:
        seconds = now - self._begun
        self._forecast.leave(seconds)
        self.parts.append(
            Part(
                step=self._step,
                what=self._what,
                after=self._after,
                seconds=seconds,
                total=self._total,
            )
        )

    @property
    def _step(self) -> str:
        return self._steps[-1] if self._steps else ""

    def _fraction(self, progress: Progress) -> float | None:
        """Return how much of this part is done; None where it does not count."""
        if not progress.total or progress.total <= self._first or progress.done <= self._first:
            return None
        return min(1.0, (progress.done - self._first) / (progress.total - self._first))

    def on_progress(self, progress: Progress) -> None:
        """Hand *progress* on with the time that is left of the whole."""
        what = str(progress.what)
        whole = self._step in WHOLE
        if not whole and (what != self._what or progress.total != self._total):
            self._turn(what, progress.total, progress.done)
        fraction = None if whole else self._fraction(progress)
        left = self._forecast.left(self._clock() - self._begun, fraction)
        super().on_progress(progress.model_copy(update={"seconds_left": left}))

    def on_step(self, step: Step) -> None:
        """Hand *step* on; at its begin its time left is told, too."""
        super().on_step(step)
        if step.seconds is None:
            self._end(self._clock())
            self._steps.append(step.name)
            self._enter("")
            left = self._forecast.left(0.0, None)
            if left is not None:
                super().on_progress(
                    Progress(done=0, total=None, unit=Unit.ROWS, what=step.what, seconds_left=left)
                )
        elif step.name in self._steps:
            self._end(self._clock())
            while self._steps.pop() != step.name:
                pass
            self._enter("", after=step.name)

    def _enter(self, what: str, after: str = "") -> None:
        self._what, self._after, self._total, self._first = what, after, None, 0
        self._begun = self._clock()
        self._forecast.enter(self._step, what, None, after)


def seconds_of(parts: Sequence[Part], steps: Sequence[str]) -> float:
    """Return how long the *steps* took together."""
    return sum(part.seconds for part in parts if part.step in steps)


BEFORE = ("safety",)
AFTER = ("stop", "promote", "start", "verify", "keep")
MADE = ("stage", "migrate", "validate", "describe")
"""The steps that a rehearsal and a run have in common."""
DOWN = ("stop", "promote", "start")
"""The steps during which the program is down."""
ENTRIES = 200


def measured(journal: tuple[Entry, ...]) -> dict[str, float]:
    """Return the newest length of every step that went well, and of a backup as ``safety``."""
    found: dict[str, float] = {}
    for entry in journal:
        for step in entry.steps:
            if step.ok and step.seconds is not None:
                found.setdefault(step.name, step.seconds)
        took = entry.length_seconds
        if (
            entry.operation == Kind.BACKUP_CREATE
            and entry.outcome is Outcome.OK
            and took is not None
        ):
            found.setdefault("safety", took)
    return found


def run_parts(kept: RehearsalRecord | None, known: dict[str, float]) -> tuple[Part, ...]:
    """Return the parts that a run will have; empty without a rehearsal."""
    if kept is None:
        return ()
    made = [part for part in kept.parts if part.step in MADE or part.after]

    def whole(names: tuple[str, ...]) -> list[Part]:
        return [Part(step=name, seconds=known[name]) for name in names if name in known]

    return (*whole(BEFORE), *made, *whole(AFTER))


def forecast_of_run(settings: Settings) -> tuple[Part, ...]:
    """Return the parts that a run will have here."""
    kept = read_rehearsal_record(settings)
    return run_parts(kept, measured(known_entries(settings, ENTRIES))) if kept else ()


def estimate(settings: Settings) -> Estimate | None:
    """Return what a run will take here, None before a rehearsal."""
    kept = read_rehearsal_record(settings)
    if kept is None:
        return None
    parts = run_parts(kept, measured(known_entries(settings, ENTRIES)))
    down = seconds_of(parts, DOWN)
    there = {part.step for part in parts}
    return Estimate(
        seconds=sum(part.seconds for part in parts),
        downtime_seconds=down,
        downtime_most_seconds=down + seconds_of(parts, MADE),
        rehearsed_at=kept.at,
        unmeasured=tuple(name for name in (*BEFORE, *AFTER) if name not in there),
    )


def estimate_text(found: Estimate) -> Text:
    """Return the estimate as a sentence."""
    values = {
        "time": duration(found.seconds),
        "down": duration(found.downtime_seconds),
        "most": duration(found.downtime_most_seconds),
    }
    if {"stop", "start"} & set(found.unmeasured):
        return translate(
            "migration",
            "About {time} by the rehearsal, and the time that the program takes to stop and start, "
            "which was never measured here.",
            time=values["time"],
        )
    return translate(
        "migration",
        "About {time} by the rehearsal, of these {down} with the program down; {most} where the "
        "copies have to be made again because of rows written meanwhile.",
        time=values["time"], down=values["down"], most=values["most"],
    )  # fmt: skip


def duration(seconds: float) -> Text:
    """Return a length of time as a sentence can hold it."""
    if seconds < 1:
        return translate("migration", "a second")
    if seconds < 90:
        return translate("migration", "{seconds} seconds", seconds=round(seconds))
    return translate("migration", "{minutes} minutes", minutes=round(seconds / 60))
