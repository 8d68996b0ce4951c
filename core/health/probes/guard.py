"""The guard itself: is there something to go back to, and is there room for more."""

from __future__ import annotations

from core.config.models import Settings
from core.coverage import good_points
from core.health.probes.shape import Every, Moment, Reading
from core.snapshot.catalogue import Catalogue

PERIOD_SECONDS = 30.0


class GuardProbe:
    """Restore points; each manifest is read once, its annotations whenever they change."""

    name = "guard"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._catalogue = Catalogue(settings.store)
        self._every = Every(PERIOD_SECONDS)

    def due(self, monotonic: float) -> bool:
        """Every half minute."""
        return self._every.due(monotonic)

    def measure(self, moment: Moment) -> Reading:
        """Count the good restore points and tell the age of the newest.

        Every restore point was read back and checked by SQLite when it was made; a good one has
        passed that and every verification since.
        """
        self._every.done(moment.monotonic)
        good = [one for one in self._catalogue.read().points if one.good]
        values = {"guard.restore_points": float(len(good))}
        if good:
            whole = good_points(self._settings, good)
            newest = max(one.point.created for one in whole).timestamp()
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
