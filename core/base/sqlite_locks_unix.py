"""Looks at SQLite's locks without taking any, on Linux and macOS.

`F_GETLK` asks the kernel who would stand in the way of a lock and takes none.  The bytes are
those of SQLite's file format: https://www.sqlite.org/walformat.html#locks and `os_unix.c`.
Closing the descriptor drops the locks of *this* process on the file, so this is called where
no connection to the file is open.
"""

from __future__ import annotations

import fcntl
import os
import struct
import sys
import time
from pathlib import Path

from core.base.cleanup import concluding

WAL_WRITE = 120
"""The byte of the ``-shm`` that a writer holds."""
WAL_IN_USE = 128
"""The byte of the ``-shm`` that every connection holds shared."""
RESERVED = 0x40000001
"""The byte of the main file that a writer holds without WAL; PENDING lies before it."""
SHARED = 0x40000002
SHARED_BYTES = 510
WAL_CHANGES = 8
"""Where in the ``-shm`` a number stands that every commit changes (iChange)."""
CHANGES = 24
"""Where it stands in the main file without WAL (the file change counter)."""
POLL_SECONDS = 0.005

# struct flock: l_type, l_whence, l_start, l_len, l_pid (Linux); macOS begins with l_start.
_LAYOUT = "qqihh" if sys.platform == "darwin" else "hhqqi4x"


def locked_by(descriptor: int, start: int, length: int, kind: int = fcntl.F_WRLCK) -> int | None:
    """Return the PID that stands in the way of a lock of *kind*, None when nobody does.

    The PID is -1 for a lock that belongs to no single process.
    """
    if sys.platform == "darwin":
        asked = struct.pack(_LAYOUT, start, length, 0, kind, os.SEEK_SET)
        answer = struct.unpack(_LAYOUT, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
        return None if answer[3] == fcntl.F_UNLCK else int(answer[2])
    asked = struct.pack(_LAYOUT, kind, os.SEEK_SET, start, length, 0)
    answer = struct.unpack(_LAYOUT, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    return None if answer[0] == fcntl.F_UNLCK else int(answer[4])


def shut_out_by(path: Path) -> int | None:
    """Return the PID whose exclusive lock on the main file keeps readers out, None if nobody's."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    with concluding(os.close, descriptor):
        return locked_by(descriptor, SHARED, SHARED_BYTES, fcntl.F_RDLCK)


def lock_wait(path: Path, limit_seconds: float) -> tuple[float, int | None]:
    """Return how long a writer would have waited for its lock, and the PID that held it.

    Looks until the write lock is free or a commit shows that it was, at most *limit_seconds*.
    """
    shared_memory = Path(f"{path}-shm")
    in_wal = shared_memory.exists()
    descriptor = os.open(shared_memory if in_wal else path, os.O_RDONLY | os.O_CLOEXEC)
    start, length = (WAL_WRITE, 1) if in_wal else (RESERVED - 1, 2 + SHARED_BYTES)
    # Without WAL readers hold shared locks: only a writer's stands in the way of a read lock.
    kind = fcntl.F_WRLCK if in_wal else fcntl.F_RDLCK
    counter = WAL_CHANGES if in_wal else CHANGES
    begun = time.monotonic()
    first = None
    with concluding(os.close, descriptor):
        changes = os.pread(descriptor, 4, counter)
        while True:
            holder = locked_by(descriptor, start, length, kind)
            waited = time.monotonic() - begun
            # Short transactions that follow each other closely are not one long one.
            committed = os.pread(descriptor, 4, counter) != changes
            if holder is None or committed or waited >= limit_seconds:
                return (waited if first is not None else 0.0), first
            first = first or holder
            time.sleep(POLL_SECONDS)
