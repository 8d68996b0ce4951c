"""Checks a copy of a database tree by tree, in threads, and proves what that cannot see.

``PRAGMA integrity_check("table")`` looks at the trees of one table: two tables are checked at the
same time, and tables whose pages did not change need no check.  What it cannot see is whom a page
belongs to: that none belongs to two tables, to a table and to the free list, or to nobody.  The
interior pages say that (https://www.sqlite.org/fileformat2.html): they are few, and name every
other page but those of overflowing rows, which SQLite's ``dbstat`` lists.

Nothing here says that a database is damaged: where a page is not explained, or SQLite finds
something, the answer is None and the whole check has the word.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event, local
from typing import BinaryIO, NamedTuple, Protocol

import apsw

from core.backup.btree import (
    LEAVES,
    Malformed,
    cells_of,
    children_of,
    free_list,
    kind_of_page,
    lock_byte_page,
    page_size_of,
)
from core.backup.store.ahead import THREADS
from core.base.cleanup import attempt
from core.base.databases import HEADER
from core.base.operation import Context, Unit
from core.base.sqlite import STEPS_BETWEEN_CHECKS, open_immutable, quote
from core.base.text import translate

SECONDS_BETWEEN_CHECKS = 0.05
MAPPED_BYTES = 1 << 40
"""Of a private copy all pages are mapped, not read (https://www.sqlite.org/mmap.html)."""
MOST_TABLES = 500
"""So many tables are checked one by one: each check looks at the whole schema."""
MOST_PAGES = 1 << 25
"""From there on the first bytes of a b-tree page could be taken for the number of a page."""

_NOBODY, _NO_TABLE = 0, 1
_SCHEMA = "sqlite_schema"


class Pages(Protocol):
    """A copy of a database whose pages can be read; some of them only once they are asked for."""

    path: Path
    size: int

    @property
    def complete(self) -> bool:
        """Whether every page is there."""

    def need(self, numbers: Iterable[int], page_size: int) -> None:
        """Make the pages *numbers*, from 1 on, readable; raises `Damage` and `OSError`."""

    def read(self, offset: int, length: int) -> bytes:
        """Return *length* bytes from *offset* on."""


class WholeCopy:
    """A copy of which every page is there."""

    complete = True

    def __init__(self, path: Path, file: BinaryIO) -> None:
        """Read the copy at *path* through *file*, open for reading."""
        self.path = path
        self.size = path.stat().st_size
        self._file = file

    def need(self, numbers: Iterable[int], page_size: int) -> None:
        """All are there."""

    def read(self, offset: int, length: int) -> bytes:
        """Return *length* bytes from *offset* on."""
        self._file.seek(offset)
        return self._file.read(length)


class Tree(NamedTuple):
    """A b-tree: the name of the table or index, the table it belongs to, its first page."""

    name: str
    table: str
    root: int


class Ownership(NamedTuple):
    """Whom each page belongs to, as far as interior pages and free list tell."""

    page_size: int
    owners: array[int]
    """By the number of the page: 0 nobody, 1 no table, else 2 + the number of the tree."""
    trees: tuple[Tree, ...]
    plain: bool
    """Whether every page belongs to a tree: none is free, and none holds the rest of a row."""

    def of_trees(self, tables: frozenset[str]) -> Iterable[int]:
        """Return the numbers of the pages of *tables*, with their indexes."""
        theirs = {2 + number for number, tree in enumerate(self.trees) if tree.table in tables}
        return (page for page, owner in enumerate(self.owners) if owner in theirs)

    @property
    def of_nobody(self) -> Iterable[int]:
        """The numbers of the pages that neither a tree nor the free list names."""
        return (page for page, owner in enumerate(self.owners) if page and owner == _NOBODY)

    def tables_with(self, pages: Iterable[int]) -> frozenset[str]:
        """Return the tables to which *pages* belong, those of no table left out."""
        owners = {self.owners[page] for page in pages if page < len(self.owners)}
        return frozenset(self.trees[owner - 2].table for owner in owners if owner > _NO_TABLE)

    def sizes(self) -> dict[str, int]:
        """Return how many pages each table has, with its indexes."""
        counts = [0] * (2 + len(self.trees))
        for owner in self.owners:
            counts[owner] += 1
        sizes: dict[str, int] = {}
        for number, tree in enumerate(self.trees):
            sizes[tree.table] = sizes.get(tree.table, 0) + counts[2 + number]
        return sizes


def ownership(pages: Pages) -> Ownership | None:
    """Return whom the pages of a database belong to; None where that is not plain.

    Raises what *pages* raise.
    """
    try:
        return _Walk(pages).all()
    except (Malformed, apsw.Error):
        return None


class _Walk:
    """Goes from the roots down to the last interior pages, and along the free list."""

    def __init__(self, pages: Pages) -> None:
        header = pages.read(0, 100)
        if not header.startswith(HEADER):
            raise Malformed
        self.page_size = page_size_of(header)
        (self.count,) = struct.unpack_from(">I", header, 28)
        # The number of pages holds where it was written with the last change (file format, 1.3.8).
        current = header[24:28] == header[92:96]
        if (
            not current
            or self.count * self.page_size != pages.size
            or self.count >= MOST_PAGES
            or header[52:56] + header[64:68] != bytes(8)  # pages that map pointers
        ):
            raise Malformed
        self._pages = pages
        self._first_free, self._free = struct.unpack_from(">II", header, 32)
        self.owners = array("I", bytes(4 * (self.count + 1)))
        lock_byte = lock_byte_page(self.page_size)
        if lock_byte <= self.count:
            self.owners[lock_byte] = _NO_TABLE

    def all(self) -> Ownership:
        self._tree(1, 2)
        self._pages.need(
            (page for page, owner in enumerate(self.owners) if owner == 2), self.page_size
        )
        trees = [Tree(_SCHEMA, _SCHEMA, 1), *_roots(self._pages.path)]
        for number, tree in enumerate(trees[1:], start=1):
            self._tree(tree.root, 2 + number)
        self._free_list()
        plain = not self._free and _NOBODY not in self.owners[1:]
        return Ownership(self.page_size, self.owners, tuple(trees), plain)

    def _tree(self, root: int, owner: int) -> None:
        level = [root]
        self._own(root, owner)
        while True:
            # All leaves of a tree are equally deep; SQLite's check holds it to that.
            if kind_of_page(self._page(level[0]), level[0]) in LEAVES:
                return
            self._pages.need(level, self.page_size)
            level = [child for page in level for child in self._children(page, owner)]

    def _children(self, number: int, owner: int) -> list[int]:
        page = self._page(number)
        children = children_of(page, number, cells_of(page, number))
        for child in children:
            self._own(child, owner)
        return children

    def _page(self, number: int) -> bytes:
        if not 1 <= number <= self.count:
            raise Malformed
        self._pages.need((number,), self.page_size)
        page = self._pages.read((number - 1) * self.page_size, self.page_size)
        if len(page) < self.page_size:
            raise Malformed
        return page

    def _own(self, number: int, owner: int) -> None:
        if not 1 <= number <= self.count or self.owners[number] != _NOBODY:
            raise Malformed
        self.owners[number] = owner

    def _free_list(self) -> None:
        count = 0
        for trunk, leaves in free_list(self._page, self._first_free):
            for page in (trunk, *leaves):
                self._own(page, _NO_TABLE)
            count += 1 + len(leaves)
        if count != self._free:
            raise Malformed


def _roots(path: Path) -> list[Tree]:
    connection = open_immutable(path)
    try:
        rows = connection.execute(
            "SELECT name, tbl_name, rootpage FROM sqlite_schema WHERE type IN ('table', 'index')"
        ).fetchall()
    finally:
        attempt(connection.close)
    # A virtual table has no root; its module would have to be asked for its check.
    if any(not root for _, _, root in rows) or len({name for name, _, _ in rows}) < len(rows):
        raise Malformed
    return [Tree(str(name), str(table), int(str(root))) for name, table, root in rows]


class Sound(NamedTuple):
    """What a check that found nothing wrong tells."""

    rows: dict[str, int]
    """By table."""
    overflowing: frozenset[str]
    """The tables with rows that go on in pages of their own, which no interior page names."""


class _Found(NamedTuple):
    """What the check of one table tells."""

    table: str
    sound: bool
    rows: int
    overflow: list[tuple[str, int]]
    """The pages of rows too long for theirs, each with the name of its tree."""


def rows_of_sound(
    context: Context,
    pages: Pages,
    owned: Ownership,
    tables: frozenset[str],
    progress: Callable[[int], None],
) -> Sound | None:
    """Check *tables* and whom every page belongs to; return what they are like.

    None where SQLite finds something, or a page is not explained.  Calls *progress* with the bytes
    of every table done.  Raises `Cancelled`, and `OSError` where the copy cannot be read.
    """
    if len(tables) > MOST_TABLES:
        return None
    sizes = owned.sizes()
    largest_first = sorted(tables, key=lambda table: -sizes.get(table, 0))
    names: dict[str, list[str]] = {table: [] for table in tables}
    for tree in owned.trees:
        if tree.table in names:
            names[tree.table].append(tree.name)
    numbers = {tree.name: 2 + number for number, tree in enumerate(owned.trees)}
    rows: dict[str, int] = {}
    overflowing: set[str] = set()
    # In a plain file a row could only overflow into a page of a tree, and SQLite's check sees that:
    # such a page begins with its kind, which would be a number greater than MOST_PAGES.
    if owned.plain and pages.complete:
        names = {table: [] for table in tables}
    for found in _checks(context, pages.path, largest_first, names):
        if not found.sound:
            return None
        for name, page in found.overflow:
            if not 1 <= page < len(owned.owners) or owned.owners[page] != _NOBODY:
                return None
            owned.owners[page] = numbers[name]
            overflowing.add(found.table)
        rows[found.table] = found.rows
        progress(sizes.get(found.table, 0) * owned.page_size)
    return Sound(rows, frozenset(overflowing)) if _NOBODY not in owned.owners[1:] else None


def _checks(
    context: Context, path: Path, tables: Sequence[str], names: dict[str, list[str]]
) -> Iterable[_Found]:
    """Yield what the checks of *tables* tell, as they are done."""
    over = Event()
    kept = local()
    connections: list[apsw.Connection] = []

    def check(table: str) -> _Found:
        if not hasattr(kept, "connection"):
            kept.connection = _mapped(path, over)
            connections.append(kept.connection)
        return _check(kept.connection, table, names[table])

    with ThreadPoolExecutor(THREADS) as threads:
        waiting: set[Future[_Found]] = {threads.submit(check, table) for table in tables}
        try:
            while waiting:
                context.check()
                done, waiting = wait(waiting, SECONDS_BETWEEN_CHECKS, FIRST_COMPLETED)
                yield from (future.result() for future in done)
        finally:
            over.set()
            for future in waiting:
                future.cancel()
            threads.shutdown()
            for connection in connections:
                attempt(connection.close)


def _mapped(path: Path, over: Event) -> apsw.Connection:
    connection = open_immutable(path)
    connection.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}").fetchall()
    connection.set_progress_handler(over.is_set, STEPS_BETWEEN_CHECKS)
    return connection


def _check(connection: apsw.Connection, table: str, names: Sequence[str]) -> _Found:
    try:
        lines = connection.execute(f"PRAGMA integrity_check({quote(table)})").fetchall()
        if lines != [("ok",)]:
            return _Found(table, sound=False, rows=-1, overflow=[])
        overflow = [
            (name, int(str(page)))
            for name in names
            for (page,) in connection.execute(
                "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'overflow'", (name,)
            )
        ]
        rows = int(str(connection.execute(f"SELECT count(*) FROM {quote(table)}").get))
    except (apsw.CorruptError, apsw.SQLError):
        return _Found(table, sound=False, rows=-1, overflow=[])
    return _Found(table, sound=True, rows=rows, overflow=overflow)


def reporting(context: Context, name: str, total: int) -> Callable[[int], None]:
    """Return what tells of the bytes of *name* checked, of *total*."""
    done = 0

    def progress(count: int) -> None:
        nonlocal done
        done += count
        what = translate("snapshot", "Checking {name}", name=name)
        context.progress(min(done, total), total, Unit.BYTES, what)

    return progress
