"""The way back from an operation after which health is worse."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from core.base.config.models import Settings
from core.base.kind import Kind, kind_of
from core.base.operation import Context, Operation, OperationError
from core.base.text import translate
from core.monitoring.watch import WatchResult
from core.program.control import ServiceStart
from core.release.hooks import Hooks
from core.release.rollback import DeployRollback
from core.switchover.rollback import Rollback

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class GoBack:
    """Go back, and start the program where it ran before: it may have died of what was undone."""

    settings: Settings
    back: Rollback | DeployRollback
    start: bool

    @property
    def kind(self) -> Kind:
        """It is journalled as what it is."""
        return self.back.kind

    def run(self, context: Context) -> object:
        """Return what going back returns; a program that does not start is an alert of its own."""
        result = self.back.run(context)
        if self.start:
            try:
                with context.step("start", translate("services", "Start the trading program")):
                    ServiceStart(self.settings).run(context)
            except OperationError as error:
                log.error("the program was not started after going back: %s", error)
        return result


def way_back(
    settings: Settings, result: WatchResult, hooks: Hooks | None = None
) -> Operation[object] | None:
    """Return the operation that goes back to before the watched one, None where there is none.

    From a deployment release and data go back together: the former data under the new program
    would be a pair that never ran.
    """
    if result.restore_point is None:
        return None
    if (kind := kind_of(result.operation)) is not None and kind.changes_release:
        return GoBack(settings, DeployRollback(settings, hooks=hooks or Hooks()), result.start)
    return GoBack(settings, Rollback(settings, result.restore_point), result.start)
