"""Tells what a script would destroy, by letting SQLite run it on an empty copy of the schema.

SQLite's own authorizer names every table that is dropped or emptied; what a rebuild under
another name does to columns is seen by comparing the schema before and after.

The copy is in memory and nothing that runs on it can leave it (`confine`): neither the script nor
the schema, which is text from a database that somebody may have made on purpose.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import apsw

from core.base.cleanup import concluding
from core.base.sqlite import open_memory, quote
from core.base.text import Text, translate
from migration.engine.confine import Action, confined
from migration.engine.scripts import Script, located, place_of, telling
from migration.sql import rows

INTERNAL = "sqlite_"
"""How the names of SQLite's own tables begin."""


class Finding(NamedTuple):
    """One thing that a script would destroy."""

    script: str
    what: Text


class _Column(NamedTuple):
    affinity: str
    not_null: bool


_Schema = dict[str, dict[str, _Column]]


def lint(script: Script, schema: list[str]) -> tuple[Finding, ...]:
    """Return what *script* would destroy in a database made by the statements of *schema*.

    A script in Python is watched while it runs instead (`apply.keeping`).

    Raises `StatementFailed` for one that cannot run there, or would leave it, `NotVerified` for a
    schema that would, and `apsw.Error` for one that SQLite does not take.
    """
    if script.sql is None:
        return ()
    connection = open_memory()
    with concluding(connection.close):
        connection.execute("PRAGMA foreign_keys = OFF").fetchall()
        connection.execute("PRAGMA temp_store = MEMORY").fetchall()
        with confined(connection):
            for statement in schema:
                connection.execute(statement).fetchall()
        return tuple(Finding(script.name, what) for what in _watch(connection, script))


def schema_of(connection: apsw.Connection) -> list[str]:
    """Return the statements that make the schema of a database, tables first."""
    return [
        str(sql)
        for (sql,) in rows(
            connection,
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' "
            "ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%' "
            "ORDER BY type = 'trigger', type = 'view', type = 'index', rowid",
        )
    ]


def _watch(connection: apsw.Connection, script: Script) -> list[Text]:
    before = _describe(connection)
    cascading = _cascading(connection, before)
    found: list[Text] = []
    dropped: list[str] = []
    emptied: list[str] = []

    def note(action: Action) -> None:
        name = action.one.lower()
        if name in before:
            if action.code == apsw.SQLITE_DROP_TABLE:
                dropped.append(name)
            elif action.code == apsw.SQLITE_DELETE:
                emptied.append(name)

    for statement in located(script.sql or "", script.line):
        dropped.clear()
        emptied.clear()
        with confined(connection, note), telling(place_of(script.name, "deploy", statement)):
            connection.execute(statement.sql).fetchall()
        for name in dict.fromkeys(dropped):
            found.append(translate("migration", "drops the table {table}", table=name))
            if name in cascading:
                found.append(
                    translate(
                        "migration",
                        "rebuilds {table}, from which rows of {child} are deleted in cascade",
                        table=name,
                        child=cascading[name],
                    )
                )
        if emptied and not dropped and not _has_where(statement.sql):
            found.append(translate("migration", "deletes every row of {table}", table=emptied[0]))
    return found + _narrowed(before, _describe(connection))


def _describe(connection: apsw.Connection) -> _Schema:
    found: _Schema = {}
    for (table,) in rows(connection, "SELECT name FROM sqlite_schema WHERE type = 'table'"):
        found[str(table).lower()] = {
            str(name).lower(): _Column(affinity(str(kind)), bool(not_null))
            for _, name, kind, not_null, *_ in rows(
                connection, f"PRAGMA table_xinfo({quote(str(table))})"
            )
        }
    return found


def _cascading(connection: apsw.Connection, tables: _Schema) -> dict[str, str]:
    found = {}
    for child in tables:
        for row in rows(connection, f"PRAGMA foreign_key_list({quote(child)})"):
            if str(row[6]).upper() in {"CASCADE", "SET NULL", "SET DEFAULT"}:
                found[str(row[2]).lower()] = child
    return found


def _narrowed(before: _Schema, after: _Schema) -> list[Text]:
    found = []
    for table, columns in before.items():
        if table not in after or table.startswith(INTERNAL):
            continue
        for name, column in columns.items():
            now = after[table].get(name)
            if now is None:
                what = translate(
                    "migration", "takes the column {column} out of {table}",
                    column=name, table=table,
                )  # fmt: skip
            elif now.affinity != column.affinity:
                what = translate(
                    "migration", "changes {table}.{column} from {old} to {new}",
                    table=table, column=name, old=column.affinity, new=now.affinity,
                )  # fmt: skip
            elif now.not_null and not column.not_null:
                what = translate(
                    "migration", "forbids NULL in {table}.{column}", table=table, column=name
                )
            else:
                continue
            found.append(what)
    return found


def affinity(declared: str) -> str:
    """Return the affinity of a declared type (https://www.sqlite.org/datatype3.html, 3.1)."""
    kind = declared.upper()
    if "INT" in kind:
        return "INTEGER"
    if any(part in kind for part in ("CHAR", "CLOB", "TEXT")):
        return "TEXT"
    if "BLOB" in kind or not kind:
        return "BLOB"
    if any(part in kind for part in ("REAL", "FLOA", "DOUB")):
        return "REAL"
    return "NUMERIC"


def _has_where(statement: str) -> bool:
    bare = re.sub(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", " ", statement,
                  flags=re.DOTALL)  # fmt: skip
    return re.search(r"\bwhere\b", bare, re.IGNORECASE) is not None
