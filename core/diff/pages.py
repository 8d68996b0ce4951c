"""Which pages differ, and which rows can lie in them.

A row of a rowid table lies in one leaf page of the table's tree, with the rest of a long row in
overflow pages.  When a leaf is part of the table on both sides under the same number and with
the same bytes, and no overflow page differs, its rows are the same on both sides.  So only the
rows of the other leaves need to be compared; the trees' inner pages tell where these begin and
end.  The layouts are those of https://www.sqlite.org/fileformat2.html.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

from core.backup.btree import (
    INTERIOR_TABLE,
    LEAVES,
    Malformed,
    cells_of,
    children_of,
    free_list,
    kind_of_page,
    lock_byte_page,
    page_size_of,
    start_of,
)
from core.backup.models import DatabaseFacts
from core.backup.store.format import CHUNK
from core.backup.store.vfs import Content
from core.diff.sql import LEFT, RIGHT, Pair, Table, fold

LEAST_ROWID, GREATEST_ROWID = -(1 << 63), (1 << 63) - 1
MAX_LEVELS = 20


class Chunked(Protocol):
    """The content of a database file and the digests of its chunks."""

    @property
    def size(self) -> int: ...  # noqa: D102
    @property
    def digests(self) -> list[bytes]: ...  # noqa: D102
    def read(self, offset: int, length: int) -> bytes: ...  # noqa: D102


class Range(NamedTuple):
    """Rows of a table by rowid, both ends included, and how many they are at most."""

    low: int
    high: int
    rows: int


class Tree(NamedTuple):
    """The pages of one b-tree: leaves in order, each with its greatest possible rowid."""

    leaves: list[tuple[int, int]]
    inner: set[int]

    @property
    def pages(self) -> set[int]:
        """All pages but overflow pages."""
        return self.inner | {page for page, _ in self.leaves}


class Geometry(NamedTuple):
    """What the header of a database says of its pages."""

    page_size: int
    reserved: int
    encoding: int
    auto_vacuum: int

    @classmethod
    def of(cls, content: Chunked) -> Geometry:
        """Read the header; raises `Malformed`."""
        header = content.read(0, 100)
        page_size = page_size_of(header)
        largest_root, encoding = struct.unpack_from(">II", header, 52)
        return cls(page_size, header[20], encoding, largest_root)


def different_pages(left: Chunked, right: Chunked, page_size: int) -> set[int]:
    """Return the numbers of the pages that differ, or that one side has not."""
    found: set[int] = set()
    for number in _different_chunks(left, right):
        start = number * CHUNK
        ours, theirs = left.read(start, CHUNK), right.read(start, CHUNK)
        for offset in range(0, max(len(ours), len(theirs)), page_size):
            if ours[offset : offset + page_size] != theirs[offset : offset + page_size]:
                found.add((start + offset) // page_size + 1)
    return found


def _different_chunks(left: Chunked, right: Chunked) -> Iterator[int]:
    ours, theirs = left.digests, right.digests
    for number in range(max(len(ours), len(theirs))):
        if ours[number : number + 1] != theirs[number : number + 1]:
            yield number


class Pages:
    """Reads the pages of one side."""

    def __init__(self, content: Chunked, geometry: Geometry) -> None:
        self._content = content
        self._size = geometry.page_size
        self._auto_vacuum = geometry.auto_vacuum
        self._usable = geometry.page_size - geometry.reserved
        self.count = content.size // geometry.page_size

    def read(self, number: int) -> bytes:
        """Return page *number*; raises `Malformed` for one that cannot be."""
        if not 0 < number <= self.count:
            raise Malformed
        return self._content.read((number - 1) * self._size, self._size)

    def tree(self, root: int) -> Tree:
        """Return the pages of the tree at *root*; leaves are not read."""
        level = [(root, GREATEST_ROWID)]
        inner: set[int] = set()
        for _ in range(MAX_LEVELS):
            if kind_of_page(self.read(level[0][0]), level[0][0]) in LEAVES:
                return Tree(level, inner)
            below: list[tuple[int, int]] = []
            for page, greatest in level:
                below += self._children(page, greatest)
                inner.add(page)
                if len(below) > self.count:
                    raise Malformed
            level = below
        raise Malformed

    def rows(self, leaf: int) -> int:
        """Return how many cells the page *leaf* has."""
        page = self.read(leaf)
        count: int = struct.unpack_from(">H", page, start_of(leaf) + 3)[0]
        return count

    def _children(self, number: int, greatest: int) -> list[tuple[int, int]]:
        page = self.read(number)
        cells = cells_of(page, number)
        of_table = kind_of_page(page, number) == INTERIOR_TABLE
        try:
            keys = [_varint(page, cell + 4) if of_table else 0 for cell in cells]
        except IndexError as error:
            raise Malformed from error
        return list(zip(children_of(page, number, cells), [*keys, greatest], strict=True))

    def outside_trees(self) -> set[int]:
        """Return the pages of the free list, of the pointer map, and the lock-byte page."""
        found = {lock_byte_page(self._size)}
        first, count = struct.unpack_from(">II", self.read(1), 32)
        for trunk, leaves in free_list(self.read, first):
            if trunk in found or len(found) > count + 1:
                raise Malformed
            found.add(trunk)
            found.update(leaves)
        if self._auto_vacuum:
            found.update(range(2, self.count + 1, self._usable // 5 + 1))
        return found


def _varint(page: bytes, offset: int) -> int:
    value = 0
    for position in range(9):
        byte = page[offset + position]
        if position == 8:
            value = (value << 8) | byte
            break
        value = (value << 7) | (byte & 0x7F)
        if byte < 0x80:
            break
    return value - (1 << 64) if value >= 1 << 63 else value


def ranges(tree: Tree, others: set[int], different: set[int], pages: Pages) -> list[Range]:
    """Return the rows in the leaves of *tree* that the other side has not with the same bytes.

    *others* are the leaves of the table on the other side.
    """
    found: list[Range] = []
    low = LEAST_ROWID
    joined = False
    for page, high in tree.leaves:
        if page in others and page not in different:
            joined = False
        else:
            rows = pages.rows(page)
            if joined:
                before = found.pop()
                found.append(Range(before.low, high, before.rows + rows))
            else:
                found.append(Range(low, high, rows))
            joined = True
        low = min(high, GREATEST_ROWID - 1) + 1
    return [one for one in found if one.rows]


class SideContent(Content, Chunked, Protocol):
    """The content of one side."""


class Side(NamedTuple):
    """One side of a database."""

    content: SideContent
    rows: Mapping[str, int]
    """Rows by folded name of the table, as far as a restore point records them."""
    sound: bool = True
    """False where a restore point records damage."""

    @classmethod
    def of(cls, content: SideContent, facts: DatabaseFacts | None) -> Side:
        """Return a side of which *facts* are recorded."""
        return cls(content, recorded_rows(facts), facts is None or facts.sound)


def recorded_rows(facts: DatabaseFacts | None) -> dict[str, int]:
    """Return the rows of the tables that SQLite could read, by folded name."""
    tables = facts.tables if facts is not None else ()
    return {fold(table.name): table.rows for table in tables if table.rows >= 0}


Narrowed = dict[str, tuple[list[Range], list[Range]] | None]
"""For each table the rows on both sides that can differ; None: all can."""


def narrow(
    pair: Pair, left: Side, right: Side, tables: tuple[dict[str, Table], dict[str, Table]]
) -> Narrowed | None:
    """Return where rows can differ, from the pages that do; None where these tell nothing."""
    if not (left.sound and right.sound):
        return None
    try:
        geometry = Geometry.of(left.content)
        theirs = Geometry.of(right.content)
        if geometry[:3] != theirs[:3]:
            return None
        different = different_pages(left.content, right.content, geometry.page_size)
        pages = Pages(left.content, geometry), Pages(right.content, theirs)
        return _by_trees(pair, tables, different, pages)
    except Malformed:
        return None


def _by_trees(
    pair: Pair,
    tables: tuple[dict[str, Table], dict[str, Table]],
    different: set[int],
    pages: tuple[Pages, Pages],
) -> Narrowed:
    if not different:
        return {folded: ([], []) for folded in tables[0]}
    trees = (
        {root: pages[0].tree(root) for root in pair.roots(LEFT)},
        {root: pages[1].tree(root) for root in pair.roots(RIGHT)},
    )
    unknown = {page for page in different if page <= min(pages[0].count, pages[1].count)}
    for side in trees:
        for tree in side.values():
            unknown -= tree.pages
    for side_pages in pages:
        unknown -= side_pages.outside_trees()
    # What is left belongs to long rows, whose leaves may look the same on both sides.
    owners = pair.overflow_owners(LEFT, unknown) if unknown else set()
    narrowed: Narrowed = {}
    for folded, ours in tables[0].items():
        theirs = tables[1].get(folded)
        if theirs is None or ours.sql != theirs.sql or ours.virtual or folded in owners:
            narrowed[folded] = None
            continue
        both = trees[0][ours.root], trees[1][theirs.root]
        if ours.without_rowid:
            equal = both[0].pages == both[1].pages and not both[0].pages & different
            narrowed[folded] = ([], []) if equal else None
        else:
            narrowed[folded] = _ranges(both, different, pages)
    return narrowed


def _ranges(
    trees: tuple[Tree, Tree], different: set[int], pages: tuple[Pages, Pages]
) -> tuple[list[Range], list[Range]]:
    leaves = [{page for page, _ in tree.leaves} for tree in trees]
    return (
        ranges(trees[0], leaves[1], different, pages[0]),
        ranges(trees[1], leaves[0], different, pages[1]),
    )
