"""The settings of the health view: what is sampled, kept, alerted and told to whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, field_validator, model_validator

from core.base.metrics import metric_of
from core.base.model import Strict
from core.base.text import Text


class HealthSection(Strict):
    """A part of the configuration: frozen; unknown keys and what is no number are refused."""

    model_config = ConfigDict(allow_inf_nan=False)


class AlertRule(HealthSection):
    """When one metric is not as it should be; durations in seconds.

    It fires when the metric was beyond its threshold for `for_seconds` in all within the last
    2.5 times as long, and is resolved when it was back behind `clear` for `clear_seconds`
    without a break.
    """

    metric: str = Field(min_length=1, max_length=100)
    """A key of the catalogue; ``*`` stands for any name: ``db.*.read_seconds``."""
    above: float | None = None
    below: float | None = None
    clear: float | None = None
    """Where it is well again; None: a twentieth of the threshold on the good side of it."""
    for_seconds: float = Field(default=20.0, ge=0, le=86_400)
    clear_seconds: float = Field(default=60.0, ge=0, le=86_400)
    severity: Literal["warning", "critical"] = "warning"
    enabled: bool = True
    quiet_during_operations: bool = False
    """Whether what the console itself does (a rollback stops the program) counts as no breach."""
    needs_program: bool = False
    """Whether it says nothing while the trading program does not run, which is told itself."""
    title: str = Field(default="", max_length=200)
    """The operator's own words for it; empty: the built-in ones."""
    built_in: Text | None = None
    """What an adapter calls a rule of its own."""

    @model_validator(mode="after")
    def _consistent(self) -> AlertRule:
        if (self.above is None) == (self.below is None):
            raise ValueError("give either above or below")
        if self.clear is not None and not self.behind(self.clear):
            raise ValueError("clear must lie on the good side of the threshold")
        self._fits_metric()
        return self

    def _fits_metric(self) -> None:
        """Refuse a rule that could never fire, or would for ever: it would be trusted in vain."""
        metric = metric_of(self.metric)
        if metric is None:
            raise ValueError(f"there is no metric {self.metric!r}")
        low, high = metric.bounds
        if not low <= self.threshold <= high:
            raise ValueError(f"{self.metric} is never beyond {low:g} or {high:g}")
        if self.threshold == (high if self.above is not None else low):
            raise ValueError(f"{self.metric} is never beyond {self.threshold:g}")

    @property
    def threshold(self) -> float:
        """The limit, above or below."""
        return self.above if self.above is not None else float(self.below or 0.0)

    @property
    def clear_at(self) -> float:
        """The value at which it counts as well again."""
        if self.clear is not None:
            return self.clear
        margin = abs(self.threshold) * 0.05
        return self.threshold - margin if self.above is not None else self.threshold + margin

    def breached(self, value: float) -> bool:
        """Whether *value* is beyond the threshold."""
        return value > self.threshold if self.above is not None else value < self.threshold

    def behind(self, value: float, limit: float | None = None) -> bool:
        """Whether *value* is on the good side of *limit* (the threshold), or on it."""
        limit = self.threshold if limit is None else limit
        return value <= limit if self.above is not None else value >= limit


HOUR = 3600.0
DEFAULT_RULES: dict[str, dict[str, object]] = {
    "cpu": {"metric": "cpu_percent", "above": 80.0, "clear": 75.0},
    "memory": {"metric": "memory_percent", "above": 85.0, "clear": 82.0},
    "disk": {"metric": "disk_percent", "above": 90.0, "clear": 89.0, "severity": "critical"},
    "other_disk": {
        "metric": "disks.*.percent", "above": 90.0, "clear": 89.0, "severity": "critical",
    },
    "response_time": {
        "metric": "db.*.read_seconds", "above": 1.0, "clear": 0.5, "for_seconds": 5.0,
    },
    "database_unreachable": {
        "metric": "db.*.reachable", "below": 1.0, "clear": 1.0, "for_seconds": 3.0,
        "clear_seconds": 10.0, "severity": "critical", "quiet_during_operations": True,
    },
    "program_not_running": {
        "metric": "program_running", "below": 1.0, "clear": 1.0, "for_seconds": 10.0,
        "clear_seconds": 10.0, "severity": "critical", "quiet_during_operations": True,
    },
    "lock_wait": {"metric": "db.*.lock_wait_seconds", "above": 1.0, "for_seconds": 20.0},
    "wal_large": {
        "metric": "db.*.wal_bytes", "above": 256.0 * 1024 * 1024, "for_seconds": 60.0,
    },
    "checkpoint_overdue": {"metric": "db.*.checkpoint_overdue_seconds", "above": 600.0},
    "log_errors": {
        "metric": "log_errors_per_minute", "above": 10.0, "clear": 2.0, "for_seconds": 30.0,
    },
    "no_restore_point": {"metric": "guard.restore_points", "below": 1.0, "clear": 1.0,
                         "for_seconds": 60.0, "clear_seconds": 0.0},
    "restore_point_old": {
        "metric": "guard.restore_point_age_seconds", "above": 26 * HOUR, "for_seconds": 60.0,
        "clear_seconds": 0.0,
    },
    "restore_point_from_future": {
        "metric": "guard.restore_points_from_future", "above": 0.0, "for_seconds": 60.0,
        "clear_seconds": 0.0,
    },
    "drill_overdue": {
        "metric": "guard.drill_age_seconds", "above": 14 * 24 * HOUR, "for_seconds": 60.0,
        "clear_seconds": 0.0,
    },
    "store_disk": {
        "metric": "guard.store_disk_percent", "above": 90.0, "clear": 89.0,
    },
    "copy_disk": {
        "metric": "copy_disks.*.percent", "above": 90.0, "clear": 89.0,
    },
    "disk_full_soon": {
        "metric": "guard.disk_full_days", "below": 7.0, "clear": 9.0, "for_seconds": 60.0,
    },
}  # fmt: skip
"""The rules that hold unless the configuration changes them.

The task's are CPU 80 %, memory 85 %, disk 90 %, response time 1.0 s, database unreachable and
program not running, the others the console's own.
"""


class WatchSettings(HealthSection):
    """What is watched after a migration, rollback or deployment, and what makes it worse."""

    seconds: float = Field(default=900.0, ge=0, le=86_400)
    """How long; 0: not at all."""
    settle_seconds: float = Field(default=30.0, ge=0, le=3_600)
    """How long the program may take to come to rest before its numbers count."""
    rules: tuple[str, ...] = (
        "program_not_running", "database_unreachable", "response_time", "log_errors", "lock_wait",
    )  # fmt: skip
    """The alert rules of which a new incident means that health is worse."""
    metrics: tuple[str, ...] = (
        "db.*.read_seconds", "log_errors_per_minute", "program_rss_bytes", "program_cpu_percent",
    )  # fmt: skip
    """The metrics that are compared with the time before."""
    worse_metrics: int = Field(default=2, ge=1)
    """How many of these must be clearly worse to call health worse without an incident."""
    when_worse: Literal["offer", "perform"] = "offer"
    """Whether the rollback is offered to the operator or performed."""

    @field_validator("metrics")
    @classmethod
    def _of_the_catalogue(cls, metrics: tuple[str, ...]) -> tuple[str, ...]:
        for metric in metrics:
            if metric_of(metric) is None:
                raise ValueError(f"there is no metric {metric!r}")
        return metrics


class HealthSettings(HealthSection):
    """Everything about sampling, history, alerts and the exporter; durations in seconds."""

    defaults: ClassVar[Mapping[str, Mapping[str, object]]] = DEFAULT_RULES
    """The rules that hold unless the configuration changes them."""

    interval_seconds: float = Field(default=1.0, ge=0.1, le=60.0)
    logs: str = "logs"
    """The folder of the trading program's logs, relative to its own."""
    history_max_mb: int = Field(default=300, ge=8, le=100_000)
    rules: dict[str, AlertRule] = Field(default={}, validate_default=True)
    """By name; what is given here is laid over `defaults`, name by name and key by key."""
    webhook_url: str | None = None
    webhook_timeout_seconds: float = Field(default=5.0, gt=0, le=60)
    webhook_tries: int = Field(default=5, ge=1, le=20)
    exporter: bool = False
    exporter_port: int = Field(default=9188, ge=0, le=65_535)
    """On 127.0.0.1; 0: one that is free."""
    watch: WatchSettings = WatchSettings()

    @field_validator("rules", mode="before")
    @classmethod
    def _over_defaults(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        merged: dict[object, object] = {}
        merged.update((name, dict(rule)) for name, rule in cls.defaults.items())
        for name, rule in given.items():
            default = cls.defaults.get(name) if isinstance(name, str) else None
            merged[name] = _laid_over(dict(default or {}), rule) if isinstance(rule, dict) else rule
        return merged

    @model_validator(mode="after")
    def _watch_knows_its_rules(self) -> HealthSettings:
        unknown = [name for name in self.watch.rules if name not in self.rules]
        if unknown:
            raise ValueError(f"watch.rules names {unknown[0]!r}, which is no rule")
        return self

    @field_validator("webhook_url")
    @classmethod
    def _http(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must begin with http:// or https:// and name a host")
        return url


def _laid_over(default: dict[str, object], given: dict[str, object]) -> dict[str, object]:
    merged = default | given
    # A limit of the other kind, or a limit without its own way back, replaces the default's.
    limits = given.keys() & {"above", "below"}
    for other in {"above", "below"} - limits if limits else set():
        merged.pop(other, None)
    if limits and "clear" not in given:
        merged.pop("clear", None)
    return merged
