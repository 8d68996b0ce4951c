"""What a deployment asks of its caller: the migrations, and what an adapter knows of the program.

`core` knows neither; the window and the command line hand both in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from core.base.config.models import Settings
from core.base.operation import Context
from core.base.text import Text
from core.release.checks import Subject
from core.release.models import CheckResult
from core.switchover.engine import DataChange, Saved, Switched
from core.switchover.keep import Kept


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
