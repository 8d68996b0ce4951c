"""Puts the content of a frozen file into the store."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import NamedTuple

from core.operation import Context
from core.snapshot.freeze import FrozenFile
from core.snapshot.models import StoredFile
from core.snapshot.store.chunks import Chunks, Encoded, encode, encode_against
from core.snapshot.store.format import (
    CHUNK,
    DIGESTS_PER_BLOCK,
    MAX_DEPTH,
    chunk_count,
    digest_of,
    split_digests,
)
from core.snapshot.store.pack import PackWriter

THREADS = 2
BATCH = 16
"""Chunks that one thread works on at a time: 1 MiB."""


class Piece(NamedTuple):
    """One chunk that was looked at: its stored form is None where the store has it."""

    digest: bytes
    raw: int
    encoded: Encoded | None


def write_file(
    context: Context,
    chunks: Chunks,
    pack: PackWriter,
    file: FrozenFile,
    previous: StoredFile | None,
    progress: Callable[[int], None],
) -> tuple[str, tuple[str, ...]]:
    """Put the content of *file* into *pack* where *chunks* lacks it.

    *previous* is the same file in an earlier restore point, against whose chunks changed ones
    are stored as differences.  Calls *progress* with the bytes of every piece done.  Returns
    the digest of the file and those of its index blocks.
    """
    earlier = previous_digests(chunks, previous) if previous else []
    digests: list[bytes] = []
    with ThreadPoolExecutor(THREADS) as threads:
        for pieces in _in_order(context, threads, chunks, file):
            for piece in pieces:
                place = len(digests)
                digests.append(piece.digest)
                base = earlier[place] if place < len(earlier) else None
                _keep(chunks, pack, file, place, piece, base)
            progress(sum(piece.raw for piece in pieces))
    index = tuple(
        _keep_block(chunks, pack, digests[start : start + DIGESTS_PER_BLOCK], previous, number)
        for number, start in enumerate(range(0, len(digests), DIGESTS_PER_BLOCK))
    )
    return digest_of(b"".join(digests)).hex(), index


def previous_digests(chunks: Chunks, file: StoredFile) -> list[bytes]:
    """Return the digests of the chunks of *file*, in order; raises `Damage`."""
    blocks = (split_digests(chunks.read(bytes.fromhex(digest))) for digest in file.index)
    return list(chain.from_iterable(blocks))


def _in_order(
    context: Context, threads: ThreadPoolExecutor, chunks: Chunks, file: FrozenFile
) -> Iterator[list[Piece]]:
    """Yield the pieces of *file* in order, a few batches ahead of whoever takes them."""
    waiting: deque[Future[list[Piece]]] = deque()
    try:
        for first in range(0, chunk_count(file.size), BATCH):
            context.check()
            waiting.append(threads.submit(_look, chunks, file, first))
            if len(waiting) > 2 * THREADS:
                yield waiting.popleft().result()
        while waiting:
            context.check()
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _look(chunks: Chunks, file: FrozenFile, first: int) -> list[Piece]:
    start = first * CHUNK
    content = memoryview(file.read(start, min(BATCH * CHUNK, file.size - start)))
    if len(content) < min(BATCH * CHUNK, file.size - start):
        raise OSError(f"{file.path}: it ended at {start + len(content)} of {file.size} bytes")
    pieces = []
    for offset in range(0, len(content), CHUNK):
        part = content[offset : offset + CHUNK]
        digest = digest_of(part)
        # A chunk that has an earlier version is encoded later, against it.
        known = digest in chunks.places
        pieces.append(Piece(digest, len(part), None if known else encode(bytes(part))))
    return pieces


def _keep(
    chunks: Chunks,
    pack: PackWriter,
    file: FrozenFile,
    place: int,
    piece: Piece,
    base: bytes | None,
) -> None:
    if piece.encoded is None or piece.digest in pack:
        return
    encoded = piece.encoded
    if base is not None and base in chunks.places:
        content = file.read(place * CHUNK, piece.raw)
        encoded = _difference(chunks, content, base) or encoded
    pack.add(piece.digest, encoded.stored, piece.raw, encoded.depth, encoded.base)


def _difference(chunks: Chunks, content: bytes, base: bytes) -> Encoded | None:
    depth = chunks.places[base].entry.depth
    if depth >= MAX_DEPTH:
        return None  # begin a new chain, so that reading stays quick
    return encode_against(content, chunks.read(base), base, depth)


def _keep_block(
    chunks: Chunks,
    pack: PackWriter,
    digests: list[bytes],
    previous: StoredFile | None,
    number: int,
) -> str:
    block = b"".join(digests)
    digest = digest_of(block)
    if digest not in chunks.places and digest not in pack:
        encoded = None
        if previous is not None and number < len(previous.index):
            base = bytes.fromhex(previous.index[number])
            encoded = _difference(chunks, block, base) if base in chunks.places else None
        encoded = encoded or encode(block)
        pack.add(digest, encoded.stored, len(block), encoded.depth, encoded.base)
    return digest.hex()


def lower_priority() -> None:
    """Let the trading program go first, in the worker process that calls this."""
    if hasattr(os, "nice"):
        os.nice(5)
