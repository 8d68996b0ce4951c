"""What the graphs draw: the history, fetched no more often than it can have changed, and the
newest samples, which lie in memory, and the marks of what happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from core.base.config.models import Settings
from core.base.journal import Entry, Outcome
from core.base.operation import Context, Kind
from core.base.state import open_state
from core.base.text import translate
from core.monitoring.alerts.incidents import list_incidents
from core.monitoring.alerts.models import Incident
from core.monitoring.history.query import Series, choose_tier, events, pause_of, reaching, read_tier
from core.monitoring.history.tiers import Floats
from core.monitoring.models import Event, EventKind, Sample, utc
from ui.language import duration_text, operation_name, outcome_text, say
from ui.points.messages import exact_time
from ui.session import Session


class Recent:
    """Keeps the last *size* samples; what was not measured is NaN.

    Twice the room is taken, so that old samples are moved once in *size* and not at each.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._end = 0
        self._times = np.zeros(2 * size)
        self._values: dict[str, Floats] = {}

    def __len__(self) -> int:
        return min(self._end, self._size)

    @property
    def end(self) -> float:
        """The time of the newest sample, in Unix seconds; 0 while there is none."""
        return float(self._times[self._end - 1]) if self._end else 0.0

    def add(self, sample: Sample) -> None:
        """Take in one more; samples come in the order in which they were taken."""
        if self._end == 2 * self._size:
            for row in (self._times, *self._values.values()):
                row[: self._size] = row[self._size :]
            self._end = self._size
        self._times[self._end] = sample.at.timestamp()
        for key in sample.values.keys() - self._values.keys():
            self._values[key] = np.full(2 * self._size, np.nan)
        for key, row in self._values.items():
            row[self._end] = sample.values.get(key, np.nan)
        self._end += 1

    def remember(self, lines: Mapping[str, tuple[Floats, Floats]]) -> None:
        """Begin with times and values that were measured before the first sample."""
        if self._end or not lines:
            return
        times = np.unique(np.concatenate([line[0] for line in lines.values()]))[-self._size :]
        self._end = len(times)
        self._times[: self._end] = times
        for key, (at, values) in lines.items():
            row = self._values.setdefault(key, np.full(2 * self._size, np.nan))
            kept = at >= times[0]
            row[np.searchsorted(times, at[kept])] = values[kept]

    def line(self, key: str, after: float = -np.inf) -> tuple[Floats, Floats]:
        """Return the times (Unix seconds) and values of *key* measured after *after*."""
        row = self._values.get(key)
        begin = self._end - len(self)
        times = self._times[begin : self._end]
        if row is None:
            return np.empty(0), np.empty(0)
        values = row[begin : self._end]
        # After the clock was set back the samples before it would make time run backwards.
        back = np.flatnonzero(times[1:] < times[:-1])
        first = int(back[-1]) + 1 if len(back) else 0
        times, values = times[first:], values[first:]
        known = (times > after) & ~np.isnan(values)
        return times[known], values[known]


def with_newest(
    key: str, series: Series | None, recent: Recent, start: float, interval: float = 1.0
) -> Series | None:
    """Return *series* with the values of *key* in *recent* that are newer than its end.

    Without a series only the samples from *start* (Unix seconds) on are left; None where there
    is nothing at all.  *interval* is that of sampling; a pause that is too long stays a gap.
    """
    known = series is not None and len(series.times) > 0
    after = float(series.times[-1]) if series is not None and known else start
    times, values = recent.line(key, after)
    if not len(times):
        return series
    step = series.step if series is not None else 0.0
    before = np.array([after]) if known else np.empty(0)
    # A roll-up's last value lies in the middle of a step that is not over.
    pauses = np.diff(np.concatenate([before, times]))
    limit = np.full(len(pauses), pause_of(key, interval))
    if known:
        limit[0] = pause_of(key, max(interval, step))
    gaps = np.flatnonzero(pauses > limit) + (0 if known else 1)
    if len(gaps):
        times = np.insert(times, gaps, times[gaps])
        values = np.insert(values, gaps, np.nan)
    if series is None or not known:
        return Series(key, step, times, values, values, values)
    return Series(key, step, _join(series.times, times), *(
        _join(one, values) for one in (series.low, series.mean, series.high)
    ))  # fmt: skip


def sparkline(key: str, recent: Recent, interval: float, seconds: float) -> tuple[Floats, Floats]:
    """Return times and values of the last *seconds*; NaN where there is a gap."""
    times, values = recent.line(key, recent.end - seconds)
    gaps = np.flatnonzero(np.diff(times) > pause_of(key, interval)) + 1
    return np.insert(times, gaps, times[gaps]), np.insert(values, gaps, np.nan)


def _join(first: Floats, second: Floats) -> Floats:
    return np.concatenate([first, second])


POINTS_PER_COLUMN = 3
MARGIN = 1.0
"""So much of the range is fetched on each side of it, so that panning finds something there."""
WAIT_MS = 60
"""While a hand moves the graphs nothing is fetched; so long after it they are looked at."""


class Want(NamedTuple):
    """What is to be seen: metrics, a range in Unix seconds, and pixel columns."""

    keys: tuple[str, ...]
    start: float
    end: float
    columns: int


class History(NamedTuple):
    """What one fetch brought: series, events and incidents from `start` to `end`."""

    series: dict[str, Series]
    events: tuple[Event, ...]
    incidents: tuple[Incident, ...]
    keys: tuple[str, ...] = ()
    start: float = 0.0
    end: float = 0.0
    step: float = 0.0
    """Seconds between two values at the resolution that was chosen."""

    def answers(self, want: Want, interval: float) -> bool:
        """Whether it holds what is wanted, as finely as a fetch would bring it."""
        length = want.end - want.start
        finer = length / max(self.step, interval) < want.columns and self.step > interval
        return (
            set(want.keys) <= set(self.keys)
            and self.start <= want.start
            and want.end <= self.end
            and not finer
        )


def fetch(settings: Settings, want: Want, now: datetime) -> History:
    """Read from the history what *want* asks for, with a margin on both sides."""
    start, end = utc(want.start * 1000), utc(want.end * 1000)
    margin = timedelta(seconds=(want.end - want.start) * MARGIN)
    interval = settings.health.interval_seconds
    with open_state(settings) as connection:
        most = POINTS_PER_COLUMN * want.columns
        tier = choose_tier(start, min(end, now), now, most, interval)
        tier = reaching(connection, tier, start)
        begin, finish = start - margin, min(end + margin, now + timedelta(seconds=interval))
        series = read_tier(connection, tier, want.keys, begin, finish, interval)
        happened = events(connection, begin, finish)
    return History(
        series, happened, list_incidents(settings), want.keys,
        begin.timestamp(), max(finish, end).timestamp(), tier.step / 1000,
    )  # fmt: skip


class Loader(QObject):
    """Runs one fetch at a time; the newest wish replaces those that wait."""

    loaded = pyqtSignal(object)
    """`History`."""
    failed = pyqtSignal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.last = History({}, (), ())
        self._wanted: Want | None = None
        self._under_way = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._begin)

    @property
    def busy(self) -> bool:
        """Whether something is still to come."""
        return self._under_way or self._wanted is not None

    def want(
        self, keys: Sequence[str], start: float, end: float, columns: int, *, anew: bool = False
    ) -> None:
        """Fetch what is not there yet; with *anew* also what is."""
        want = Want(tuple(keys), start, end, max(200, columns))
        if not anew and self.last.answers(want, self._session.settings.health.interval_seconds):
            self._wanted = None
            return
        self._wanted = want
        self._timer.start(0 if anew else WAIT_MS)

    def _begin(self) -> None:
        want = self._wanted
        if self._under_way or want is None:
            return
        self._wanted, self._under_way = None, True
        settings = self._session.settings

        def work(_: Context) -> History:
            return fetch(settings, want, datetime.now(UTC))

        worker = self._session.look(work, self._take, self.failed.emit)
        worker.finished.connect(self._over)

    def _take(self, history: History) -> None:
        self.last = history
        self.loaded.emit(history)

    def _over(self) -> None:
        self._under_way = False
        if self._wanted is not None:
            self._timer.start(0)


MARKED = {Kind.BACKUP_CREATE, Kind.RECOVER}
"""Operations that are marked besides those that make other data live."""


BAD = {Outcome.FAILED, Outcome.INTERRUPTED}


_EVENTS = {
    EventKind.PROGRAM_STARTED: translate("health", "Program started"),
    EventKind.PROGRAM_ENDED: translate("health", "Program ended"),
    EventKind.CLOCK_JUMPED: translate("health", "Clock set"),
    EventKind.PAUSED: translate("health", "Machine paused"),
    EventKind.HISTORY: translate("health", "History begun anew"),
}


class Mark(NamedTuple):
    """Something that happened at `begin`, in Unix seconds, or that lasted until `end`."""

    begin: float
    end: float
    label: str
    tip: str
    colour: str
    """The theme's name of its colour."""


def marks_of(journal: Iterable[Entry], events: Iterable[Event], now: datetime) -> tuple[Mark, ...]:
    """Return what is marked, the oldest first; what still runs lasts until *now*."""
    operations = [
        _operation(entry, now) for entry in journal if entry.replaces_data or entry.kind in MARKED
    ]
    others = [_event(event, operations) for event in events]
    return tuple(sorted([*operations, *others]))


def _operation(entry: Entry, now: datetime) -> Mark:
    name = operation_name(entry.operation)
    # What died without a word has no end: only that it began is certain.
    end = entry.ended or (now if entry.outcome is Outcome.RUNNING else entry.begun)
    bad = entry.outcome in BAD
    lines = [name, exact_time(entry.begun)]
    length = entry.length_seconds
    if length is None:  # it still runs, or nobody knows
        length = (end - entry.begun).total_seconds()
    if length > 0:
        lines.append(f"{outcome_text(entry.outcome)} · {duration_text(length)}")
    else:
        lines.append(outcome_text(entry.outcome))
    return Mark(
        entry.begun.timestamp(), end.timestamp(), f"✕ {name}" if bad else name,
        "\n".join(lines), "danger" if bad else "safety",
    )  # fmt: skip


def _event(event: Event, operations: Sequence[Mark]) -> Mark:
    at = event.at.timestamp()
    wanted = any(mark.begin - 1 <= at <= mark.end + 5 for mark in operations)
    died = event.kind is EventKind.PROGRAM_ENDED and not wanted
    tip = f"{say(event.text)}\n{exact_time(event.at)}"
    return Mark(at, at, say(_EVENTS[event.kind]), tip, "danger" if died else "faint")


def marks_near(marks: Sequence[Mark], at: float, reach: float) -> tuple[Mark, ...]:
    """Return those of *marks* that lie within *reach* seconds of *at*."""
    return tuple(mark for mark in marks if mark.begin - reach <= at <= mark.end + reach)


def heaps(marks: Sequence[Mark], reach: float) -> tuple[tuple[Mark, ...], ...]:
    """Return *marks*, which are in order, in heaps; *reach* seconds part one from the next."""
    found: list[list[Mark]] = []
    for mark in marks:
        if found and mark.begin - found[-1][0].begin < reach:
            found[-1].append(mark)
        else:
            found.append([mark])
    return tuple(tuple(heap) for heap in found)


def heap_label(heap: Sequence[Mark]) -> tuple[str, str]:
    """Return what is written over a heap and its colour: what is worst, and how many more."""
    worst = max(heap, key=lambda mark: (mark.colour == "danger", mark.colour == "safety"))
    more = f" +{len(heap) - 1}" if len(heap) > 1 else ""
    return f"{worst.label}{more}", worst.colour
