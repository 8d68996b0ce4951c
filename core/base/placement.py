"""Data that somebody else keeps as well: another machine, or a program that syncs folders.

SQLite's WAL mode needs all processes on one machine, whose memory they share
(https://www.sqlite.org/wal.html), and its locks are not to be relied on over a network
(https://www.sqlite.org/lockingv3.html#how_to_corrupt).  A program that syncs a folder copies and
replaces database and -wal one by one, and holds files while it does.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import psutil

from core.base.files import nearest_folder, real_path
from core.base.text import Finding, Text, translate

if sys.platform == "win32":
    import ctypes

NETWORK = frozenset({
    "9p", "afs", "beegfs", "ceph", "cifs", "davfs", "fuse.davfs2", "fuse.glusterfs", "fuse.rclone",
    "fuse.sshfs", "fuse.vmhgfs-fuse", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "prl_fs",
    "smb3", "smbfs", "vboxsf", "vmhgfs",
})  # fmt: skip
"""File systems of another machine, or of the host of a virtual one."""
DRIVE_REMOTE = 4
"""https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getdrivetypew"""
ONEDRIVE = ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")
"""Variables in which OneDrive says where its folders are."""
SYNCED = re.compile(
    r"(onedrive)( - .*)?|(dropbox)( \(.*\))?|(google ?drive|my drive|내 드라이브)"
    r"|(icloud ?drive)|(naver ?mybox|mybox)|(nextcloud)|(synologydrive)",
    re.IGNORECASE,
)
"""What the folders are called that programs of this kind make."""


class Placement(NamedTuple):
    """Who else keeps a folder."""

    kind: Literal["network", "synced"]
    by: str
    """Name of the file system, the share, or the folder that is synced."""


def placement_of(folder: Path, environment: Mapping[str, str] = os.environ) -> Placement | None:
    """Return who else keeps *folder*, None where it is this machine's own; raises `OSError`."""
    place = nearest_folder(real_path(folder))
    synced = _synced(place, environment) or _synced(folder, environment)
    if synced is not None:
        return Placement("synced", synced)
    network = _share(place) if sys.platform == "win32" else _network_file_system(place)
    return None if network is None else Placement("network", network)


def _synced(folder: Path, environment: Mapping[str, str]) -> str | None:
    for name in ONEDRIVE:
        root = environment.get(name)
        if root and Path(root) in (folder, *folder.parents):
            return "OneDrive"
    return next((one.name for one in (folder, *folder.parents) if SYNCED.fullmatch(one.name)), None)


def _network_file_system(folder: Path) -> str | None:
    kind = kind_of_file_system(folder)
    return kind if kind in NETWORK else None


def _share(folder: Path) -> str | None:
    if folder.drive.startswith("\\\\"):
        return folder.drive
    if sys.platform == "win32":
        remote = ctypes.windll.kernel32.GetDriveTypeW(folder.anchor) == DRIVE_REMOTE
        return folder.drive if remote else None
    return None


def advice_on(placement: Placement) -> Text:
    """Return what an operator is to know of data that lies so, and to do about it."""
    if placement.kind == "network":
        return translate(
            "placement",
            "The data lies on a network disk ({by}), where SQLite's locks are not to be relied on: "
            "a database can break. Move it to a disk of this machine.",
            by=placement.by,
        )
    return translate(
        "placement",
        "The data lies in a folder that a program syncs ({by}): it can hold, replace or mix files "
        "of a database. Move it out of that folder, or exclude it from syncing.",
        by=placement.by,
    )


def check_placement(data_folder: Path) -> list[Finding]:
    """Return a warning where the data is not this machine's alone, else nothing."""
    found = placement_of(data_folder)
    if found is None:
        return []
    return [Finding(name="placement", state="warning", evidence=advice_on(found))]


_NO_DISK = frozenset({
    "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts",
    "devtmpfs", "efivarfs", "fusectl", "mqueue", "nsfs", "proc", "procfs", "pstore", "securityfs",
    "selinuxfs", "sysfs", "tracefs",
})  # fmt: skip
"""What the kernel shows of itself as files (https://docs.kernel.org/filesystems/)."""
_KERNEL = ("/proc", "/sys", "/dev")
_MEMORY = "/dev/shm"  # noqa: S108 (a disk in memory, for anybody's files; nothing is made there)


class Disk(NamedTuple):
    """A disk as people know it."""

    mount: Path
    """Where it is mounted; on Windows the root of its drive."""
    device: int
    """What the system calls it: the same for all files on it, wherever it is mounted."""


def disk_of(path: Path) -> Disk:
    """Return the disk that *path* lies on, or would lie on; raises `OSError`."""
    place = nearest_folder(real_path(path))
    device = place.stat().st_dev
    mount = place
    while mount != mount.parent and not os.path.ismount(mount):
        mount = mount.parent
    return Disk(mount, device)


def is_kernels(path: Path) -> bool:
    """Whether *path* lies where the kernel shows itself: nothing that is written there stays."""
    if os.name != "posix":
        return False
    place = Path(os.path.realpath(path))
    if Path(_MEMORY) in place.parents:
        return False
    if any(place == Path(one) or Path(one) in place.parents for one in _KERNEL):
        return True
    # Mounted elsewhere, as in the root folder of a container.
    return kind_of_file_system(place) in _NO_DISK


def kind_of_file_system(place: Path) -> str:
    """Return what the system calls the file system of *place*, a real path; "" where unknown."""
    kinds = {Path(disk.mountpoint): disk.fstype for disk in psutil.disk_partitions(all=True)}
    return next((kinds[one] for one in (place, *place.parents) if one in kinds), "")
