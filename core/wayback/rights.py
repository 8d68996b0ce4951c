"""Whose a file is and what others may do with it: what is swapped in is to have the same."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from core.text import Text, translate

if sys.platform != "win32":
    import grp
    import pwd

ACL = "system.posix_acl_access"
LABEL = "security.selinux"
NONE = frozenset({errno.ENODATA, errno.ENOTSUP, errno.EPERM, errno.EACCES})
"""What is answered where a file has no such attribute, or the file system knows none."""


class Rights(BaseModel):
    """Owner and group by number, mode bits, access control list and SELinux label, if any."""

    model_config = ConfigDict(frozen=True)

    owner: int
    group: int
    mode: int
    acl: bytes | None = None
    label: bytes | None = None


def rights_of(path: Path) -> Rights:
    """Return the rights of the file at *path*, which is not opened; raises `OSError`."""
    status = path.lstat()
    return Rights(
        owner=status.st_uid, group=status.st_gid, mode=stat.S_IMODE(status.st_mode),
        acl=_attribute(path, ACL), label=_attribute(path, LABEL),
    )  # fmt: skip


def give_rights(path: Path, rights: Rights) -> None:
    """Give the file at *path*, a private one, these *rights*; raises `OSError`."""
    if sys.platform == "win32":
        return
    status = path.stat()
    if (status.st_uid, status.st_gid) != (rights.owner, rights.group):
        os.chown(path, rights.owner, rights.group)
    path.chmod(rights.mode)
    for name, wanted in ((ACL, rights.acl), (LABEL, rights.label)):
        if wanted is not None and _attribute(path, name) != wanted and sys.platform == "linux":
            os.setxattr(path, name, wanted)


def differences(wanted: Rights, found: Rights) -> list[Text]:
    """Return in what *found* is not as *wanted*, in words."""
    if sys.platform == "win32":
        return []
    told = []
    if found.owner != wanted.owner:
        told.append(
            translate(
                "wayback",
                "owner {found} instead of {wanted}",
                found=user_name(found.owner),
                wanted=user_name(wanted.owner),
            )
        )
    if found.group != wanted.group:
        told.append(
            translate(
                "wayback",
                "group {found} instead of {wanted}",
                found=_group_name(found.group),
                wanted=_group_name(wanted.group),
            )
        )
    if found.mode != wanted.mode:
        told.append(
            translate(
                "wayback",
                "mode {found} instead of {wanted}",
                found=f"{found.mode:04o}",
                wanted=f"{wanted.mode:04o}",
            )
        )
    if found.acl != wanted.acl:
        told.append(translate("wayback", "another access control list"))
    if found.label != wanted.label:
        told.append(translate("wayback", "another SELinux label"))
    return told  # fmt: skip


def user_name(number: int) -> str:
    """Return the name of a user, the number where there is none."""
    if sys.platform != "win32":
        try:
            return pwd.getpwuid(number).pw_name
        except KeyError:
            pass
    return str(number)


def _group_name(number: int) -> str:
    if sys.platform != "win32":
        try:
            return grp.getgrgid(number).gr_name
        except KeyError:
            pass
    return str(number)


def _attribute(path: Path, name: str) -> bytes | None:
    if sys.platform != "linux":
        return None
    try:
        return os.getxattr(path, name, follow_symlinks=False)
    except OSError as error:
        if error.errno in NONE:
            return None
        raise
