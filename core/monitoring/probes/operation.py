"""Whether the console itself is at work on the program or its files."""

from __future__ import annotations

from core.base.config.models import Settings
from core.monitoring.operations import running_operation, swaps
from core.monitoring.probes.shape import Moment, Reading


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
