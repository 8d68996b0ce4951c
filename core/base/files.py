"""Small things about files that every durable operation needs."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from core.base.cleanup import cleaning_up, concluding, remove_tree, undoing
from core.base.owner import MARK, me
from core.base.rights import adopt
from core.base.rights_windows import make_private, move_through

TRIES = 40
PAUSE_SECONDS = 0.05


def fsync_directory(folder: Path) -> None:
    """Make the names in *folder* durable; on Windows `replace` sees to it.

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


class NotRegularError(OSError):
    """A link, a pipe or a device stands where a file is expected."""


def open_regular(path: Path) -> int:
    """Open the file at *path* for reading and return its descriptor; never waits.

    Raises `NotRegularError` for a link, a pipe, a device or a folder, which could lead elsewhere,
    hang or never end, and `OSError` for what cannot be opened.
    """
    # Windows opens what a link leads to and knows no O_NOFOLLOW: the name is looked at first.
    if os.name != "posix" and not is_regular(path) and os.path.lexists(path):
        raise _not_regular(path)
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        # A link (ELOOP, on some systems EMLINK) and a socket (ENXIO) are not even opened.
        if error.errno in {errno.ELOOP, errno.EMLINK, errno.ENXIO}:
            raise _not_regular(path) from error
        raise
    with undoing(os.close, descriptor):
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _not_regular(path)
    return descriptor


def file_of(descriptor: int, mode: str, buffering: int = -1) -> BinaryIO:
    """Return the file of *descriptor*, which is closed where there can be none.

    Windows neither moves nor removes what is left open.
    """
    with undoing(os.close, descriptor):
        return cast("BinaryIO", os.fdopen(descriptor, mode, buffering))


def read_regular(path: Path, limit: int | None = None) -> bytes:
    """Return the content of the file at *path*, of *limit* bytes at most; see `open_regular`."""
    with file_of(open_regular(path), "rb") as file:
        if limit is not None and os.fstat(file.fileno()).st_size > limit:
            raise OSError(errno.EFBIG, f"larger than {limit} bytes", str(path))
        return file.read() if limit is None else file.read(limit)


def is_regular(path: Path) -> bool:
    """Whether a file lies at *path* itself: no link to one, no pipe, no device, no folder."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def is_own_folder(path: Path) -> bool:
    """Whether a folder lies at *path* itself, and no link to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def _not_regular(path: Path) -> NotRegularError:
    return NotRegularError(errno.EINVAL, "not a regular file", str(path))


def retried(act: Callable[[], object]) -> None:
    """Do *act*; a virus scanner on Windows may hold a file for a moment (WinError 32)."""
    for attempt in range(TRIES):
        try:
            act()
        except PermissionError:
            if os.name != "nt" or attempt == TRIES - 1:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return


def replace(source: Path, target: Path) -> None:
    """Give what lies at *source* the name *target*, instead of what bears it; raises `OSError`.

    On Windows the new name is on disk then (MOVEFILE_WRITE_THROUGH), elsewhere it is with
    `fsync_directory`.
    """
    if sys.platform == "win32":
        retried(lambda: move_through(source, target))
    else:
        source.replace(target)


def write_durably(path: Path, content: bytes) -> None:
    """Replace the file at *path* by *content*: the old one or the new one, never between."""
    provisional = path.with_name(f".{path.name}.{me().mark}.new")
    descriptor = os.open(
        provisional, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600
    )
    with undoing(provisional.unlink, missing_ok=True):
        with file_of(descriptor, "wb") as file:
            adopt(provisional)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        replace(provisional, path)
    fsync_directory(path.parent)


def half_written_of(path: Path) -> str | None:
    """Return the name of what *path* was to become in `write_durably`; None for other files."""
    if not (path.name.startswith(".") and path.name.endswith(".new")):
        return None
    # Earlier versions put no mark of the process into the name.
    return re.sub(rf"\.(?:{MARK.pattern})$", "", path.name[1:].removesuffix(".new"))


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
        with suppress(FileExistsError):  # another made it meanwhile
            new_private_folder(made)
        adopt(made)
        fsync_directory(made.parent)
    if not folder.is_dir():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder))
    return folder


def new_private_folder(folder: Path) -> None:
    """Make *folder*, readable by its owner only; raises `FileExistsError` where it is there."""
    if sys.platform == "win32":
        make_private(folder)
    else:
        folder.mkdir(mode=0o700)


def temporary_place() -> Path:
    """Return the folder of the system's temporary files."""
    return Path(tempfile.gettempdir())


def new_temporary(prefix: str, within: Path | None = None) -> Path:
    """Make a folder of a name that nobody can foresee, for its owner only, and return it.

    It lies in *within*, which is made where it is missing, or among the system's temporary files.
    This is the one maker of what is temporary: ruff forbids `tempfile` elsewhere.
    """
    place = private_folder(within) if within is not None else temporary_place()
    # On Windows, before Python 3.11.10, `tempfile` leaves a folder to whoever may use its parent.
    folder = place / f"{prefix}{secrets.token_hex(8)}"
    new_private_folder(folder)
    return folder


@contextmanager
def temporary_folder(prefix: str, within: Path | None = None) -> Iterator[Path]:
    """Make a folder like `new_temporary` that is gone at the end."""
    folder = new_temporary(prefix, within)
    with cleaning_up(remove_tree, folder):
        yield folder


def owned_folder(folder: Path) -> Path:
    """Make *folder* and what is missing above it, as whom theirs belongs to, and return it."""
    if not folder.exists() and folder.parent != folder:
        owned_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        adopt(folder)
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
