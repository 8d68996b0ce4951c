"""Whose a file is and who may use it: what is put in place of another takes that over.

A console that runs as root, for an operator who was asked to help, leaves files that the trading
program's user cannot open unless each is given away.  Elsewhere than on Linux there is less: owner,
group and mode alone on other systems like it, and the access control list alone on Windows, where
what was staged in a private folder would stay private in its new place.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from core.base.rights_windows import access_list, give_access_list

if sys.platform != "win32":
    import grp
    import pwd

ACCESS = "system.posix_acl_access"
DEFAULT = "system.posix_acl_default"
LABEL = "security.selinux"
"""https://man7.org/linux/man-pages/man5/acl.5.html, https://man7.org/linux/man-pages/man7/xattr.7.html"""
NONE = frozenset({errno.ENODATA, errno.ENOTSUP, errno.ENOSYS})
"""What a file without such an attribute, and a file system without such attributes, answer."""


class Rights(NamedTuple):
    """Owner, group, mode, access control list and security label of a file."""

    uid: int
    gid: int
    mode: int | None
    """None: as the file has it already."""
    acl: bytes | None
    """None: it has none."""
    label: bytes | None
    """None: it has none, or the file has the one of its folder already."""


def is_root() -> bool:
    """Whether this process may give files away and become another user."""
    return sys.platform != "win32" and os.geteuid() == 0


def rights_of(path: Path) -> Rights:
    """Return the rights of the file at *path*, which is not opened; raises `OSError`."""
    status = path.lstat()
    return Rights(
        uid=status.st_uid, gid=status.st_gid, mode=stat.S_IMODE(status.st_mode),
        acl=_attribute(path, ACCESS), label=_attribute(path, LABEL),
    )  # fmt: skip


def rights_beside(path: Path, neighbours: Iterable[Path]) -> Rights:
    """Return the rights of what is new at *path*: of a neighbour in its folder, or of the folder.

    Its mode is what it brings along; and whoever is not root makes it his own.  Raises `OSError`.
    """
    beside = (one for one in neighbours if one.parent == path.parent and one.is_file())
    neighbour = next(beside, None)
    if neighbour is not None:
        found = rights_of(neighbour)._replace(mode=None)
    else:
        folder = path.parent.stat()
        acl = _attribute(path.parent, DEFAULT)
        found = Rights(folder.st_uid, folder.st_gid, mode=None, acl=acl, label=None)
    if sys.platform == "win32" or is_root():
        return found
    gid = found.gid if found.gid in _own_groups() else os.getegid()
    return found._replace(uid=os.geteuid(), gid=gid)


def give(path: Path, rights: Rights) -> None:
    """Let the file at *path* have *rights*; raises `OSError` where it does not have them then."""
    if sys.platform == "win32":
        if rights.acl is not None and rights.acl != access_list(path):
            give_access_list(path, rights.acl)
        if rights.mode is not None:
            path.chmod(rights.mode)
        return
    status = path.stat()
    mode = stat.S_IMODE(status.st_mode) if rights.mode is None else rights.mode
    if (status.st_uid, status.st_gid) != (rights.uid, rights.gid):
        os.chown(path, rights.uid, rights.gid)
    _set_attribute(path, ACCESS, rights.acl)
    # After the list, whose mask the mode of the group is: where there is a list the two agree.
    if rights.acl is None or rights.mode is not None:
        path.chmod(mode)
    if rights.label is not None:
        _set_attribute(path, LABEL, rights.label)


def may_give(status: os.stat_result) -> bool:
    """Whether this process could let another file belong to whom that of *status* does."""
    if sys.platform == "win32" or is_root():
        return True
    return status.st_uid == os.geteuid() and status.st_gid in _own_groups()


def _own_groups() -> set[int]:
    return {os.getegid(), *os.getgroups()} if sys.platform != "win32" else set()


def owner_text(uid: int, gid: int) -> str:
    """Return owner and group as ``ls -l`` writes them: by name, or by number."""
    return f"{user_name(uid)}:{group_name(gid)}"


def user_name(uid: int) -> str:
    """Return the name of user *uid*, or its number."""
    if sys.platform != "win32":
        with suppress(KeyError):
            return pwd.getpwuid(uid).pw_name
    return str(uid)


def group_name(gid: int) -> str:
    """Return the name of group *gid*, or its number."""
    if sys.platform != "win32":
        with suppress(KeyError):
            return grp.getgrgid(gid).gr_name
    return str(gid)


def hand_over(*folders: Path) -> None:
    """Give what root left in *folders* of the console to whom each of them belongs.

    A folder that is root's own stays so, and all that is in it.
    """
    if not is_root():
        return
    for folder in folders:
        try:
            owner = folder.lstat()
        except FileNotFoundError:
            continue
        if owner.st_uid == 0 or not stat.S_ISDIR(owner.st_mode):
            continue
        for place, names, files in os.walk(folder):
            for name in (*names, *files):
                _hand_over(Path(place, name), owner)


def _hand_over(path: Path, owner: os.stat_result) -> None:
    with suppress(FileNotFoundError):
        found = path.lstat()
        # What has a second name may be somebody else's by that.
        own = stat.S_ISDIR(found.st_mode) or (stat.S_ISREG(found.st_mode) and found.st_nlink == 1)
        if found.st_uid == 0 and own and sys.platform != "win32":
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def adopt(path: Path) -> None:
    """Give what root has made at *path* to whom its folder belongs; others change nothing.

    What the console keeps of its own beside somebody's data is his: he must be able to go on.
    """
    if not is_root():
        return
    with suppress(FileNotFoundError):
        folder, made = path.parent.stat(), path.lstat()
        if made.st_uid == 0 and (folder.st_uid, folder.st_gid) != (made.st_uid, made.st_gid):
            os.chown(path, folder.st_uid, folder.st_gid, follow_symlinks=False)


def _attribute(path: Path, name: str) -> bytes | None:
    if sys.platform == "win32" and name == ACCESS:
        return access_list(path)
    if sys.platform != "linux":
        return None
    try:
        return os.getxattr(path, name, follow_symlinks=False)
    except OSError as error:
        if error.errno in NONE:
            return None
        raise


def _set_attribute(path: Path, name: str, value: bytes | None) -> None:
    if sys.platform != "linux":
        return
    if _attribute(path, name) == value:
        return
    if value is None:
        os.removexattr(path, name)
    else:
        os.setxattr(path, name, value)
