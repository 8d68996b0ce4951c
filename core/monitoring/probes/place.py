"""Where the data lies: on a disk of this machine, on a network, or in a folder that is synced."""

from __future__ import annotations

from core.base.config.models import Settings
from core.base.placement import advice_on, placement_of
from core.base.text import translate
from core.monitoring.models import Fact, State
from core.monitoring.probes.shape import Every, Moment, Reading

PERIOD_SECONDS = 300.0


class PlaceProbe:
    """Tells when the data is not this machine's alone."""

    name = "place"

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.data_folder
        self._every = Every(PERIOD_SECONDS)

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
