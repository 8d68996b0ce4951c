"""SQLite's locks on Linux and macOS, taken as SQLite takes them: by byte ranges."""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from core.base.sqlite import PENDING_BYTE

MAIN_BYTES = 512
"""PENDING, RESERVED and the 510 bytes of SHARED follow each other (`os.h` of SQLite)."""
WAL_WRITE_BYTE = 120
WAL_BYTES = 9
"""Writer, checkpointer, recovery, five readers, and being open (`wal.c`, `os_unix.c`)."""


@contextmanager
def locked(databases: Sequence[Path]) -> Iterator[None]:
    """Hold every lock of *databases* exclusively meanwhile; files that are not there are left out.

    Raises `BlockingIOError` when somebody holds one of them, and `OSError`.
    """
    with ExitStack() as stack:
        for path in databases:
            for member, start, length in (
                (path, PENDING_BYTE, MAIN_BYTES),
                (Path(f"{path}-shm"), WAL_WRITE_BYTE, WAL_BYTES),
            ):
                try:
                    descriptor = os.open(member, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
                except FileNotFoundError:
                    continue
                stack.callback(os.close, descriptor)
                _lock(descriptor, start, length)
        yield


def _lock(descriptor: int, start: int, length: int) -> None:
    """Lock a range of bytes for this descriptor, or raise `BlockingIOError`.

    Locks of the open file description, where there are any: those of the process are lost when
    any other descriptor of the file is closed in it, such as that of the status strip.
    """
    try:
        if sys.platform == "linux":
            wanted = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, start, length, 0)
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, wanted)
        else:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, length, start)
    except OSError as error:
        if error.errno in {errno.EACCES, errno.EAGAIN}:
            raise BlockingIOError(error.errno, os.strerror(error.errno)) from error
        raise
