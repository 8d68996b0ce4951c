"""Marks the restore points that damage in the store has reached.

Whoever reads a stored chunk may be the first to meet a bit that flipped.  Every restore point that
needs the chunk is then noted as damaged, as if it had been verified, and everything goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

from core.backup.models import ListedPoint, Proof, RestorePoint
from core.backup.store import Chunks, Damage, Store
from core.base.cleanup import cleaning_up
from core.base.operation import Context, Unit
from core.base.text import Text, translate

STEP = 64
"""Chunks between two reports of progress: 4 MiB."""
NAMED = 3
"""So many restore points are named in a sentence."""


def mark_damaged(store: Store, chunks: Chunks, unreadable: Mapping[bytes, str]) -> tuple[str, ...]:
    """Note with every restore point that needs an *unreadable* chunk that it is damaged.

    Returns the ids of those that were not known to be.
    """
    marked = []
    for listed in store.read(fresh=True).listed if unreadable else ():
        problems = problems_of(store, chunks, listed.point, unreadable)
        if not problems:
            continue
        known = listed.damaged
        proof = Proof(kind="quick", at=datetime.now(UTC), ok=False, problems=problems)
        store.annotate(listed.point.id, proof=proof)
        if not known:
            marked.append(listed.point.id)
    return tuple(marked)


def is_whole(context: Context, store: Store, listed: ListedPoint) -> bool:
    """Read all that *listed* needs and return whether it can be; mark what cannot, and say so."""
    chunks = store.chunks()
    with cleaning_up(chunks.close):
        read_all(context, store, chunks, listed)
        marked = mark_damaged(store, chunks, chunks.unreadable)
    if marked:
        context.warn(found_text(chunks.unreadable, marked))
    return not chunks.unreadable


def read_all(context: Context, store: Store, chunks: Chunks, listed: ListedPoint) -> None:
    """Read every chunk that *listed* needs; what cannot be read is in `Chunks.unreadable` then."""
    try:
        needed = store.needed(chunks, [listed.point])
    except Damage:
        return
    done = 0
    for number, digest in enumerate(sorted(needed, key=chunks.order), 1):
        context.check()
        with suppress(Damage):
            done += len(chunks.read(digest))
        if number % STEP == 0:
            context.progress(
                done, listed.point.size, Unit.BYTES, translate("snapshot", "Reading stored bytes")
            )


def problems_of(
    store: Store, chunks: Chunks, point: RestorePoint, unreadable: Mapping[bytes, str]
) -> tuple[str, ...]:
    """Return which *unreadable* chunks *point* needs, and why they cannot be read."""
    try:
        needed = store.needed(chunks, [point])
    except Damage as damage:
        return (str(damage),)
    return tuple(sorted(unreadable[digest] for digest in needed & unreadable.keys()))


def found_text(unreadable: Mapping[bytes, str], marked: tuple[str, ...]) -> Text:
    """Return the sentence that tells of *unreadable* chunks and of the points *marked* for them."""
    names = ", ".join(marked[:NAMED]) + (" …" if len(marked) > NAMED else "")
    return translate(
        "snapshot",
        "The store is damaged ({why}). Marked as damaged: {ids}.",
        why=sorted(unreadable.values())[0],
        ids=names,
    )


def tell_damage(context: Context, store: Store, unreadable: dict[bytes, str]) -> None:
    """Mark the restore points that damage reached which this one has not made good, and say so."""
    if not unreadable:
        return
    chunks = store.chunks()
    with cleaning_up(chunks.close):
        lost = {digest: why for digest, why in unreadable.items() if not _reads(chunks, digest)}
        why = min(unreadable.values())
        try:
            marked = mark_damaged(store, chunks, lost)
        except OSError as error:  # a full disk; the restore point that was asked for is made
            text = translate(
                "snapshot",
                "The store is damaged ({why}), and that could not be noted: {error}",
                why=why,
                error=str(error),
            )
            context.warn(text)
            return
    if marked:
        context.warn(found_text(lost, marked))
    elif not lost:
        text = translate(
            "snapshot", "The store was damaged ({why}); what was lost is stored anew.", why=why
        )
        context.warn(text)


def _reads(chunks: Chunks, digest: bytes) -> bool:
    try:
        chunks.read(digest)
    except Damage:
        return False
    return True
