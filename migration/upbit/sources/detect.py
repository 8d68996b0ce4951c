"""Finds the legacy tables in the databases that a connection has open.

A table is told by its columns, and by what else it shows of itself (`evidence`).
"""

from __future__ import annotations

import re

import apsw

from core.base.sqlite import quote
from core.base.text import Text
from migration.adapter import Schemas
from migration.sql import Source, number, rows
from migration.upbit.sources.evidence import (
    Kind,
    Shape,
    doubt_about,
    doubt_text,
    is_known,
    references,
    signature_of,
)

# Copies that somebody kept beside the tables they were taken from; they stay as they are.
LEFTOVER = re.compile(
    r"(archive|archived|backup|bak|copy|deleted|old|temp|tmp)_.*"
    r"|.*_(archive|archived|backup|bak|copy|deleted|old|orig|original|temp|tmp)(_?\d+)?"
    r"|.*_\d{6,14}(_\d+)?",
    re.IGNORECASE,
)
OURS = re.compile(r"(domain|migration|ops_migration)_.*", re.IGNORECASE)


def detect(connection: apsw.Connection, schemas: Schemas) -> tuple[Source, ...]:
    """Return the legacy tables; *schemas* tells under which schema each database is open."""
    found: list[Source] = []
    for database, schema in schemas.items():
        for table, without_rowid in _tables(connection, schema):
            source = _recognise(connection, database, schema, table, without_rowid)
            if source is not None:
                found.append(source)
    order = {database: number for number, database in enumerate(schemas)}
    kinds = list(Kind)
    shapes = list(Shape)
    found.sort(
        key=lambda one: (
            kinds.index(Kind(one.kind)), shapes.index(Shape(one.shape)), order[one.database],
            not is_known(Kind(one.kind), one.table), one.table.lower(),
        )
    )  # fmt: skip
    return tuple(one._replace(id=number) for number, one in enumerate(found, start=1))


def leftovers(connection: apsw.Connection, schemas: Schemas) -> list[str]:
    """Return, as ``database.table``, what looks like a kept copy of a legacy table."""
    found = []
    for database, schema in schemas.items():
        for table, _ in _tables(connection, schema, leftover=True):
            columns = _columns(connection, schema, table)
            if signature_of(frozenset(name.lower() for name, _ in columns)):
                found.append(f"{database}.{table}")
    return found


def doubtful(connection: apsw.Connection, schemas: Schemas) -> tuple[Text, ...]:
    """Return, in words, which tables with rows have the columns of a source and are none."""
    found = []
    for database, schema in schemas.items():
        for table, _ in _tables(connection, schema):
            signature = signature_of(
                frozenset(name.lower() for name, _ in _columns(connection, schema, table))
            )
            if signature is None:
                continue
            doubt = doubt_about(connection, schema, table, signature)
            some = f"SELECT EXISTS (SELECT 1 FROM {quote(schema)}.{quote(table)})"
            if doubt is not None and number(connection, some):
                found.append(doubt_text(database, table, doubt))
    return tuple(found)


def _tables(
    connection: apsw.Connection, schema: str, *, leftover: bool = False
) -> list[tuple[str, bool]]:
    return [
        (str(name), bool(without_rowid))
        for _, name, kind, _, without_rowid, _ in rows(
            connection, f"PRAGMA {quote(schema)}.table_list"
        )
        if kind == "table"
        and not str(name).startswith("sqlite_")
        and not OURS.fullmatch(str(name))
        and bool(LEFTOVER.fullmatch(str(name))) == leftover
    ]


def _columns(connection: apsw.Connection, schema: str, table: str) -> list[tuple[str, int]]:
    return [
        (str(row[1]), int(str(row[5])))
        for row in rows(connection, f"PRAGMA {quote(schema)}.table_xinfo({quote(table)})")
    ]


def _recognise(
    connection: apsw.Connection, database: str, schema: str, table: str, without_rowid: bool
) -> Source | None:
    described = _columns(connection, schema, table)
    names = tuple(name for name, _ in described)
    lower = frozenset(name.lower() for name in names)
    signature = signature_of(lower)
    if signature is None or doubt_about(connection, schema, table, signature) is not None:
        return None
    free = next((one for one in ("rowid", "_rowid_", "oid") if one not in lower), None)
    primary = sorted((place, name) for name, place in described if place)
    return Source(
        id=0, database=database, schema=schema, table=table, shape=signature.shape,
        kind=signature.kind, columns=names,
        key=next((one for one in signature.key if one in lower), None),
        rowid=None if without_rowid else free,
        primary=tuple(name for _, name in primary) or names,
        references=tuple(references(connection, schema, table).items()),
    )  # fmt: skip
