"""The bytes of the store: chunks, packs and their directories (`docs/store_format.md`).

A pack is the magic, the stored chunks one after another, the zstd-compressed directory, and
a footer that says where the directory lies and what BLAKE3 hash all before it has.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import zstandard
from blake3 import blake3
from pydantic import Field

from core.base.model import Model

VERSION = 1
WHAT = "restore points of Upbit Ops Console"

CHUNK = 64 * 1024
"""Bytes of a chunk.  Page-aligned: every page size of SQLite divides it."""

DIGEST = 32
DIGESTS_PER_BLOCK = CHUNK // DIGEST
MAX_DEPTH = 8
"""A chunk may be stored as a difference to one that is itself a difference, so often."""

MAGIC = b"OPSPACK1"
FOOTER = struct.Struct("<QII32s8s")
END = b"OPSPACKE"
_ENTRY = struct.Struct("<32sQIIB32s")
ENTRY_BYTES = _ENTRY.size
"""What a chunk takes in a directory at most."""
# A chunk that does not compress grows by a few bytes of frame.
MAX_STORED = CHUNK + 1024
MIN_WINDOW, MAX_WINDOW = 1024, 128 * 1024 * 1024
"""What zstandard needs at least and takes at most; more than the content no frame needs."""


class Damage(Exception):  # noqa: N818 (said to the operator by whoever knows the restore point)
    """Stored bytes are not what they should be; the message says which and why."""


class Marker(Model):
    """What the marker of a store says; keys that this console does not know stay in it."""

    format: int
    what: str
    id: str | None = Field(default=None, pattern=r"^[0-9a-f]{32}$")
    """Tells this store from every other one; None in those of earlier versions."""


class Entry(NamedTuple):
    """Where one chunk lies in a pack; ``base`` is the digest of the chunk it differs from."""

    digest: bytes
    offset: int
    stored: int
    raw: int
    depth: int
    base: bytes


def digest_of(content: bytes | memoryview) -> bytes:
    """Return the 32-byte BLAKE3 digest of *content*."""
    return blake3(content).digest()


def decompress(
    stored: bytes, size: int, what: str, decompressor: zstandard.ZstdDecompressor | None = None
) -> bytes:
    """Return the *size* bytes that *stored* decompresses to; raises `Damage` naming *what*.

    zstandard takes the memory that a frame claims to need before it looks at the rest, so what
    does not claim the very size that is known is damaged, and a window is bounded, too.
    """
    try:
        if zstandard.frame_content_size(stored) != size:
            raise Damage(f"{what}: it claims another length")
        decompressor = decompressor or new_decompressor(size=size)
        plain = decompressor.decompress(stored, max_output_size=size)
    except zstandard.ZstdError as error:
        raise Damage(f"{what}: {error}") from error
    if len(plain) != size:
        raise Damage(f"{what}: wrong length")
    return plain


def new_decompressor(
    prefix: zstandard.ZstdCompressionDict | None = None, size: int = CHUNK
) -> zstandard.ZstdDecompressor:
    """Return a decompressor of frames that hold *size* bytes at most."""
    window = max(MIN_WINDOW, 1 << (size - 1).bit_length())
    return zstandard.ZstdDecompressor(dict_data=prefix, max_window_size=min(window, MAX_WINDOW))


def pack_directory(entries: list[Entry]) -> bytes:
    """Return the directory of a pack, compressed."""
    plain = b"".join(_ENTRY.pack(*entry) for entry in entries)
    return zstandard.ZstdCompressor(level=3).compress(plain)


def unpack_directory(content: bytes, count: int, end_of_chunks: int) -> list[Entry]:
    """Return the entries in the directory *content*, which has *count*; raises `Damage`.

    One that cannot be is left out: its chunk is missing, those beside it are not.
    """
    if count * DIGEST > len(content):
        raise Damage("directory: more entries than it can hold")  # digests do not compress
    plain = decompress(content, count * _ENTRY.size, "directory")
    entries = [Entry._make(fields) for fields in _ENTRY.iter_unpack(plain)]
    return [
        entry
        for entry in entries
        if entry.offset + entry.stored <= end_of_chunks
        and 0 < entry.raw <= CHUNK
        and entry.stored <= MAX_STORED
        and entry.depth <= MAX_DEPTH
    ]


def split_digests(block: bytes) -> list[bytes]:
    """Return the digests that an index block holds; raises `Damage`."""
    if len(block) % DIGEST:
        raise Damage("index: wrong length")
    return [block[start : start + DIGEST] for start in range(0, len(block), DIGEST)]


def chunk_count(size: int) -> int:
    """Return how many chunks a file of *size* bytes has."""
    return -(-size // CHUNK)
