"""Opens a stored database without writing it anywhere: SQLite reads the chunks themselves."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Protocol, cast

import apsw

from core.backup.models import StoredFile
from core.backup.store.chunks import Chunks
from core.backup.store.format import CHUNK, split_digests

# 64 MB of decoded chunks: indexes are read out of order.
CACHED_CHUNKS = 1024


class Content(Protocol):
    """The content of a database file that does not change."""

    @property
    def size(self) -> int: ...  # noqa: D102
    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes from *offset*, fewer than *length* only at the end."""
        ...

    def close(self) -> None: ...  # noqa: D102


class StoredContent:
    """The content of a stored file; several may share one `Chunks`."""

    def __init__(self, chunks: Chunks, file: StoredFile) -> None:
        """Read the index of *file*; raises `Damage`."""
        self._chunks = chunks
        self.size = file.size
        self.digests = [
            digest
            for block in file.index
            for digest in split_digests(chunks.read(bytes.fromhex(block)))
        ]

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the file; raises `Damage`."""
        length = min(length, self.size - offset)
        first = offset // CHUNK
        start = offset - first * CHUNK
        content = self._chunks.read(self.digests[first]) if length > 0 else b""
        if start + length <= CHUNK:
            return content[start : start + length]
        last = (offset + length - 1) // CHUNK
        parts = [self._chunks.read(digest) for digest in self.digests[first : last + 1]]
        return b"".join(parts)[start : start + length]

    def close(self) -> None:
        """Close the packs."""
        self._chunks.close()


class _ContentFile:
    """The methods of an SQLite file (https://www.sqlite.org/c3ref/io_methods.html)."""

    def __init__(self, content: Content) -> None:
        self._content = content

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        return self._content.read(offset, amount)

    def xFileSize(self) -> int:  # noqa: N802
        return self._content.size

    def xClose(self) -> None:  # noqa: N802
        self._content.close()

    def xLock(self, level: int) -> None:  # noqa: N802
        """Nobody else knows the content."""

    def xUnlock(self, level: int) -> None:  # noqa: N802
        """Nothing was locked."""

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xFileControl(self, operation: int, pointer: int) -> bool:  # noqa: N802
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        return 4096

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return apsw.SQLITE_IOCAP_IMMUTABLE


class ContentVfs(apsw.VFS):
    """A file system whose only file is one `Content`; keep it as long as the connection.

    Attach it with ``file:stored?vfs=NAME&mode=ro&immutable=1``.
    """

    def __init__(self, content: Content) -> None:
        """Register under `vfs_name`."""
        self._content = content
        self.vfs_name = f"store-{uuid.uuid4().hex}"
        super().__init__(self.vfs_name, base="")

    def xOpen(  # noqa: N802
        self, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> apsw.VFSFile:
        """Return the one file, by whatever name it is asked for."""
        # apsw asks for the methods, not for the class.
        return cast(apsw.VFSFile, _ContentFile(self._content))


class StoredConnection(apsw.Connection):
    """A read-only connection to a stored database; it keeps its file system alive."""

    def __init__(self, packs: Path, file: StoredFile) -> None:
        """Open *file* from the packs in the folder *packs*; raises `Damage`."""
        self._vfs = ContentVfs(StoredContent(Chunks(packs, CACHED_CHUNKS), file))
        super().__init__(
            "file:stored?mode=ro&immutable=1",
            flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI,
            vfs=self._vfs.vfs_name,
        )
