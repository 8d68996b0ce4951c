"""What keeps a guarded file from being swapped: known before anything is stopped.

The console uses the real file behind every link (`core.base.config.load`), so that links as such
are no obstacle: the real file is replaced where it lies, and the link leads to the new one.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from glob import escape
from pathlib import Path

import psutil

from core.base.config.models import GuardedFile, Settings
from core.base.files import real_path
from core.base.folders import AREA
from core.base.model import Model
from core.base.open_files import family
from core.base.operation import OperationError
from core.base.rights import may_give, owner_text, user_name
from core.base.text import Text, translate


class Obstacle(Model):
    """Why the guarded file `name` cannot be swapped, and what to do about it."""

    name: str
    what: Text
    to_do: Text


def obstacles(settings: Settings, names: Iterable[str] | None = None) -> tuple[Obstacle, ...]:
    """Return what keeps the guarded files (those called *names*) from being swapped."""
    wanted = None if names is None else set(names)
    mounted = _mounted()
    found = (
        _obstacle(file, mounted) for file in settings.files if wanted is None or file.name in wanted
    )
    return tuple(one for one in found if one is not None)


def require_swappable(settings: Settings, names: Iterable[str] | None = None) -> None:
    """Raise `OperationError` where one of the files cannot be swapped."""
    for one in obstacles(settings, names):
        raise OperationError(
            one.what,
            data_state=translate("swappable", "Nothing was touched."),
            to_do=one.to_do,
        )


def _obstacle(file: GuardedFile, mounted: frozenset[str]) -> Obstacle | None:
    name_it = translate("swappable", "Name the real file in ops_console.yaml.")
    if file.configured is not None and real_path(file.configured) != file.path:
        what = translate(
            "swappable", "{path} does not lead to {real} any more.",
            path=file.configured, real=file.path,
        )  # fmt: skip
        return Obstacle(
            name=file.name, what=what, to_do=translate("swappable", "Start the console again.")
        )
    if file.path.is_symlink():
        what = translate("swappable", "{path} is a link that leads nowhere.", path=file.path)
        return Obstacle(name=file.name, what=what, to_do=name_it)
    if file.configured is not None and not file.path.parent.is_dir():
        what = translate(
            "swappable", "{path} leads to {real}, and there is no folder {folder}.",
            path=file.configured, real=file.path, folder=file.path.parent,
        )  # fmt: skip
        to_do = translate("swappable", "Connect the disk, or make the folder.")
        return Obstacle(name=file.name, what=what, to_do=to_do)
    for member in family(file.path):
        found = _members_obstacle(file, member, mounted)
        if found is not None:
            return found
    return _folders_obstacle(file)


def _members_obstacle(file: GuardedFile, member: Path, mounted: frozenset[str]) -> Obstacle | None:
    try:
        status = member.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        what = translate("swappable", "{path} is no regular file.", path=member)
        to_do = translate("swappable", "Put a regular file in its place while nothing runs.")
        return Obstacle(name=file.name, what=what, to_do=to_do)
    if str(member) in mounted:
        what = translate("swappable", "{path} is mounted by itself.", path=member)
        to_do = translate("swappable", "Mount the folder instead of the file.")
        return Obstacle(name=file.name, what=what, to_do=to_do)
    others = status.st_nlink - 1 - _own_names(file.path, member, status)
    if others > 0:
        what = translate(
            "swappable",
            "{path} has other names as well (hard links: {count}), which would keep what is "
            "replaced.",
            path=member, count=others,
        )  # fmt: skip
        to_do = translate("swappable", "Remove the other names, or use a symbolic link for them.")
        return Obstacle(name=file.name, what=what, to_do=to_do)
    return _rights_obstacle(file, member, status)


def _rights_obstacle(file: GuardedFile, member: Path, status: os.stat_result) -> Obstacle | None:
    # It is compared before it is moved, and SQLite's locks are taken where it writes.
    if not os.access(member, os.R_OK if file.kind == "paired" else os.R_OK | os.W_OK):
        what = translate("swappable", "{path} cannot be read and written by this user.",
                         path=member)  # fmt: skip
        to_do = translate("swappable", "Run the console as its owner or as the administrator.")
        return Obstacle(name=file.name, what=what, to_do=to_do)
    if not may_give(status):
        what = translate(
            "swappable",
            "{path} belongs to {owner}, and what this console puts in its place could not.",
            path=member, owner=owner_text(status.st_uid, status.st_gid),
        )  # fmt: skip
        to_do = translate(
            "swappable", "Run the console as {user}, or as root.", user=user_name(status.st_uid)
        )
        return Obstacle(name=file.name, what=what, to_do=to_do)
    return None


def _own_names(live: Path, member: Path, status: os.stat_result) -> int:
    """Return under how many names *member* waits, staged or parked, beside the live file."""
    names = live.parent.glob(f"{AREA}/*/*/{escape(member.name)}")
    return sum(
        (found.st_dev, found.st_ino) == (status.st_dev, status.st_ino)
        for found in (name.lstat() for name in names)
    )


def _folders_obstacle(file: GuardedFile) -> Obstacle | None:
    for folder in (file.path.parent, file.path.parent / AREA):
        if folder.is_dir() and not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            what = translate("swappable", "The folder {path} cannot be written.", path=folder)
            to_do = translate("swappable", "Let this user write it.")
            return Obstacle(name=file.name, what=what, to_do=to_do)
    if os.name == "posix" and _kept_by_owner(file.path):
        what = translate("swappable", "{path} belongs to another user, and its folder lets nobody "
                         "else take it away (sticky).", path=file.path)  # fmt: skip
        to_do = translate("swappable", "Run the console as its owner or as the administrator.")
        return Obstacle(name=file.name, what=what, to_do=to_do)
    return None


def _kept_by_owner(path: Path) -> bool:
    """Whether a sticky folder lets none but owners and the administrator rename what is in it."""
    try:
        folder, status = path.parent.stat(), path.lstat()
    except OSError:
        return False
    mine = os.geteuid()
    sticky = bool(folder.st_mode & stat.S_ISVTX)
    return sticky and mine not in {0, folder.st_uid, status.st_uid}


def _mounted() -> frozenset[str]:
    """Return where anything is mounted; on Windows that is never a file."""
    if os.name != "posix":
        return frozenset()
    return frozenset(disk.mountpoint for disk in psutil.disk_partitions(all=True))
