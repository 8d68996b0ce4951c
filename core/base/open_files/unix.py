"""Holders on Linux and macOS: the open files of every process that may be looked at.

A file is known by its inode, not by its name: it may have been opened through a link, or have
been moved or unlinked since.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from core.base.owner import Holder

Inode = tuple[int, int]
"""Device and inode number."""


def find_holders(paths: Sequence[Path]) -> tuple[Holder, ...]:
    """Return the other processes that hold one of *paths* open.

    Processes of other users are seen only by root; SQLite itself then still refuses them in the
    program's own folder, which is readable by its owner alone.
    """
    wanted: dict[Inode, Path] = {}
    for path in paths:
        with suppress(OSError):
            status = path.stat()
            wanted.setdefault((status.st_dev, status.st_ino), path)
    return tuple(
        _described(pid, tuple(sorted(os.path.realpath(wanted[inode]) for inode in held)))
        for pid, held in (_open_files(set(wanted)) if wanted else ())
    )


def in_use(path: Path) -> bool:
    """Whether somebody has *path* open though nobody is named: on Windows alone."""
    return False


def _open_files(wanted: set[Inode]) -> Iterator[tuple[int, set[Inode]]]:
    """Yield each other process that holds any of *wanted*, and which."""
    for pid in psutil.pids():
        if pid == os.getpid():
            continue
        held = (_by_proc(pid) if sys.platform == "linux" else _by_psutil(pid)) & wanted
        if held:
            yield pid, held


def _by_proc(pid: int) -> set[Inode]:
    folder = f"/proc/{pid}/fd"
    found = set()
    try:
        descriptors = os.listdir(folder)  # noqa: PTH208 (thousands of names, no paths)
    except OSError:
        return set()
    for descriptor in descriptors:
        with suppress(OSError):
            status = os.stat(f"{folder}/{descriptor}")  # noqa: PTH116 (likewise)
            found.add((status.st_dev, status.st_ino))
    return found


def _by_psutil(pid: int) -> set[Inode]:
    found = set()
    with suppress(psutil.Error, OSError):
        for file in psutil.Process(pid).open_files():
            with suppress(OSError):
                status = Path(file.path).stat()
                found.add((status.st_dev, status.st_ino))
    return found


def _described(pid: int, paths: tuple[str, ...]) -> Holder:
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            return Holder(pid=pid, name=process.name(), command=tuple(process.cmdline()),
                          paths=paths)  # fmt: skip
    except (psutil.Error, OSError):
        return Holder(pid=pid, name="?", paths=paths)
