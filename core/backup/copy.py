"""Copies restore points between the store and a second one: on another disk, and back.

What is there is never written over and nothing is removed.  A pack counts as copied when its
copy was read back against its hash, and a restore point goes after the packs: at every instant
the target is a sound store, and a copy that was cut off goes on where it stopped.

A target is one by its marker.  Where a disk is not mounted its mount point is an empty folder: a
target is made only when that was asked for, and one that was there before is missed, not made anew.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from pydantic import computed_field

from core.backup.models import ListedPoint
from core.backup.store import Damage, Store
from core.backup.store.marker import (
    FILE,
    has_marker,
    marker_is_damaged,
    read_marker,
    require_free,
    require_known,
)
from core.backup.store.pack import MAKING, SUFFIX, check_pack
from core.backup.store.points import ID, MAX_NOTES
from core.backup.targets import known_target, remember_target
from core.base.cleanup import attempt
from core.base.config.models import Settings
from core.base.files import (
    NotRegularError,
    file_of,
    fsync_directory,
    is_regular,
    open_regular,
    read_regular,
    replace,
    write_durably,
)
from core.base.folders import Use, claimed
from core.base.model import Model
from core.base.operation import Context, Kind, OperationError, Unit
from core.base.sealed import is_there
from core.base.text import Text, translate

BLOCK = 4 * 1024 * 1024
SPARE_BYTES = 16 * 1024 * 1024


class StoreCopied(Model):
    """What was copied; sizes in bytes."""

    source: Path
    target: Path
    points: tuple[str, ...]
    """Restore points that are new in the target."""
    copied_bytes: int
    total: int
    """Restore points in the target now."""
    damaged: dict[str, str]
    """Packs and restore points that were not copied, and why."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def ok(self) -> bool:
        """Whether everything that the source holds is in the target."""
        return not self.damaged


@dataclass(frozen=True)
class CopyStore:
    """Bring what is new in the store to *other*, or from there into the store."""

    settings: Settings
    other: Path
    direction: Literal["to", "from"]
    create: bool = False
    """Whether a copy may be made where none is yet; its folder's parent must be there."""
    kind: Kind = Kind.BACKUP_COPY

    def run(self, context: Context) -> StoreCopied:
        """Return what was copied; raises `OperationError` when *other* cannot be used."""
        ends = Store(self.settings.store), Store(self.other)
        source, target = ends if self.direction == "to" else ends[::-1]
        _require_apart(source.root, target.root)
        _require_store(source)
        if self.direction == "to":
            _require_target(self.settings, target, create=self.create)
        target = Store.create(target.root, context)
        if self.direction == "to":
            _remember(context, self.settings, target)
        target.sweep()
        there = source.read()
        damaged = dict(there.damaged)
        with target.exclusive(context):
            copied = _copy_packs(context, self.settings, source, target, damaged)
            points = _copy_points(
                context, source, target, there.listed, damaged, notes=self.direction == "to"
            )
        return StoreCopied(
            source=source.root,
            target=target.root,
            points=points,
            copied_bytes=copied,
            total=len(target.listed()),
            damaged=damaged,
        )


def _require_apart(source: Path, target: Path) -> None:
    one, other = source.resolve(), target.resolve()
    if one == other or one in other.parents or other in one.parents:
        raise _refused(
            translate("snapshot", "{path} is the store itself, or lies in it.", path=target),
            translate("snapshot", "Name a folder on another disk."),
        )


def _require_store(store: Store) -> None:
    if not has_marker(store.root):
        raise _refused(
            translate(
                "snapshot", "There is no store of restore points at {path}.", path=store.root
            ),
            translate("snapshot", "Name the folder in which STORE.json lies."),
        )
    store.require_known_format()


def _require_target(settings: Settings, target: Store, *, create: bool) -> None:
    """Raise `OperationError` where nothing may be copied to *target*; nothing is written."""
    path = target.root
    known = known_target(settings, path)
    if is_there(path / FILE):
        marker = require_known(path)
        unknown = marker.id is None and marker_is_damaged(path)
        if known is not None and marker.id != known and not unknown:
            raise _refused(
                translate("snapshot", "At {path} lies another copy than before.", path=path),
                translate("snapshot", "Mount the right disk, or name another folder."),
            )
        return
    if known is not None:
        raise _refused(
            translate("snapshot", "The copy that was at {path} is not there.", path=path),
            translate(
                "snapshot",
                "Mount its disk. Where the copy is lost, make a new one in another folder.",
            ),
        )
    require_free(path)
    if not create:
        raise _refused(
            translate("snapshot", "There is no copy at {path} yet.", path=path),
            translate("snapshot", "See that its disk is mounted, then make one with --create."),
        )
    if not path.parent.is_dir():
        raise _refused(
            translate("snapshot", "There is no folder {path}.", path=path.parent),
            translate("snapshot", "Mount the disk, or make the folder, then copy again."),
        )


def _remember(context: Context, settings: Settings, target: Store) -> None:
    marker = read_marker(target.root)
    if marker is not None and marker.id is not None:
        remember_target(settings, target.root, marker.id)
    if target.root.stat().st_dev == settings.store.stat().st_dev:
        context.warn(
            translate("snapshot", "{path} lies on the same disk as the restore points themselves.",
                      path=target.root)
        )  # fmt: skip


def _copy_packs(
    context: Context, settings: Settings, source: Store, target: Store, damaged: dict[str, str]
) -> int:
    packs = [path for path in sorted(source.packs.glob(f"*{SUFFIX}")) if ID.fullmatch(path.stem)]
    missing = [path for path in packs if not _there(path, target)]
    total = sum(path.lstat().st_size for path in missing)
    _require_space(target, total)
    done = 0
    for path in missing:
        provisional = target.packs / f"{path.name.removesuffix(SUFFIX)}{MAKING}"
        try:
            with claimed(settings, Use.EXPORT, provisional):
                done = _copy(context, path, provisional, done, total)
                check_pack(provisional, lambda _: context.check())
                replace(provisional, target.packs / path.name)
                fsync_directory(target.packs)
        except (Damage, NotRegularError) as damage:
            damaged[path.name] = str(damage)
        finally:
            attempt(provisional.unlink, missing_ok=True)
    return done


def _there(path: Path, target: Store) -> bool:
    copy = target.packs / path.name
    if not is_regular(copy) or copy.stat().st_size != path.lstat().st_size:
        return False
    if os.name == "posix" and copy.stat().st_mode & 0o077:
        attempt(copy.chmod, 0o600)  # earlier versions left the rights to the umask
    return True


def _copy(context: Context, path: Path, to: Path, done: int, total: int) -> int:
    what = translate("snapshot", "Copying restore points")
    with file_of(open_regular(path), "rb") as source, _new_file(to) as out:
        while block := source.read(BLOCK):
            context.check()
            done += out.write(block)
            context.progress(done, total, Unit.BYTES, what)
        out.flush()
        os.fsync(out.fileno())
    return done


def _new_file(path: Path) -> BinaryIO:
    """Make a file that its owner alone may read: the store holds the exchange keys."""
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return file_of(os.open(path, flags, 0o600), "wb")


def _copy_points(
    context: Context,
    source: Store,
    target: Store,
    there: Sequence[ListedPoint],
    damaged: dict[str, str],
    *,
    notes: bool,
) -> tuple[str, ...]:
    """Copy the manifests whose packs are there; *notes*: those of known ones are renewed.

    One that is not checked yet follows with its verdict, in a later copy.
    """
    new = []
    for listed in reversed(there):
        context.check()
        if not listed.checked:
            continue
        point_id = listed.point.id
        known = (target.points / f"{point_id}.json").exists()
        if not known:
            try:
                if damaged:
                    target.packs_of(listed.point)
                target.adopt(source, point_id)
            except Damage as damage:
                damaged[point_id] = str(damage)
                continue
            new.append(point_id)
        annotations = source.points / f"{point_id}.notes.json"
        if is_regular(annotations) and (notes or not known):
            content = read_regular(annotations, MAX_NOTES)
            write_durably(target.points / annotations.name, content)
    return tuple(new)


def _require_space(target: Store, needed: int) -> None:
    free = shutil.disk_usage(target.root).free
    if free < needed + SPARE_BYTES:
        raise OperationError(
            translate(
                "snapshot",
                "Not enough free space: about {needed_bytes} are needed, "
                "{free_bytes} are free in {path}.",
                needed_bytes=needed + SPARE_BYTES,
                free_bytes=free,
                path=target.root,
            ),
            data_state=translate("snapshot", "Nothing was written."),
            to_do=translate("snapshot", "Free some space or prune old restore points."),
        )


def _refused(happened: Text, to_do: Text) -> OperationError:
    return OperationError(
        happened, data_state=translate("snapshot", "Nothing was copied."), to_do=to_do
    )
