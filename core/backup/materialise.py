"""Writes the files of a restore point out, comparing every byte with its digest."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from core.backup.models import ListedPoint, StoredFile
from core.backup.store import Chunks, Damage, Store
from core.backup.store.store import file_digest
from core.backup.store.writing import previous_digests
from core.base.cleanup import attempt
from core.base.files import fsync_directory
from core.base.operation import Context, OperationError, Unit
from core.base.text import translate

SYNC_EVERY = 16 * 1024 * 1024


def materialise_all(
    context: Context, store_root: Path, listed: ListedPoint, destinations: dict[str, Path]
) -> None:
    """Write the files named in *destinations* durably; for `core.base.process.run_in_process`.

    Raises `OperationError` when the disk is too full or a stored byte does not match; what was
    written by then is removed.
    """
    store = Store(store_root)
    files = [listed.point.file(name) for name in destinations]
    _require_space(files, destinations)
    total = sum(file.size for file in files)
    done = 0
    written: list[Path] = []
    chunks = store.chunks()
    try:
        for file in files:
            destination = destinations[file.name]
            written.append(destination)
            digests = previous_digests(chunks, file)
            if file_digest(digests) != file.digest:
                raise Damage(f"{file.name}: its index does not match its digest")
            with destination.open("xb") as target:
                destination.chmod(file.mode or 0o600)
                unsynced = 0
                for digest in digests:
                    context.check()
                    count = target.write(chunks.read(digest))
                    done += count
                    unsynced += count
                    if unsynced >= SYNC_EVERY:
                        target.flush()
                        os.fsync(target.fileno())
                        unsynced = 0
                    context.progress(
                        done, total, Unit.BYTES,
                        translate("snapshot", "Restoring {name}", name=file.name),
                    )  # fmt: skip
                target.flush()
                os.fsync(target.fileno())
                if target.tell() != file.size:
                    raise Damage(f"{file.name}: its size does not match")
            fsync_directory(destination.parent)
    except BaseException as error:
        for path in written:
            attempt(path.unlink, missing_ok=True)
        if isinstance(error, Damage | OSError):
            raise _failed(listed.point.id, error) from error
        raise
    finally:
        attempt(chunks.close)


def write_out(context: Context, chunks: Chunks, file: StoredFile, destination: Path) -> None:
    """Write one stored file, for a look and not to last; raises `Damage` and `OSError`."""
    with destination.open("xb") as target:
        for digest in previous_digests(chunks, file):
            context.check()
            target.write(chunks.read(digest))


def _require_space(files: list[StoredFile], destinations: dict[str, Path]) -> None:
    needed: dict[Path, int] = {}
    for file in files:
        folder = destinations[file.name].parent
        needed[folder] = needed.get(folder, 0) + file.size
    for folder, size in needed.items():
        free = shutil.disk_usage(folder).free
        if free < size:
            raise OperationError(
                translate(
                    "snapshot",
                    "Not enough free space: about {needed_bytes} are needed, "
                    "{free_bytes} are free in {path}.",
                    needed_bytes=size,
                    free_bytes=free,
                    path=folder,
                ),
                data_state=translate("snapshot", "Nothing was written."),
                to_do=translate("snapshot", "Free some space or prune old restore points."),
            )


def _failed(point_id: str, error: Exception) -> OperationError:
    return OperationError(
        translate(
            "snapshot",
            "The restore point {id} could not be written out: {why}",
            id=point_id,
            why=str(error),
        ),
        data_state=translate("snapshot", "The live data was not touched."),
        to_do=translate("snapshot", "Verify the restore point and choose another one if needed."),
    )
