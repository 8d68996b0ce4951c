"""Mutations of database files, each checked by its trees and by SQLite as a whole.

``python -m tests.store.mutations 5000`` prints how many SQLite finds, how many of these the check
by trees misses, and how many sound ones it takes for damaged.
"""

from __future__ import annotations

import random
import struct
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import apsw

from core.backup.facts import read_restored
from core.backup.models import DatabaseFacts, StoredFile
from core.backup.sparse import SparseCopy, facts_of_changed
from core.backup.store.format import CHUNK, digest_of
from core.backup.store.writing import previous_digests
from core.backup.trees import Sound, WholeCopy, ownership, rows_of_sound
from core.base.files import temporary_folder
from core.base.operation import Context

U16, U32 = struct.Struct(">H"), struct.Struct(">I")


class Tally(NamedTuple):
    """How a number of mutations ended."""

    found: int
    """SQLite's whole check finds them."""
    missed: int
    """Of those: the check by trees says that all is sound."""
    sound: int
    """SQLite finds nothing."""
    alarms: int
    """Of those: the rows by trees are not those that SQLite counts."""
    proven: int
    """Sound ones that the check by trees proves by itself."""


def make(
    path: Path, page_size: int, seed: int, scale: int = 1, *, overflows: bool | None = None
) -> None:
    """Write a database with everything a page can be: free list, tables without rowid, overflow.

    *scale*: so many times the rows; *overflows*: whether some are long, by itself where there are
    few.
    """
    chance = random.Random(seed)
    connection = apsw.Connection(str(path))
    connection.execute(f"PRAGMA page_size = {page_size}")
    connection.execute("BEGIN")
    for number in range(6):
        tail = " WITHOUT ROWID" if number % 3 == 2 else ""
        connection.execute(f"CREATE TABLE t{number} (a TEXT PRIMARY KEY, b REAL, c){tail}")
        connection.execute(f"CREATE INDEX i{number} ON t{number} (b, c)")
        long = scale == 1 if overflows is None else overflows
        most = page_size * 3 if long and number in (1, 2) else 20
        connection.executemany(
            f"INSERT OR IGNORE INTO t{number} VALUES (?, ?, ?)",
            [
                (f"{chance.random():.12f}", chance.random(), "x" * chance.choice((1, 9, most)))
                for _ in range(scale * (60 * max(1, page_size // 512) if number else 400))
            ],
        )
    connection.execute("CREATE TABLE gone (a TEXT)")
    connection.executemany(
        "INSERT INTO gone VALUES (?)",
        [("y" * (page_size if scale == 1 else 200),) for _ in range(chance.randrange(1, 300))],
    )
    connection.execute("DROP TABLE gone" if seed % 2 else "DELETE FROM gone WHERE rowid % 3")
    connection.execute("COMMIT")
    if seed % 3 == 0:
        connection.execute("VACUUM")
    connection.close()


def mutate(content: bytearray, page_size: int, chance: random.Random) -> None:
    """Change something of *content*: most often a pointer, now and then any byte."""
    count = len(content) // page_size

    def page() -> int:
        return chance.randrange(count) * page_size

    def some_number() -> int:
        return chance.choice((chance.randrange(count + 2), chance.randrange(count) + 1, 0, 1))

    def pointer(start: int) -> None:
        base = start + (100 if start == 0 else 0)
        kind = content[base]
        if kind in (2, 5) and chance.random() < 0.5:
            U32.pack_into(content, base + 8, some_number())
            return
        cells = min(U16.unpack_from(content, base + 3)[0], (page_size - 112) // 2)
        if kind in (2, 5) and cells:
            cell = U16.unpack_from(content, base + 12 + 2 * chance.randrange(cells))[0]
            if cell + 4 <= page_size:
                U32.pack_into(content, start + cell, some_number())
        else:
            U32.pack_into(content, start + chance.choice((0, 4, 8)), some_number())

    match chance.randrange(8):
        case 0:
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        case 1 | 2 | 3:
            pointer(page())
        case 4:
            source, target = page(), page()
            content[target : target + page_size] = content[source : source + page_size]
        case 5:
            U32.pack_into(content, chance.choice((28, 32, 36)), some_number())
        case 6:
            # The end of a page that is full holds cells, and where they overflow to.
            start = page()
            offset = start + page_size - 4 * chance.randrange(1, page_size // 4)
            U32.pack_into(content, offset, some_number())
        case _:
            one, other = page(), page()
            kept = content[one : one + page_size]
            content[one : one + page_size] = content[other : other + page_size]
            content[other : other + page_size] = kept


def by_trees(path: Path) -> dict[str, int] | None:
    """Return the rows by table where the check by trees proves the file sound, else None."""
    sound = prove(path)
    return sound.rows if sound is not None else None


def prove(path: Path) -> Sound | None:
    """Return what the check by trees tells of a sound file; None where it proves nothing."""
    with path.open("rb") as file:
        copy = WholeCopy(path, file)
        owned = ownership(copy)
        if owned is None:
            return None
        tables = frozenset(tree.table for tree in owned.trees)
        return rows_of_sound(Context(), copy, owned, tables, lambda _: None)


def whole(path: Path) -> dict[str, int] | None:
    """Return the rows by table where SQLite's whole check finds nothing, else None."""
    try:
        connection = apsw.Connection(f"file:{path}?mode=ro&immutable=1", flags=0x1 | 0x40)
        if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            return None
        names = ["sqlite_schema"]
        names += [
            str(name)
            for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        ]
        return {
            name: int(str(connection.execute(f'SELECT count(*) FROM "{name}"').get))
            for name in names
        }
    except apsw.Error:
        return None


class Kept:
    """Two versions of a database as a store has them: chunks by digest."""

    def __init__(self) -> None:
        self._contents: dict[bytes, bytes] = {}

    def read(self, digest: bytes) -> bytes:
        """Return the content of the chunk *digest*."""
        return self._contents[digest]

    def keep(
        self, content: bytes, facts: DatabaseFacts | None, sound: Sound | None = None
    ) -> StoredFile:
        """Keep *content* and return it as a restore point names it."""
        pieces = [content[at : at + CHUNK] for at in range(0, len(content), CHUNK)]
        digests = [self._add(piece) for piece in pieces]
        return StoredFile(
            name="a", live_path="a", size=len(content), mode=0o600, database=facts,
            digest=digest_of(b"".join(digests)).hex(),
            index=(self._add(b"".join(digests)).hex(),),
            overflowing=tuple(sound.overflowing) if sound is not None else None,
        )  # fmt: skip

    def _add(self, content: bytes) -> bytes:
        digest = digest_of(content)
        self._contents[digest] = content
        return digest


class History(NamedTuple):
    """A sound database as a store has it."""

    kept: Kept
    previous: StoredFile


def history(before: bytes, folder: Path) -> History:
    """Return the sound database *before* as a store has it."""
    path = folder / "before.sqlite3"
    path.write_bytes(before)
    kept = Kept()
    return History(kept, kept.keep(before, read_restored(Context(), path), prove(path)))


def check_of_changes(before: History, after: bytes, folder: Path) -> dict[str, int] | None:
    """Return the rows by table where the check of what changed proves *after* sound, else None."""
    kept, previous = before
    file = kept.keep(after, None)
    with (
        temporary_folder("part-", folder) as work,
        ThreadPoolExecutor(2) as threads,
        (work / "copy").open("xb+") as target,
    ):
        digests = previous_digests(kept, file)
        copy = SparseCopy(Context(), kept, digests, file.size, work / "copy", target, threads)
        found = facts_of_changed(Context(), kept, copy, file, previous)
    return {table.name: table.rows for table in found.facts.tables} if found is not None else None


def survey_of_changes(folder: Path, count: int, seed: int) -> Tally:
    """Change *count* databases through SQLite, mutate what it changed, and compare both checks."""
    chance = random.Random(seed)
    found = missed = sound = alarms = proven = 0
    for number in range(count):
        if number % 25 == 0:
            page_size = chance.choice((512, 1024, 4096))
            original = folder / f"changed{number}.sqlite3"
            make(original, page_size, seed + number, scale=20, overflows=number % 50 == 0)
            before = original.read_bytes()
            stored = history(before, folder)
            connection = apsw.Connection(str(original))
            connection.execute(f"DELETE FROM t{chance.randrange(6)} WHERE a < '0.02'")
            long = "x" * chance.choice((1, page_size * 2))
            connection.execute(f"INSERT INTO t{chance.randrange(6)} VALUES ('new', 1, '{long}')")
            connection.close()
            after = original.read_bytes()
        content = bytearray(after)
        if number % 5 == 1:
            lose_a_write(content, before, page_size, chance)
        elif number % 5:
            mutate(content, page_size, chance)
        path = folder / "mutated.sqlite3"
        path.write_bytes(content)
        expected, got = whole(path), check_of_changes(stored, bytes(content), folder)
        if expected is None:
            found += 1
            missed += got is not None
        else:
            del expected["sqlite_schema"]
            sound += 1
            proven += got is not None
            alarms += got is not None and got != expected
    return Tally(found, missed, sound, alarms, proven)


def lose_a_write(content: bytearray, before: bytes, page_size: int, chance: random.Random) -> None:
    """Let one page that changed be as it was *before*."""
    changed = [
        start
        for start in range(page_size, min(len(content), len(before)), page_size)
        if content[start : start + page_size] != before[start : start + page_size]
    ]
    if changed:
        start = chance.choice(changed)
        content[start : start + page_size] = before[start : start + page_size]


def survey(folder: Path, count: int, seed: int) -> Tally:
    """Mutate *count* databases in *folder* and compare both checks."""
    chance = random.Random(seed)
    found = missed = sound = alarms = proven = 0
    for number in range(count):
        if number % 50 == 0:
            page_size = chance.choice((512, 512, 1024, 4096))
            original = folder / f"{number}.sqlite3"
            make(original, page_size, seed + number, scale=chance.choice((1, 1, 2)))
            plain = original.read_bytes()
        content = bytearray(plain)
        mutate(content, page_size, chance)
        path = folder / "mutated.sqlite3"
        path.write_bytes(content)
        expected, got = whole(path), by_trees(path)
        if expected is None:
            found += 1
            missed += got is not None
        else:
            sound += 1
            proven += got is not None
            alarms += got is not None and got != expected
    return Tally(found, missed, sound, alarms, proven)


if __name__ == "__main__":
    with temporary_folder("mutations-") as work:
        seed = int(sys.argv[2]) if sys.argv[2:] else 1
        print("the whole file", survey(work, int(sys.argv[1]), seed))
        print("what changed", survey_of_changes(work, int(sys.argv[1]), seed))
