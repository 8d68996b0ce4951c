"""Which folders may be the console's own, and what it makes for a while, there and elsewhere.

What the console sweeps, it sweeps below folders that it made itself.  So a folder is a store, a
copy or the console's home only by a marker in it, and one that holds anything without a marker is
refused before a byte is written there.  Folders of the system are refused even when empty.

Scratch: what an operation makes only for its own time lies in a folder that bears the mark of its
process, below the home or, where that disk has no room, among the system's temporary files.
Claims: before something is made under a provisional name in a place of the operator's choosing, a
file in the home names it, for the console may die.

The reserve: on a full disk not even the lock and the journal can be written, and then the very
operations that make room could not run.  So a file of random bytes, which no file system
compresses, waits in the home; it is given up for those operations and made anew afterwards.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError

from core.base.cleanup import attempt, cleaning_up, remove_tree
from core.base.config.models import Settings
from core.base.files import (
    half_written_of,
    is_regular,
    new_temporary,
    private_folder,
    temporary_place,
    write_durably,
)
from core.base.model import Strict
from core.base.operation import Effect
from core.base.owner import me, owner_of

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


FOLDER = "scratch"
COMPARISONS = "compare"
CLAIMS = "claims"
TEMPORARY = "ops-console-"
"""How the names of our folders among the system's temporary files begin."""
MAKING = ".making"
NEW = ".new"


class Use(StrEnum):
    """What scratch, or what is claimed, is for; its folder's name begins so."""

    MIGRATION = "migration"
    IMPORT = "import"
    EXPORT = "export"
    CHECK = "check"
    RELEASE = "release"
    COMPARE = "compare"


@contextmanager
def scratch_folder(settings: Settings, use: Use, needed: int = 0) -> Iterator[Path]:
    """Make a private folder that is gone at the end, where *needed* bytes are free if anywhere."""
    folder = new_scratch(settings, use, needed)
    with cleaning_up(remove_tree, folder):
        yield folder


def new_scratch(settings: Settings, use: Use, needed: int = 0) -> Path:
    """Make a folder like `scratch_folder` that its maker removes, or whoever sweeps after it."""
    name = f"{use}-{me().mark}-"
    free = shutil.disk_usage(make_home(settings.home)).free
    if free < needed and free < shutil.disk_usage(temporary_place()).free:
        return new_temporary(f"{TEMPORARY}{name}")
    return private_folder(settings.home / _folder(use) / f"{name}{secrets.token_hex(4)}")


def _folder(use: Use) -> str:
    # A comparison that is complete is kept there until the next one.
    return COMPARISONS if use is Use.COMPARE else FOLDER


def scratch_folders(settings: Settings, use: Use | None = None) -> tuple[Path, ...]:
    """Return all scratch folders (of one *use*), whoever works in them."""
    pattern = f"{use or ''}*"
    found = [
        path
        for folder in {_folder(one) for one in ((use,) if use else Use)}
        for path in (settings.home / folder).glob(pattern)
    ]
    for path in temporary_place().glob(f"{TEMPORARY}{pattern}"):
        if owner_of(path.name) is not None and path.is_dir() and not path.is_symlink():
            found += [path] if (os.name != "posix" or path.lstat().st_uid == os.geteuid()) else []
    return tuple(sorted(found))


def use_of(folder: Path) -> Use | None:
    """Return what a scratch folder is for."""
    word = folder.name.removeprefix(TEMPORARY).split("-")[0]
    return Use(word) if word in set(Use) else None


class Claim(Strict):
    """What is being made outside of the console's folder, under a provisional name."""

    use: Use
    path: Path
    digest: str = ""
    """Of the rest: a damaged claim names nothing to be removed."""

    def sealed(self) -> Claim:
        """Return it with its digest."""
        text = f"{self.use.value}\n{self.path}"
        return self.model_copy(update={"digest": hashlib.sha256(text.encode()).hexdigest()})


@contextmanager
def claimed(settings: Settings, use: Use, path: Path) -> Iterator[None]:
    """Claim *path*, which is about to be made and is gone, or has its own name, at the end."""
    if not is_provisional(path):
        raise ValueError(f"{path} has no provisional name")
    note = settings.home / CLAIMS / f"{me().mark}-{secrets.token_hex(4)}.json"
    with cleaning_up(_forget_claim, note, path):
        # On a full disk it cannot be written; what is made elsewhere is made all the same.
        attempt(_write_claim, note, Claim(use=use, path=path.absolute()))
        yield


def _forget_claim(note: Path, path: Path) -> None:
    """Forget what was claimed, unless it could not be removed: then whoever sweeps finds it."""
    if not os.path.lexists(path):
        note.unlink(missing_ok=True)


def _write_claim(note: Path, claim: Claim) -> None:
    private_folder(note.parent)
    write_durably(note, claim.sealed().model_dump_json().encode())


def is_provisional(path: Path) -> bool:
    """Whether *path* has a name that nothing bears which is complete."""
    return path.name.endswith(MAKING) or (path.name.startswith(".") and path.name.endswith(NEW))


def read_claim(note: Path) -> Claim | None:
    """Return the claim in *note*; None where it is damaged."""
    try:
        claim = Claim.model_validate_json(note.read_bytes())
    except (OSError, ValidationError):
        return None
    return claim if claim == claim.sealed() and is_provisional(claim.path) else None


SIZE = 1024 * 1024
"""Bytes: enough for the lock, the journal and the notes of one operation, several times over."""
PLENTY = 32 * SIZE
"""Bytes that must be free before the reserve is made: it must not itself fill a disk."""
FILE = "reserve"


def open_reserve(settings: Settings, effect: Effect) -> None:
    """Give the reserve up where an operation of this *effect* needs it."""
    if effect.is_remedy and _free(settings) < SIZE:
        with suppress(OSError):
            (settings.home / FILE).unlink(missing_ok=True)


def keep_reserve(settings: Settings) -> None:
    """Make the reserve where there is none and the disk has plenty of room."""
    path = settings.home / FILE
    if path.exists() or _free(settings) < PLENTY:
        return
    try:
        path.write_bytes(os.urandom(SIZE))
        path.chmod(0o600)
    except OSError:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _free(settings: Settings) -> int:
    try:
        return shutil.disk_usage(settings.home).free
    except OSError:
        return 0
