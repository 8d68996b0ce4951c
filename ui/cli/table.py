"""Lays a table out in the columns that a terminal has, or as lines where it has too few."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from ui.cli.streams import one_line

GAP = "  "
INDENT = "    "
NOTHING = {"", "–"}

Row = Sequence[str]


def table_lines(
    titles: Row, rows: Sequence[Row], right: set[int], width: int | None = None
) -> list[str]:
    """Return the lines of a table that is at most *width* columns wide; None: as wide as it is.

    The columns in *right* hold numbers.  Where a row would not fit, each becomes lines: its first
    cell, which is what one copies, then what else it says.  Nothing is broken within a word.
    """
    cells = [[one_line(cell) for cell in row] for row in rows]
    heads = [one_line(title) for title in titles]
    widths = [max(map(cell_len, column)) for column in zip(heads, *cells, strict=True)]
    if width is not None and sum(widths) + len(GAP) * (len(widths) - 1) > width:
        return [line for row in cells for line in _as_lines(heads, row, width)]
    return [_as_row(row, widths, right) for row in (heads, *cells) if any(row)]


def _as_row(row: Row, widths: Sequence[int], right: set[int]) -> str:
    places = []
    for index, (cell, width) in enumerate(zip(row, widths, strict=True)):
        space = " " * (width - cell_len(cell))
        places.append(space + cell if index in right else cell + space)
    return GAP.join(places).rstrip()


def _as_lines(heads: Row, row: Row, width: int) -> list[str]:
    """Return what *row* says: its sign, if it has one, and name, then the rest below that."""
    first = 1 if heads[0] else 2
    lines, line = [GAP.join(row[:first])], ""
    rest = zip(heads[first:], row[first:], strict=True)
    said = " · ".join(f"{title}: {cell}" for title, cell in rest if cell not in NOTHING)
    for word in said.replace(" · ", "\N{NO-BREAK SPACE}· ").split(" "):
        longer = f"{line} {word}" if line else INDENT + word
        if line and cell_len(longer) > width:
            lines.append(line)
            longer = INDENT + word
        line = longer
    return [one.replace("\N{NO-BREAK SPACE}", " ") for one in (*lines, line)] if said else lines
