"""Which folders may be the console's own.

What the console sweeps, it sweeps below folders that it made itself.  So a folder is a store, a
copy or the console's home only by a marker in it, and one that holds anything without a marker is
refused before a byte is written there.  Folders of the system are refused even when empty.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from core.base.files import half_written_of, is_regular, private_folder, write_durably

HOME_MARKER = "HOME.json"
AREA = ".ops_console"
"""The folder beside live files in which their successors are staged and they are parked."""
_SIGNS = (
    "ops.sqlite3",
    "console.lock",
    "schedule.lock",
    "state.lock",
    "health.lock",
    "program.lock",
    "window.lock",
)
"""Files, any of which makes a folder a home: of an earlier version, which had no marker, or of one
that died between its first file and its marker."""
_FIRST = frozenset({"program", "logs", "promote", "deployment", "scratch"})
"""What may be alone in a home whose first operation died."""

_WHOLE = {
    "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "proc", "run/systemd", "sbin", "sys",
    "usr/bin", "usr/lib", "usr/sbin", "usr/share", "System", "Library",
}  # fmt: skip
"""Folders below the root in which, however deep, nothing of an application's data belongs."""
_ITSELF = {
    "home", "media", "mnt", "opt", "root", "run", "srv", "tmp", "usr", "usr/local", "var",
    "var/lib", "var/log", "var/tmp", "Users", "Volumes", "Applications",
}  # fmt: skip
"""Folders below the root that others share: a folder in them may be ours, they themselves not."""
_WINDOWS = ("SystemRoot", "ProgramFiles", "ProgramFiles(x86)", "ProgramW6432")
"""Variables that name what _WHOLE is there."""
_WINDOWS_SHARED = ("ProgramData", "PUBLIC", "APPDATA", "LOCALAPPDATA", "TEMP")
_SHARED_MEMORY = "dev/shm"


def user_home() -> Path:
    """Return the user's folder; it never raises, where there is none it is a relative one."""
    return Path(os.path.expanduser("~"))  # noqa: PTH111 (`Path.home` raises)


def is_system_folder(folder: Path) -> bool:
    """Whether *folder* is the system's, or shared by all: never a store, a copy or a home."""
    place = Path(os.path.realpath(folder))
    users = Path(os.path.realpath(user_home()))
    if place in {Path(place.anchor), users}:
        return True
    if os.name == "nt":
        if place in {users.parent, *_known(_WINDOWS_SHARED)}:
            return True
        return any(place == one or one in place.parents for one in _known(_WINDOWS))
    root = Path("/")
    if place in {root / name for name in _ITSELF}:
        return True
    if root / _SHARED_MEMORY in place.parents:
        return False  # a disk in memory, for anybody's folders
    return any(place == root / name or root / name in place.parents for name in _WHOLE)


def _known(variables: Sequence[str]) -> list[Path]:
    """Return the folders that *variables* of the environment name."""
    return [Path(os.path.realpath(value)) for name in variables if (value := os.environ.get(name))]


def is_free_or_home(folder: Path) -> bool:
    """Whether *folder* is the home of a console, or may become one; raises `OSError`."""
    if is_system_folder(folder):
        return False
    if folder.exists() and not folder.is_dir():
        return False
    # What is in it is looked at first: another console that makes it now begins with the marker.
    inside = list(folder.iterdir()) if folder.exists() else []
    if any(is_regular(folder / name) for name in (HOME_MARKER, *_SIGNS)):
        return True
    return all(path.name in _FIRST or half_written_of(path) == HOME_MARKER for path in inside)


def make_home(folder: Path) -> Path:
    """Make *folder*, the console's own, with its marker; return it."""
    marker = private_folder(folder) / HOME_MARKER
    if not is_regular(marker):
        about = f'{{"what": "home of Upbit Ops Console", "id": "{secrets.token_hex(16)}"}}\n'
        # On a full disk its locks tell what it is; the marker comes when there is room.
        with suppress(OSError):
            write_durably(marker, about.encode())
    return folder
