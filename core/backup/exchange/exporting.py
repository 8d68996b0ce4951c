"""Writes a restore point out as ordinary files that any SQLite tool opens."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import apsw

from core.backup.exchange.manifest import FILE, Manifest, stamp_of, type_of
from core.backup.materialise import materialise_all
from core.backup.models import ListedPoint, StoredFile
from core.backup.store import Store
from core.base.cleanup import attempt, cleaning_up, remove_tree
from core.base.config.models import Settings
from core.base.files import (
    fsync_directory,
    is_own_folder,
    is_regular,
    new_private_folder,
    private_folder,
    replace,
    write_durably,
)
from core.base.folders import MAKING, Use, claimed
from core.base.model import Strict
from core.base.operation import Context, Kind, OperationError, Unit
from core.base.process import run_in_process
from core.base.sqlite import open_own
from core.base.text import Text, translate

MARK = ".upbit-ops-export"
"""The first file in the provisional folder of an export, and the last to leave it."""
PIECE = 1024 * 1024


class Exported(Strict):
    """An export that is complete; sizes in bytes."""

    folder: Path
    files: tuple[Path, ...]
    """The exported files, without the manifest."""
    size: int
    left_out: tuple[str, ...]
    """Names of files that hold secrets and were not asked for."""


def suggested_folder(parent: Path, listed: ListedPoint) -> Path:
    """Return a folder in *parent* for the export of *listed*.

    The last part of the id keeps two restore points of the same second apart.
    """
    point = listed.point
    stamp = stamp_of(point.moment or point.created)
    return parent / f"{type_of(point)}_backup_{stamp}_{point.id[-6:]}"


@dataclass(frozen=True)
class ExportRestorePoint:
    """Write the files of a restore point and a manifest into a new folder."""

    settings: Settings
    point_id: str
    destination: Path
    with_credentials: bool = False
    """Whether files that are no databases, such as the exchange keys, are written too."""
    kind: Kind = Kind.BACKUP_EXPORT

    def run(self, context: Context) -> Exported:
        """Return what was written; raises `OperationError` with nothing left behind."""
        listed = Store(self.settings.store).get(self.point_id)
        destination = self.destination.absolute()
        _require_free(destination)
        chosen = _chosen(self.settings, listed, self.with_credentials)
        if not chosen:
            raise _refused(translate("snapshot", "The restore point holds no database to export."))
        making = destination.with_name(f"{destination.name}{MAKING}")
        try:
            _clear(making)
            with (
                claimed(self.settings, Use.EXPORT, making),
                cleaning_up(remove_tree, making),
            ):
                private_folder(making.parent)
                new_private_folder(making)
                (making / MARK).touch(mode=0o600)
                files = run_in_process(_write, context, self.settings.store, listed, making, chosen)
                if destination.exists():
                    destination.rmdir()
                (making / MARK).unlink()
                replace(making, destination)
                fsync_directory(destination.parent)
        except OSError as error:
            raise _refused(
                translate("snapshot", "The export was not made: {why}", why=str(error))
            ) from error
        paths = tuple(destination / name for name in files)
        return Exported(
            folder=destination,
            files=paths,
            size=sum(path.stat().st_size for path in paths),
            left_out=_left_out(listed, chosen),
        )


def _chosen(settings: Settings, listed: ListedPoint, with_credentials: bool) -> dict[str, str]:
    """Return the name of the exported file for each file of the restore point."""
    chosen = {}
    for file in listed.point.files:
        path = PurePosixPath(file.live_path.replace("\\", "/"))
        base = file.name.removesuffix("-wal")
        if _is_database(settings, file, base, path):
            chosen[file.name] = f"{base}.sqlite3{file.name[len(base) :]}"
        elif with_credentials:
            chosen[file.name] = f"{file.name}{path.suffix}"
    return chosen


def _is_database(settings: Settings, file: StoredFile, base: str, path: PurePosixPath) -> bool:
    """Whether *file* is a database (or its ``-wal``); all else may be a secret.

    A restore point may hold what the settings of today do not know, and databases that SQLite
    could not read.
    """
    kinds = {known.name: known.kind for known in settings.files}
    if base in kinds:
        return kinds[base] == "database"
    suffix = path.suffix.removesuffix("-wal")
    return file.database is not None or suffix in {".sqlite3", ".sqlite", ".db"}


def _left_out(listed: ListedPoint, chosen: dict[str, str]) -> tuple[str, ...]:
    return tuple(file.name for file in listed.point.files if file.name not in chosen)


def _require_free(destination: Path) -> None:
    if destination.is_symlink() or (destination.exists() and not destination.is_dir()):
        raise _refused(translate("snapshot", "{path} is no folder.", path=destination))
    if destination.exists() and any(destination.iterdir()):
        raise _refused(translate("snapshot", "The folder {path} is not empty.", path=destination))


def _clear(making: Path) -> None:
    """Remove what an interrupted export left where the provisional folder is to be."""
    if not os.path.lexists(making):
        return
    if not is_own_folder(making) or not is_regular(making / MARK):
        raise _refused(
            translate("snapshot", "{path} is in the way and not an export's.", path=making)
        )
    shutil.rmtree(making)


def _write(
    context: Context, store: Path, listed: ListedPoint, making: Path, chosen: dict[str, str]
) -> tuple[str, ...]:
    point = listed.point
    materialise_all(context, store, listed, {name: making / chosen[name] for name in chosen})
    for name, file in chosen.items():
        if f"{name}-wal" in chosen:
            _merge(making / file)
    written = {name: file for name, file in chosen.items() if (making / file).exists()}
    for file in written.values():
        (making / file).chmod(0o600)
    named = {name: file for name, file in written.items() if not name.endswith("-wal")}
    manifest = Manifest(
        timestamp=stamp_of(point.moment or point.created),
        backup_type=type_of(point),
        files=named,
        sizes={name: (making / file).stat().st_size for name, file in named.items()},
        sha256=_hashes(context, making, named),
        created=point.moment or point.created,
        restore_point=point.id,
        note=listed.annotations.note,
        left_out=_left_out(listed, chosen),
    )
    write_durably(making / FILE, manifest.model_dump_json(indent=2).encode())
    return tuple(written.values())


def _merge(path: Path) -> None:
    """Bring the rows of a preserved ``-wal`` into the file where SQLite can read the two.

    Where it cannot, both stay as they were: a recovery tool needs the bytes.
    """
    trial = path.with_name(f"{path.name}-wal{MAKING}")
    shutil.copyfile(path, trial)
    shutil.copyfile(f"{path}-wal", f"{trial}-wal")
    try:
        connection = open_own(trial)
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            sound = connection.execute("PRAGMA quick_check").get == "ok"
        except (apsw.NotADBError, apsw.CorruptError):
            sound = False
        finally:
            attempt(connection.close)
        if sound:
            with trial.open("rb+") as file:
                os.fsync(file.fileno())
            Path(f"{path}-wal").unlink()
            replace(trial, path)
    finally:
        for suffix in ("", "-wal", "-shm"):
            attempt(Path(f"{trial}{suffix}").unlink, missing_ok=True)


def _hashes(context: Context, folder: Path, files: dict[str, str]) -> dict[str, str]:
    total = sum((folder / file).stat().st_size for file in files.values())
    done = 0
    hashes = {}
    for name, file in files.items():
        hasher = hashlib.sha256()
        with (folder / file).open("rb") as source:
            while piece := source.read(PIECE):
                context.check()
                hasher.update(piece)
                done += len(piece)
                context.progress(
                    done, total, Unit.BYTES, translate("snapshot", "Hashing {name}", name=name)
                )
        hashes[name] = hasher.hexdigest()
    return hashes


def _refused(happened: Text) -> OperationError:
    return OperationError(
        happened,
        data_state=translate("snapshot", "Nothing was written."),
        to_do=translate("snapshot", "Choose a new folder with enough space."),
    )
