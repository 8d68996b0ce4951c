"""Keeps the SQL of scripts inside the database that it was given.

A script is text from a file, and SQL reaches further than tables: `ATTACH` and `VACUUM INTO` open
any file, pragmas change how SQLite writes or let a schema be written as text, some modules read
what lies outside the tables.  SQLite asks its authorizer about each of these while it compiles a
statement, before any of it runs (https://www.sqlite.org/c3ref/set_authorizer.html), also about
what triggers and views would do; so what is not known to stay inside is refused there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import apsw

from core.base.text import Text, translate
from migration.engine.scripts import NotVerified, StatementFailed

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
