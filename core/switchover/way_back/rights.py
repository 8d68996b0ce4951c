"""In what a file that was swapped in is not for whom the one in its place is, in words."""

from __future__ import annotations

import sys

from core.base.rights import Rights, group_name, user_name
from core.base.text import Text, translate


def differences(wanted: Rights, found: Rights) -> list[Text]:
    """Return in what *found* is not as *wanted*, in words."""
    if sys.platform == "win32":
        return []
    told = []
    if found.uid != wanted.uid:
        told.append(
            translate(
                "wayback",
                "owner {found} instead of {wanted}",
                found=user_name(found.uid),
                wanted=user_name(wanted.uid),
            )
        )
    if found.gid != wanted.gid:
        told.append(
            translate(
                "wayback",
                "group {found} instead of {wanted}",
                found=group_name(found.gid),
                wanted=group_name(wanted.gid),
            )
        )
    if found.mode != wanted.mode:
        told.append(
            translate(
                "wayback",
                "mode {found} instead of {wanted}",
                found=f"{found.mode or 0:04o}",
                wanted=f"{wanted.mode or 0:04o}",
            )
        )
    if found.acl != wanted.acl:
        told.append(translate("wayback", "another access control list"))
    if found.label != wanted.label:
        told.append(translate("wayback", "another SELinux label"))
    return told  # fmt: skip
