"""Room for all steps of the way back, disk by disk, and the rights of what would be swapped in."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from core.backup.create import live_bytes, room_for, room_for_next
from core.backup.models import ListedPoint
from core.base.config.models import GuardedFile, Settings
from core.base.files import nearest_folder
from core.base.folders import SIZE as NOTES_BYTES
from core.base.rights import Rights, group_name, user_name
from core.base.text import Finding, Text, joined, translate


class Need(NamedTuple):
    """Bytes that a step needs in a folder."""

    folder: Path
    what: Text
    size: int
    must: bool = True
    """Whether nothing goes without them; else what they are for waits until there is room."""


def needs_of_return(
    settings: Settings, point: ListedPoint | None, files: Sequence[GuardedFile]
) -> list[Need]:
    """Return what going back to *point* needs, of the live size where none is meant yet.

    What is replaced is parked by its name alone and needs nothing.
    """
    staged = translate("wayback", "the files to be swapped in")
    safety = translate("wayback", "the restore point of the present")
    kept = translate("wayback", "the restore point of what is replaced")
    notes = translate("wayback", "journal and notes")
    sizes = {file.name: file.size for file in point.point.files} if point is not None else None
    needs = [Need(file.path.parent, staged, _size(file, sizes)) for file in files]
    needs.append(Need(settings.store, safety, room_for(settings, settings.files)))
    needs.append(Need(settings.home, notes, NOTES_BYTES))
    needs.append(Need(settings.store, kept, room_for_next(settings.files), must=False))
    return needs


def _size(file: GuardedFile, sizes: dict[str, int] | None) -> int:
    if sizes is not None:
        return sizes.get(file.name, 0) + sizes.get(f"{file.name}-wal", 0)
    return live_bytes([file])


class _Disk(NamedTuple):
    place: Path
    needs: list[Need]
    free: int


def check_room(needs: Iterable[Need], spare: int = 0) -> list[Finding]:
    """Return whether every disk has room for *needs* and *spare* bytes: what is wrong, or all."""
    disks = _disks(needs)
    wrong = [finding for disk in disks for finding in _short(disk, spare)]
    if wrong:
        return wrong
    told = [
        translate("wayback", "{path}: {needed_bytes} needed, {free_bytes} free",
                  path=disk.place, needed_bytes=sum(need.size for need in disk.needs) + spare,
                  free_bytes=disk.free)
        for disk in disks
    ]  # fmt: skip
    text = translate("wayback", "There is room for all steps to the end ({disks}).",
                     disks=joined(told, "; "))  # fmt: skip
    return [Finding(name="room", state="ok", evidence=text)]


def _disks(needs: Iterable[Need]) -> list[_Disk]:
    found: dict[int, _Disk] = {}
    for need in needs:
        place = nearest_folder(need.folder)
        device = place.stat().st_dev
        if device not in found:
            found[device] = _Disk(place, [], shutil.disk_usage(place).free)
        found[device].needs.append(need)
    return list(found.values())


def _short(disk: _Disk, spare: int) -> list[Finding]:
    wanted = sum(need.size for need in disk.needs) + spare
    if disk.free >= wanted:
        return []
    must = sum(need.size for need in disk.needs if need.must) + spare
    largest = sorted(disk.needs, key=lambda need: need.size, reverse=True)
    what = list({str(need.what): need.what for need in largest if need.size}.values())
    values: dict[str, str | int] = {
        "path": str(disk.place),
        "needed_bytes": wanted,
        "free_bytes": disk.free,
    }
    if disk.free < must:
        text = translate(
            "wayback",
            "On the disk of {path} there is no room for all steps to the end: {needed_bytes} are "
            "needed ({what}), {free_bytes} are free.",
            what=joined(what, ", "), **values,
        )  # fmt: skip
        to_do = translate("wayback", "Free some space on it, or prune restore points.")
        return [Finding(name="room", state="failed", evidence=text, to_do=to_do)]
    text = translate(
        "wayback",
        "The disk of {path} has room to go back, and then none to keep what was replaced as a "
        "restore point: {needed_bytes} are needed, {free_bytes} are free. It would stay parked.",
        **values,
    )  # fmt: skip
    to_do = translate("wayback", "Free some space on it, or prune restore points.")
    return [Finding(name="room", state="warning", evidence=text, to_do=to_do)]


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
