"""Gives back the bytes of chunks that no restore point needs any more.

Most comes back for least room: what nobody needs goes first; then the packs are rewritten that
return most for each byte that the new one takes, as far as there is room, each making room for the
next.  A restore point goes in the very step in which the first of its bytes return.  Where a pack
cannot be rewritten for want of room, those of whose removal nothing would return stay.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from core.backup.create import new_id
from core.backup.damage import found_text, mark_damaged
from core.backup.models import RestorePoint
from core.backup.store import Chunks, Damage, Store
from core.backup.store.format import (
    ENTRY_BYTES,
    FOOTER,
    MAGIC,
    Entry,
    digest_of,
    pack_directory,
)
from core.backup.store.pack import SUFFIX, read_directory
from core.base.operation import Context, Unit
from core.base.text import translate

REWRITE_BELOW = 0.6
"""A pack is rewritten when less than this share of its chunks' bytes is needed."""
BATCH_BYTES = 256 * 1024 * 1024
"""So much of needed chunks goes into one new pack: the space that rewriting takes at most."""
SPARE_BYTES = 128 * 1024
"""So much stays free beside a new pack, for what the file system itself writes."""
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


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

    @property
    def room(self) -> int:
        """The bytes that must be free to write the new pack; no less than it takes."""
        chunks = sum(entry.stored for _, entry in self.entries)
        return chunks + len(self.entries) * ENTRY_BYTES + SPARE_BYTES

    @property
    def gain(self) -> int:
        """The bytes that return."""
        return _size(self.packs) - self.new_size


class Reclaim(NamedTuple):
    """What is to be done, and how many bytes return; sizes in bytes."""

    at_once: tuple[str, ...]
    """Restore points that go first, without any room: `remove` holds bytes of theirs, or no bytes
    of theirs return yet, whatever the room."""
    remove: tuple[Path, ...]
    """Packs that nobody needs."""
    rewrite: tuple[Batch, ...]
    touches: dict[str, frozenset[Path]]
    """The packs that hold what only restore points need that go, by restore point."""
    held_back: tuple[str, ...]
    """Restore points that stay for want of room."""
    room: int
    """What must be free to go on with them."""
    freed: int


class Reclaimed(NamedTuple):
    """What was done; bytes of packs and of restore points."""

    deleted: tuple[str, ...]
    freed: int
    room: int
    """What must be free for what was left because the disk filled up on the way; 0: nothing was."""


def plan_reclaim(
    store: Store,
    chunks: Chunks,
    staying: Sequence[RestorePoint],
    going: Sequence[RestorePoint],
    free: int,
) -> Reclaim:
    """Return what may go when *staying* remain and *free* bytes are free; raises `Unsure`."""
    needed = _needed(store, chunks, staying)
    live: dict[Path, list[Entry]] = {}
    for digest in needed:
        place = chunks.places[digest]
        live.setdefault(place.pack, []).append(place.entry)
    remove: list[Path] = []
    sparse: list[Batch] = []
    for path in sorted(store.packs.glob(f"*{SUFFIX}")):
        if path not in live:
            remove.append(path)
        elif _share(path, live[path]) < REWRITE_BELOW:
            entries = sorted(live[path], key=lambda entry: entry.offset)
            sparse.append(Batch((path,), tuple((path, entry) for entry in entries)))
    touches = {point.id: _touches(store, chunks, point, needed) for point in going}
    batches, waiting = _batches(sparse, free + _size(remove))
    blocked = {path for batch in waiting for path in batch.packs}
    later = blocked.union(*(batch.packs for batch in batches))
    gone = set(remove)
    at_once = [one for one, packs in touches.items() if packs & gone or not packs & later]
    for batch in batches:
        gone.update(batch.packs)
    held_back = [one for one, packs in touches.items() if one not in at_once and not packs & gone]
    return Reclaim(
        at_once=tuple(at_once),
        remove=tuple(remove),
        rewrite=tuple(batches),
        touches=touches,
        held_back=tuple(held_back),
        room=min((batch.room for batch in waiting), default=0),
        freed=_size(remove) + sum(batch.gain for batch in batches),
    )


def _size(packs: Iterable[Path]) -> int:
    return sum(path.stat().st_size for path in packs)


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
    for digest in needed & chunks.duplicates.keys():
        try:
            chunks.read(digest)  # so that the copy that stays is a sound one
        except Damage as error:
            raise Unsure(_needing(store, chunks, points, digest), str(error)) from error
    return needed


def _needing(store: Store, chunks: Chunks, points: Sequence[RestorePoint], digest: bytes) -> str:
    return next(point.id for point in points if digest in store.needed(chunks, [point]))


def _touches(
    store: Store, chunks: Chunks, point: RestorePoint, needed: set[bytes]
) -> frozenset[Path]:
    """Return the packs that hold chunks of *point* that are not *needed* when it has gone."""
    try:
        own = store.needed(chunks, [point]) - needed
    except Damage:
        return frozenset()  # what it needed is lost, and holds nothing up
    return frozenset(
        place.pack
        for digest in own
        if digest in chunks.places
        for place in (chunks.places[digest], *chunks.duplicates.get(digest, ()))
    )


def _share(path: Path, live: list[Entry]) -> float:
    everything = sum(entry.stored for entry in read_directory(path))
    return sum(entry.stored for entry in live) / max(1, everything)


def _batches(sparse: Sequence[Batch], free: int) -> tuple[list[Batch], list[Batch]]:
    """Return what can be rewritten with *free* bytes, in order, and the packs that cannot."""
    gains = {one.packs: one.gain for one in sparse}
    waiting = sorted(
        (one for one in sparse if gains[one.packs] > 0),
        key=lambda one: gains[one.packs] / one.room,
        reverse=True,
    )
    batches: list[Batch] = []
    while True:
        taken: list[Batch] = []
        room = SPARE_BYTES
        left = []
        for one in waiting:
            cost = one.room - SPARE_BYTES
            if room + cost <= free and room - SPARE_BYTES < BATCH_BYTES:
                room += cost
                taken.append(one)
            else:
                left.append(one)
        if not taken:
            return batches, waiting
        batches.append(
            Batch(
                tuple(path for one in taken for path in one.packs),
                tuple(entry for one in taken for entry in one.entries),
            )
        )
        free += sum(gains[one.packs] for one in taken)
        waiting = left


def reclaim(context: Context, store: Store, chunks: Chunks, todo: Reclaim) -> Reclaimed:
    """Do what *todo* says; may stop or die at any instant.  Raises `OSError`.

    What turns out to be damaged is marked and left as it is, and where room is wanting after all,
    the rest stays.
    """
    deleted: list[str] = []
    freed = 0

    def finish(points: Iterable[str], packs: Sequence[Path], new_bytes: int) -> None:
        nonlocal freed
        going = [one for one in points if one not in deleted]
        freed += sum(store.point_size(one) for one in going) + _size(packs) - new_bytes
        store.delete(going)
        deleted.extend(going)
        chunks.close()  # Windows removes no open file
        store.remove_packs(packs)

    context.check()
    finish(todo.at_once, todo.remove, 0)
    total = sum(entry.stored for batch in todo.rewrite for _, entry in batch.entries)
    done = 0
    room = 0
    pending = list(todo.rewrite)
    while pending:
        batch = pending.pop(0)
        try:
            new_bytes = _rewrite(context, store, chunks, batch, done, total)
        except Damage:
            if len(batch.packs) > 1:  # the others need not wait for the one that is damaged
                pending[:0] = [_part(batch, path) for path in batch.packs]
            continue
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            room = batch.room
            continue
        done += sum(entry.stored for _, entry in batch.entries)
        points = [one for one, packs in todo.touches.items() if packs & set(batch.packs)]
        finish(points, batch.packs, new_bytes)
    marked = mark_damaged(store, chunks, chunks.unreadable)
    if marked:
        context.warn(found_text(chunks.unreadable, marked))
    return Reclaimed(tuple(deleted), freed, room)


def _part(batch: Batch, path: Path) -> Batch:
    return Batch((path,), tuple(one for one in batch.entries if one[0] == path))


def _rewrite(
    context: Context, store: Store, chunks: Chunks, batch: Batch, done: int, total: int
) -> int:
    """Write what of *batch* is needed to a new pack, proven and durable; return its bytes."""
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
                raise OSError(f"chunk {entry.digest.hex()[:16]}: not what was written")
        pack.publish()
    chunks.moved(pack.path, pack.entries)
    return pack.size
