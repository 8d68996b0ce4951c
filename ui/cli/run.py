"""What every command gets, and how a changing one is run."""

from __future__ import annotations

import signal
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from core.base.config.models import Settings
from core.base.kind import Effect
from core.base.operation import Context, Operation
from core.base.process import prepare_helpers
from ui.cli.output import Output, WatchedContext

Result = TypeVar("Result")
WITH_HELPERS = {Effect.STORE, Effect.CAPTURE, Effect.CHANGE}
"""What these operations do, helper processes do for them."""
WAIT_SECONDS = 10.0
"""How long a command waits for another one before it says who holds the lock."""


class Exit(IntEnum):
    """Exit codes, documented in `docs/cli.md`."""

    OK = 0
    FAILED = 1
    USAGE = 2
    DAMAGED = 3
    LOCKED = 4
    BUG = 70
    CANCELLED = 130


@dataclass(frozen=True)
class Run:
    """One call of a command."""

    settings: Settings
    args: Namespace
    output: Output

    def change(self, operation: Operation[Result]) -> Result:
        """Run a changing operation: locked, recovered first, journalled, cancelled by Ctrl+C."""
        if operation.kind.effect in WITH_HELPERS:
            prepare_helpers("core.backup.create")
        # Half of what there is to import, and most commands only look.
        from core.runner.run import run_operation  # noqa: PLC0415

        with WatchedContext() as context, cancelled_by_signals(context):
            return run_operation(
                self.settings, operation, context, "command line", wait_seconds=WAIT_SECONDS
            )

    def look(self, operation: Operation[Result]) -> Result:
        """Run an operation that changes nothing."""
        with WatchedContext() as context, cancelled_by_signals(context):
            return operation.run(context)


Command = Callable[[Run], int]


@contextmanager
def cancelled_by_signals(context: Context) -> Iterator[None]:
    """Let Ctrl+C, Ctrl+Break and SIGTERM cancel *context* instead of breaking the work off."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if sys.platform == "win32":
        numbers.append(signal.SIGBREAK)
    former = [signal.signal(number, lambda *_: context.cancel()) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, former, strict=True):
            signal.signal(number, handler)
