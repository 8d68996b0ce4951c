"""What a deployment asks of its caller: the migrations, and the basic 7-rule strategy.

`core` knows neither; the window and the command line hand both in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.base.config.models import Settings
from core.base.operation import Context
from core.base.text import Text


class Migrations(Protocol):
    """The migrations of the trading program's databases."""

    def pending(self, context: Context, settings: Settings) -> tuple[str, ...]:
        """Return what would run, as ``database: script``; raises `OperationError`."""
        ...

    def run(self, context: Context, settings: Settings) -> tuple[str, ...]:
        """Migrate while the program is stopped and return what ran.

        The program is not started.  Raises `OperationError` with the data as it was.
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
