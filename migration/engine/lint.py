"""Keeps the SQL of scripts inside its database, and tells what a script would destroy there.

A script is text from a file, and SQL reaches further than tables: `ATTACH` and `VACUUM INTO` open
any file, pragmas change how SQLite writes or let a schema be written as text, some modules read
what lies outside the tables.  SQLite asks its authorizer about each of these while it compiles a
statement, before any of it runs (https://www.sqlite.org/c3ref/set_authorizer.html), also about
what triggers and views would do; so what is not known to stay inside is refused there.

What a script destroys is told by running it on an empty copy of the schema in memory: SQLite's
authorizer names every table that is dropped or emptied; what a rebuild under another name does to
columns is seen by comparing the schema before and after.  The schema, too, is text from a
database that somebody may have made on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import apsw

from core.base.cleanup import concluding
from core.base.sqlite import open_memory, quote
from core.base.text import Text, translate
from migration.engine.scripts import (
    NotVerified,
    Script,
    StatementFailed,
    located,
    place_of,
    telling,
)
from migration.sql import rows

_ASKS_ABOUT = frozenset(
    {
        "foreign_key_check", "foreign_key_list", "index_info", "index_list", "index_xinfo",
        "integrity_check", "quick_check", "table_info", "table_list", "table_xinfo",
    }
)  # fmt: skip
"""Pragmas whose argument says what is asked about; the argument of any other sets something."""
READING = _ASKS_ABOUT | {
    "application_id", "auto_vacuum", "collation_list", "compile_options", "data_version",
    "database_list", "encoding", "foreign_keys", "freelist_count", "function_list",
    "journal_mode", "module_list", "page_count", "page_size", "pragma_list", "schema_version",
    "synchronous", "user_version",
}  # fmt: skip
"""Pragmas that a script may ask (https://www.sqlite.org/pragma.html)."""
MODULES = frozenset({"fts3", "fts4", "fts5", "geopoly", "rtree", "rtree_i32"})
"""Virtual tables that keep all they have in tables of their own database."""
_FUNCTIONS = frozenset(
    {"edit", "fts3_tokenizer", "load_extension", "readfile", "sqlite_log", "writefile"}
)
"""Functions that load code, reach files, or write what is not the database's."""
_OWN = frozenset({"main", "temp"})
_WRITES = frozenset(
    {
        apsw.SQLITE_ALTER_TABLE, apsw.SQLITE_ANALYZE, apsw.SQLITE_CREATE_INDEX,
        apsw.SQLITE_CREATE_TABLE, apsw.SQLITE_CREATE_TRIGGER, apsw.SQLITE_CREATE_VIEW,
        apsw.SQLITE_CREATE_VTABLE, apsw.SQLITE_DELETE, apsw.SQLITE_DROP_INDEX,
        apsw.SQLITE_DROP_TABLE, apsw.SQLITE_DROP_TRIGGER, apsw.SQLITE_DROP_VIEW,
        apsw.SQLITE_DROP_VTABLE, apsw.SQLITE_INSERT, apsw.SQLITE_REINDEX, apsw.SQLITE_UPDATE,
    }
)  # fmt: skip


class Action(NamedTuple):
    """What SQLite asks about; the meaning of `one` and `two` depends on `code`.

    https://www.sqlite.org/c3ref/c_alter_table.html
    """

    code: int
    one: str
    two: str
    database: str

    @property
    def target(self) -> str:
        """The database that it would write to: ALTER TABLE names it first."""
        return self.one if self.code == apsw.SQLITE_ALTER_TABLE else self.database


Rule = Callable[[Action], Text | None]
"""Returns why something is refused, None where it is not."""


def leaves(action: Action) -> Text | None:
    """Refuse what reaches outside the database, or would change how it is kept."""
    why: Text | None = None
    match action.code:
        case apsw.SQLITE_ATTACH:
            why = translate("migration", "it would open another file: {file}", file=action.one)
        case apsw.SQLITE_DETACH:
            why = translate("migration", "it would close {database}", database=action.one)
        case apsw.SQLITE_TRANSACTION | apsw.SQLITE_SAVEPOINT:
            # All scripts of a database are one transaction, which is the console's to end.
            why = translate("migration", "it would begin or end a transaction of its own")
        case apsw.SQLITE_PRAGMA:
            name = action.one.lower()
            if name not in READING or (action.two and name not in _ASKS_ABOUT):
                why = translate(
                    "migration", "it would set or ask what no script may: PRAGMA {name}", name=name
                )
        case apsw.SQLITE_FUNCTION if action.two.lower() in _FUNCTIONS:
            why = translate(
                "migration", "it calls a function that reaches outside: {name}", name=action.two
            )
        case apsw.SQLITE_CREATE_VTABLE if action.two.lower() not in MODULES:
            why = translate(
                "migration", "it uses a module that reaches outside: {name}", name=action.two
            )
        case code if code in _WRITES and action.target.lower() not in _OWN:
            why = translate(
                "migration", "it would change {database}, which is not its own",
                database=action.target,
            )  # fmt: skip
    return why


def only_reads(action: Action) -> Text | None:
    """Refuse what would change the database: a step that verifies looks, and no more."""
    if action.code in _WRITES and action.target.lower() == "main":
        return translate("migration", "it would change what it is to verify")
    return None


@contextmanager
def confined(connection: apsw.Connection, *rules: Rule) -> Iterator[None]:
    """Let SQLite refuse whatever `leaves` the database, and what else *rules* forbid.

    Raises `NotVerified`, which says what was refused.
    """
    refused: list[Text] = []

    def authorize(
        code: int, one: str | None, two: str | None, database: str | None, _inner: str | None
    ) -> int:
        action = Action(code, one or "", two or "", database or "")
        for rule in (leaves, *rules):
            why = rule(action)
            if why is not None:
                refused.append(why)
                return apsw.SQLITE_DENY
        return apsw.SQLITE_OK

    former = connection.authorizer
    # A second lock on the same door: SQLite itself has no room for one more file.
    room = connection.limit(apsw.SQLITE_LIMIT_ATTACHED, 0)
    connection.authorizer = authorize
    try:
        yield
    except (apsw.Error, StatementFailed) as error:
        if not refused:
            raise
        if isinstance(error, StatementFailed):
            raise StatementFailed(error.place, refused[0]) from error
        raise NotVerified(refused[0]) from error
    finally:
        connection.authorizer = former
        connection.limit(apsw.SQLITE_LIMIT_ATTACHED, room)


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
