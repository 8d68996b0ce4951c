"""Lets the monitor watch by itself after a migration, rollback or deployment."""

from __future__ import annotations

from collections.abc import Callable

from core.base.config.models import Settings
from core.base.journal import Entry, entries
from core.base.text import translate
from core.monitoring.models import Fact, utc
from core.monitoring.probes.shape import Every, Moment, Reading
from core.monitoring.watch import WatchResult, is_watched, judge

LOOK_SECONDS = 5.0
RECENT = 10
"""So many operations back the newest one to be watched is looked for."""


class AftercareProbe:
    """Looks every few seconds whether health is worse than before the newest such operation.

    Each operation is told of once, on this probe's thread: when health is worse, else when the
    time is over.
    """

    name = "aftercare"

    def __init__(
        self,
        settings: Settings,
        on_watched: Callable[[WatchResult], None],
        recording: Callable[[], bool],
    ) -> None:
        """Tell *on_watched*; while not *recording* nothing is to be performed, only seen."""
        self._settings = settings
        self._on_watched = on_watched
        self._recording = recording
        self._every = Every(LOOK_SECONDS)
        self._told: int | None = None

    def due(self, monotonic: float) -> bool:
        """Every five seconds."""
        return self._every.due(monotonic)

    def measure(self, moment: Moment) -> Reading:
        """Look, where there is anything to watch."""
        self._every.done(moment.monotonic)
        if not self._settings.health.watch.seconds:
            return Reading({})
        entry = self._newest(moment)
        if entry is None or entry.ended is None:
            return Reading({})
        now = utc(moment.wall * 1000)
        result = judge(self._settings, entry, now)
        over = result.watched_seconds >= self._settings.health.watch.seconds
        if result.worse or over:
            self._told = entry.id
            if result.action == "perform" and not self._recording():
                # The one that records performs it, once.
                result = result.model_copy(update={"action": "none"})
            self._on_watched(result)
            return Reading({})
        return Reading(
            {},
            (
                Fact(
                    key="watching_after",
                    name=translate("health", "Watched since"),
                    value=f"{entry.operation} {entry.ended.isoformat(timespec='seconds')}",
                ),
            ),
        )

    def _newest(self, moment: Moment) -> Entry | None:
        """Return the newest operation that is to be watched and was not told of yet."""
        for entry in entries(self._settings, limit=RECENT):
            if is_watched(entry) and entry.ended is not None:
                passed = moment.wall - entry.ended.timestamp()
                # One that ended long before the console began is history.
                recent = passed <= self._settings.health.watch.seconds + 3 * LOOK_SECONDS
                return entry if recent and entry.id != self._told else None
        return None
