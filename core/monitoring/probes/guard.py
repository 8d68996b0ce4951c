"""The guard itself: is there something to go back to, and is there room for more."""

from __future__ import annotations

from datetime import UTC, datetime

from core.backup.catalogue import Catalogue
from core.backup.coverage import good_points
from core.backup.order import SLACK, is_from_future, state_of
from core.base.config.models import Settings
from core.monitoring.probes.shape import Every, Moment, Reading

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
        now = datetime.fromtimestamp(moment.wall, UTC)
        good = [one for one in self._catalogue.read().points if one.good]
        # What is dated later than now has no age: that of the newest before it counts.
        aged = [one for one in good if not is_from_future(one, now)]
        values = {
            "guard.restore_points": float(len(good)),
            "guard.restore_points_from_future": float(len(good) - len(aged)),
        }
        if aged:
            newest = good_points(self._settings, aged)[0]
            drills = [
                proof.at
                for one in good
                if (proof := one.annotations.full) is not None
                and proof.ok
                and proof.at <= now + SLACK
            ]
            # Where none was ever drilled, one has been due since the oldest was made.
            drilled = max(drills) if drills else min(one.point.created for one in aged)
            values["guard.restore_point_age_seconds"] = _age(moment, state_of(newest))
            values["guard.drill_age_seconds"] = _age(moment, drilled)
        return Reading(values)


def _age(moment: Moment, at: datetime) -> float:
    return max(0.0, moment.wall - at.timestamp())
