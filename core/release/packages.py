"""What a wheel or an sdist says of itself, read without unpacking or running anything of it."""

from __future__ import annotations

import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

from core.base.operation import Context

MOST_MEMBERS = 200_000


class Implausible(Exception):  # noqa: N818 (a package that is refused)
    """The package is not what a package can be; says why."""


def unpacked_size(context: Context, path: Path) -> int:
    """Return how many bytes the members of the wheel or sdist at *path* say they take.

    Raises `Implausible` where it cannot be read, or a member would lie outside of it.
    """
    total = 0
    try:
        for number, (name, size) in enumerate(_members(path)):
            context.check()
            if number >= MOST_MEMBERS:
                raise Implausible(f"it has more than {MOST_MEMBERS} members")
            if climbs_out(name):
                raise Implausible(f"{name[:120]!r} would lie outside of it")
            total += size
    except (
        OSError,
        zipfile.BadZipFile,
        tarfile.TarError,
        zlib.error,
        EOFError,
        ValueError,
    ) as error:
        raise Implausible(str(error)) from error
    return total


def _members(path: Path) -> Iterator[tuple[str, int]]:
    if path.name.endswith(".tar.gz"):
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                if member.issym() or member.islnk():
                    # A symbolic link is read from where it lies, a hard one from the top.
                    here = PurePosixPath(member.name).parent if member.issym() else PurePosixPath()
                    if _leaves(here, member.linkname):
                        raise Implausible(f"{member.name[:120]!r} links out of it")
                elif not (member.isreg() or member.isdir()):
                    raise Implausible(f"{member.name[:120]!r} is no plain file")
                yield member.name, max(0, member.size)
    else:
        with zipfile.ZipFile(path) as wheel:
            for entry in wheel.infolist():
                yield entry.filename, entry.file_size


def climbs_out(name: str) -> bool:
    """Whether *name*, unpacked somewhere, would lie elsewhere, on any system."""
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    return (
        posix.is_absolute()
        or bool(windows.drive or windows.root)
        or ".." in posix.parts
        or ".." in windows.parts
    )


def _leaves(base: PurePosixPath, link: str) -> bool:
    if PurePosixPath(link).is_absolute():
        return True
    depth = len(base.parts)
    for part in PurePosixPath(link).parts:
        depth += -1 if part == ".." else 1
        if depth < 0:
            return True
    return False


def top_modules(path: Path) -> tuple[str, ...]:
    """Return what can be imported of the wheel at *path*; nothing of an sdist, which has to be
    built first."""
    if not path.name.endswith(".whl"):
        return ()
    with zipfile.ZipFile(path) as wheel:
        names = [PurePosixPath(name) for name in wheel.namelist()]
    found = {
        name.parts[0] for name in names if len(name.parts) == 2 and name.parts[1] == "__init__.py"
    } | {name.stem for name in names if len(name.parts) == 1 and name.suffix == ".py"}
    return tuple(sorted(one for one in found if re.fullmatch(r"[A-Za-z_]\w*", one)))
