"""Packs: append-only files that hold chunks, one for each restore point."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import BinaryIO

from blake3 import blake3

from core.backup.store.format import (
    CHUNK,
    END,
    FOOTER,
    MAGIC,
    Damage,
    Entry,
    pack_directory,
    unpack_directory,
)
from core.base.cleanup import attempt
from core.base.files import file_of, fsync_directory, open_regular, replace

SUFFIX = ".pack"
MAKING = ".making"
# Gentle to whoever else writes to the disk: no more than this waits unwritten, in bytes.
SYNC_EVERY = 16 * 1024 * 1024


class PackWriter:
    """Writes a new pack; it takes its name only when `publish` has made it durable."""

    def __init__(self, folder: Path, pack_id: str) -> None:
        """Begin a pack in *folder*."""
        self._final = folder / f"{pack_id}{SUFFIX}"
        self._path = folder / f"{pack_id}{MAKING}"
        descriptor = os.open(
            self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
        )
        self._file: BinaryIO = file_of(descriptor, "w+b", 1 << 20)
        self._reading = Lock()
        self._hash = blake3()
        self._unsynced = 0
        self.entries: list[Entry] = []
        self._known: set[bytes] = set()
        self.size = 0
        self._append(MAGIC)

    def _append(self, content: bytes) -> None:
        self._file.write(content)
        self._hash.update(content)
        self.size += len(content)
        self._unsynced += len(content)
        if self._unsynced >= SYNC_EVERY:
            self._file.flush()
            os.fdatasync(self._file.fileno()) if hasattr(os, "fdatasync") else None
            self._unsynced = 0

    def __contains__(self, digest: bytes) -> bool:
        """Whether the chunk is in this pack already."""
        return digest in self._known

    def add(
        self, digest: bytes, stored: bytes, raw: int, depth: int = 0, base: bytes = b""
    ) -> None:
        """Append a chunk of *raw* bytes in its *stored* form, unless it is there already."""
        if digest in self._known:
            return
        self._known.add(digest)
        self.entries.append(
            Entry(digest, self.size, len(stored), raw, depth, base.ljust(32, b"\0"))
        )
        self._append(stored)

    def finish(self) -> None:
        """Write directory and footer and make all of it durable, under the provisional name."""
        start = self.size
        directory = pack_directory(self.entries)
        self._append(directory)
        footer = FOOTER.pack(start, len(directory), len(self.entries), self._hash.digest(), END)
        self._file.write(footer)
        self.size += len(footer)
        self._file.flush()
        os.fsync(self._file.fileno())
        if hasattr(os, "posix_fadvise"):
            # What is read back comes from the disk, not from what was just handed to it.
            os.posix_fadvise(self._file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def read_back(self, entry: Entry) -> bytes:
        """Return the stored form of *entry* from the disk; several threads may ask."""
        if hasattr(os, "pread"):
            return os.pread(self._file.fileno(), entry.stored, entry.offset)
        with self._reading:
            self._file.seek(entry.offset)
            return self._file.read(entry.stored)

    def publish(self) -> None:
        """Give the finished pack its name, durably."""
        self._file.close()
        replace(self._path, self._final)
        fsync_directory(self._final.parent)

    @property
    def provisional(self) -> Path:
        """The path before `publish`."""
        return self._path

    @property
    def path(self) -> Path:
        """The path after `publish`."""
        return self._final

    def __enter__(self) -> PackWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # What was published is durable already; what was not is swept if it stays.
        attempt(self._file.close)
        attempt(self._path.unlink, missing_ok=True)


def read_directory(path: Path) -> list[Entry]:
    """Return the entries of the pack at *path*; raises `Damage`."""
    with file_of(open_regular(path), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size < len(MAGIC) + FOOTER.size or file.read(len(MAGIC)) != MAGIC:
            raise Damage(f"{path.name}: not a pack")
        file.seek(size - FOOTER.size)
        start, length, count, _digest, end = FOOTER.unpack(file.read(FOOTER.size))
        if end != END or start + length + FOOTER.size != size or count * 40 > size * 4:
            raise Damage(f"{path.name}: its end is damaged")
        file.seek(start)
        return unpack_directory(file.read(length), count, start)


def check_pack(path: Path, progress: Callable[[int], None]) -> None:
    """Read every byte of the pack at *path* against its hash; raises `Damage`.

    Calls *progress* with the bytes of every piece read.
    """
    hasher = blake3()
    with file_of(open_regular(path), "rb") as file:
        left = os.fstat(file.fileno()).st_size - FOOTER.size
        if left < len(MAGIC):
            raise Damage(f"{path.name}: too short")
        while left:
            piece = file.read(min(left, 16 * CHUNK))
            if not piece:
                raise Damage(f"{path.name}: it ends too early")
            hasher.update(piece)
            left -= len(piece)
            progress(len(piece))
        footer = FOOTER.unpack(file.read(FOOTER.size))
    if footer[3] != hasher.digest():
        raise Damage(f"{path.name}: its bytes do not match their hash")
    read_directory(path)
