"""The validated settings of the console for one trading program.

Times of day are local time; durations are seconds unless the name says otherwise.
"""

from __future__ import annotations

import os
from datetime import time
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from core.base.config.health import HealthSettings
from core.base.metrics import Measure
from core.base.model import Strict


class Section(Strict):
    """A part of the configuration: frozen, and unknown keys are refused."""


class OutputSettings(Section):
    """The logs of standard output and standard error; each takes at most max_mb × (keep + 1)."""

    max_mb: float = Field(default=10.0, gt=0, le=1_000)
    keep: int = Field(default=5, ge=1, le=100)
    """How many full ones are kept beside the one that is written."""

    @property
    def max_bytes(self) -> int:
        """The size in bytes at which a log is rotated."""
        return max(1, round(self.max_mb * 1024 * 1024))


class RestartSettings(Section):
    """When the supervisor starts the program again, and when it gives up."""

    restart: Literal["on-failure", "always", "never"] = "on-failure"
    """on-failure: not after an orderly end (exit code 0), as when its window was closed."""
    first_seconds: float = Field(default=1.0, ge=0, le=3_600)
    """The pause before the first restart; each further one is twice as long."""
    longest_seconds: float = Field(default=60.0, ge=0, le=86_400)
    restarts: int = Field(default=5, ge=0, le=1_000)
    """So many restarts are allowed …"""
    within_minutes: float = Field(default=10.0, gt=0, le=10_080)
    """… within this time; one more, and the supervisor gives up."""
    settled_minutes: float = Field(default=10.0, gt=0, le=10_080)
    """A program that ran for this long counts as well: its next end is the first again."""

    @model_validator(mode="after")
    def _in_order(self) -> RestartSettings:
        if self.longest_seconds < self.first_seconds:
            raise ValueError("longest_seconds must not be less than first_seconds")
        return self


class GuardedFile(Section):
    """One file that is backed up and rolled back: a database, or a file paired with them."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    path: Path
    """The real file: SQLite keeps a ``-wal`` beside that, whatever link it was opened by."""
    kind: Literal["database", "paired"] = "database"
    configured: Path | None = None
    """What the operator and the program call it, where that is another path than the real one."""

    @property
    def known_as(self) -> Path:
        """Return the path by which the trading program knows the file."""
        return self.configured or self.path


class VariableSettings(Section):
    """By which environment variables the program is told what; none: it reads none of that.

    Of several for one thing the first is the one that the program goes by.
    """

    stage: tuple[str, ...] = ()
    log_level: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()
    config: tuple[str, ...] = ()
    backups: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """All of them."""
        return frozenset().union(
            self.stage, self.log_level, self.data, self.logs, self.config, self.backups
        )

    @property
    def logs_name(self) -> str:
        """The variable that moves the program's logs, empty where there is none."""
        return next(iter(self.logs), "")


class VersionSettings(Section):
    """Where the program writes its own version: what restore points are labelled with."""

    table: str
    """The database that has it answers."""
    query: str
    """Returns the version in its first column."""


class OwnConfiguration(Section):
    """The program's own configuration files, relative to its folder."""

    paths: tuple[str, ...] = ()
    """YAML files that say where its databases lie, each later one above those before it."""
    backups: str | None = None
    """The YAML file that says, under ``backup.directory``, where it keeps its backups."""


class ProgramSettings(Section):
    """How the trading program is recognised, started and stopped."""

    script: str = "main.py"
    """Its main script, by which it is found among the processes of the program's folder."""
    variables: VariableSettings = VariableSettings()
    own: OwnConfiguration = OwnConfiguration()
    version: VersionSettings | None = None
    start: tuple[str, ...] | None = None
    """The command as an argument list; None: as it was running, else Python and `script`."""
    environment: dict[str, str] = Field(default_factory=dict)
    stop_seconds: float = Field(default=30.0, gt=0, le=600)
    start_seconds: float = Field(default=30.0, gt=0, le=600)
    output: OutputSettings = OutputSettings()
    supervise: RestartSettings = RestartSettings()


class RetentionSettings(Section):
    """How many restore points are kept; one may be kept for several reasons."""

    last: int = Field(default=10, ge=1)
    hourly: int = Field(default=24, ge=0)
    daily: int = Field(default=14, ge=0)
    weekly: int = Field(default=8, ge=0)
    monthly: int = Field(default=12, ge=0)
    safety_days: int = Field(default=14, ge=1)
    """Days for which a restore point made before a rollback, migration or deployment stays.

    Days count as far as restore points tell of them: a longer pause between two counts as one day,
    since a clock that jumped ahead looks the same.
    """


class ScheduleSettings(Section):
    """When backups and restore drills are made by themselves; None: never."""

    every_minutes: int | None = Field(default=None, ge=5)
    at: time | None = None
    quick_verify_days: int | None = Field(default=1, ge=1)
    full_verify_days: int | None = Field(default=7, ge=1)
    check: Literal["before", "after"] = "before"
    """Whether SQLite checks a restore point before it exists, or once it does: it is there sooner,
    and nobody goes back to it until its check is done."""

    @model_validator(mode="after")
    def _one_rule(self) -> ScheduleSettings:
        if self.every_minutes is not None and self.at is not None:
            raise ValueError("give either every_minutes or at, not both")
        return self


class Settings(Section):
    """Everything the console knows about one trading program and its guarded files."""

    app: Path
    """The trading program's folder."""
    home: Path
    """The console's own folder: its state, its lock, its logs, its intent journal."""
    store: Path
    """The folder of the restore points."""
    files: tuple[GuardedFile, ...]
    program: ProgramSettings = ProgramSettings()
    retention: RetentionSettings = RetentionSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    health: HealthSettings = HealthSettings()
    language: Literal["ko", "en"] = "ko"
    migrations: Path | None = None
    """The folder of the scripts that migrate its databases; None: there are none."""

    examples: Path | None = None
    """The folder of the commented default of `production_config.yaml`; None: core's own."""

    deployment: ClassVar[type[Section] | None] = None
    """An adapter's model of `production_config.yaml`, a `DeploymentConfig`; None: core's."""

    @model_validator(mode="after")
    def _one_name_each(self) -> Settings:
        names: dict[str, str] = {}
        for file in self.files:
            other = names.setdefault(os.path.normcase(file.path), file.name)
            if other != file.name:
                raise ValueError(f"{other} and {file.name} are one file: {file.path}")
        return self

    @property
    def databases(self) -> tuple[GuardedFile, ...]:
        """The guarded databases, without the files paired with them."""
        return tuple(file for file in self.files if file.kind == "database")

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What an adapter measures of the program beside what core does."""
        return ()

    @property
    def data_folder(self) -> Path:
        """The folder in which the trading program finds its databases."""
        return self.databases[0].known_as.parent if self.databases else self.app / "data"

    @property
    def own_folders(self) -> tuple[Path, ...]:
        """The folders in which the console, and a program that it starts, leave files."""
        return self.home, self.store, self.app / "deployment", self.app / self.health.logs

    def is_database(self, name: str) -> bool:
        """Whether a guarded database is called *name*."""
        return any(file.name == name for file in self.databases)

    def file(self, name: str) -> GuardedFile:
        """Return the guarded file called *name*; raises `KeyError`."""
        for file in self.files:
            if file.name == name:
                return file
        raise KeyError(name)
