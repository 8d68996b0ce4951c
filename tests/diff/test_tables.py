"""Tables of every kind are compared, or named as what cannot be compared."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from core.diff.models import RowKind, Status, TableDifference
from tests.diff.plain import attached, compared, pages

Change = Callable[[sqlite3.Connection], object]


@pytest.fixture
def sides(tmp_path: Path) -> Callable[[str, str | Change], tuple[Path, Path]]:
    """Makes a database and what becomes of it; the left is what it was before."""

    def make(before: str, after: str | Change) -> tuple[Path, Path]:
        left, right = tmp_path / "left", tmp_path / "right"
        with closing(sqlite3.connect(left)) as connection:
            connection.create_collation("ELSEWHERE", lambda a, b: (a > b) - (a < b))
            connection.executescript(before)
        shutil.copyfile(left, right)
        with closing(sqlite3.connect(right)) as connection:
            connection.create_collation("ELSEWHERE", lambda a, b: (a > b) - (a < b))
            if isinstance(after, str):
                connection.executescript(after)
            else:
                after(connection)
            connection.commit()
        return left, right

    return make


Sides = Callable[[str, str | Change], tuple[Path, Path]]


def only(paths: tuple[Path, Path]) -> TableDifference:
    (table,) = compared(*paths).difference.tables
    return table


def counts(table: TableDifference) -> tuple[int, int, int]:
    return table.rows_returning, table.rows_leaving, table.rows_changing


def test_failure_10_a_table_with_no_rows_instead_of_fifteen_is_seen(sides: Sides) -> None:
    paths = sides(
        "CREATE TABLE trading_conditions (id INTEGER PRIMARY KEY, name TEXT);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 15)"
        "INSERT INTO trading_conditions SELECT i, '조건 ' || i FROM n",
        "DELETE FROM trading_conditions",
    )
    table = only(paths)
    assert (table.status, counts(table)) == (Status.CHANGED, (15, 0, 0))
    assert (table.left_rows, table.right_rows) == (15, 0)
    assert len(pages(*paths, "trading_conditions", RowKind.RETURNING)) == 15


def test_names_with_quotes_spaces_and_korean_letters(sides: Sides) -> None:
    paths = sides(
        'CREATE TABLE "전략 ""7규칙""; --" ("키" TEXT PRIMARY KEY, "a\'b""c" INT, "select" INT);'
        'INSERT INTO "전략 ""7규칙""; --" VALUES (\'RSI\', 1, 2)',
        'UPDATE "전략 ""7규칙""; --" SET "a\'b""c" = 3',
    )
    assert counts(only(paths)) == (0, 0, 1)
    (row,) = pages(*paths, '전략 "7규칙"; --', RowKind.CHANGING)
    assert (row.key, row.left, row.right) == (("RSI",), ("RSI", 1, 2), ("RSI", 3, 2))


def test_names_have_no_case_and_korean_ones_are_not_folded(sides: Sides) -> None:
    paths = sides(
        "CREATE TABLE candles_KRW_BTC_1m (a); INSERT INTO candles_KRW_BTC_1m VALUES (1);"
        "CREATE TABLE Ä (a); CREATE TABLE ä (a)",
        "ALTER TABLE candles_KRW_BTC_1m RENAME TO x; ALTER TABLE x RENAME TO candles_KRW_BTC_1M",
    )
    tables = {table.table: table for table in compared(*paths).difference.tables}
    assert set(tables) == {"candles_KRW_BTC_1m", "Ä", "ä"}
    assert tables["candles_KRW_BTC_1m"].status is Status.SCHEMA_CHANGED
    assert tables["candles_KRW_BTC_1m"].rows == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1", "1.0"),
        ("'1'", "1"),
        ("'a'", "x'61'"),
        ("NULL", "''"),
        ("'a' || char(0) || 'b'", "'a' || char(0) || 'c'"),
        ("0.1", "0.1 + 5e-17"),
        ("x'00'", "x'0000'"),
        ("'A'", "'a'"),
        ("CAST(x'ff41' AS TEXT)", "CAST(x'fe41' AS TEXT)"),
        ("9007199254740993", "9007199254740992"),
    ],
)
def test_every_difference_between_two_values_counts(sides: Sides, before: str, after: str) -> None:
    paths = sides(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v COLLATE NOCASE);"
        f"INSERT INTO t VALUES (1, {before}), (2, 'same')",
        f"UPDATE t SET v = {after} WHERE id = 1",
    )
    assert counts(only(paths)) == (0, 0, 1)
    (row,) = pages(*paths, "t", RowKind.CHANGING)
    assert row.left[0] == row.right[0] == 1


def test_values_come_as_they_are_and_long_ones_cut(sides: Sides) -> None:
    paths = sides(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v);"
        "INSERT INTO t VALUES (1, 'x' || char(0) || 'y'),"
        "(2, 1.5), (3, x'ff'), (4, NULL), (5, 12345678901234567), (6, zeroblob(1000000)),"
        "(7, CAST(x'80ec8b9c' AS TEXT))",
        "DELETE FROM t",
    )
    found = [row.left[1] for row in pages(*paths, "t", RowKind.RETURNING)]
    assert found[:5] == ["x\0y", 1.5, b"\xff", None, 12345678901234567]
    assert found[5] == bytes(65536)
    assert found[6] == "\ufffd시"


def test_keys_that_are_null_are_matched_by_rowid(sides: Sides) -> None:
    paths = sides(
        "CREATE TABLE t (k TEXT PRIMARY KEY, v);"
        "INSERT INTO t VALUES (NULL, 1), (NULL, 2), (NULL, 3), ('k', 4)",
        "UPDATE t SET v = 9 WHERE v = 2; DELETE FROM t WHERE v = 3",
    )
    assert counts(only(paths)) == (1, 0, 1)


def test_rows_that_only_moved_are_the_same(sides: Sides) -> None:
    """VACUUM gives other rowids where they are no INTEGER PRIMARY KEY."""
    paths = sides(
        "CREATE TABLE t (k TEXT PRIMARY KEY, v);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
        "INSERT INTO t SELECT 'k' || i, i FROM n; DELETE FROM t WHERE v % 3 = 0",
        lambda connection: (connection.execute("VACUUM"), connection.execute("ANALYZE")),
    )
    assert only(paths).status is Status.SAME


def test_a_column_that_came_changes_the_schema_and_no_row(sides: Sides) -> None:
    paths = sides(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 'x'), (2, 'y')",
        "ALTER TABLE t ADD COLUMN b DEFAULT 5; UPDATE t SET a = 'z' WHERE id = 2",
    )
    table = only(paths)
    assert (table.status, counts(table)) == (Status.SCHEMA_CHANGED, (0, 0, 1))
    (row,) = pages(*paths, "t", RowKind.CHANGING)
    assert (row.left, row.right) == ((2, "y", None), (2, "z", 5))


def test_another_key_matches_by_rowid(sides: Sides) -> None:
    before = "CREATE TABLE t (a TEXT PRIMARY KEY, b); INSERT INTO t VALUES ('1', 2), ('3', 4)"
    by_rowid = sides(
        before,
        "CREATE TABLE u (a INT PRIMARY KEY, b); INSERT INTO u SELECT * FROM t;"
        "DROP TABLE t; ALTER TABLE u RENAME TO t",
    )
    assert counts(only(by_rowid)) == (0, 0, 2)


def test_without_a_common_key_all_rows_leave_and_return(sides: Sides) -> None:
    paths = sides(
        "CREATE TABLE t (a TEXT PRIMARY KEY, b); INSERT INTO t VALUES ('1', 2), ('3', 4)",
        "DROP TABLE t; CREATE TABLE t (b INT PRIMARY KEY, a) WITHOUT ROWID;"
        "INSERT INTO t VALUES (2, '1')",
    )
    assert counts(only(paths)) == (2, 1, 0)
    assert [row.left for row in pages(*paths, "t", RowKind.RETURNING)] == [("1", 2), ("3", 4)]
    assert [row.right for row in pages(*paths, "t", RowKind.LEAVING)] == [("1", 2)]


def test_generated_columns_follow_from_the_others(sides: Sides) -> None:
    paths = sides(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b GENERATED ALWAYS AS (a * 2),"
        "c GENERATED ALWAYS AS (a + 1) STORED); INSERT INTO t (id, a) VALUES (1, 2)",
        "UPDATE t SET a = 3",
    )
    (row,) = pages(*paths, "t", RowKind.CHANGING)
    assert (row.left, row.right) == ((1, 2), (1, 3))


def test_tables_that_come_or_go(sides: Sides) -> None:
    paths = sides(
        "CREATE TABLE gone (k TEXT PRIMARY KEY, v) WITHOUT ROWID; INSERT INTO gone VALUES ('k', 1)",
        "DROP TABLE gone; CREATE TABLE came (v); INSERT INTO came VALUES (1), (2)",
    )
    tables = {table.table: table for table in compared(*paths).difference.tables}
    assert (tables["gone"].status, counts(tables["gone"])) == (Status.ADDED, (1, 0, 0))
    assert (tables["came"].status, counts(tables["came"])) == (Status.REMOVED, (0, 2, 0))
    assert [row.key for row in pages(*paths, "gone", RowKind.RETURNING)] == [("k",)]
    assert [row.right for row in pages(*paths, "came", RowKind.LEAVING, limit=1)] == [(1,), (2,)]


def test_indexes_views_and_triggers(sides: Sides) -> None:
    paths = sides(
        "CREATE TABLE t (a, b); CREATE INDEX i ON t (a); CREATE VIEW v AS SELECT a FROM t;"
        "CREATE INDEX same ON t (b)",
        "DROP INDEX i; DROP VIEW v; CREATE VIEW v AS SELECT b FROM nowhere;"
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END",
    )
    found = {(one.type, one.name): one.status for one in compared(*paths).difference.objects}
    assert found == {
        ("index", "i"): Status.ADDED,
        ("trigger", "g"): Status.REMOVED,
        ("view", "v"): Status.SCHEMA_CHANGED,
    }


def test_rows_of_a_virtual_table_are_those_of_the_tables_beside_it(sides: Sides) -> None:
    paths = sides(
        "CREATE VIRTUAL TABLE notes USING fts5(body); INSERT INTO notes VALUES ('하나')",
        "INSERT INTO notes VALUES ('둘')",
    )
    tables = {table.table: table for table in compared(*paths).difference.tables}
    assert tables["notes"].status is Status.SAME
    assert counts(tables["notes_content"]) == (0, 1, 0)


def test_what_sqlite_cannot_read_is_named(sides: Sides) -> None:
    paths = sides(
        "CREATE TABLE odd (k TEXT PRIMARY KEY COLLATE ELSEWHERE, v);"
        "INSERT INTO odd VALUES ('k', 1);"
        "CREATE TABLE names (rowid, _rowid_, oid); INSERT INTO names VALUES (1, 2, 3);"
        "CREATE TABLE fine (a); INSERT INTO fine VALUES (1)",
        "UPDATE odd SET v = 2; UPDATE names SET oid = 4; UPDATE fine SET a = 2",
    )
    tables = {table.table: table for table in compared(*paths).difference.tables}
    assert tables["odd"].status is Status.UNREADABLE
    assert counts(tables["names"]) == (1, 1, 0)
    assert "ELSEWHERE" in tables["odd"].problem
    assert counts(tables["fine"]) == (0, 0, 1)


def test_a_table_with_very_many_columns(sides: Sides) -> None:
    columns = ", ".join(f"c{number}" for number in range(1_500))
    paths = sides(
        f"CREATE TABLE wide (id INTEGER PRIMARY KEY, {columns});"
        "INSERT INTO wide (id, c1499) VALUES (1, 1), (2, 2)",
        "UPDATE wide SET c1499 = 3 WHERE id = 2",
    )
    assert counts(only(paths)) == (0, 0, 1)


def test_a_damaged_side_is_no_crash_and_no_guess(sides: Sides) -> None:
    left, right = sides(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b BLOB);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
        "INSERT INTO t SELECT i, randomblob(500) FROM n",
        "SELECT 1",
    )
    whole = right.read_bytes()
    for page in range(1, len(whole) // 4096):
        content = bytearray(whole)
        content[page * 4096 : page * 4096 + 4096] = b"\xff" * 4096
        right.write_bytes(content)
        table = only((left, right))
        assert table.status is Status.UNREADABLE or table.rows_changing, page


def test_sides_of_another_page_size_are_read_row_by_row(sides: Sides) -> None:
    def rebuild(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM t WHERE id = 3")
        connection.commit()
        connection.execute("PRAGMA page_size = 8192")
        connection.execute("VACUUM")

    paths = sides(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
        "INSERT INTO t SELECT i, i FROM n",
        rebuild,
    )
    assert counts(only(paths)) == (1, 0, 0)
    with attached(*paths) as (_, ours, theirs):
        assert ours.size != theirs.size


def test_a_flipped_bit_is_no_crash(sides: Sides) -> None:
    left, right = sides(
        "PRAGMA page_size = 512; PRAGMA auto_vacuum = 1;"
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b);"
        "CREATE TABLE w (k PRIMARY KEY, v) WITHOUT ROWID;"
        "CREATE INDEX i ON t (b);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)"
        "INSERT INTO t SELECT i, i || 'x' FROM n; INSERT INTO w SELECT id, b FROM t;"
        "DELETE FROM t WHERE id BETWEEN 100 AND 300",
        "DELETE FROM t WHERE id > 590",
    )
    whole = right.read_bytes()
    places = random.Random(11)
    readable = 0
    for _ in range(300):
        content = bytearray(whole)
        # The bytes that tell of the tree's shape are at the pages' beginnings.
        page = places.randrange(len(whole) // 512)
        place = page * 512 + places.randrange(100 if page == 0 else 40)
        content[place] ^= 1 << places.randrange(8)
        right.write_bytes(content)
        try:
            tables = compared(left, right).difference.tables
        except apsw.Error:
            continue
        readable += any(table.status is not Status.UNREADABLE for table in tables)
    assert readable > 100


TAKEN = "rowid, oid, _rowid_"


def rows_of(path: Path, table: str) -> Counter[tuple[object, ...]]:
    """The rows of a table as a bag, each value with its type."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(f"SELECT * FROM {table}")
        return Counter(tuple((type(value), value) for value in row) for row in rows)


def test_a_table_that_took_all_names_of_its_rowid_is_compared_as_what_it_holds(
    sides: Sides,
) -> None:
    chance = random.Random(14)
    values = ["1", "1.0", "'1'", "X'31'", "NULL", "'a' || char(0) || 'b'", "'a'", "'A'", "1e300"]

    def rows(count: int) -> str:
        return ", ".join(
            f"({', '.join(chance.choice(values) for _ in range(4))})" for _ in range(count)
        )

    create = f"CREATE TABLE taken ({TAKEN}, v COLLATE NOCASE); INSERT INTO taken VALUES "
    paths = sides(
        create + rows(300),
        "DELETE FROM taken WHERE v IS 1 AND oid IS NOT NULL; UPDATE taken SET v = 1.0 WHERE v = 1;"
        f"INSERT INTO taken VALUES {rows(40)}",
    )
    table = only(paths)
    before, after = (rows_of(path, "taken") for path in paths)
    assert table.status is Status.CHANGED and not table.problem
    assert counts(table) == ((before - after).total(), (after - before).total(), 0)
    for kind, side, expected in (
        (RowKind.RETURNING, "left", before - after), (RowKind.LEAVING, "right", after - before),
    ):  # fmt: skip
        found = pages(*paths, "taken", kind)
        read = Counter(tuple((type(one), one) for one in getattr(row, side)) for row in found)
        assert read == expected


@pytest.mark.parametrize(
    ("columns", "changes"),
    [
        ("rowid INTEGER PRIMARY KEY, oid, _rowid_", (1, 0, 1)),
        ("id INTEGER PRIMARY KEY, rowid, oid, _rowid_", (1, 0, 1)),
        ("rowid TEXT NOT NULL PRIMARY KEY, oid, _rowid_", (1, 0, 1)),
        ("rowid INTEGER PRIMARY KEY DESC, oid, _rowid_", (2, 1, 0)),
        ("rowid TEXT PRIMARY KEY, oid, _rowid_", (2, 1, 0)),
        ("rowid TEXT PRIMARY KEY, oid, _rowid_", (2, 1, 0)),
    ],
)
def test_a_key_tells_the_rows_apart_where_no_rowid_can_be_named(
    columns: str, changes: tuple[int, int, int], sides: Sides
) -> None:
    first = columns.split(maxsplit=1)[0]
    paths = sides(
        f"CREATE TABLE t ({columns}); INSERT INTO t ({first}, oid) VALUES (1, 'a'), (2, 'a')",
        f"UPDATE t SET oid = 'b' WHERE {first} = 1; DELETE FROM t WHERE {first} = 2",
    )
    assert counts(only(paths)) == changes
    found = [len(pages(*paths, "t", kind)) for kind in RowKind]
    assert tuple(found) == changes


def test_a_table_that_took_all_names_is_shown_where_one_side_alone_has_it(sides: Sides) -> None:
    paths = sides(
        "SELECT 1", f"CREATE TABLE t ({TAKEN}); INSERT INTO t VALUES (1, 2, 3), (1, 2, 3)"
    )
    assert only(paths).status is Status.REMOVED
    assert [row.right for row in pages(*paths, "t", RowKind.LEAVING, 1)] == [(1, 2, 3), (1, 2, 3)]


@pytest.mark.parametrize("width", [899, 1990, 2000])
@pytest.mark.parametrize("key", ["", " PRIMARY KEY"])
def test_the_widest_table_is_shown_row_by_row(width: int, key: str, sides: Sides) -> None:
    columns = ", ".join([f"c0{key}", *(f"c{number}" for number in range(1, width))])
    last = f"c{width - 1}"
    paths = sides(
        f"CREATE TABLE wide ({columns});"
        f"INSERT INTO wide (c0, {last}) VALUES (1, 2), (3, 4), (5, 6)",
        f"UPDATE wide SET {last} = 7 WHERE c0 = 1; DELETE FROM wide WHERE c0 = 3;"
        f"INSERT INTO wide (c0, {last}) VALUES (8, 9)",
    )
    table = only(paths)
    assert counts(table) == (1, 1, 1) and table.status is Status.CHANGED
    (changed,) = pages(*paths, "wide", RowKind.CHANGING)
    assert len(changed.left) == len(changed.right) == width
    assert (changed.left[0], changed.left[-1], changed.right[-1]) == (1, 2, 7)
    (gone,) = pages(*paths, "wide", RowKind.RETURNING)
    assert (gone.left[0], gone.left[-1], gone.right) == (3, 4, None)


def test_a_wide_table_that_took_all_names_is_compared_too(sides: Sides) -> None:
    columns = ", ".join([TAKEN, *(f"c{number}" for number in range(1_990))])
    paths = sides(
        f"CREATE TABLE wide ({columns}); INSERT INTO wide (c0, c1989) VALUES (1, 2), (3, 4)",
        "UPDATE wide SET c1989 = 7 WHERE c0 = 1",
    )
    assert counts(only(paths)) == (1, 1, 0)
    (gone,) = pages(*paths, "wide", RowKind.RETURNING)
    assert (gone.left[3], gone.left[-1]) == (1, 2)


@pytest.mark.parametrize("name", ['""', '" "', '"a.b"', '"x""y"', '"$%"'])
def test_a_table_of_any_name_is_compared_and_shown(name: str, sides: Sides) -> None:
    paths = sides(
        f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, {name}); INSERT INTO {name} VALUES (1, 2)",
        f"UPDATE {name} SET {name} = 3",
    )
    table = only(paths)
    assert counts(table) == (0, 0, 1)
    (row,) = pages(*paths, table.table, RowKind.CHANGING)
    assert (row.left, row.right) == ((1, 2), (1, 3))
