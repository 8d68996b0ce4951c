"""Writes the files of a restore point out, comparing every byte with its digest."""

from __future__ import annotations

import errno
import logging
import os
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from core.backup.models import ListedPoint, StoredFile
from core.backup.store import Chunks, Damage, Store
from core.backup.store.ahead import BATCH, THREADS, ahead
from core.backup.store.format import CHUNK, digest_of
from core.backup.store.store import file_digest
from core.backup.store.writing import previous_digests
from core.base.cleanup import attempt
from core.base.files import fsync_directory
from core.base.operation import Context, OperationError, Unit
from core.base.text import translate

log = logging.getLogger(__name__)
SYNC_EVERY = 32 * 1024 * 1024
"""Bytes after which the disk begins to write, while the next ones are decoded."""
REUSES = hasattr(os, "copy_file_range") and hasattr(os, "pread")
"""Whether the system copies a file without handing its bytes to us (Linux)."""


class _Part(NamedTuple):
    """What a batch of chunks leaves to be written, and how many bytes it is about."""

    writes: list[tuple[int, bytes]]
    length: int


def materialise_all(
    context: Context,
    store_root: Path,
    listed: ListedPoint,
    destinations: dict[str, Path],
    alike: dict[str, Path] | None = None,
) -> None:
    """Write the files named in *destinations* durably; for `core.base.process.run_in_process`.

    *alike* names files that may be much the same, such as the live ones: they are copied, and what
    differs in the copy is decoded.  Only the copy is believed, whatever happens to them meanwhile.
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

    def progress(count: int, name: str) -> None:
        nonlocal done
        done += count
        what = translate("snapshot", "Restoring {name}", name=name)
        context.progress(done, total, Unit.BYTES, what)

    try:
        for file in files:
            destination = destinations[file.name]
            written.append(destination)
            digests = previous_digests(chunks, file)
            if file_digest(digests) != file.digest:
                raise Damage(f"{file.name}: its index does not match its digest")
            with destination.open("xb+") as target:
                destination.chmod(file.mode or 0o600)
                source = (alike or {}).get(file.name)
                copied = _copy(source, target, file) if source is not None else 0
                _fill(context, chunks, file, digests, target, copied, progress)
            fsync_directory(destination.parent)
    except BaseException as error:
        for path in written:
            attempt(path.unlink, missing_ok=True)
        if isinstance(error, Damage | OSError):
            raise _failed(listed.point.id, error) from error
        raise
    finally:
        attempt(chunks.close)


def _copy(source: Path, target: BinaryIO, file: StoredFile) -> int:
    """Copy up to the size of *file* from *source*; return how many bytes there are to look at.

    0 where the system has no way to, or nothing like it is there.
    """
    if not REUSES:
        return 0
    copied = 0
    try:
        with source.open("rb") as live:
            while copied < file.size:
                count = os.copy_file_range(live.fileno(), target.fileno(), file.size - copied)
                if not count:
                    break
                copied += count
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        log.info("%s is not reused: %s", source, error)
    return copied


def _fill(
    context: Context,
    chunks: Chunks,
    file: StoredFile,
    digests: list[bytes],
    target: BinaryIO,
    copied: int,
    progress: Callable[[int, str], None],
) -> None:
    """Write what *target* lacks of *file*, and make it durable.

    Threads decode, one writes: two on one file are slower (measured).  Raises `Damage`.
    """
    with ThreadPoolExecutor(THREADS) as threads, ThreadPoolExecutor(1) as syncing:
        synced: Future[None] | None = None
        unsynced = 0
        starts = range(0, len(digests), BATCH)
        parts = ahead(
            context, threads, (partial(_look, chunks, digests, start, target, copied)
                               for start in starts), 2 * THREADS,
        )  # fmt: skip
        for part in parts:
            for offset, content in part.writes:
                target.seek(offset)
                target.write(content)
            unsynced += part.length
            if unsynced >= SYNC_EVERY:
                if synced is not None:
                    synced.result()
                target.flush()
                synced = syncing.submit(os.fsync, target.fileno())
                unsynced = 0
            progress(part.length, file.name)
        if synced is not None:
            synced.result()
    target.truncate(file.size)
    target.flush()
    os.fsync(target.fileno())
    if target.seek(0, os.SEEK_END) != file.size:
        raise Damage(f"{file.name}: its size does not match")


def _look(chunks: Chunks, digests: list[bytes], start: int, target: BinaryIO, copied: int) -> _Part:
    """Return what of the chunks from number *start* on is not in *target* yet."""
    batch = digests[start : start + BATCH]
    there = b""
    if start * CHUNK < copied:
        there = os.pread(target.fileno(), len(batch) * CHUNK, start * CHUNK)
    writes, length = [], 0
    for number, digest in enumerate(batch):
        piece = there[number * CHUNK : (number + 1) * CHUNK]
        if piece and digest_of(piece) == digest:
            length += len(piece)
            continue
        content = chunks.read(digest)
        length += len(content)
        writes.append(((start + number) * CHUNK, content))
    return _Part(writes, length)


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
