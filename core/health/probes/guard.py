"""The guard itself: is there something to go back to, and is there room for more."""

from __future__ import annotations

from core.config.models import Settings
from core.health.probes.shape import Every, Moment, Reading
from core.snapshot.models import ListedPoint
from core.snapshot.store import Store

PERIOD_SECONDS = 30.0


class GuardProbe:
    """Restore points; the manifests are read again only when their folder changed."""

    name = "guard"

    def __init__(self, settings: Settings) -> None:
        self._store = Store(settings.store)
        self._every = Every(PERIOD_SECONDS)
        self._stamp: int | None = None
        self._listed: tuple[ListedPoint, ...] = ()

    def due(self, monotonic: float) -> bool:
        """Every half minute."""
        return self._every.due(monotonic)

    def measure(self, moment: Moment) -> Reading:
        """Count the good restore points and tell the age of the newest.

        Every restore point was read back and checked by SQLite when it was made; a good one has
        passed that and every verification since.
        """
        self._every.done(moment.monotonic)
        try:
            stamp: int | None = self._store.points.stat().st_mtime_ns
        except FileNotFoundError:
            stamp = None
        if stamp != self._stamp or stamp is None:
            self._listed = self._store.listed() if stamp is not None else ()
            self._stamp = stamp
        good = [one for one in self._listed if one.good]
        values = {"guard.restore_points": float(len(good))}
        if good:
            newest = max(one.point.created for one in good).timestamp()
            drills = [
                one.annotations.full.at
                for one in good
                if one.annotations.full is not None and one.annotations.full.ok
            ]
            # Where none was ever drilled, one has been due since the oldest was made.
            drilled = max(drills) if drills else min(one.point.created for one in good)
            values["guard.restore_point_age_seconds"] = max(0.0, moment.wall - newest)
            values["guard.drill_age_seconds"] = max(0.0, moment.wall - drilled.timestamp())
        return Reading(values)
