"""Every metric that is sampled: its key, name, unit and how it is exported.

Those of `METRICS` are the console's own.  An adapter adds what it measures of its program, each
a `Measure`, by `register`, as it is imported: one catalogue a process, to which is only added.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TypeAlias

import apsw

from core.base.model import Strict
from core.base.text import Text, translate


class Unit(StrEnum):
    """What a metric is counted in."""

    PERCENT = "percent"
    BYTES = "bytes"
    BYTES_PER_SECOND = "bytes/s"
    BYTES_PER_HOUR = "bytes/h"
    SECONDS = "seconds"
    DAYS = "days"
    COUNT = "count"
    PER_MINUTE = "/min"
    YES_NO = "yes/no"
    """1 for yes, 0 for no."""


class Kind(StrEnum):
    """How the values of a metric relate to each other."""

    GAUGE = "gauge"
    COUNTER = "counter"
    """Only grows, except when it begins anew."""


class Worse(StrEnum):
    """In which direction a metric gets worse."""

    UP = "up"
    DOWN = "down"
    NEITHER = "neither"


class Metric(Strict):
    """One metric of the catalogue; `key` may hold one ``*`` for what `label` names."""

    key: str
    name: Text
    unit: Unit
    exported: str
    """Its name for Prometheus, without prefix; in base units, counters end in ``_total``."""
    kind: Kind = Kind.GAUGE
    worse: Worse = Worse.NEITHER
    label: str = ""
    """What the ``*`` stands for, such as ``database`` or ``mount``."""
    scale: float = 1.0
    """By what a value is multiplied for Prometheus: percent become ratios, hours seconds."""
    period: float = 0.0
    """How often it is measured, in seconds; 0: at every tick."""
    notable: float = 0.0
    """Changes smaller than this are never called better or worse."""
    optional: bool = False
    """Whether not every workspace has it; then it is left out instead of shown as unknown."""
    of_console: bool = False
    """Whether it is of the console itself: no operation is judged by it."""
    most: float = math.inf
    """No value is greater; none is less than 0, but of growth."""
    answers: tuple[Text, Text] | None = None
    """What no and yes are called, of a `Unit.YES_NO`."""

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest value that there can be."""
        if self.unit is Unit.YES_NO:
            return 0.0, 1.0
        return (-math.inf if self.unit is Unit.BYTES_PER_HOUR else 0.0), self.most


PERCENT = 0.01
DAY = 86_400.0

METRICS: tuple[Metric, ...] = (
    # The machine
    Metric(key="cpu_percent", name=translate("health", "CPU"), unit=Unit.PERCENT,
           exported="machine_cpu_usage_ratio", scale=PERCENT, most=100.0,
           worse=Worse.UP, notable=10.0),
    Metric(key="memory_percent", name=translate("health", "Memory"), unit=Unit.PERCENT,
           exported="machine_memory_usage_ratio", scale=PERCENT, most=100.0,
           worse=Worse.UP, notable=5.0),
    Metric(key="disk_percent", name=translate("health", "Disk in use"), unit=Unit.PERCENT,
           exported="machine_disk_usage_ratio", scale=PERCENT, most=100.0,
           worse=Worse.UP, notable=2.0),
    Metric(key="disk_free_bytes", name=translate("health", "Disk free"), unit=Unit.BYTES,
           exported="machine_disk_free_bytes", worse=Worse.DOWN, notable=1e9),
    Metric(key="disks.*.percent", name=translate("health", "Disk in use"), unit=Unit.PERCENT,
           exported="machine_other_disk_usage_ratio", scale=PERCENT, most=100.0, label="mount",
           worse=Worse.UP, notable=2.0, period=5.0),
    Metric(key="disks.*.free_bytes", name=translate("health", "Disk free"), unit=Unit.BYTES,
           exported="machine_other_disk_free_bytes", label="mount", worse=Worse.DOWN,
           notable=1e9, period=5.0),
    Metric(key="disk_read_bytes_per_second", name=translate("health", "Disk reads"),
           unit=Unit.BYTES_PER_SECOND, exported="machine_disk_read_bytes_per_second"),
    Metric(key="disk_write_bytes_per_second", name=translate("health", "Disk writes"),
           unit=Unit.BYTES_PER_SECOND, exported="machine_disk_write_bytes_per_second"),
    Metric(key="net_received_bytes_per_second", name=translate("health", "Network in"),
           unit=Unit.BYTES_PER_SECOND, exported="machine_network_receive_bytes_per_second"),
    Metric(key="net_sent_bytes_per_second", name=translate("health", "Network out"),
           unit=Unit.BYTES_PER_SECOND, exported="machine_network_transmit_bytes_per_second"),
    # The trading program
    Metric(key="program_running", name=translate("health", "Trading program runs"),
           unit=Unit.YES_NO, exported="program_up", worse=Worse.DOWN, notable=0.5,
           answers=(translate("health", "not running"), translate("health", "running"))),
    Metric(key="program_cpu_percent", name=translate("health", "Trading program's CPU"),
           unit=Unit.PERCENT, exported="program_cpu_usage_ratio", scale=PERCENT,
           worse=Worse.UP, notable=10.0),
    Metric(key="program_rss_bytes", name=translate("health", "Trading program's memory"),
           unit=Unit.BYTES, exported="program_resident_memory_bytes", worse=Worse.UP,
           notable=50e6),
    Metric(key="program_threads", name=translate("health", "Trading program's threads"),
           unit=Unit.COUNT, exported="program_threads", worse=Worse.UP, notable=5.0),
    Metric(key="program_open_files", name=translate("health", "Trading program's open files"),
           unit=Unit.COUNT, exported="program_open_fds", worse=Worse.UP, notable=20.0),
    Metric(key="program_uptime_seconds", name=translate("health", "Trading program runs since"),
           unit=Unit.SECONDS, exported="program_uptime_seconds"),
    Metric(key="program_restarts", name=translate("health", "Restarts seen"), unit=Unit.COUNT,
           exported="program_restarts_total", kind=Kind.COUNTER),
    # Each database
    Metric(key="db.*.reachable", name=translate("health", "Database answers"), unit=Unit.YES_NO,
           exported="database_up", label="database", worse=Worse.DOWN, notable=0.5,
           answers=(translate("health", "no answer"), translate("health", "answers"))),
    Metric(key="db.*.read_seconds", name=translate("health", "Response time"),
           unit=Unit.SECONDS, exported="database_read_duration_seconds", label="database",
           worse=Worse.UP, notable=0.05),
    Metric(key="db.*.size_bytes", name=translate("health", "File size"), unit=Unit.BYTES,
           exported="database_size_bytes", label="database"),
    Metric(key="db.*.wal_bytes", name=translate("health", "WAL size"), unit=Unit.BYTES,
           exported="database_wal_bytes", label="database", worse=Worse.UP, notable=16e6),
    Metric(key="db.*.growth_bytes_per_hour", name=translate("health", "Growth"),
           unit=Unit.BYTES_PER_HOUR, exported="database_growth_bytes_per_second",
           scale=1 / 3600, label="database", period=60.0),
    Metric(key="db.*.checkpoint_overdue_seconds",
           name=translate("health", "Checkpoint overdue"), unit=Unit.SECONDS,
           exported="database_checkpoint_overdue_seconds", label="database", worse=Worse.UP,
           notable=60.0),
    Metric(key="db.*.lock_wait_seconds", name=translate("health", "Lock wait"),
           unit=Unit.SECONDS, exported="database_lock_wait_seconds", label="database",
           worse=Worse.UP, notable=0.1, period=10.0),
    Metric(key="db.*.foreign_holders", name=translate("health", "Other programs at the database"),
           unit=Unit.COUNT, exported="database_foreign_holders", label="database",
           worse=Worse.UP, notable=0.5, period=30.0),
    # The application
    Metric(key="log_errors_per_minute", name=translate("health", "Errors in the logs"),
           unit=Unit.PER_MINUTE, exported="application_log_errors_per_second", scale=1 / 60,
           worse=Worse.UP, notable=2.0),
    # The guard: what one can go back to, and whether there is room
    Metric(key="guard.restore_points", name=translate("health", "Good restore points"),
           unit=Unit.COUNT, exported="guard_restore_points", worse=Worse.DOWN, period=30.0),
    Metric(key="guard.restore_points_from_future",
           name=translate("health", "Restore points from the future"), unit=Unit.COUNT,
           exported="guard_restore_points_from_future", worse=Worse.UP, period=30.0,
           optional=True),
    Metric(key="guard.restore_point_age_seconds",
           name=translate("health", "Age of the newest restore point"), unit=Unit.SECONDS,
           exported="guard_restore_point_age_seconds", worse=Worse.UP, notable=86_400.0,
           period=30.0),
    Metric(key="guard.drill_age_seconds", name=translate("health", "Time since a restore drill"),
           unit=Unit.SECONDS, exported="guard_restore_drill_age_seconds", period=30.0),
    Metric(key="guard.disk_full_days", name=translate("health", "Days until the disk is full"),
           unit=Unit.DAYS, exported="guard_disk_full_seconds", scale=DAY, worse=Worse.DOWN,
           notable=2.0, period=600.0),
    Metric(key="guard.store_disk_percent",
           name=translate("health", "Disk of the restore points in use"), unit=Unit.PERCENT,
           exported="guard_store_disk_usage_ratio", scale=PERCENT, most=100.0, worse=Worse.UP,
           notable=2.0, optional=True),
    Metric(key="guard.store_free_bytes",
           name=translate("health", "Free for restore points"), unit=Unit.BYTES,
           exported="guard_store_free_bytes", worse=Worse.DOWN, notable=1e9, optional=True),
    Metric(key="copy_disks.*.percent",
           name=translate("health", "Disk of a copy in use"), unit=Unit.PERCENT,
           exported="guard_copy_disk_usage_ratio", scale=PERCENT, most=100.0, label="mount",
           worse=Worse.UP, notable=2.0, period=5.0),
    Metric(key="copy_disks.*.free_bytes", name=translate("health", "Free for a copy"),
           unit=Unit.BYTES, exported="guard_copy_disk_free_bytes", label="mount",
           worse=Worse.DOWN, notable=1e9, period=5.0),
    # The console itself
    Metric(key="console.tick_seconds", name=translate("health", "Duration of a tick"),
           unit=Unit.SECONDS, exported="console_tick_duration_seconds",
           optional=True, of_console=True),
    Metric(key="console.late_probes", name=translate("health", "Probes that are late"),
           unit=Unit.COUNT, exported="console_late_probes",
           optional=True, of_console=True),
    Metric(key="console.missed_ticks", name=translate("health", "Ticks missed"),
           unit=Unit.COUNT, exported="console_missed_ticks_total", kind=Kind.COUNTER,
           optional=True, of_console=True),
    Metric(key="console.history_bytes", name=translate("health", "Size of the history"),
           unit=Unit.BYTES, exported="console_history_bytes", period=10.0,
           optional=True, of_console=True),
)  # fmt: skip

_BY_KEY = {metric.key: metric for metric in METRICS}


def register(*metrics: Metric) -> tuple[Metric, ...]:
    """Add *metrics* to the catalogue and return them; raises `ValueError` for a known key."""
    for metric in metrics:
        if _BY_KEY.setdefault(metric.key, metric) is not metric:
            raise ValueError(f"there is a metric {metric.key!r} already")
    metric_of.cache_clear()
    return metrics


def catalogue(own: Sequence[Metric]) -> tuple[Metric, ...]:
    """Return the console's metrics and an adapter's *own*, these beside the errors in the logs."""
    at = METRICS.index(_BY_KEY["log_errors_per_minute"])
    return *METRICS[:at], *own, *METRICS[at:]


@cache
def metric_of(key: str) -> Metric | None:
    """Return the catalogue's entry for *key* (``db.settings.read_seconds``), None if unknown."""
    found = _BY_KEY.get(key)
    if found is not None:
        return found
    head, _, rest = key.partition(".")
    _, _, tail = rest.rpartition(".")
    return _BY_KEY.get(f"{head}.*.{tail}")


def is_of_console(key: str) -> bool:
    """Whether *key* is a metric of the console itself."""
    metric = metric_of(key)
    return metric is not None and metric.of_console


def subject_of(key: str) -> str:
    """Return what the ``*`` stands for in *key*: a database, a mount; else nothing."""
    metric = metric_of(key)
    if metric is None or not metric.label:
        return ""
    return key.partition(".")[2].rpartition(".")[0]


Measured: TypeAlias = dict[str, float]
"""Numbers by what they are of; an empty name where there is one alone."""


@dataclass(frozen=True)
class Measure:
    """One metric of the program's own, and how it comes about.

    Each database is asked every `metric.period` seconds, seldom one that holds nothing of it.
    """

    metric: Metric
    read: Callable[[apsw.Connection, Sequence[str]], Measured | None]
    """Reads it for the given subjects, all where there are none; None: nothing of it is there.
    A function of a module that imports little: it runs in a process of its own, on a read-only
    connection."""
    sampled: Callable[[Mapping[str, Measured | None], str, float], dict[str, float]]
    """The values by key, from what each database holds, the database that was read just now and
    the Unix time."""
    subjects: tuple[str, ...] = ()
    """What the ``*`` of the metric stands for, where the operator says it."""

    @property
    def reference(self) -> str:
        """Return where `read` is found, as `pkgutil.resolve_name` takes it."""
        return f"{self.read.__module__}:{self.read.__qualname__}"
