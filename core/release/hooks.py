"""What a deployment asks of its caller: the migrations, and the basic 7-rule strategy.

`core` knows neither; the window and the command line hand both in.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from core.base.config.models import Settings
from core.base.operation import Context
from core.base.text import Text
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


class StrategyCheck(Protocol):
    """Runs the basic 7-rule strategy (기본 7규칙 전략) on a copy of what is live."""

    def __call__(self, context: Context, settings: Settings) -> Text:
        """Return what it did, as evidence; raises `OperationError` where it does not run."""
        ...


@dataclass(frozen=True)
class Hooks:
    """What the caller hands in; None: that step is skipped, and said so."""

    migrations: Migrations | None = None
    strategy: StrategyCheck | None = None
