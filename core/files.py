"""Small things about files that every durable operation needs."""

from __future__ import annotations

import os
from pathlib import Path

from core.cleanup import concluding, undoing
from core.owner import me


def fsync_directory(folder: Path) -> None:
    """Make the names in *folder* durable; Windows does so by itself.

    A rename is on disk only when its directory is (https://man7.org/linux/man-pages/man2/fsync.2.html).
    """
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    with concluding(os.close, descriptor):
        os.fsync(descriptor)


def fsync_file(path: Path) -> None:
    """Make content and rights of the file at *path* durable; raises `OSError`."""
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    with concluding(os.close, descriptor):
        os.fsync(descriptor)


def write_durably(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Replace the file at *path* by *content*: the old one or the new one, never between."""
    provisional = path.with_name(f".{path.name}.{me().mark}.new")
    descriptor = os.open(
        provisional, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), mode
    )
    with undoing(provisional.unlink, missing_ok=True):
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        provisional.replace(path)
    fsync_directory(path.parent)


def private_folder(folder: Path) -> Path:
    """Make *folder* and what is missing above it, readable by its owner only, and return it.

    Each folder that was made is durable: what is written into it may be relied on.
    """
    missing = []
    place = folder
    while not place.exists() and place != place.parent:
        missing.append(place)
        place = place.parent
    for made in reversed(missing):
        made.mkdir(mode=0o700, exist_ok=True)
        fsync_directory(made.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def real_path(path: Path) -> Path:
    """Return where *path* leads, links and junctions followed, whether anything is there or not."""
    real = Path(os.path.realpath(path))
    # The system's own name of a network drive need not be one that can be opened.
    if path.exists() and not (real.exists() and real.samefile(path)):
        return path
    return real


def nearest_folder(folder: Path) -> Path:
    """Return *folder*, or the nearest one above it that exists."""
    for place in (folder, *folder.parents):
        if place.exists():
            return place
    return folder
