"""Finding, decoding and encoding chunks.

A chunk is stored plain (zstd), or as a difference: zstd with the chunk's own previous version
as prefix, which makes scattered updates of a B-tree cost bytes instead of pages.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from threading import Lock, local
from typing import NamedTuple, Protocol

import zstandard

from core.backup.store.format import (
    CHUNK,
    MAX_DEPTH,
    Damage,
    Entry,
    decompress,
    digest_of,
    new_decompressor,
)
from core.backup.store.pack import SUFFIX, read_directory
from core.base.files import open_regular

LEVEL = 1
WORTH_A_BASE = 0.75
"""A difference is kept only when it is smaller than this share of the whole."""


class Place(NamedTuple):
    """The pack a chunk lies in, and its directory entry."""

    pack: Path
    entry: Entry


class Contents(Protocol):
    """Whatever hands out the content of chunks."""

    def read(self, digest: bytes) -> bytes:
        """Return the content of the chunk *digest*, proven; raises `Damage`."""


class Encoded(NamedTuple):
    """A chunk in its stored form."""

    stored: bytes
    depth: int
    base: bytes


_local = local()


def _compressor() -> zstandard.ZstdCompressor:
    # zstandard's objects may not be shared between threads; making one for each chunk is slow.
    if not hasattr(_local, "compressor"):
        _local.compressor = zstandard.ZstdCompressor(level=LEVEL, write_content_size=True)
        _local.decompressor = new_decompressor()
    compressor: zstandard.ZstdCompressor = _local.compressor
    return compressor


def _decompressor() -> zstandard.ZstdDecompressor:
    _compressor()
    decompressor: zstandard.ZstdDecompressor = _local.decompressor
    return decompressor


def _prefix(base: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def encode(content: bytes) -> Encoded:
    """Return *content* compressed by itself."""
    return Encoded(_compressor().compress(content), 0, b"")


def encode_against(content: bytes, base: bytes, base_digest: bytes, base_depth: int) -> Encoded:
    """Return *content* as the difference to *base*, or by itself where that costs little more.

    A difference keeps its base in the store for as long as it lives itself.
    """
    compressor = zstandard.ZstdCompressor(level=LEVEL, dict_data=_prefix(base))
    difference = compressor.compress(content)
    if len(difference) * 4 > len(content):
        plain = encode(content)
        if len(plain.stored) * WORTH_A_BASE <= len(difference):
            return plain
    return Encoded(difference, base_depth + 1, base_digest)


def decode(stored: bytes, entry: Entry, base: bytes | None) -> bytes:
    """Return the content of a chunk from its *stored* form; raises `Damage`."""
    what = f"chunk {entry.digest.hex()[:16]}"
    decompressor = _decompressor() if base is None else new_decompressor(_prefix(base))
    content = decompress(stored, entry.raw, what, decompressor)
    if digest_of(content) != entry.digest:
        raise Damage(f"{what}: its content does not match its digest")
    return content


class Chunks:
    """All chunks of a store by digest; rebuilt from the packs' directories when opened.

    Several threads may read; the other methods belong to one.
    """

    def __init__(self, folder: Path, cached: int = 512) -> None:
        """Read the directories of the packs in *folder*; *cached* contents are kept.

        A pack whose directory is damaged is named in `damaged` and its chunks are missing.
        """
        self._cached = cached
        self._cache: OrderedDict[bytes, bytes] = OrderedDict()
        self._files: dict[Path, int] = {}
        self._lock = Lock()
        """Held for what is kept, and where a descriptor has one position for all threads."""
        self.places: dict[bytes, Place] = {}
        self.duplicates: dict[bytes, list[Place]] = {}
        """Further copies, as an interrupted rewriting of packs or damage made good leaves them."""
        self.unreadable: dict[bytes, str] = {}
        """Chunks of which no copy could be read, and why; filled as they are asked for."""
        self.damaged: dict[Path, str] = {}
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            try:
                entries = read_directory(path)
            except (Damage, OSError) as error:
                self.damaged[path] = str(error)
                continue
            for entry in entries:
                place = Place(path, entry)
                if self.places.setdefault(entry.digest, place) is not place:
                    self.duplicates.setdefault(entry.digest, []).append(place)

    def read(self, digest: bytes) -> bytes:
        """Return the content of the chunk *digest*, proven; raises `Damage`.

        Where one copy is damaged, another one serves; from then on it stands in `places`.
        """
        with self._lock:
            content = self._cache.get(digest)
            if content is not None:
                self._cache.move_to_end(digest)
                return content
        _, _, content = self._sound(digest, MAX_DEPTH)
        with self._lock:
            self._cache[digest] = content
            if len(self._cache) > self._cached:
                self._cache.popitem(last=False)
        return content

    def order(self, digest: bytes) -> tuple[str, int]:
        """Return where the chunk *digest* lies, to read many in the order of the disk."""
        place = self.places.get(digest)
        return ("", 0) if place is None else (place.pack.name, place.entry.offset)

    def stored(self, digest: bytes) -> tuple[Entry, bytes]:
        """Return the entry and the stored form of the chunk *digest*, whose content is proven."""
        place, stored, _ = self._sound(digest, MAX_DEPTH)
        return place.entry, stored

    def moved(self, pack: Path, entries: Iterable[Entry]) -> None:
        """Find *entries* in *pack* from now on."""
        for entry in entries:
            self.places[entry.digest] = Place(pack, entry)

    def _sound(self, digest: bytes, depth: int) -> tuple[Place, bytes, bytes]:
        """Return place, stored form and content of the first copy that matches its digest."""
        if depth < 0:
            raise Damage(f"chunk {digest.hex()[:16]}: a chain too long")
        first = Damage(f"chunk {digest.hex()[:16]}: missing")
        place = self.places.get(digest)
        copies = [] if place is None else [place, *self.duplicates.get(digest, ())]
        for number, copy in enumerate(copies):
            try:
                base = self._base(copy.entry, depth)
                stored = self._stored(copy)
                content = decode(stored, copy.entry, base)
            except Damage as damage:
                first = damage if number == 0 else first
                continue
            if number:
                with self._lock:
                    self.places[digest] = copy
                    self.duplicates[digest] = [other for other in copies if other is not copy]
            return copy, stored, content
        self.unreadable[digest] = str(first)
        raise first

    def _base(self, entry: Entry, depth: int) -> bytes | None:
        if not entry.depth:
            return None
        cached = self._cache.get(entry.base)
        return cached if cached is not None else self._sound(entry.base, depth - 1)[2]

    def _stored(self, place: Place) -> bytes:
        try:
            return self._bytes(place)
        except OSError as error:
            raise Damage(f"chunk {place.entry.digest.hex()[:16]}: {error}") from error

    def _bytes(self, place: Place) -> bytes:
        with self._lock:
            descriptor = self._files.get(place.pack)
            if descriptor is None:
                descriptor = open_regular(place.pack)
                self._files[place.pack] = descriptor
            if not hasattr(os, "pread"):
                os.lseek(descriptor, place.entry.offset, os.SEEK_SET)
                return os.read(descriptor, place.entry.stored)
        return os.pread(descriptor, place.entry.stored, place.entry.offset)

    def with_bases(self, digests: set[bytes]) -> set[bytes]:
        """Return *digests* and all that their differences are based on, in whichever copy."""
        wanted = set(digests)
        pending = list(digests)
        while pending:
            digest = pending.pop()
            place = self.places.get(digest)
            for copy in (place, *self.duplicates.get(digest, ())):
                if copy is not None and copy.entry.depth and copy.entry.base not in wanted:
                    wanted.add(copy.entry.base)
                    pending.append(copy.entry.base)
        return wanted

    def close(self) -> None:
        """Close the packs."""
        for descriptor in self._files.values():
            os.close(descriptor)
        self._files.clear()


__all__ = ["CHUNK", "Chunks", "Contents", "Encoded", "Place", "decode", "encode", "encode_against"]
