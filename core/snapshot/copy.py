"""Copies restore points between the store and a second one: on another disk, and back.

What is there is never written over and nothing is removed.  A pack counts as copied when its
copy was read back against its hash, and a restore point goes after the packs: at every instant
the target is a sound store, and a copy that was cut off goes on where it stopped.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, computed_field

from core.cleanup import attempt
from core.config.models import Settings
from core.files import fsync_directory, write_durably
from core.operation import Context, Effect, OperationError, Unit
from core.scratch import Use, claimed
from core.snapshot.store import Damage, Store
from core.snapshot.store.pack import MAKING, SUFFIX, check_pack
from core.text import Text, translate

BLOCK = 4 * 1024 * 1024
SPARE_BYTES = 16 * 1024 * 1024


class StoreCopied(BaseModel):
    """What was copied; sizes in bytes."""

    model_config = ConfigDict(frozen=True)

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
    name: str = "backup copy"
    effect: Effect = Effect.STORE

    def run(self, context: Context) -> StoreCopied:
        """Return what was copied; raises `OperationError` when *other* cannot be used."""
        ends = Store(self.settings.store), Store(self.other)
        source, target = ends if self.direction == "to" else ends[::-1]
        _require_apart(source.root, target.root)
        _require_store(source)
        if self.direction == "to":
            _require_free_or_store(target)
        target = Store.create(target.root)
        target.sweep()
        damaged: dict[str, str] = dict(source.damaged())
        with target.exclusive(context):
            copied = _copy_packs(context, self.settings, source, target, damaged)
            points = _copy_points(context, source, target, damaged, notes=self.direction == "to")
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
    if not (store.root / "STORE.json").is_file():
        raise _refused(
            translate(
                "snapshot", "There is no store of restore points at {path}.", path=store.root
            ),
            translate("snapshot", "Name the folder in which STORE.json lies."),
        )
    store.require_known_format()


def _require_free_or_store(target: Store) -> None:
    if not target.root.exists():
        return
    if not target.root.is_dir() or (
        any(target.root.iterdir()) and not (target.root / "STORE.json").is_file()
    ):
        raise _refused(
            translate("snapshot", "{path} holds files that are no store.", path=target.root),
            translate("snapshot", "Name an empty folder, or a copy that was made before."),
        )


def _copy_packs(
    context: Context, settings: Settings, source: Store, target: Store, damaged: dict[str, str]
) -> int:
    missing = [path for path in sorted(source.packs.glob(f"*{SUFFIX}")) if not _there(path, target)]
    total = sum(path.stat().st_size for path in missing)
    _require_space(target, total)
    done = 0
    for path in missing:
        provisional = target.packs / f"{path.name.removesuffix(SUFFIX)}{MAKING}"
        try:
            with claimed(settings, Use.EXPORT, provisional):
                done = _copy(context, path, provisional, done, total)
                check_pack(provisional, lambda _: context.check())
                provisional.replace(target.packs / path.name)
                fsync_directory(target.packs)
        except Damage as damage:
            damaged[path.name] = str(damage)
        finally:
            attempt(provisional.unlink, missing_ok=True)
    return done


def _there(path: Path, target: Store) -> bool:
    copy = target.packs / path.name
    return copy.exists() and copy.stat().st_size == path.stat().st_size


def _copy(context: Context, path: Path, to: Path, done: int, total: int) -> int:
    what = translate("snapshot", "Copying restore points")
    with path.open("rb") as source, to.open("wb") as out:
        while block := source.read(BLOCK):
            context.check()
            done += out.write(block)
            context.progress(done, total, Unit.BYTES, what)
        out.flush()
        os.fsync(out.fileno())
    return done


def _copy_points(
    context: Context, source: Store, target: Store, damaged: dict[str, str], *, notes: bool
) -> tuple[str, ...]:
    """Copy the manifests whose packs are there; *notes*: those of known ones are renewed."""
    new = []
    for listed in reversed(source.listed()):
        context.check()
        point_id = listed.point.id
        known = (target.points / f"{point_id}.json").exists()
        if not known:
            try:
                if damaged:
                    target.packs_of(listed.point)
            except Damage as damage:
                damaged[point_id] = str(damage)
                continue
            target.publish(listed.point)
            new.append(point_id)
        annotations = source.points / f"{point_id}.notes.json"
        if annotations.exists() and (notes or not known):
            write_durably(target.points / annotations.name, annotations.read_bytes())
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
