"""Scratch of the console's own, and a note of what it makes elsewhere: all of it is swept.

Whatever an operation makes only for its own time lies in a folder that bears the mark of its
process: below the console's folder, or, where that disk has no room, among the system's temporary
files.  Before something is made under a provisional name in a place of the operator's choosing it
is claimed: a file in the console's folder names it, for the console may die.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError

from core.base.cleanup import attempt, cleaning_up, remove_tree
from core.base.config.models import Settings
from core.base.files import new_temporary, private_folder, temporary_place, write_durably
from core.base.folders import make_home
from core.base.model import Strict
from core.base.owner import me, owner_of

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
            found += [path] if _ours(path) else []
    return tuple(sorted(found))


def use_of(folder: Path) -> Use | None:
    """Return what a scratch folder is for."""
    word = folder.name.removeprefix(TEMPORARY).split("-")[0]
    return Use(word) if word in set(Use) else None


def _ours(path: Path) -> bool:
    return os.name != "posix" or path.lstat().st_uid == os.geteuid()


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
