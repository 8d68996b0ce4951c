"""The way back from an operation after which health is worse."""

from __future__ import annotations

from core.config.models import Settings
from core.deployment.hooks import Hooks
from core.deployment.rollback import DeployRollback
from core.health.watch import WatchResult
from core.operation import Operation
from core.rollback import Rollback


def is_deployment(operation: str) -> bool:
    """Whether the operation called *operation* changed the release together with the data."""
    return operation.split(" ", maxsplit=1)[0] in {"deploy", "deployment"}


def way_back(
    settings: Settings, result: WatchResult, hooks: Hooks | None = None
) -> Operation[object] | None:
    """Return the operation that goes back to before the watched one, None where there is none.

    From a deployment release and data go back together: the former data under the new program
    would be a pair that never ran.
    """
    if result.restore_point is None:
        return None
    if is_deployment(result.operation):
        return DeployRollback(settings, hooks=hooks or Hooks())
    return Rollback(settings, result.restore_point)
