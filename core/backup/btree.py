"""How the pages of a database hang together, as its bytes say.

The layouts are those of https://www.sqlite.org/fileformat2.html.  Whoever looks at a whole tree
brings the pages; nothing here believes a number that it finds.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from core.base.sqlite import PENDING_BYTE

LEAVES = frozenset({0x0A, 0x0D})
INTERIOR_INDEX, INTERIOR_TABLE = 0x02, 0x05
_INTERIOR = frozenset({INTERIOR_INDEX, INTERIOR_TABLE})
_U16, _U32, _TRUNK = struct.Struct(">H"), struct.Struct(">I"), struct.Struct(">II")


class Malformed(Exception):  # noqa: N818 (a reason to look in another way, not an error)
    """A page does not have the shape that it should have."""


def page_size_of(header: bytes) -> int:
    """Return the bytes of a page from the first 100 of the file; raises `Malformed`."""
    if len(header) < 100:
        raise Malformed
    size: int = _U16.unpack_from(header, 16)[0]
    size = 65536 if size == 1 else size
    if size < 512 or size & (size - 1):
        raise Malformed
    return size


def lock_byte_page(page_size: int) -> int:
    """Return the number of the page that holds nothing, where a file is so large."""
    return PENDING_BYTE // page_size + 1


def start_of(number: int) -> int:
    """Return where what a page says of its tree begins: the first one has the file's header."""
    return 100 if number == 1 else 0


def kind_of_page(page: bytes, number: int) -> int:
    """Return what kind of page *page*, the whole of page *number*, is."""
    return page[start_of(number)]


def cells_of(page: bytes, number: int) -> tuple[int, ...]:
    """Return where in an interior page its cells begin; raises `Malformed`."""
    start = start_of(number)
    if kind_of_page(page, number) not in _INTERIOR:
        raise Malformed
    try:
        return struct.unpack_from(f">{_U16.unpack_from(page, start + 3)[0]}H", page, start + 12)
    except struct.error as error:
        raise Malformed from error


def children_of(page: bytes, number: int, cells: tuple[int, ...]) -> list[int]:
    """Return the pages below an interior page, in order: one for each cell, and the last one.

    Raises `Malformed`.
    """
    try:
        children: list[int] = [_U32.unpack_from(page, cell)[0] for cell in cells]
        children.append(_U32.unpack_from(page, start_of(number) + 8)[0])
    except struct.error as error:
        raise Malformed from error
    return children


def free_list(read: Callable[[int], bytes], first: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield each trunk page of the free list that begins at *first*, and the leaves it names.

    Whoever goes through it sees to it that a list that leads in a circle ends.  Raises `Malformed`.
    """
    trunk = first
    while trunk:
        page = read(trunk)
        try:
            following, count = _TRUNK.unpack_from(page, 0)
            leaves = struct.unpack_from(f">{count}I", page, 8)
        except struct.error as error:
            raise Malformed from error
        yield trunk, leaves
        trunk = following
