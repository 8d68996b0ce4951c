"""The two sides of a comparison as content that stands still, the last of which is kept.

A live database is read once, as of one moment shared by all files, and let go: of it only the
chunks are kept (in the console's own folder, readable by its owner only) that the restore point
has not, the others being read from the store.  So the trading program's ``-wal`` is held no longer
than by a backup, and the rows can be looked at later as they were compared.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from core.backup.capture import CapturedFile, Moved, capture
from core.backup.models import StoredFile
from core.backup.store import Chunks
from core.backup.store.format import CHUNK, digest_of
from core.backup.store.store import file_digest
from core.backup.store.vfs import StoredContent
from core.base.config.models import GuardedFile, Settings
from core.base.files import file_of, private_folder, write_durably
from core.base.folders import COMPARISONS, Use, new_scratch, scratch_folders
from core.base.model import Model
from core.base.operation import Context, OperationError, Unit
from core.base.owner import owner_of
from core.base.text import translate
from core.diff.database import TablePlan

TRIES = 3
BATCH = 16 * CHUNK
SPARE_BYTES = 256 * 1024 * 1024
CHECK_SPACE_EVERY = 64 * 1024 * 1024


class Captured(Model):
    """A live file as of one moment: what of it the restore point has not lies in a file."""

    name: str
    size: int
    digest: str
    is_database: bool
    own_chunks: dict[int, str]
    """Number and digest of the chunks in the file, in its order."""


class CapturedContent:
    """The content of a captured file: own chunks, and those of the restore point."""

    def __init__(self, captured: Captured, path: Path, base: StoredContent | None) -> None:
        """Open the own chunks at *path*."""
        self.size = captured.size
        self._base = base
        self._places = {number: place for place, number in enumerate(captured.own_chunks)}
        self.digests = [
            bytes.fromhex(captured.own_chunks[number])
            if number in captured.own_chunks
            else _digest(base, number)
            for number in range(-(-captured.size // CHUNK))
        ]
        self._file = path.open("rb")

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the file."""
        length = min(length, self.size - offset)
        parts = []
        while length > 0:
            number, start = divmod(offset, CHUNK)
            part = self._chunk(number, start, min(length, CHUNK - start))
            if not part:
                raise OSError(f"{self._file.name}: it ends too early")
            parts.append(part)
            offset += len(part)
            length -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _chunk(self, number: int, start: int, length: int) -> bytes:
        place = self._places.get(number)
        if place is None:
            if self._base is None:
                raise OSError(f"{self._file.name}: a chunk is missing")
            return self._base.read(number * CHUNK + start, length)
        self._file.seek(place * CHUNK + start)
        return self._file.read(length)

    def close(self) -> None:
        """Close the own chunks."""
        self._file.close()


def _digest(base: StoredContent | None, number: int) -> bytes:
    if base is None or number >= len(base.digests):
        raise OSError("a captured file lacks a chunk")
    return base.digests[number]


def own_chunks(folder: Path, name: str) -> Path:
    """Return where the own chunks of the file *name* lie."""
    return folder / f"{name}.chunks"


def capture_live(
    context: Context,
    files: Sequence[GuardedFile],
    left: Mapping[str, StoredFile],
    chunks: Chunks,
    folder: Path,
) -> tuple[datetime, dict[str, Captured]]:
    """Read the live *files* once and keep in *folder* what the files in *left* have not.

    Call it in a process of its own.  Raises `OperationError` and `OSError`.
    """
    scratch = private_folder(folder / "scratch")
    bases = {name: StoredContent(chunks, file).digests for name, file in left.items()}
    for _ in range(TRIES):
        try:
            with capture(context, files, scratch=scratch) as frozen:
                total = sum(file.size for file in frozen.files)
                done = 0
                found = {}
                for file in frozen.files:
                    base = bases.get(file.name, [])
                    found[file.name] = _capture(context, file, base, folder, (done, total))
                    done += file.size
        except Moved:
            continue
        shutil.rmtree(scratch)
        return frozen.moment, found
    raise OperationError(
        translate("compare", "A file that nobody seemed to write kept changing."),
        data_state=translate("compare", "The trading program's data was only read."),
        to_do=translate("compare", "Compare again."),
    )


def _capture(
    context: Context, file: CapturedFile, base: list[bytes], folder: Path, reached: tuple[int, int]
) -> Captured:
    done, total = reached
    digests: list[bytes] = []
    own: dict[int, str] = {}
    unchecked = CHECK_SPACE_EVERY
    descriptor = os.open(
        own_chunks(folder, file.name),
        os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0),
        0o600,
    )
    with file_of(descriptor, "wb") as kept:
        for start in range(0, file.size, BATCH):
            context.check()
            block = memoryview(file.read(start, min(BATCH, file.size - start)))
            for offset in range(0, len(block), CHUNK):
                chunk = block[offset : offset + CHUNK]
                number = len(digests)
                digests.append(digest_of(chunk))
                if base[number : number + 1] != digests[-1:] and file.is_database:
                    own[number] = digests[-1].hex()
                    unchecked += kept.write(chunk)
            if unchecked >= CHECK_SPACE_EVERY:
                unchecked = 0
                _require_space(folder)
            done += len(block)
            context.progress(
                done, total, Unit.BYTES, translate("compare", "Reading {name}", name=file.name)
            )
    return Captured(
        name=file.name,
        size=file.size,
        digest=file_digest(digests),
        is_database=file.is_database,
        own_chunks=own,
    )


def _require_space(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < SPARE_BYTES:
        raise OperationError(
            translate(
                "compare",
                "Not enough free space to keep what differs: {free} bytes are free in {path}.",
                free=free,
                path=folder,
            ),
            data_state=translate("compare", "The trading program's data was only read."),
            to_do=translate("compare", "Free some space or prune old restore points."),
        )


PLAN = "plan.json"


class Kept(Model):
    """What is kept of a comparison."""

    left: str
    right: str | None
    moment: datetime
    captured: dict[str, Captured]
    """The live files by name; empty when the right side is a restore point."""
    plans: dict[str, dict[str, TablePlan]]
    """By name of the database and folded name of the table; complete for each database."""


def new_folder(settings: Settings) -> Path:
    """Make a folder for a comparison, where there is room if anywhere."""
    return new_scratch(settings, Use.COMPARE, SPARE_BYTES)


def keep(settings: Settings, folder: Path, kept: Kept) -> None:
    """Complete the comparison in *folder* and let the others go."""
    write_durably(folder / PLAN, kept.model_dump_json().encode())
    for other in scratch_folders(settings, Use.COMPARE):
        if other != folder and (is_kept(settings, other) or not _in_use(other)):
            # Windows removes no file that somebody reads; the next comparison tries again.
            shutil.rmtree(other, ignore_errors=True)


def is_kept(settings: Settings, folder: Path) -> bool:
    """Whether *folder* holds a complete comparison of this workspace, which outlives its maker."""
    return folder.parent == settings.home / COMPARISONS and (folder / PLAN).exists()


def _in_use(folder: Path) -> bool:
    owner = owner_of(folder.name)
    return owner is not None and owner.alive


def find(
    settings: Settings, left: str, right: str | None, database: str
) -> tuple[Path, Kept] | None:
    """Return the kept comparison of two sides if it has *database*, and its folder."""
    for plan in (one / PLAN for one in scratch_folders(settings, Use.COMPARE)):
        try:
            kept = Kept.model_validate_json(plan.read_bytes())
        except (OSError, ValidationError):
            continue  # removed meanwhile, or of another version: it is made anew
        if (kept.left, kept.right) == (left, right) and database in kept.plans:
            return plan.parent, kept
    return None
