"""What the console itself does at the moment, seen from any process."""

from __future__ import annotations

import psutil
from pydantic import ValidationError

from core.config.models import Settings
from core.lock import LockHolder

SWAPPING = ("rollback", "migrat", "deploy", "recover", "service")
"""Beginnings of the names of operations that stop the program or swap its files."""


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


def swaps(operation: LockHolder | None) -> bool:
    """Whether *operation* may stop the program or swap the databases' files."""
    return operation is not None and operation.what.startswith(SWAPPING)
