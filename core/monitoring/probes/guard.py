"""The guard itself: restore points, the place of the data, and what the console does just now."""

from __future__ import annotations

from datetime import UTC, datetime

import psutil
from pydantic import ValidationError

from core.backup.catalogue import Catalogue
from core.backup.coverage import good_points
from core.backup.order import SLACK, is_from_future, state_of
from core.base.config.models import Settings
from core.base.lock import LockHolder
from core.base.operation import Effect, kind_of
from core.base.placement import advice_on, placement_of
from core.base.text import translate
from core.monitoring.models import Every, Fact, Moment, Reading, State

POINTS_SECONDS = 30.0


class GuardProbe:
    """Restore points; each manifest is read once, its annotations whenever they change."""

    name = "guard"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._catalogue = Catalogue(settings.store)
        self._every = Every(POINTS_SECONDS)

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
        good = [point for point in self._catalogue.read().points if point.good]
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


PLACE_SECONDS = 300.0


class PlaceProbe:
    """Tells when the data is not this machine's alone."""

    name = "place"

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.data_folder
        self._every = Every(PLACE_SECONDS)

    def due(self, monotonic: float) -> bool:
        """Every five minutes: folders and mounts change rarely."""
        return self._every.due(monotonic)

    def measure(self, moment: Moment) -> Reading:
        """Look where the data folder lies."""
        self._every.done(moment.monotonic)
        found = placement_of(self._folder)
        if found is None:
            return Reading({})
        fact = Fact(
            key="data_place", name=translate("health", "Place of the data"), value=found.by,
            state=State.WARNING, advice=advice_on(found),
        )  # fmt: skip
        return Reading({}, (fact,))


class OperationProbe:
    """Read from the console's folder, on a thread of its own: that may lie on a disk that hangs."""

    name = "operation"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.swapping = False
        """Whether an operation may stop the program or swap its files, as last seen."""

    def due(self, monotonic: float) -> bool:
        """At every tick."""
        return True

    def measure(self, moment: Moment) -> Reading:
        """Look; nothing is sampled."""
        self.swapping = swaps(running_operation(self._settings))
        return Reading({})


def running_operation(settings: Settings) -> LockHolder | None:
    """Return the operation that holds the console's lock, None when there is none.

    Reads what the holder wrote down instead of trying the lock, which would make an operation
    that begins at that instant find it taken.
    """
    try:
        holder = LockHolder.model_validate_json((settings.home / "console.lock.json").read_bytes())
        begun = psutil.Process(holder.pid).create_time()
    except (OSError, ValidationError, psutil.Error):
        return None  # none, or its process died
    return holder if begun <= holder.since.timestamp() + 1 else None


def changes_program(name: str) -> bool:
    """Whether the operation called *name* swaps the program or its data."""
    kind = kind_of(name)
    return kind is not None and kind.effect is Effect.CHANGE


def swaps(operation: LockHolder | None) -> bool:
    """Whether *operation* may stop the program or swap the databases' files."""
    kind = kind_of(operation.what) if operation is not None else None
    return kind is not None and kind.may_stop_program
