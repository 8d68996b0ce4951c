"""Which disk a path lies on, and which file systems hold no files at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import psutil

from core.base.files import nearest_folder, real_path

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
    kinds = {Path(one.mountpoint): one.fstype for one in psutil.disk_partitions(all=True)}
    return next((kinds[one] for one in (place, *place.parents) if one in kinds), "")
