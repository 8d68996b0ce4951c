"""Whatever was written, the comparison finds the same as reading everything would."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from core.diff import database
from core.diff.models import RowKind, Status
from tests.diff.plain import attached, compared, pages, slowly

SCALE = int(os.environ.get("OPS_CONSOLE_TEST_SCALE", "1"))

TABLES = {
    # name: (columns, what rows are matched by)
    "plain": ("(a, b, c)", "rowid"),
    "candle": ("(at TEXT NOT NULL PRIMARY KEY, price REAL, n INTEGER)", "at"),
    "numbered": ("(id INTEGER PRIMARY KEY, a, b COLLATE NOCASE)", "id"),
    "pair": ("(a TEXT, b INT, c, PRIMARY KEY (b, a)) WITHOUT ROWID", "a, b"),
    "caseless": ("(a TEXT NOT NULL PRIMARY KEY COLLATE NOCASE, b)", "lower(a)"),
    "quiet": ("(id INTEGER PRIMARY KEY, a)", "id"),
}
"""`quiet` is never written after the beginning."""


def value(chosen: random.Random) -> object:
    kinds = [
        None, 1, 1.0, "1", b"1", -0.5, 2**62, "가격", "nul\0inside", "nul\0other", "A", "a",
        chosen.random(), chosen.randrange(9), chosen.randbytes(chosen.choice([3, 900, 9_000])),
    ]  # fmt: skip
    return chosen.choice(kinds)


def insert(connection: sqlite3.Connection, chosen: random.Random, table: str, count: int) -> None:
    for _ in range(count):
        number = chosen.randrange(3_000)
        rows = {
            "plain": (value(chosen), value(chosen), "x" * chosen.randrange(80)),
            "candle": (f"2025-09-{number:05}", chosen.random(), number),
            "numbered": (chosen.choice([number, -number, number << 40]), value(chosen), "b"),
            "pair": (f"k{number % 7}", number, value(chosen)),
            "caseless": (chosen.choice(["Key", "KEY", "key"]) + str(number), value(chosen)),
            "quiet": (None, value(chosen)),
        }
        marks = ", ".join("?" * len(rows[table]))
        connection.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", rows[table])


def change(connection: sqlite3.Connection, chosen: random.Random) -> None:
    table = chosen.choice([name for name in TABLES if name != "quiet"])
    column = {"plain": "b", "candle": "n", "numbered": "a", "pair": "c", "caseless": "b"}[table]
    remainder = chosen.randrange(17)
    match chosen.randrange(9):
        case 0 | 1:
            insert(connection, chosen, table, chosen.randrange(1, 60))
        case 2:
            connection.execute(f"DELETE FROM {table} WHERE abs({column} % 17) = ?", (remainder,))
        case 3:
            connection.execute(
                f"UPDATE {table} SET {column} = ? WHERE {column} = ?",
                (value(chosen), value(chosen)),
            )
        case 4:
            # Long rows changed in place: the leaf may stay as it is.
            connection.execute(
                f"UPDATE {table} SET {column} = CAST(substr({column}, 1, length({column}) - 1) "
                f"|| x'41' AS BLOB) WHERE length({column}) = 9000 AND typeof({column}) = 'blob'"
            )
        case 5:
            connection.execute("UPDATE candle SET n = n WHERE n % 3 = 0")
        case 6:
            connection.execute("UPDATE numbered SET a = CAST(a AS TEXT) WHERE typeof(a) = 'real'")
        case 7:
            connection.execute("UPDATE caseless SET a = upper(a) WHERE abs(b % 5) = 1")
        case 8 if chosen.random() < 0.3:
            connection.commit()
            connection.execute(chosen.choice(["VACUUM", "REINDEX"]))


@pytest.mark.parametrize("seed", range(24 * SCALE))
def test_agrees_with_reading_everything(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = random.Random(seed)
    monkeypatch.setattr(database, "WINDOW_ROWS", chosen.choice([10, 100, 20_000]))
    left, right = tmp_path / "left", tmp_path / "right"
    with closing(sqlite3.connect(left)) as connection:
        connection.execute(f"PRAGMA page_size = {chosen.choice([512, 1024, 4096, 65536])}")
        connection.execute(f"PRAGMA auto_vacuum = {chosen.choice([0, 0, 1, 2])}")
        if seed % 8 == 7:
            connection.execute("PRAGMA encoding = 'UTF-16le'")
        for name, (columns, _) in TABLES.items():
            connection.execute(f"CREATE TABLE {name} {columns}")
        connection.execute("CREATE INDEX numbered_a ON numbered (a)")
        for name in TABLES:
            insert(connection, chosen, name, chosen.choice([0, 5, 400]))
        connection.commit()
    shutil.copyfile(left, right)
    with closing(sqlite3.connect(right)) as connection:
        for _ in range(chosen.randrange(5)):
            change(connection, chosen)
        connection.commit()
    if chosen.random() < 0.5:
        left, right = right, left
    outcome = compared(left, right)
    tables = {table.table: table for table in outcome.difference.tables}
    assert set(tables) == set(TABLES)
    for name, (_, key) in TABLES.items():
        expected = slowly(left, right, name, key)
        found = tables[name]
        assert found.status in {Status.SAME, Status.CHANGED}
        assert (found.rows_returning, found.rows_leaving, found.rows_changing) == tuple(
            expected[kind].total() for kind in RowKind
        ), name
        for kind in RowKind:
            keys = Counter(_key(name, row.key) for row in pages(left, right, name, kind))
            assert keys == expected[kind], (name, kind)
    assert tables["quiet"].status is Status.SAME


def _key(table: str, key: tuple[object, ...]) -> tuple[object, ...]:
    if table == "caseless":
        return (str(key[0]).lower(),)
    # The key of `pair` is declared in another order than its columns.
    return (key[1], key[0]) if table == "pair" else key


def test_rows_appended_to_few_of_many_tables_are_found_without_reading_the_others(
    tmp_path: Path,
) -> None:
    left, right = tmp_path / "left", tmp_path / "right"
    with closing(sqlite3.connect(left)) as connection:
        for number in range(60):
            connection.execute(f"CREATE TABLE t{number} (id INTEGER PRIMARY KEY, b)")
            connection.executemany(
                f"INSERT INTO t{number} VALUES (?, randomblob(900))", [(n,) for n in range(100)]
            )
        connection.commit()
    shutil.copyfile(left, right)
    with closing(sqlite3.connect(right)) as connection:
        connection.execute("INSERT INTO t7 VALUES (1000, 'new')")
        connection.commit()
    with attached(left, right) as (pair, ours, theirs):
        whole = ours.size // 4096
        outcome = database.compare_database(
            pair, "plain", database.Side(ours, {}), database.Side(theirs, {}), lambda *_: None
        )
        assert ours.reads + theirs.reads < whole
    (changed,) = (one for one in outcome.difference.tables if one.status is not Status.SAME)
    assert (changed.table, changed.rows_leaving, changed.rows) == ("t7", 1, 1)


def test_a_long_row_changed_in_its_overflow_pages_alone_is_found(tmp_path: Path) -> None:
    left, right = tmp_path / "left", tmp_path / "right"
    with closing(sqlite3.connect(left)) as connection:
        connection.execute("CREATE TABLE long (id INTEGER PRIMARY KEY, b BLOB)")
        connection.execute("CREATE TABLE other (id INTEGER PRIMARY KEY, b BLOB)")
        for table in ("long", "other"):
            connection.executemany(
                f"INSERT INTO {table} VALUES (?, zeroblob(20000))", [(n,) for n in range(20)]
            )
        connection.commit()
    shutil.copyfile(left, right)
    with closing(sqlite3.connect(right)) as connection:
        with connection.blobopen("long", "b", 7) as blob:
            blob.seek(19_990)
            blob.write(b"changed")
        connection.commit()
    with attached(left, right) as (pair, ours, theirs):
        different = {
            start // 4096
            for start in range(0, ours.size, 4096)
            if ours.read(start, 4096) != theirs.read(start, 4096)
        }
        leaves = {
            page - 1
            for (page,) in pair.connection.execute(
                "SELECT pageno FROM dbstat WHERE schema = 'before' AND pagetype = 'leaf'"
            )
        }
        assert different and not different & leaves - {0}
    tables = {table.table: table for table in compared(left, right).difference.tables}
    assert (tables["long"].rows_changing, tables["long"].rows) == (1, 1)
    assert tables["other"].status is Status.SAME
    (row,) = pages(left, right, "long", RowKind.CHANGING)
    assert row.key == (7,)


def test_rowids_of_every_sign_and_size(tmp_path: Path) -> None:
    left, right = tmp_path / "left", tmp_path / "right"
    least, greatest = -(1 << 63), (1 << 63) - 1
    ids = [least, greatest, *range(-400, 400), *(-(1 << bit) for bit in range(10, 63))]
    with closing(sqlite3.connect(left)) as connection:
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, b BLOB)")
        connection.executemany(
            "INSERT INTO t VALUES (?, randomblob(500))", [(one,) for one in sorted(ids)]
        )
        connection.commit()
    changed = [least, greatest, -400, -1, 0, 399, -(1 << 62), -1024]
    for number in changed:
        shutil.copyfile(left, right)
        with closing(sqlite3.connect(right)) as connection:
            connection.execute("DELETE FROM t WHERE id = ?", (number,))
            connection.commit()
        (row,) = pages(left, right, "t", RowKind.RETURNING)
        assert row.key == (number,)
        (row,) = pages(right, left, "t", RowKind.LEAVING)
        assert row.key == (number,)
