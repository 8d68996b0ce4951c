"""What deployments are made of, what is asked of their caller, and what becomes of one.

`core` knows neither migrations nor the program: the window and the command line hand both in, as
`Hooks`.  Times are UTC, durations seconds, sizes bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from core.base.config.models import Settings
from core.base.model import Strict
from core.base.operation import Context, Step
from core.base.text import Text
from core.program.release import Artefact, Pointer

if TYPE_CHECKING:
    from core.release.checks import Subject
    from core.switchover.engine import DataChange, Saved, Switched
    from core.switchover.keep import Kept


class CheckState(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    """Worth knowing; no obstacle."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """It does not apply, or could not be made because another one failed."""
    OVERRIDDEN = "overridden"
    """It failed, and the operator typed a reason to go on."""


class CheckResult(Strict):
    """One thing that was looked at before a deployment."""

    name: str = ""
    """Stable and English: ``python``, ``disk_space`` …"""
    what: Text | None = None
    """What an adapter's check looks at; None: a check of core."""
    state: CheckState
    evidence: Text
    """What was found."""
    remedy: Text | None = None
    """What to do about it; that nothing has to be done, where nothing is wrong."""
    overridable: bool = False
    """Whether a deployment may go on with a typed reason although it failed."""
    reason: str | None = None
    """The reason that the operator typed."""

    @property
    def open(self) -> bool:
        """Whether there is something to do about it."""
        return self.state not in {CheckState.OK, CheckState.SKIPPED}


class Changes(Strict):
    """What the files and packages of a release are, against those of the one before."""

    added: int
    changed: int
    removed: int
    examples: tuple[str, ...] = ()
    """Some of the paths, each with ``+``, ``~`` or ``-`` before it."""
    packages: tuple[str, ...] = ()
    """``+``/``-`` and ``name==version``."""
    migrations: tuple[str, ...] = ()


class RecordKind(StrEnum):
    """What an entry of the deployment log tells of."""

    DEPLOY = "deploy"
    ROLLBACK = "rollback"
    REHEARSAL = "rehearsal"
    RECOVERY = "recovery"


class Ending(StrEnum):
    """How it ended."""

    DONE = "done"
    UNDONE = "undone"
    """It failed, and everything is as it was."""
    UNTOUCHED = "untouched"
    """It failed or was cancelled before the program was asked to stop."""
    STUCK = "stuck"
    """It failed, and so did going back: the operator is needed."""


class Record(Strict):
    """One entry of the deployment log."""

    number: int
    kind: RecordKind
    deployment: str
    begun: datetime
    ended: datetime
    ending: Ending
    by: str
    artefact: str | None = None
    """The digest of what was deployed."""
    version: str | None = None
    before: Pointer | None = None
    before_command: tuple[str, ...] | None = None
    """How the program was started where no release was in production."""
    after: Pointer | None = None
    restore_point: str | None = None
    """The data as it was when the program had stopped."""
    kept_point: str | None = None
    """What the release wrote, kept when its data went back."""
    downtime_seconds: float | None = None
    checks: tuple[CheckResult, ...] = ()
    changes: Changes | None = None
    steps: tuple[Step, ...] = ()
    failure: Text | None = None
    previous_hash: str
    """The hash of the entry before, 64 zeros for the first."""


class Logged(Strict):
    """An entry together with its hash."""

    record: Record
    hash: str


class DeployPlanResult(Strict):
    """What a deployment would do, and whether it may."""

    artefact: Artefact | None
    current: Pointer | None
    checks: tuple[CheckResult, ...]
    ready: bool
    """Whether no check failed."""
    migrations: tuple[str, ...]
    """Pending ones that this deployment brings."""
    way_back: Text
    estimate: tuple[Step, ...]
    """The steps of the newest rehearsal or deployment of this artefact, else of any."""
    estimated_downtime_seconds: float | None


class DeployResult(Strict):
    """A deployment, or going back, that went well."""

    deployment: str
    artefact: Artefact | None
    release: str | None
    """None: the program as it was before the first deployment."""
    version: str | None
    restore_point: str | None
    kept_point: str | None
    program_pid: int | None
    downtime_seconds: float
    checks: tuple[CheckResult, ...]
    changes: Changes | None
    steps: tuple[Step, ...]
    report: Path | None


class RehearsalResult(Strict):
    """A rehearsal that went well: nothing in production was touched."""

    artefact: Artefact | None
    checks: tuple[CheckResult, ...]
    steps: tuple[Step, ...]
    downtime_seconds: float
    """The estimate: from the request to stop until the new program was verified."""
    total_seconds: float
    migrations: tuple[str, ...]


class DeployStatus(Strict):
    """What is in production now."""

    pointer: Pointer | None
    running_pid: int | None
    interrupted: str | None
    """The id of a deployment that was cut off, so that recovery is due."""
    releases: tuple[str, ...]
    """Complete ones, newest first."""
    log_problem: Text | None
    configured: bool


class StagedMigration(Protocol):
    """A migrated set of files beside the live ones."""

    @property
    def data(self) -> DataChange:
        """How it becomes live."""
        ...

    def conclude(self, context: Context, switched: Switched, kept: Kept) -> object:
        """Write down what was done, once it is live and what it replaced is *kept*."""
        ...


class Migrations(Protocol):
    """The migrations of the trading program's databases."""

    def pending(self, context: Context, settings: Settings) -> tuple[str, ...]:
        """Return what would run, as ``database: script``; raises `OperationError`."""
        ...

    def staged(
        self, context: Context, settings: Settings, saved: Saved
    ) -> AbstractContextManager[StagedMigration]:
        """Migrate a copy of the live data and prove it, while the program runs.

        *saved* is the present, as the caller saved it.  What was staged and did not become live
        is gone at the end.  Raises `OperationError` with nothing changed.
        """
        ...


@dataclass(frozen=True)
class Proof:
    """Runs what the program lives by on a copy of what is live."""

    finding: str
    """Its name among the findings of a verification."""
    what: Text
    run: Callable[[Context, Settings], Text]
    """Returns what it did, as evidence; raises `OperationError` where it does not run."""


@dataclass(frozen=True)
class LiveChecks:
    """Checks of what is live that only the program's adapter can make."""

    names: Mapping[str, Text]
    """What they look at, by their names."""
    run: Callable[[Context, Subject], list[CheckResult]]
    """Returns one result each, or none at all."""


@dataclass(frozen=True)
class Hooks:
    """What the caller hands in; None: there is no such step."""

    migrations: Migrations | None = None
    proof: Proof | None = None
    checks: LiveChecks | None = None

    def check(self, context: Context, subject: Subject) -> list[CheckResult]:
        """Return the results of the adapter's checks."""
        if self.checks is None:
            return []
        names = self.checks.names
        return [
            one.model_copy(update={"what": names.get(one.name)})
            for one in self.checks.run(context, subject)
        ]
