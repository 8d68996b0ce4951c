"""Opens a stored database without writing it anywhere: SQLite reads the chunks themselves."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import cast

import apsw

from core.snapshot.models import StoredFile
from core.snapshot.store.chunks import Chunks
from core.snapshot.store.format import CHUNK, split_digests

# 64 MB of decoded chunks: indexes are read out of order.
CACHED_CHUNKS = 1024


class _StoredContent:
    """The methods of an SQLite file (https://www.sqlite.org/c3ref/io_methods.html)."""

    def __init__(self, chunks: Chunks, file: StoredFile) -> None:
        self._chunks = chunks
        self._size = file.size
        self._digests = [
            digest
            for block in file.index
            for digest in split_digests(chunks.read(bytes.fromhex(block)))
        ]

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        amount = min(amount, self._size - offset)
        first = offset // CHUNK
        start = offset - first * CHUNK
        content = self._chunks.read(self._digests[first]) if amount > 0 else b""
        if start + amount <= CHUNK:
            return content[start : start + amount]
        last = (offset + amount - 1) // CHUNK
        parts = [self._chunks.read(digest) for digest in self._digests[first : last + 1]]
        return b"".join(parts)[start : start + amount]

    def xFileSize(self) -> int:  # noqa: N802
        return self._size

    def xClose(self) -> None:  # noqa: N802
        self._chunks.close()

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


class _StoredVfs(apsw.VFS):
    def __init__(self, name: str, content: _StoredContent) -> None:
        self._content = content
        super().__init__(name, base="")

    def xOpen(  # noqa: N802
        self, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> apsw.VFSFile:
        # apsw asks for the methods, not for the class.
        return cast(apsw.VFSFile, self._content)


class StoredConnection(apsw.Connection):
    """A read-only connection to a stored database; it keeps its file system alive."""

    def __init__(self, packs: Path, file: StoredFile) -> None:
        """Open *file* from the packs in the folder *packs*; raises `Damage`."""
        name = f"store-{uuid.uuid4().hex}"
        self._vfs = _StoredVfs(name, _StoredContent(Chunks(packs, CACHED_CHUNKS), file))
        super().__init__(
            "file:stored?mode=ro&immutable=1",
            flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI,
            vfs=name,
        )
