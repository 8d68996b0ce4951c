"""Puts the content of a frozen file into the store."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from functools import partial
from itertools import chain
from typing import NamedTuple

from core.backup.capture import CapturedFile
from core.backup.models import StoredFile
from core.backup.store.ahead import BATCH, THREADS, ahead
from core.backup.store.chunks import Chunks, Contents, Encoded, encode, encode_against
from core.backup.store.format import (
    CHUNK,
    DIGESTS_PER_BLOCK,
    MAX_DEPTH,
    Damage,
    chunk_count,
    digest_of,
    split_digests,
)
from core.backup.store.pack import PackWriter
from core.base.operation import Context


class Trust(StrEnum):
    """Which chunks of the store a new restore point relies on without reading them first."""

    ALL = "all"
    """No damage is known."""
    PREVIOUS = "previous"
    """Damage is known, but the restore point before this one has been read since."""
    NONE = "none"
    """Damage was found and may reach further."""


class Written(NamedTuple):
    """A file that was put into the store: its digest, those of its index blocks and chunks."""

    digest: str
    blocks: tuple[str, ...]
    chunks: list[bytes]


class Piece(NamedTuple):
    """One chunk that was looked at: its stored form is None where the store has it."""

    digest: bytes
    raw: int
    encoded: Encoded | None


def write_file(
    context: Context,
    chunks: Chunks,
    pack: PackWriter,
    file: CapturedFile,
    previous: StoredFile | None,
    trust: Trust,
    progress: Callable[[int], None],
) -> Written:
    """Put the content of *file* into *pack* where *chunks* lacks it.

    *previous* is the same file in an earlier restore point, against whose chunks changed ones
    are stored as differences.  A chunk that *trust* leaves open and that cannot be read, and one
    whose base cannot, is stored whole.  Calls *progress* with the bytes of every piece done.
    """
    earlier = _readable_digests(chunks, previous) if previous else []
    keeper = _Keeper(chunks, pack, trust, earlier, previous)
    digests: list[bytes] = []
    with ThreadPoolExecutor(THREADS) as threads:
        starts = range(0, chunk_count(file.size), BATCH)
        looks = (partial(_look, chunks, keeper, file, first) for first in starts)
        for pieces in ahead(context, threads, looks, 2 * THREADS):
            for piece in pieces:
                place = len(digests)
                digests.append(piece.digest)
                keeper.keep(file, place, piece)
            progress(sum(piece.raw for piece in pieces))
    index = tuple(
        keeper.keep_block(digests[start : start + DIGESTS_PER_BLOCK], number)
        for number, start in enumerate(range(0, len(digests), DIGESTS_PER_BLOCK))
    )
    return Written(digest_of(b"".join(digests)).hex(), index, digests)


def _readable_digests(chunks: Chunks, file: StoredFile) -> list[bytes]:
    """Return the digests of the chunks of *file*, none where they cannot be read."""
    try:
        return previous_digests(chunks, file)
    except Damage:
        return []  # kept in `chunks.unreadable`, for whoever marks what is damaged


def previous_digests(chunks: Contents, file: StoredFile) -> list[bytes]:
    """Return the digests of the chunks of *file*, in order; raises `Damage`."""
    blocks = (split_digests(chunks.read(bytes.fromhex(digest))) for digest in file.index)
    return list(chain.from_iterable(blocks))


def _look(chunks: Chunks, keeper: _Keeper, file: CapturedFile, first: int) -> list[Piece]:
    start = first * CHUNK
    content = memoryview(file.read(start, min(BATCH * CHUNK, file.size - start)))
    if len(content) < min(BATCH * CHUNK, file.size - start):
        raise OSError(f"{file.path}: it ended at {start + len(content)} of {file.size} bytes")
    pieces = []
    for offset in range(0, len(content), CHUNK):
        part = content[offset : offset + CHUNK]
        digest = digest_of(part)
        known = digest in chunks.places
        place = first + offset // CHUNK
        pieces.append(
            Piece(digest, len(part), None if known else keeper.encoded(place, bytes(part)))
        )
    return pieces


class _Keeper:
    """Puts the chunks of one file into a pack, where they are not in the store."""

    def __init__(
        self,
        chunks: Chunks,
        pack: PackWriter,
        trust: Trust,
        earlier: list[bytes],
        previous: StoredFile | None,
    ) -> None:
        self._chunks = chunks
        self._pack = pack
        self._trust = trust
        self._earlier = earlier
        self._blocks = [bytes.fromhex(digest) for digest in previous.index] if previous else []
        known = [*earlier, *self._blocks] if trust is Trust.PREVIOUS else []
        self._trusted = frozenset(known)

    def keep(self, file: CapturedFile, place: int, piece: Piece) -> None:
        """Keep the chunk number *place* of *file*."""
        if piece.digest in self._pack:
            return
        if piece.encoded is None:
            if not self._relies_on(piece.digest):
                # The copy in the store is no longer what it was.
                self._add(piece.digest, encode(file.read(place * CHUNK, piece.raw)), piece.raw)
            return
        self._add(piece.digest, piece.encoded, piece.raw)

    def encoded(self, place: int, content: bytes) -> Encoded:
        """Return the stored form of a new chunk number *place*; several threads may ask.

        A chunk that has an earlier version is the difference to it.
        """
        base = self._earlier[place] if place < len(self._earlier) else None
        difference = None
        if base is not None and base in self._chunks.places:
            difference = self._difference(content, base)
        return difference or encode(content)

    def keep_block(self, digests: list[bytes], number: int) -> str:
        """Keep the index block number *number* and return its digest."""
        block = b"".join(digests)
        digest = digest_of(block)
        if digest in self._pack:
            return digest.hex()
        if digest in self._chunks.places:
            if not self._relies_on(digest):
                self._add(digest, encode(block), len(block))
            return digest.hex()
        base = self._blocks[number] if number < len(self._blocks) else None
        encoded = None
        if base is not None and base in self._chunks.places:
            encoded = self._difference(block, base)
        self._add(digest, encoded or encode(block), len(block))
        return digest.hex()

    def _relies_on(self, digest: bytes) -> bool:
        """Whether the copy in the store is one that a new restore point may need."""
        if digest in self._chunks.unreadable:
            return False
        if self._trust is Trust.ALL or digest in self._trusted:
            return True
        try:
            self._chunks.read(digest)
        except Damage:
            return False
        return True

    def _difference(self, content: bytes, base: bytes) -> Encoded | None:
        """Return *content* as a difference; None where it is better stored whole."""
        if self._chunks.places[base].entry.depth >= MAX_DEPTH:
            return None  # begin a new chain, so that reading stays quick
        try:
            known = self._chunks.read(base)
        except Damage:
            return None
        return encode_against(content, known, base, self._chunks.places[base].entry.depth)

    def _add(self, digest: bytes, encoded: Encoded, raw: int) -> None:
        self._pack.add(digest, encoded.stored, raw, encoded.depth, encoded.base)
