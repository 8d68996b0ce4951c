"""Two databases on one connection, and the SQL that compares a table with its counterpart.

Rows are matched by the primary key, or by rowid where none is declared.  Where columns bear all
names of the rowid and no key tells the rows apart, a row is all that it holds, and which of its
equals it is: such rows return and leave, and none changes.  Values are the same when storage class
and bytes are: ``IS`` alone calls 1 and 1.0 the same, and text as its column's collation sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple

from core.backup.store.vfs import Content, ContentVfs
from core.base.cleanup import attempt
from core.base.operation import Context
from core.base.sqlite import STEPS_BETWEEN_CHECKS, open_memory, quote, uri

LEFT, RIGHT = "before", "after"
"""The names under which the sides are attached; the left is the restore point."""
CACHE_KIB = 16_000
LONGEST_VALUE = 64 * 1024
_FOLDED = str.maketrans(ascii_uppercase, ascii_lowercase)
_ROWIDS = ("rowid", "_rowid_", "oid")


class Column(NamedTuple):
    """A column that is stored; generated ones follow from the others."""

    name: str
    type: str
    key: int
    """Its place in the primary key, from 1; 0 outside."""
    filled: bool = False
    """Whether it cannot be NULL."""


class Table(NamedTuple):
    """A table on one side."""

    name: str
    sql: str
    root: int
    virtual: bool
    without_rowid: bool


@dataclass(frozen=True)
class Shape:
    """The columns of a table, and by which name, quoted, its rowid can be asked for."""

    columns: tuple[Column, ...]
    rowid: str | None

    @property
    def key(self) -> tuple[Column, ...]:
        """The columns of the primary key, in its order."""
        found = [column for column in self.columns if column.key]
        return tuple(sorted(found, key=lambda column: column.key))

    def named(self, name: str) -> Column | None:
        """Return the column called *name* as SQLite reads names."""
        return self._by_name.get(fold(name))

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        # A table may have 2,000 columns, and each of them is asked for.
        return {fold(column.name): column for column in self.columns}


class SchemaObject(NamedTuple):
    """An index, view or trigger on one side."""

    type: str
    name: str
    table: str
    sql: str


def fold(name: str) -> str:
    """Return *name* as SQLite compares names: ASCII letters have no case, others have."""
    return name.translate(_FOLDED)


class Pair:
    """A connection to both sides; either may be missing."""

    def __init__(
        self, context: Context, left: Content | Path | None, right: Content | Path | None
    ) -> None:
        """Attach the sides, each a content or a file at rest.

        Raises `apsw.Error` when SQLite cannot read one of them, and `OSError`.
        """
        self.connection = open_memory()
        self._systems: list[ContentVfs] = []
        self.has_left = left is not None
        self.has_right = right is not None
        try:
            self._prepare(context, left, right)
        except BaseException:
            attempt(self.close)
            raise

    def _prepare(
        self, context: Context, left: Content | Path | None, right: Content | Path | None
    ) -> None:
        def ask() -> bool:
            context.check()
            return False

        # An index made for one statement would read the whole table first.
        self.connection.execute("PRAGMA automatic_index = OFF").fetchall()
        for schema, content in ((LEFT, left), (RIGHT, right)):
            if content is None:
                continue
            if schema == LEFT or left is None:
                self._adopt_encoding(content)
            self.connection.execute(f"ATTACH ? AS {schema}", (self._uri(content),)).fetchall()
            self.connection.execute(f"PRAGMA {schema}.cache_size = -{CACHE_KIB}").fetchall()
        self.connection.set_progress_handler(ask, STEPS_BETWEEN_CHECKS)

    def _uri(self, content: Content | Path) -> str:
        if isinstance(content, Path):
            return uri(content, "mode=ro&immutable=1")
        system = ContentVfs(content)
        self._systems.append(system)
        return f"file:stored?vfs={system.vfs_name}&mode=ro&immutable=1"

    def _adopt_encoding(self, content: Content | Path) -> None:
        """Let the empty main database have the encoding of those that are attached."""
        names = {2: "UTF-16le", 3: "UTF-16be"}
        if isinstance(content, Path):
            with content.open("rb") as file:
                header = file.read(60)[56:]
        else:
            header = content.read(56, 4)
        found = names.get(int.from_bytes(header, "big"), "UTF-8")
        self.connection.execute(f"PRAGMA encoding = '{found}'").fetchall()

    def close(self) -> None:
        """Close the connection."""
        self.connection.set_progress_handler(None)
        self.connection.close()
        self._systems.clear()

    def tables(self, schema: str) -> dict[str, Table]:
        """Return the tables of one side by folded name, but for the optimiser's statistics."""
        without = {
            str(name): bool(wr)
            for name, wr in self.connection.execute(
                "SELECT name, wr FROM pragma_table_list WHERE schema = ?", (schema,)
            )
        }
        found = {}
        for row in self.connection.execute(
            f"SELECT name, coalesce(sql, ''), rootpage FROM {schema}.sqlite_schema "
            "WHERE type = 'table' ORDER BY name"
        ):
            name, sql, root = str(row[0]), str(row[1]), int(str(row[2]))
            if not name.startswith("sqlite_stat"):
                found[fold(name)] = Table(name, sql, root, root == 0, without.get(name, False))
        return found

    def roots(self, schema: str) -> list[int]:
        """Return the root pages of all tables and indexes."""
        rows = self.connection.execute(
            f"SELECT rootpage FROM {schema}.sqlite_schema WHERE rootpage > 0"
        )
        return [1, *(int(str(root)) for (root,) in rows)]

    def objects(self, schema: str) -> dict[tuple[str, str], SchemaObject]:
        """Return indexes, views and triggers by type and folded name."""
        found = {}
        for row in self.connection.execute(
            f"SELECT type, name, tbl_name, sql FROM {schema}.sqlite_schema "
            "WHERE type <> 'table' AND sql IS NOT NULL ORDER BY type, name"
        ):
            one = SchemaObject(*(str(value) for value in row))
            found[one.type, fold(one.name)] = one
        return found

    def shape(self, schema: str, table: Table) -> Shape:
        """Return the columns of *table*."""
        rows = self.connection.execute(
            f"PRAGMA {schema}.table_xinfo({quote(table.name)})"
        ).fetchall()
        columns = tuple(
            Column(str(name), str(kind), int(str(key)), bool(filled))
            for _, name, kind, filled, _, key, hidden in rows
            if not hidden
        )
        every = {fold(str(row[1])) for row in rows}
        free = [name for name in _ROWIDS if name not in every]
        if table.without_rowid:
            return Shape(columns, None)
        return Shape(columns, free[0] if free else self._key_as_rowid(schema, table, columns))

    def _key_as_rowid(self, schema: str, table: Table, columns: tuple[Column, ...]) -> str | None:
        """Return the column that is the rowid itself, quoted; None where none is.

        An INTEGER PRIMARY KEY is, unless it has an index of its own, as one that is DESC
        (https://www.sqlite.org/lang_createtable.html#rowids_and_the_integer_primary_key).
        """
        key = [column for column in columns if column.key]
        if len(key) != 1 or key[0].type.upper() != "INTEGER":
            return None
        indexes = self.connection.execute(
            "SELECT count(*) FROM pragma_index_list(?, ?) WHERE origin = 'pk'",
            (table.name, schema),
        ).get
        return None if indexes else quote(key[0].name)

    def count(self, schema: str, table: Table) -> int:
        """Return the rows of *table*."""
        sql = f"SELECT count(*) FROM {schema}.{quote(table.name)}"
        return int(str(self.connection.execute(sql).get))

    def overflow_owners(self, schema: str, pages: set[int]) -> set[str]:
        """Return the folded names of the trees that have one of *pages* as overflow page."""
        return {
            fold(str(name))
            for name, page in self.connection.execute(
                "SELECT name, pageno FROM dbstat WHERE schema = ? AND pagetype = 'overflow'",
                (schema,),
            )
            if page in pages
        }


class Matching(NamedTuple):
    """How the rows of a table and of its counterpart are matched and compared."""

    left: Table
    right: Table
    left_shape: Shape
    right_shape: Shape
    key: tuple[str, ...] | None
    """Names of the key's columns; empty: by rowid; None: nothing matches."""
    common: tuple[str, ...]
    """Names of the columns that both sides have."""
    whole: bool = False
    """Whether a row is matched by all that it holds, as one of its equals."""

    @property
    def windowed(self) -> bool:
        """Whether the rows can be gone through by rowid."""
        return self.left_shape.rowid is not None and self.right_shape.rowid is not None

    def columns(self) -> tuple[str, ...]:
        """Return the left's columns, then those that only the right has."""
        extra = [
            column.name
            for column in self.right_shape.columns
            if self.left_shape.named(column.name) is None
        ]
        return (*(column.name for column in self.left_shape.columns), *extra)

    def join(self, here: str, there: str) -> str:
        """Return the condition that the row *there* is the counterpart of the row *here*."""
        by_rowid = f"{there}.{self.rowid(there)} = {here}.{self.rowid(here)}"
        if self.key is None:
            return "0"
        if not self.key:
            return by_rowid
        parts = [f"{there}.{quote(name)} IS {here}.{quote(name)}" for name in self.key]
        if self.left_shape.rowid and self.right_shape.rowid:
            # SQLite lets keys that are no INTEGER be NULL, any number of times
            # (https://www.sqlite.org/quirks.html#primary_keys_can_sometimes_contain_nulls).
            filled = " AND ".join(f"{here}.{quote(name)} IS NOT NULL" for name in self.key)
            parts.append(f"({filled} OR {by_rowid})")
        return " AND ".join(parts)

    def rowid(self, alias: str) -> str:
        """Return the rowid's name on one side; an empty string where there is none."""
        shape = self.left_shape if alias == "l" else self.right_shape
        return shape.rowid or ""

    def order(self, alias: str) -> str:
        """Return what tells the rows of one side apart, and in which order they are shown."""
        shape = self.left_shape if alias == "l" else self.right_shape
        if self.whole:
            return ", ".join(f"{alias}.{name}" for name in self._own_names())
        if shape.rowid:
            return f"{alias}.{shape.rowid}"
        return ", ".join(f"{alias}.{quote(column.name)}" for column in shape.key)

    def _own_names(self) -> tuple[str, str]:
        """Return names that no column bears: of what a row holds, and which of its equals it is."""
        taken = {
            fold(column.name)
            for shape in (self.left_shape, self.right_shape)
            for column in shape.columns
        }
        found = []
        for name in ("row_identity", "row_place"):
            free = name
            while free in taken:
                free += "_"
            found.append(free)
        return found[0], found[1]

    def _numbered(self, alias: str) -> str:
        """Return the rows of one side, each with what it holds and which of its equals it is."""
        schema, table = (LEFT, self.left) if alias == "l" else (RIGHT, self.right)
        identity, place = self._own_names()
        holds = identity_of("y", self.common)
        return (
            f"SELECT y.*, {holds} AS {identity}, "
            f"row_number() OVER (PARTITION BY {holds}) AS {place} "
            f"FROM {schema}.{quote(table.name)} AS y"
        )

    def missing(self, alias: str) -> str:
        """Return the condition that there is no row of *alias* for the other side's."""
        if self.whole:
            here = "r" if alias == "l" else "l"
            theirs = f"SELECT {self.order('x')} FROM ({self._numbered(alias)}) AS x"
            return f"({self.order(here)}) NOT IN ({theirs})"
        rowid = self.rowid(alias)
        if rowid:
            return f"{alias}.{rowid} IS NULL"
        shape = self.left_shape if alias == "l" else self.right_shape
        # The keys of a table without rowid are never NULL.
        return f"{alias}.{quote(shape.key[0].name)} IS NULL"

    def differs(self) -> str:
        """Return the condition that two matched rows have different values."""
        if self.whole:
            return "0"
        tests = [
            f"(l.{quote(name)} COLLATE BINARY IS NOT r.{quote(name)}"
            f" OR typeof(l.{quote(name)}) <> typeof(r.{quote(name)}))"
            for name in self.common
        ]
        return _joined(tests, " OR ") or "0"

    def source(self, here: str, there: str) -> str:
        """Return the FROM clause that joins to each row *here* its counterpart *there*."""
        if self.whole:
            return f"FROM ({self._numbered(here)}) AS {here}"
        names = {
            "l": f"{LEFT}.{quote(self.left.name)} AS l",
            "r": f"{RIGHT}.{quote(self.right.name)} AS r",
        }
        return f"FROM {names[here]} LEFT JOIN {names[there]} ON {self.join(here, there)}"


def identity_of(alias: str, columns: Sequence[str]) -> str:
    """Return all that a row holds as one value: equal where class and bytes of each column are."""
    parts = [
        f"CASE typeof({one}) WHEN 'text' THEN 't' || hex({one}) "
        f"WHEN 'blob' THEN 'b' || hex({one}) ELSE quote({one}) END"
        for one in (f"{alias}.{quote(name)}" for name in columns)
    ]
    return _joined(parts, " || ',' || ") or "''"


def _joined(parts: Sequence[str], by: str) -> str:
    """Join *parts* as a flat tree: SQLite allows a depth of 1,000."""
    if len(parts) <= 1:
        return parts[0] if parts else ""
    middle = len(parts) // 2
    return f"({_joined(parts[:middle], by)}{by}{_joined(parts[middle:], by)})"


def match(pair: Pair, left: Table, right: Table) -> Matching:
    """Return how the rows of two tables are matched."""
    ours, theirs = pair.shape(LEFT, left), pair.shape(RIGHT, right)
    common = tuple(column.name for column in ours.columns if theirs.named(column.name) is not None)
    key = _key(ours, theirs)
    nameless = [
        shape
        for table, shape in ((left, ours), (right, theirs))
        if shape.rowid is None and not table.without_rowid
    ]
    told_apart = bool(key) and all(column.filled for one in nameless for column in one.key)
    return Matching(left, right, ours, theirs, key, common, bool(nameless) and not told_apart)


def _key(left: Shape, right: Shape) -> tuple[str, ...] | None:
    ours = [(fold(column.name), fold(column.type)) for column in left.key]
    theirs = [(fold(column.name), fold(column.type)) for column in right.key]
    if ours and ours == theirs:
        return tuple(column.name for column in left.key)
    return () if left.rowid and right.rowid else None
