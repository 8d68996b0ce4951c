"""The wal-index header and the frames of a WAL, read as bytes.

The layouts are those of https://www.sqlite.org/walformat.html: the header of the ``-shm`` file
stands there twice in the machine's own byte order, the ``-wal`` file is big-endian.
"""

from __future__ import annotations

import os
import struct
import tempfile  # noqa: TID251 (of no name at all: SpooledTemporaryFile)
from typing import NamedTuple

from core.base.cleanup import attempt

HEADER_BYTES = 48
WAL_HEADER_BYTES = 32
FRAME_HEADER_BYTES = 24
# A WAL is 4 MB by default; one that a long reader let grow goes to a temporary file instead.
MEMORY_BYTES = 64 * 1024 * 1024


class WalIndex(NamedTuple):
    """One reading of the wal-index header; equal readings mean that nobody committed between."""

    raw: bytes
    page_size: int
    last_frame: int
    page_count: int
    salt: bytes


def read_wal_index(shm: int) -> WalIndex | None:
    """Read the header from the descriptor *shm*; None while it is being written or not set up."""
    both = os.pread(shm, 2 * HEADER_BYTES, 0)
    raw = both[:HEADER_BYTES]
    if len(both) < 2 * HEADER_BYTES or raw != both[HEADER_BYTES:] or not raw[12]:
        return None
    (page_size,) = struct.unpack_from("=H", raw, 14)
    last_frame, page_count = struct.unpack_from("=II", raw, 16)
    return WalIndex(raw, 65536 if page_size == 1 else page_size, last_frame, page_count, raw[32:40])


class Frames:
    """A private copy of the frames 1…n of a WAL and, of each page, where its last frame lies."""

    def __init__(self, wal: int, index: WalIndex) -> None:
        """Copy the frames that *index* counts from the descriptor *wal*.

        Raises `Overwritten` when one of them belongs to another generation of the WAL.
        """
        self.page_size = index.page_size
        self._stride = FRAME_HEADER_BYTES + index.page_size
        self._file = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115
        self._memory: bytes | None = None
        self.offsets: dict[int, int] = {}
        try:
            self._copy(wal, index)
        except BaseException:
            attempt(self.close)
            raise

    def _copy(self, wal: int, index: WalIndex) -> None:
        batch = max(1, (1 << 20) // self._stride)
        position = 0
        for first in range(0, index.last_frame, batch):
            count = min(batch, index.last_frame - first)
            block = os.pread(wal, count * self._stride, WAL_HEADER_BYTES + first * self._stride)
            if len(block) < count * self._stride:
                raise Overwritten
            for start in range(0, len(block), self._stride):
                if block[start + 8 : start + 16] != index.salt:
                    raise Overwritten
                (page,) = struct.unpack_from(">I", block, start)
                self.offsets[page] = position + start + FRAME_HEADER_BYTES
            self._file.write(block)
            position += len(block)
        if position <= MEMORY_BYTES:
            self._file.seek(0)
            self._memory = self._file.read()
        else:
            self._file.flush()

    def page(self, number: int) -> bytes | None:
        """Return the newest version of page *number*, or None when no frame holds it."""
        offset = self.offsets.get(number)
        if offset is None:
            return None
        if self._memory is not None:
            return self._memory[offset : offset + self.page_size]
        return os.pread(self._file.fileno(), self.page_size, offset)

    def close(self) -> None:
        """Let the copy go."""
        self._memory = None
        self._file.close()


class Overwritten(Exception):  # noqa: N818 (a reason to begin again, not an error)
    """The WAL was begun anew while its frames were read."""
