"""What is known of a file that lies staged or parked, so that it is known again."""

from __future__ import annotations

import os
from pathlib import Path

from blake3 import blake3

from core.base.files import file_of
from core.base.model import Strict

WHOLE_BYTES = 8 * 1024 * 1024
"""Files up to this size are hashed whole: a ``-wal`` is 4 MB as a rule."""
BLOCK_BYTES = 64 * 1024
BLOCKS = 16
"""Of a larger file so many blocks are hashed, first and last among them.

The program is down meanwhile, and that must not take longer the more data there is.  SQLite
changes the first page (https://www.sqlite.org/fileformat2.html#file_change_counter) or the
``-wal`` with every commit; whole content was proven when it was staged.
"""


class FileFacts(Strict):
    """Size in bytes, time of change in nanoseconds, inode, and BLAKE3 of the hashed parts."""

    size: int
    modified: int
    inode: int
    digest: str


def observe(path: Path) -> FileFacts:
    """Look at the file at *path*; raises `OSError` unless it is a regular file."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
    with file_of(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        hasher = blake3()
        if status.st_size <= WHOLE_BYTES:
            hasher.update(file.read())
        else:
            last = status.st_size - BLOCK_BYTES
            for number in range(BLOCKS):
                file.seek(last * number // (BLOCKS - 1))
                hasher.update(file.read(BLOCK_BYTES))
    return FileFacts(
        size=status.st_size,
        modified=status.st_mtime_ns,
        inode=status.st_ino,
        digest=hasher.hexdigest(),
    )


def same_content(path: Path, facts: FileFacts) -> bool:
    """Whether the file at *path* is there and holds what *facts* were taken of."""
    try:
        found = observe(path)
    except OSError:
        return False
    return (found.size, found.digest) == (facts.size, facts.digest)


def untouched(path: Path, facts: FileFacts) -> bool:
    """Whether nothing was written to the file at *path* since *facts* were taken of it."""
    try:
        return path.stat().st_mtime_ns == facts.modified and same_content(path, facts)
    except OSError:
        return False
