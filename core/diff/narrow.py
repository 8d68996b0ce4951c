"""Tells from the pages that differ in which rows two databases can differ at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from core.backup.models import DatabaseFacts
from core.backup.store.vfs import Content
from core.diff.pages import (
    Chunked,
    Geometry,
    Malformed,
    Pages,
    Range,
    Tree,
    different_pages,
    ranges,
)
from core.diff.sql import LEFT, RIGHT, Pair, Table, fold


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
