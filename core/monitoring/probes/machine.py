"""The machine: processor, memory, network and disks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import psutil

from core.backup.targets import known_targets
from core.base.config.models import Settings
from core.base.files import nearest_folder
from core.base.placement import disk_of
from core.base.text import translate
from core.monitoring.models import Every, Fact, Moment, Reading

PERIOD_SECONDS = 5.0


def data_folder(settings: Settings) -> Path:
    """Return the nearest existing folder to the data, whose disk is the main one."""
    place = settings.databases[0].path.parent if settings.databases else settings.app
    return nearest_folder(place)


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
        folder = nearest_folder(self._folder)
        if self._of is not None and folder.stat().st_dev == nearest_folder(self._of).stat().st_dev:
            return Reading({})
        disk = psutil.disk_usage(str(folder))
        return Reading({self._percent: float(disk.percent), self._free: float(disk.free)})


class Place(NamedTuple):
    """A folder whose disk is watched, and what people know it for."""

    what: str
    folder: Path


class DisksProbe:
    """How full every other disk is that is needed: each is named by where it is mounted."""

    def __init__(
        self,
        name: str,
        places: Callable[[], Iterable[Place]],
        elsewhere: Callable[[], Iterable[Place]],
    ) -> None:
        """Look at the disks of *places*, but not at those of *elsewhere*, which others look at.

        The metrics are called ``name.MOUNT.percent`` and ``name.MOUNT.free_bytes``.
        """
        self.name = name
        self._places, self._elsewhere = places, elsewhere
        self._every = Every(PERIOD_SECONDS)

    @classmethod
    def of_files(cls, settings: Settings) -> DisksProbe:
        """Return that of the guarded files and the console's own folder."""
        return cls("disks", lambda: _needed(settings), lambda: _main(settings))

    @classmethod
    def of_copies(cls, settings: Settings) -> DisksProbe:
        """Return that of the copies of the store, as far as their disks are there."""

        def copies() -> Iterable[Place]:
            return [Place("copy", one) for one in known_targets(settings) if one.is_dir()]

        return cls("copy_disks", copies, lambda: (*_main(settings), *_needed(settings)))

    def due(self, monotonic: float) -> bool:
        """Every five seconds."""
        return self._every.due(monotonic)

    def measure(self, moment: Moment) -> Reading:
        """Look at the disks, and tell what lies on each."""
        self._every.done(moment.monotonic)
        others = {disk_of(place.folder).device for place in self._elsewhere()}
        found: dict[Path, list[str]] = {}
        for place in self._places():
            disk = disk_of(place.folder)
            if disk.device not in others:
                found.setdefault(disk.mount, []).append(place.what)
        values, facts = {}, []
        for mount, needed in found.items():
            disk_usage = psutil.disk_usage(str(mount))
            values[f"{self.name}.{mount}.percent"] = float(disk_usage.percent)
            values[f"{self.name}.{mount}.free_bytes"] = float(disk_usage.free)
            name = translate("health", "On the disk {mount}", mount=mount)
            told = ", ".join(dict.fromkeys(needed))
            facts.append(Fact(key=f"{self.name}.{mount}", name=name, value=told))
        return Reading(values, tuple(facts))


def _main(settings: Settings) -> tuple[Place, ...]:
    return Place("data", data_folder(settings)), Place("store", settings.store)


def _needed(settings: Settings) -> tuple[Place, ...]:
    files = (Place(file.name, file.path.parent) for file in settings.files)
    return (*files, Place("home", settings.home))


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
