"""Reads from a database what a restore point records of it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import apsw
import psutil

from core.backup.models import DatabaseFacts, SchemaObject, TableFacts
from core.backup.trees import (
    MAPPED_BYTES,
    Sound,
    WholeCopy,
    ownership,
    reporting,
    rows_of_sound,
)
from core.base.cleanup import concluding
from core.base.operation import Context
from core.base.sqlite import (
    STEPS_BETWEEN_CHECKS,
    WAL_ALONE,
    open_immutable,
    open_own,
    quote,
)

MAX_PROBLEMS = 20
BY_TREES_BYTES = 32 * 1024 * 1024
"""A smaller copy is checked whole, in less than the threads take."""
MOST_CACHE_KIB = 1024 * 1024
PART_OF_MEMORY = 8
"""Of the memory that is free this part may hold pages during a check, 1 GiB at most."""


class _SchemaRow(NamedTuple):
    kind: str
    name: str
    table: str
    sql: str


def read_facts(
    context: Context, connection: apsw.Connection, *, mapped: bool = False
) -> DatabaseFacts:
    """Check the database behind *connection* and describe its schema and its rows.

    *mapped*: it is a file of the console's own, which nobody shortens: its pages are mapped, not
    read (https://www.sqlite.org/mmap.html).  A database that SQLite finds damaged is described as
    far as it can be read; one whose schema it cannot read has the reason for its integrity and no
    tables.  Raises `Cancelled`.
    """
    try:
        return _read(context, connection, mapped=mapped)
    except (apsw.NotADBError, apsw.CorruptError, apsw.SQLError) as error:
        return _unreadable(str(error))


class Checked(NamedTuple):
    """The facts of a database, and which tables have rows that go on in pages of their own.

    None for these where the whole check had the word.
    """

    facts: DatabaseFacts
    overflowing: frozenset[str] | None


def read_restored(context: Context, path: Path) -> DatabaseFacts:
    """Describe the database at *path*, a private copy, as its program would find it."""
    return check_copy(context, path).facts


def check_copy(context: Context, path: Path) -> Checked:
    """Check the database at *path*, a private copy, as its program would find it.

    With a ``-wal`` beside it SQLite recovers that first, and the copy is not what it was.
    """
    wal = Path(f"{path}-wal")
    if not wal.exists() or not wal.stat().st_size:
        connection = open_immutable(path)
    elif path.stat().st_size:
        connection = open_own(path)
    else:
        return Checked(_unreadable(WAL_ALONE), None)
    with concluding(connection.close):
        sound = None if wal.exists() else _by_trees(context, path)
        if sound is not None:
            return Checked(_described(connection, ("ok",), sound.rows), sound.overflowing)
        return Checked(read_facts(context, connection, mapped=True), None)


def _by_trees(context: Context, path: Path) -> Sound | None:
    """Check a copy by its trees; None where the whole check tells."""
    size = path.stat().st_size
    if size < BY_TREES_BYTES:
        return None
    with path.open("rb") as file:
        pages = WholeCopy(path, file)
        owned = ownership(pages)
        if owned is None:
            return None
        tables = frozenset(tree.table for tree in owned.trees)
        progress = reporting(context, path.stem, size)
        return rows_of_sound(context, pages, owned, tables, progress)


def _unreadable(why: str) -> DatabaseFacts:
    return DatabaseFacts(
        page_size=0,
        page_count=0,
        encoding="",
        user_version=0,
        application_id=0,
        integrity=(why,),
        tables=(),
        objects=(),
    )


def _read(context: Context, connection: apsw.Connection, *, mapped: bool) -> DatabaseFacts:

    def ask() -> bool:
        context.check()
        return False

    if mapped:
        connection.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}").fetchall()
    else:
        # The check visits an index's rows out of order: what was decoded once is kept.
        connection.execute(f"PRAGMA cache_size = -{_page_cache_kib()}").fetchall()
    connection.set_progress_handler(ask, STEPS_BETWEEN_CHECKS)
    try:
        return _described(connection, _integrity(connection), {})
    finally:
        connection.set_progress_handler(None)


def _described(
    connection: apsw.Connection, integrity: tuple[str, ...], rows: dict[str, int]
) -> DatabaseFacts:
    """Describe the schema; count the rows of the tables of which *rows* says nothing."""
    schema = [
        _SchemaRow(*(str(value) for value in row))
        for row in connection.execute(
            "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema "
            "WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' OR type = 'table' ORDER BY name"
        )
    ]
    return DatabaseFacts(
        page_size=_pragma(connection, "page_size"),
        page_count=_pragma(connection, "page_count"),
        encoding=str(connection.execute("PRAGMA encoding").get),
        user_version=_pragma(connection, "user_version"),
        application_id=_pragma(connection, "application_id"),
        integrity=integrity,
        tables=tuple(
            TableFacts(
                name=row.name,
                sql=row.sql,
                rows=rows[row.name] if row.name in rows else _count(connection, row.name),
            )
            for row in schema
            if row.kind == "table"
        ),
        objects=tuple(
            SchemaObject.model_validate(
                {"type": row.kind, "name": row.name, "table": row.table, "sql": row.sql}
            )
            for row in schema
            if row.kind != "table"
        ),
    )


def _page_cache_kib() -> int:
    free = psutil.virtual_memory().available // 1024
    return max(2_000, min(free // PART_OF_MEMORY, MOST_CACHE_KIB))


def _pragma(connection: apsw.Connection, name: str) -> int:
    value = connection.execute(f"PRAGMA {name}").get
    return int(str(value))


def _integrity(connection: apsw.Connection) -> tuple[str, ...]:
    try:
        rows = connection.execute(f"PRAGMA integrity_check({MAX_PROBLEMS})").fetchall()
    except apsw.CorruptError as error:
        return (str(error),)
    return tuple(str(line) for (line,) in rows)


def _count(connection: apsw.Connection, table: str) -> int:
    try:
        return int(str(connection.execute(f"SELECT count(*) FROM {quote(table)}").get))
    except (apsw.CorruptError, apsw.SQLError):
        return -1  # damaged, or a virtual table whose module is not here
