"""What the console itself does at the moment, seen from any process."""

from __future__ import annotations

import psutil
from pydantic import ValidationError

from core.base.config.models import Settings
from core.base.lock import LockHolder

CHANGING = {"rollback", "migrate", "migration", "deploy", "deployment"}
"""First words of the names of operations after which the program may be another."""
LOOKING = {
    "baseline", "check", "export", "list", "plan", "preflight", "rehearse", "report", "status",
    "verify",
}  # fmt: skip
"""Second words of those that only look, or work on a copy."""
STOPPING = {"recover", "service"}
"""First words of others that stop the program or move its files."""


def running_operation(settings: Settings) -> LockHolder | None:
    """Return the operation that holds the console's lock, None when there is none.

    Reads what the holder wrote down instead of trying the lock, which would make an operation
    that begins at that instant find it taken.
    """
    try:
        holder = LockHolder.model_validate_json((settings.home / "console.lock.json").read_bytes())
        begun = psutil.Process(holder.pid).create_time()
    except (OSError, ValidationError, psutil.Error):
        return None  # none, or its process died
    return holder if begun <= holder.since.timestamp() + 1 else None


def changes_program(name: str) -> bool:
    """Whether the operation called *name* swaps the program or its data."""
    first, _, rest = name.partition(" ")
    return first in CHANGING and rest.partition(" ")[0] not in LOOKING


def swaps(operation: LockHolder | None) -> bool:
    """Whether *operation* may stop the program or swap the databases' files."""
    if operation is None:
        return False
    return changes_program(operation.what) or operation.what.split(" ")[0] in STOPPING
