"""What a migrated database must be: told from the one before it, and from migrating it again.

A second run over an untouched copy must give the same new tables, byte by byte; and what was
there before must still be there, untouched.  Tables are compared by digests that are computed
outside SQLite.  A row is what SQLite hands out, written by `marshal` in its version 2: type by
type, floats bit by bit, integers, text and bytes apart, NULL apart from all.  BLAKE3 goes over
them in order.
"""

from __future__ import annotations

import marshal
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import apsw
from blake3 import blake3

from core.base.cleanup import attempt, concluding
from core.base.sqlite import open_immutable, open_own, quote
from migration.adapter import Conversions
from migration.engine.apply import Staged, apply
from migration.engine.history import TABLE as HISTORY
from migration.engine.scripts import Deployment, Script
from migration.sql import Row, Value, rows

BYTES_AT_A_TIME = 1 << 20


class Digest(NamedTuple):
    """How many rows, and their digest; ``b`` in front where text was taken as bytes."""

    rows: int
    value: str


def digest_rows(found: Iterable[Row], prefix: str = "") -> Digest:
    """Return the digest of *found* in order; memory for `BYTES_AT_A_TIME` and one row."""
    hasher = blake3()
    waiting: list[bytes] = []
    size = count = 0
    for row in found:
        count += 1
        written = marshal.dumps(row, 2)
        waiting.append(written)
        size += len(written)
        if size >= BYTES_AT_A_TIME:
            hasher.update(b"".join(waiting))
            waiting.clear()
            size = 0
    hasher.update(b"".join(waiting))
    return Digest(count, prefix + hasher.hexdigest())


def columns_of(connection: apsw.Connection, schema: str, table: str) -> list[str]:
    """Return the columns of a table as they are spelt."""
    return [
        str(row[1])
        for row in rows(connection, f"PRAGMA {quote(schema)}.table_xinfo({quote(table)})")
        if row[6] != 1
    ]


def as_bytes(column: str) -> str:
    """Return the SQL of *column* with text as the bytes that it is, and its storage class."""
    return (
        f"typeof({column}), CASE typeof({column}) WHEN 'text' THEN CAST({column} AS BLOB) "
        f"ELSE {column} END"
    )


def table_digest(connection: apsw.Connection, schema: str, table: str) -> Digest:
    """Return the digest of every row of a table, its row numbers included."""
    columns = columns_of(connection, schema, table)
    without_rowid = any(
        bool(row[4])
        for row in rows(connection, f"PRAGMA {quote(schema)}.table_list({quote(table)})")
        if row[0] == schema
    )
    lower = {column.lower() for column in columns}
    free = next((one for one in ("rowid", "_rowid_", "oid") if one not in lower), None)
    listed = [quote(column) for column in columns]
    if without_rowid or free is None:
        order = ", ".join(str(place) for place in range(1, len(columns) + 1))
    else:
        listed.insert(0, free)
        order = free
    place = f"{quote(schema)}.{quote(table)}"
    try:
        return digest_rows(
            connection.execute(f"SELECT {', '.join(listed)} FROM {place} ORDER BY {order}")
        )
    except UnicodeDecodeError:
        plain = ", ".join(as_bytes(column) for column in listed)
        if without_rowid or free is None:
            order = ", ".join(str(2 * place) for place in range(1, len(columns) + 1))
        return digest_rows(connection.execute(f"SELECT {plain} FROM {place} ORDER BY {order}"), "b")


PRAGMAS = ("user_version", "application_id", "page_size", "encoding", "auto_vacuum")
_INTERNAL = ("sqlite_stat", "sqlite_sequence")


class Expected(NamedTuple):
    """Digests by table; `kept` as they were before, `made` as a second run makes them."""

    database: str
    kept: dict[str, Digest]
    made: dict[str, Digest]
    schema: frozenset[tuple[str, str, str]]
    """Type, name and SQL of everything that a second run ends up with."""
    before: frozenset[tuple[str, str, str]]
    """The same of what was there before."""
    pragmas: dict[str, Value]
    violations: frozenset[tuple[Value, ...]]
    """Foreign keys that were violated before."""
    stuck: tuple[str, ...]
    """Tables that are not as they were after all recorded changes were taken back."""


def expect(
    staged: Staged,
    scripts: tuple[Script, ...],
    deployment: Deployment,
    scratch: Path,
    conversions: Conversions,
) -> Expected:
    """Migrate the source of *staged* again in *scratch* and return what must be.

    *deployment* has the moment and the decisions of the run that is validated.
    """
    again = scratch / f"{staged.name}.again"
    shutil.copyfile(staged.sources[staged.name], again)
    try:
        apply(staged._replace(path=again), scripts, deployment)
        changed = frozenset(
            table
            for script in scripts
            if script.database == staged.name
            for table in script.changes
        )
        was = open_immutable(staged.sources[staged.name])
        now = open_immutable(again)
        try:
            before = _schema(was)
            after = _schema(now)
            names = [name for kind, name, _ in before if kind == "table"]
            kept = [
                name
                for name in names
                if name.lower() not in changed
                and name != HISTORY
                and not conversions.ours.fullmatch(name)
                and not _virtual(was, name)
            ]
            new = [
                name
                for kind, name, _ in after
                if kind == "table" and name not in kept and name != HISTORY
                and not _virtual(now, name)
            ]  # fmt: skip
            before_it = {name: table_digest(was, "main", name) for name in kept}
            after_it = {name: table_digest(now, "main", name) for name in [*kept, *new]}
            # A second run may add settings to tables that are otherwise kept.
            same = {name: one for name, one in before_it.items() if after_it[name] == one}
            return Expected(
                database=staged.name,
                kept=same,
                made={name: one for name, one in after_it.items() if name not in same},
                schema=after,
                before=before,
                pragmas=pragmas(was),
                violations=violations(was),
                stuck=_stuck(was, again, names, conversions),
            )
        finally:
            attempt(was.close)
            attempt(now.close)
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            attempt(Path(f"{again}{suffix}").unlink, missing_ok=True)


def _stuck(
    was: apsw.Connection, again: Path, names: list[str], conversions: Conversions
) -> tuple[str, ...]:
    """Take the recorded changes back and return the tables that differ then."""
    connection = open_own(again)
    with concluding(connection.close):
        if not conversions.take_back(connection):
            return ()
        return tuple(
            name
            for name in names
            if not conversions.ours.fullmatch(name)
            and not _virtual(was, name)
            and table_digest(was, "main", name) != table_digest(connection, "main", name)
        )


def _schema(connection: apsw.Connection) -> frozenset[tuple[str, str, str]]:
    return schema_rows(connection, "main")


def schema_rows(connection: apsw.Connection, schema: str) -> frozenset[tuple[str, str, str]]:
    """Return type, name and SQL of everything in a schema but SQLite's own."""
    return frozenset(
        (str(kind), str(name), str(sql))
        for kind, name, sql in rows(
            connection,
            f"SELECT type, name, coalesce(sql, '') FROM {quote(schema)}.sqlite_schema",
        )
        if not str(name).startswith(_INTERNAL)
    )


def pragmas(connection: apsw.Connection) -> dict[str, Value]:
    """Return the settings that a database file has of its own."""
    found = {name: rows(connection, f"PRAGMA main.{name}")[0][0] for name in PRAGMAS}
    # An immutable connection does not say whether the file is in WAL mode; its header does
    # (https://www.sqlite.org/fileformat2.html#file_format_version_numbers).
    with Path(connection.db_filename("main")).open("rb") as file:
        header = file.read(20)
    return found | {"journal": "wal" if header[18:20] == b"\2\2" else "rollback"}


def violations(connection: apsw.Connection) -> frozenset[tuple[Value, ...]]:
    """Return the rows that violate a foreign key; none where SQLite cannot tell."""
    found: set[tuple[Value, ...]] = set()
    for (table,) in rows(connection, "SELECT name FROM main.sqlite_schema WHERE type = 'table'"):
        try:
            found.update(rows(connection, f"PRAGMA main.foreign_key_check({quote(str(table))})"))
        except apsw.SQLError:
            continue  # a key that names a column which is not unique
    return frozenset(found)


def _virtual(connection: apsw.Connection, table: str) -> bool:
    return any(
        row[2] in {"virtual", "shadow"}
        for row in rows(connection, f"PRAGMA main.table_list({quote(table)})")
    )
