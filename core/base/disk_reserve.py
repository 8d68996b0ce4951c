"""A little room on the disk that the console keeps for the day when there is none.

On a full disk not even the lock and the journal can be written, and then the very operations that
make room could not run.  So a file of random bytes, which no file system compresses, waits in the
console's folder; it is given up for those operations and made anew when there is room again.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress

from core.base.config.models import Settings
from core.base.kind import Effect

SIZE = 1024 * 1024
"""Bytes: enough for the lock, the journal and the notes of one operation, several times over."""
PLENTY = 32 * SIZE
"""Bytes that must be free before the reserve is made: it must not itself fill a disk."""
FILE = "reserve"


def open_reserve(settings: Settings, effect: Effect) -> None:
    """Give the reserve up where an operation of this *effect* needs it."""
    if effect.is_remedy and _free(settings) < SIZE:
        with suppress(OSError):
            (settings.home / FILE).unlink(missing_ok=True)


def keep_reserve(settings: Settings) -> None:
    """Make the reserve where there is none and the disk has plenty of room."""
    path = settings.home / FILE
    if path.exists() or _free(settings) < PLENTY:
        return
    try:
        path.write_bytes(os.urandom(SIZE))
        path.chmod(0o600)
    except OSError:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _free(settings: Settings) -> int:
    try:
        return shutil.disk_usage(settings.home).free
    except OSError:
        return 0
