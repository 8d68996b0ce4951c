"""The machine: processor, memory, network and disks."""

from __future__ import annotations

from pathlib import Path

import psutil

from core.config.models import Settings
from core.health.probes.shape import Moment, Reading


def data_folder(settings: Settings) -> Path:
    """Return the nearest existing folder to the data, whose disk is watched."""
    return nearest(settings.databases[0].path.parent if settings.databases else settings.app)


def nearest(folder: Path) -> Path:
    """Return *folder*, or the nearest one above it that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


class MachineProbe:
    """Percentages of now, and rates since the last look."""

    name = "machine"

    def __init__(self) -> None:
        self._before: tuple[float, dict[str, int]] | None = None
        psutil.cpu_percent(None)  # the first answer is meaningless; this takes it

    def due(self, monotonic: float) -> bool:
        """At every tick."""
        return True

    def measure(self, moment: Moment) -> Reading:
        """Look at the machine; nothing here waits for a disk."""
        values = {
            "cpu_percent": psutil.cpu_percent(None),
            "memory_percent": float(psutil.virtual_memory().percent),
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


class DiskProbe:
    """How full a disk is; one that hangs (of a network, or dying) delays this probe alone."""

    def __init__(self, name: str, folder: Path, percent: str, free: str, of: Path | None) -> None:
        """Look at the disk of *folder*, but not where it is that of *of*."""
        self.name = name
        self._folder, self._percent, self._free, self._of = folder, percent, free, of

    @classmethod
    def of_data(cls, settings: Settings) -> DiskProbe:
        """Return that of the databases' disk."""
        return cls("disk", data_folder(settings), "disk_percent", "disk_free_bytes", None)

    @classmethod
    def of_store(cls, settings: Settings) -> DiskProbe:
        """Return that of the restore points' disk, where it is another one."""
        return cls(
            "store_disk", settings.store, "guard.store_disk_percent", "guard.store_free_bytes",
            data_folder(settings),
        )  # fmt: skip

    def due(self, monotonic: float) -> bool:
        """At every tick."""
        return True

    def measure(self, moment: Moment) -> Reading:
        """Look at the disk."""
        folder = nearest(self._folder)
        if self._of is not None and folder.stat().st_dev == nearest(self._of).stat().st_dev:
            return Reading({})
        disk = psutil.disk_usage(str(folder))
        return Reading({self._percent: float(disk.percent), self._free: float(disk.free)})


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
