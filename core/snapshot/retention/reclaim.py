"""Gives back the bytes of chunks that no restore point needs any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from core.operation import Context, Unit
from core.snapshot.models import RestorePoint
from core.snapshot.store import Chunks, Damage, Store
from core.snapshot.store.format import FOOTER, MAGIC, Entry, digest_of, pack_directory
from core.snapshot.store.pack import SUFFIX, read_directory
from core.snapshot.take import new_id
from core.text import translate

REWRITE_BELOW = 0.6
"""A pack is rewritten when less than this share of its chunks' bytes is needed."""
BATCH_BYTES = 256 * 1024 * 1024
"""So much of needed chunks goes into one new pack: the space that rewriting takes at most."""


class Unsure(Exception):  # noqa: N818 (told to the operator by the operation)
    """What is needed cannot be told or found, so nothing may go; names the restore point."""

    def __init__(self, point_id: str, why: str) -> None:
        super().__init__(point_id, why)
        self.point_id = point_id
        self.why = why


class Batch(NamedTuple):
    """Packs that are replaced by one new pack with what of them is needed."""

    packs: tuple[Path, ...]
    entries: tuple[tuple[Path, Entry], ...]

    @property
    def new_size(self) -> int:
        """The bytes of the new pack, exactly."""
        laid: list[Entry] = []
        offset = len(MAGIC)
        for _, entry in self.entries:
            laid.append(entry._replace(offset=offset))
            offset += entry.stored
        return offset + len(pack_directory(laid)) + FOOTER.size


class Reclaim(NamedTuple):
    """What is to be done to the packs, and how many bytes return."""

    remove: tuple[Path, ...]
    rewrite: tuple[Batch, ...]
    freed: int


def plan_reclaim(store: Store, chunks: Chunks, points: Sequence[RestorePoint]) -> Reclaim:
    """Return what may go when only *points* remain; raises `Unsure`."""
    needed = _needed(store, chunks, points)
    live: dict[Path, list[Entry]] = {}
    for digest in needed:
        place = chunks.places[digest]
        live.setdefault(place.pack, []).append(place.entry)
    remove: list[Path] = []
    sparse: list[tuple[Path, list[Entry]]] = []
    for path in sorted(store.packs.glob(f"*{SUFFIX}")):
        if path not in live:
            remove.append(path)
        elif _share(path, live[path]) < REWRITE_BELOW:
            sparse.append((path, sorted(live[path], key=lambda entry: entry.offset)))
    batches = _batches(sparse)
    freed = sum(path.stat().st_size for path in remove)
    useful = []
    for batch in batches:
        gain = sum(path.stat().st_size for path in batch.packs) - batch.new_size
        if gain > 0:
            useful.append(batch)
            freed += gain
    return Reclaim(tuple(remove), tuple(useful), freed)


def _needed(store: Store, chunks: Chunks, points: Sequence[RestorePoint]) -> set[bytes]:
    needed: set[bytes] = set()
    for point in points:
        try:
            found = store.needed(chunks, [point])
        except (Damage, OSError) as error:
            raise Unsure(point.id, str(error)) from error
        missing = next((digest for digest in found if digest not in chunks.places), None)
        if missing is not None:
            raise Unsure(point.id, f"chunk {missing.hex()[:16]}: missing")
        needed |= found
    return needed


def _share(path: Path, live: list[Entry]) -> float:
    everything = sum(entry.stored for entry in read_directory(path))
    return sum(entry.stored for entry in live) / max(1, everything)


def _batches(sparse: list[tuple[Path, list[Entry]]]) -> list[Batch]:
    batches: list[Batch] = []
    packs: list[Path] = []
    entries: list[tuple[Path, Entry]] = []
    for path, live in sparse:
        packs.append(path)
        entries += [(path, entry) for entry in live]
        if sum(entry.stored for _, entry in entries) >= BATCH_BYTES:
            batches.append(Batch(tuple(packs), tuple(entries)))
            packs, entries = [], []
    if packs:
        batches.append(Batch(tuple(packs), tuple(entries)))
    return batches


def reclaim(context: Context, store: Store, chunks: Chunks, todo: Reclaim) -> None:
    """Do what *todo* says; may stop or die at any instant.  Raises `Damage` and `OSError`.

    Packs that nobody needs go first, so that a full disk has room for what is rewritten.
    """
    _remove(store, chunks, todo.remove)
    total = sum(entry.stored for batch in todo.rewrite for _, entry in batch.entries)
    done = 0
    for batch in todo.rewrite:
        with store.new_pack(new_id(datetime.now(UTC))) as pack:
            copied: list[bytes] = []
            for _, planned in batch.entries:
                context.check()
                entry, stored = chunks.stored(planned.digest)
                pack.add(entry.digest, stored, entry.raw, entry.depth, entry.base)
                copied.append(digest_of(stored))
                done += entry.stored
                context.progress(done, total, Unit.BYTES, translate("snapshot", "Rewriting packs"))
            pack.finish()
            for entry, expected in zip(pack.entries, copied, strict=True):
                context.check()
                if digest_of(pack.read_back(entry)) != expected:
                    raise Damage(f"chunk {entry.digest.hex()[:16]}: not what was written")
            pack.publish()
        chunks.moved(pack.path, pack.entries)
        _remove(store, chunks, batch.packs)


def _remove(store: Store, chunks: Chunks, packs: Sequence[Path]) -> None:
    chunks.close()  # Windows removes no open file
    store.remove_packs(packs)
