"""Checks of a stored database only what changed since the restore point before.

A page that is as it was belongs to whom it belonged to, unless an interior page changed, and then
that tree is checked: so tables without a changed page are as sound as they were.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import BinaryIO

from core.backup.facts import Checked
from core.backup.models import StoredFile
from core.backup.store.ahead import BATCH, THREADS, ahead
from core.backup.store.chunks import Contents
from core.backup.store.format import CHUNK, Damage
from core.backup.store.writing import previous_digests
from core.backup.trees import ownership, reporting, rows_of_sound
from core.base.operation import Context

WORTH_IT = 0.5
"""Where a greater part of the chunks changed, the whole database is written out and checked."""
COUNTERS = ((24, 40), (92, 100))
"""Of page 1: the counters of changes and pages and the head of the free list change with every
transaction and say nothing of the schema (https://www.sqlite.org/fileformat2.html#the_database_header)."""


class SparseCopy:
    """A copy of a stored file that holds the chunks asked for; what is between takes no room."""

    def __init__(
        self, context: Context, chunks: Contents, digests: list[bytes], size: int,
        path: Path, file: BinaryIO, threads: ThreadPoolExecutor,
    ) -> None:  # fmt: skip
        """Make it in *file*, empty and open for writing at *path*, as large as *size* bytes."""
        self.path = path
        self.size = size
        self.digests = digests
        file.truncate(size)
        self._context = context
        self._chunks = chunks
        self._file = file
        self._threads = threads
        self._there = bytearray(len(digests))

    @property
    def complete(self) -> bool:
        """Whether every chunk is there."""
        return all(self._there)

    def put(self, chunk: int, content: bytes) -> None:
        """Write chunk number *chunk*, whose proven *content* somebody has at hand."""
        self._file.seek(chunk * CHUNK)
        self._file.write(content)
        self._there[chunk] = 1

    def need(self, numbers: Iterable[int], page_size: int) -> None:
        """Write the chunks with the pages *numbers*, where they are not there; raises `Damage`."""
        each = CHUNK // page_size
        self.need_chunks({(number - 1) // each for number in numbers})

    def need_all(self) -> None:
        """Write all that is not there; raises `Damage` and `OSError`."""
        self.need_chunks(range(len(self.digests)))
        if self._file.seek(0, os.SEEK_END) != self.size:
            raise Damage(f"{self.path.name}: its size does not match")

    def need_chunks(self, wanted: Iterable[int]) -> None:
        """Write the chunks *wanted*, where they are not there; raises `Damage` and `OSError`."""
        missing = sorted(chunk for chunk in wanted if not self._there[chunk])
        batches = (missing[at : at + BATCH] for at in range(0, len(missing), BATCH))
        works = (partial(self._decoded, batch) for batch in batches)
        for contents in ahead(self._context, self._threads, works, 2 * THREADS):
            for chunk, content in contents:
                self.put(chunk, content)
        self._file.flush()  # SQLite reads it by its name

    def _decoded(self, batch: list[int]) -> list[tuple[int, bytes]]:
        return [(chunk, self._chunks.read(self.digests[chunk])) for chunk in batch]

    def close(self) -> None:
        """Let others have the file, to change or to remove it."""
        self._file.close()

    def abandon(self) -> None:
        """Give back the room that it takes; it is not used any more.  Raises `OSError`."""
        try:
            self.close()  # what it holds back may not fit either
        finally:
            os.truncate(self.path, 0)

    def read(self, offset: int, length: int) -> bytes:
        """Return *length* bytes from *offset* on, of chunks that are there."""
        self._file.seek(offset)
        return self._file.read(length)


def facts_of_changed(
    context: Context, chunks: Contents, copy: SparseCopy, file: StoredFile, previous: StoredFile
) -> Checked | None:
    """Return the facts of *file*, from those of *previous* and a check of what changed since.

    None where only the whole check tells: most of it changed, its schema did, a page is not
    explained or something is wrong.  *copy* is one of *file* and holds more of it afterwards.
    Raises `Damage`, `Cancelled` and `OSError`.
    """
    known, overflowing = previous.facts, previous.overflowing
    if known is None or not known.sound or overflowing is None or file.size % known.page_size:
        return None
    before = previous_digests(chunks, previous)
    changed = [
        number
        for number, digest in enumerate(copy.digests)
        if number >= len(before) or before[number] != digest
    ]
    if len(changed) > len(copy.digests) * WORTH_IT:
        return None
    copy.need_chunks([0, *changed])
    pages: set[int] = set()
    for number in changed:
        context.check()
        then = chunks.read(before[number]) if number < len(before) else b""
        pages |= _changed_pages(number, copy.read(number * CHUNK, CHUNK), then, known.page_size)
    owned = ownership(copy)
    if owned is None or owned.page_size != known.page_size:
        return None
    # No interior page names the rest of a long row, so each table that has one is looked at: its
    # pages may have been given to another.
    tables = owned.tables_with(pages) | frozenset(overflowing)
    if not tables <= {table.name for table in known.tables}:
        return None
    theirs = list(owned.of_trees(tables))
    copy.need(theirs, known.page_size)
    copy.need(owned.of_nobody, known.page_size)
    progress = reporting(context, file.name, len(theirs) * known.page_size)
    sound = rows_of_sound(context, copy, owned, tables, progress)
    if sound is None:
        return None
    rows = sound.rows
    facts = known.model_copy(
        update={
            "page_count": file.size // known.page_size,
            "tables": tuple(
                table.model_copy(update={"rows": rows[table.name]}) if table.name in rows else table
                for table in known.tables
            ),
        }
    )
    return Checked(facts, sound.overflowing)


def _changed_pages(number: int, content: bytes, before: bytes, page_size: int) -> set[int]:
    """Return the numbers of the pages that differ between two versions of chunk *number*."""
    now, then = memoryview(content), memoryview(before)
    if number == 0:
        now, then = _without_counters(now), _without_counters(then)
    first = number * (CHUNK // page_size) + 1
    return {
        first + start // page_size
        for start in range(0, len(now), page_size)
        if now[start : start + page_size] != then[start : start + page_size]
    }


def _without_counters(content: memoryview) -> memoryview:
    plain = bytearray(content)
    for start, end in COUNTERS:
        plain[start:end] = bytes(end - start)
    return memoryview(plain)
