"""Marks the restore points that damage in the store has reached.

Whoever reads a stored chunk may be the first to meet a bit that flipped.  Every restore point that
needs the chunk is then noted as damaged, as if it had been verified, and everything goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from core.snapshot.models import Proof, RestorePoint
from core.snapshot.store import Chunks, Damage, Store
from core.text import Text, translate

NAMED = 3
"""So many restore points are named in a sentence."""


def mark_damaged(store: Store, chunks: Chunks, unreadable: Mapping[bytes, str]) -> tuple[str, ...]:
    """Note with every restore point that needs an *unreadable* chunk that it is damaged.

    Returns the ids of those that were not known to be.
    """
    marked = []
    for listed in store.listed() if unreadable else ():
        problems = problems_of(store, chunks, listed.point, unreadable)
        if not problems:
            continue
        known = listed.damaged
        proof = Proof(kind="quick", at=datetime.now(UTC), ok=False, problems=problems)
        store.annotate(listed.point.id, proof=proof)
        if not known:
            marked.append(listed.point.id)
    return tuple(marked)


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
