"""What the console itself does at the moment, seen from any process."""

from __future__ import annotations

import psutil
from pydantic import ValidationError

from core.base.config.models import Settings
from core.base.kind import Effect, kind_of
from core.base.lock import LockHolder


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
    kind = kind_of(name)
    return kind is not None and kind.effect is Effect.CHANGE


def swaps(operation: LockHolder | None) -> bool:
    """Whether *operation* may stop the program or swap the databases' files."""
    kind = kind_of(operation.what) if operation is not None else None
    return kind is not None and kind.may_stop_program
