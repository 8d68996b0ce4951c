"""What operations that were cut off have left, of every kind, in one list, and the sweep of it.

Each kind says how it is found and how it is told that it is nobody's any more: by the mark of a
process that is gone, or because nobody else holds the console's lock, under which alone it is made.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from core.backup.store import Store
from core.base.cleanup import attempt
from core.base.config.models import Settings
from core.base.folders import CLAIMS, Use, read_claim, scratch_folders, use_of
from core.base.lock import lock_holder
from core.base.model import Model
from core.base.operation import OperationError
from core.base.owner import owner_of
from core.base.text import Text, translate
from core.diff.sides import is_kept
from core.program.release import home as deployments
from core.release.config import load_config
from core.release.recovery import rehearsals, sweep_rehearsals
from core.release.releases import half_made

log = logging.getLogger(__name__)


class Swept(Model):
    """One kind of what had been left and was removed."""

    what: Text
    paths: tuple[str, ...]
    freed_bytes: int


class _Kind(NamedTuple):
    """A kind of leftovers: *find* returns what is nobody's any more, *remove* takes it away."""

    what: Text
    find: Callable[[Settings], Iterable[Path]]
    remove: Callable[[Settings, Path], object]
    under_lock: bool = False
    """Whether it is made under the console's lock alone, so that its holder may be at work."""


def anything_left(settings: Settings) -> bool:
    """Whether an operation that was cut off has left anything that `sweep` would remove."""
    free = _is_free(settings)
    return any(any(_found(settings, kind)) for kind in _KINDS if free or not kind.under_lock)


def sweep(settings: Settings) -> tuple[Swept, ...]:
    """Remove what is nobody's any more and say what it was; call it under the console's lock.

    What cannot be removed stays, and is logged: it is in nobody's way.
    """
    swept = []
    for kind in _KINDS:
        gone, freed = [], 0
        for path in _found(settings, kind):
            size = _size(path)
            # What somebody else works in, in a store that is shared, stays.
            if attempt(kind.remove, settings, path) and not path.exists():
                gone.append(str(path))
                freed += size
        if gone:
            swept.append(Swept(what=kind.what, paths=tuple(gone), freed_bytes=freed))
    return tuple(swept)


def _found(settings: Settings, kind: _Kind) -> tuple[Path, ...]:
    try:
        return tuple(kind.find(settings))
    except (OSError, OperationError):
        log.exception("looking for what was left")
        return ()


def _is_free(settings: Settings) -> bool:
    holder = lock_holder(settings)
    return holder is None or holder.pid == os.getpid()


def _size(path: Path) -> int:
    try:
        if path.is_dir() and not path.is_symlink():
            return sum(one.lstat().st_size for one in path.rglob("*") if one.is_file())
        return path.lstat().st_size
    except OSError:
        return 0


def _remove(_: Settings, path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _nobodys(path: Path) -> bool:
    owner = owner_of(path.name)
    return owner is None or not owner.alive


# ---- scratch, by the mark of its process ---------------------------------------------------


def _scratch(*uses: Use) -> Callable[[Settings], Iterable[Path]]:
    def find(settings: Settings) -> Iterable[Path]:
        return (
            path
            for path in scratch_folders(settings)
            if use_of(path) in uses and _nobodys(path) and not is_kept(settings, path)
        )

    return find


def _half_written(settings: Settings) -> Iterable[Path]:
    """Files that were to be replaced whole, wherever the console replaces any."""
    for path in settings.home.rglob(".*.new"):
        if _nobodys(path):
            yield path
    # Others have files there, too: only what bears the mark of a console that died.
    for folder in (deployments(settings), deployments(settings) / "reports", settings.store):
        for path in folder.glob(".*.new"):
            if owner_of(path.name) is not None and _nobodys(path):
                yield path


# ---- what was claimed, by the mark of its process ------------------------------------------


def _claims(settings: Settings) -> Iterable[Path]:
    for note in (settings.home / CLAIMS).glob("*.json"):
        claim = read_claim(note) if _nobodys(note) else None
        # On a disk that is away it waits until the disk is back.
        if _nobodys(note) and (claim is None or claim.path.parent.exists()):
            yield note


def _give_up(settings: Settings, note: Path) -> None:
    claim = read_claim(note)
    if claim is None:
        log.error("%s is damaged: what it names, if anything, stays", note)
    else:
        _remove(settings, claim.path)
    note.unlink(missing_ok=True)


# ---- what is made under the lock alone -----------------------------------------------------


def _in_store(settings: Settings) -> Iterable[Path]:
    return Store(settings.store).left_behind()


def _releases(settings: Settings) -> Iterable[Path]:
    try:
        return half_made(load_config(settings))
    except OperationError:
        return ()  # nothing is, or can be, deployed


def _rehearsed(settings: Settings) -> Iterable[Path]:
    root = rehearsals(settings)
    return (root,) if root.is_dir() else ()


_KINDS = (
    _Kind(
        translate("core", "What an interrupted migration had left was removed."),
        _scratch(Use.MIGRATION), _remove,
    ),
    _Kind(
        translate("core", "What an interrupted import had left was removed."),
        _scratch(Use.IMPORT), _remove,
    ),
    _Kind(
        translate("core", "What an interrupted look had left was removed."),
        _scratch(Use.CHECK, Use.COMPARE, Use.RELEASE), _remove,
    ),
    _Kind(
        translate("core", "What an interrupted export or copy had left was removed."),
        _claims, _give_up,
    ),
    _Kind(
        translate("core", "What had been half written was removed."),
        _half_written, _remove,
    ),
    _Kind(
        translate("core", "What an interrupted backup or drill had left in the store was removed."),
        _in_store, lambda settings, _: Store(settings.store).sweep(), under_lock=True,
    ),
    _Kind(
        translate("core", "A release that was half made was removed."),
        _releases, _remove, under_lock=True,
    ),
    _Kind(
        translate("core", "What an interrupted rehearsal had left was removed."),
        _rehearsed, lambda settings, _: sweep_rehearsals(settings), under_lock=True,
    ),
)  # fmt: skip
