"""The machine: processor, memory, disk and network."""

from __future__ import annotations

from pathlib import Path

import psutil

from core.config.models import Settings
from core.health.probes.shape import Moment, Reading


def data_folder(settings: Settings) -> Path:
    """Return the nearest existing folder to the data, whose disk is watched."""
    folder = settings.databases[0].path.parent if settings.databases else settings.app
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


class MachineProbe:
    """Percentages of now, and rates since the last look."""

    name = "machine"

    def __init__(self, settings: Settings) -> None:
        self._folder = data_folder(settings)
        self._before: tuple[float, dict[str, int]] | None = None
        psutil.cpu_percent(None)  # the first answer is meaningless; this takes it

    def due(self, monotonic: float) -> bool:
        """At every tick."""
        return True

    def measure(self, moment: Moment) -> Reading:
        """Look at the machine."""
        disk = psutil.disk_usage(str(self._folder))
        values = {
            "cpu_percent": psutil.cpu_percent(None),
            "memory_percent": float(psutil.virtual_memory().percent),
            "disk_percent": float(disk.percent),
            "disk_free_bytes": float(disk.free),
        }
        counts = _counts()
        if self._before is not None:
            seconds = moment.monotonic - self._before[0]
            for key, count in counts.items():
                grown = count - self._before[1].get(key, count)
                # Counters begin anew when a device comes or goes.
                if seconds > 0 and grown >= 0:
                    values[key] = grown / seconds
        self._before = (moment.monotonic, counts)
        return Reading(values)


def _counts() -> dict[str, int]:
    counts = {}
    disk = psutil.disk_io_counters()
    if disk is not None:  # containers may show no disks
        counts["disk_read_bytes_per_second"] = disk.read_bytes
        counts["disk_write_bytes_per_second"] = disk.write_bytes
    network = psutil.net_io_counters()
    if network is not None:
        counts["net_received_bytes_per_second"] = network.bytes_recv
        counts["net_sent_bytes_per_second"] = network.bytes_sent
    return counts
