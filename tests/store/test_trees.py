"""A database is checked by its trees, and next time those that changed."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.backup.check import checked_lately
from core.backup.create import create_restore_point
from core.backup.facts import BY_TREES_BYTES, read_restored
from core.backup.models import Reason, RestorePoint
from core.backup.store import Store
from core.base.config.models import Settings
from core.base.operation import Context
from tests.store.mutations import (
    Tally,
    by_trees,
    check_of_changes,
    history,
    survey,
    survey_of_changes,
    whole,
)
from ui.points.messages import condition


@pytest.mark.parametrize("kind", [survey, survey_of_changes])
def test_the_check_by_trees_finds_whatever_the_whole_check_finds(
    kind: Callable[[Path, int, int], Tally], tmp_path: Path
) -> None:
    tally = kind(tmp_path, 100, 7)
    assert (tally.missed, tally.alarms) == (0, 0)
    assert tally.found > 50 and tally.proven >= tally.sound * 0.9, "it was put to the test"


PAGE = 4096


@pytest.fixture
def twins(tmp_path: Path) -> bytearray:
    """A database of two equal tables, a row that overflows by one page, and free pages."""
    path = tmp_path / "twins.sqlite3"
    connection = sqlite3.connect(path)
    for name in ("one", "two"):
        connection.execute(f"CREATE TABLE {name} (a INTEGER PRIMARY KEY, b TEXT)")
        rows = [(number, f"{number:0100}") for number in range(200)]
        connection.executemany(f"INSERT INTO {name} VALUES (?, ?)", rows)
    connection.execute("CREATE TABLE long (a TEXT)")
    connection.execute("INSERT INTO long VALUES (?)", ("\0" * 5000,))
    connection.execute("CREATE TABLE gone AS SELECT * FROM one")
    connection.commit()
    connection.execute("DROP TABLE gone")
    connection.commit()
    connection.close()
    return bytearray(path.read_bytes())


def number_at(content: bytearray, offset: int) -> int:
    return int.from_bytes(content[offset : offset + 4], "big")


def put(content: bytearray, offset: int, number: int) -> None:
    content[offset : offset + 4] = number.to_bytes(4, "big")


def roots(content: bytearray, path: Path) -> dict[str, int]:
    path.write_bytes(content)
    connection = sqlite3.connect(path)
    found = dict(connection.execute("SELECT name, rootpage FROM sqlite_schema").fetchall())
    connection.close()
    return found


def free(content: bytearray, page: int) -> None:
    """Put *page* into the free list as well."""
    trunk = (number_at(content, 32) - 1) * PAGE
    count = number_at(content, trunk + 4)
    put(content, trunk + 8 + 4 * count, page)
    put(content, trunk + 4, count + 1)
    put(content, 36, number_at(content, 36) + 1)


def first_child(content: bytearray, root: int) -> int:
    """Return where an interior page says which its first child is."""
    start = (root - 1) * PAGE
    return start + int.from_bytes(content[start + 12 : start + 14], "big")


def share_a_leaf(content: bytearray, pages: dict[str, int]) -> None:
    """Both tables have one leaf, equal in both, and the other one is free."""
    one, two = (first_child(content, pages[name]) for name in ("one", "two"))
    former = number_at(content, one)
    put(content, one, number_at(content, two))
    free(content, former)


def lose_a_page(content: bytearray, _pages: dict[str, int]) -> None:
    """A free page is not in the free list any more."""
    trunk = (number_at(content, 32) - 1) * PAGE
    put(content, trunk + 4, number_at(content, trunk + 4) - 1)
    put(content, 36, number_at(content, 36) - 1)


def overflow_into_a_free_page(content: bytearray, pages: dict[str, int]) -> None:
    """The row goes on in a page of the free list, which ends there as well."""
    start = (pages["long"] - 1) * PAGE
    cell = start + int.from_bytes(content[start + 8 : start + 10], "big")
    # The cell: 2 bytes of length, 1 of the rowid, the part that is here, the page it goes on in.
    here = 489 + (5003 - 489) % (PAGE - 4)
    pointer = cell + 3 + (here if here <= PAGE - 35 else 489)
    trunk = (number_at(content, 32) - 1) * PAGE
    former, other = number_at(content, pointer), number_at(content, trunk + 8)
    content[(other - 1) * PAGE : other * PAGE] = content[(former - 1) * PAGE : former * PAGE]
    put(content, pointer, other)
    free(content, former)


@pytest.mark.parametrize("harm", [None, share_a_leaf, lose_a_page, overflow_into_a_free_page])
def test_what_the_check_of_a_table_cannot_see_is_found(
    harm: Callable[[bytearray, dict[str, int]], None] | None, twins: bytearray, tmp_path: Path
) -> None:
    path = tmp_path / "harmed.sqlite3"
    pages = roots(twins, path)
    if harm is not None:
        harm(twins, pages)
    path.write_bytes(twins)
    connection = sqlite3.connect(path)
    for table in ("one", "two", "long"):
        assert connection.execute(f"PRAGMA integrity_check({table})").fetchone() == ("ok",)
    sound = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    assert sound is (harm is None)
    assert (by_trees(path) is not None) is sound


@pytest.mark.parametrize("harm", ["none", "free twice", "lost"])
def test_a_next_check_looks_at_the_rest_of_long_rows(harm: str, tmp_path: Path) -> None:
    path = tmp_path / "long.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE cold (a TEXT)")
    connection.execute("CREATE TABLE hot (a INTEGER PRIMARY KEY, b TEXT)")
    connection.execute("CREATE TABLE bulk (a INTEGER PRIMARY KEY, b TEXT)")
    rows = [(number, f"{number:0100}") for number in range(20_000)]
    connection.executemany("INSERT INTO bulk VALUES (?, ?)", rows)
    connection.execute("CREATE TABLE gone AS SELECT * FROM bulk WHERE a < 8000")
    connection.execute("INSERT INTO cold VALUES (?)", ("L" * 6000,))
    connection.commit()
    connection.execute("DROP TABLE gone")
    connection.commit()
    connection.close()
    content = bytearray(path.read_bytes())
    # Another order of the free list, as lawful: the next page to be used lies far from its head.
    head = (number_at(content, 32) - 1) * PAGE
    far = head + 8 + 4 * (number_at(content, head + 4) - 60)
    content[head + 8 : head + 12], content[far : far + 4] = (
        content[far : far + 4], content[head + 8 : head + 12],
    )  # fmt: skip
    path.write_bytes(content)
    before = bytes(content)
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO hot VALUES (2, ?)", ("L" * 6000,))
    connection.commit()
    connection.close()
    after = bytearray(path.read_bytes())
    if harm == "free twice":
        # The rest of the long row of a table that did not change is in the free list, too.
        start = (roots(after, path)["cold"] - 1) * PAGE
        cell = start + int.from_bytes(after[start + 8 : start + 10], "big")
        free(after, number_at(after, cell + 3 + 489 + (6003 - 489) % (PAGE - 4)))
    elif harm == "lost":
        # So is the write of the rest of the new one; a page that was free holds what it held.
        start = (roots(after, path)["hot"] - 1) * PAGE
        cell = start + int.from_bytes(after[start + 8 : start + 10], "big")
        rest = number_at(after, cell + 3 + 489 + (6004 - 489) % (PAGE - 4))
        old = (roots(after, path)["bulk"] - 1) * PAGE
        page = slice((rest - 1) * PAGE, rest * PAGE)
        after[page] = after[old : old + PAGE]
        changed = bytearray(before)
        changed[page] = after[page]
        before = bytes(changed)
    path.write_bytes(after)
    sound = whole(path) is not None
    assert sound is (harm == "none")
    found = check_of_changes(history(before, tmp_path), bytes(after), tmp_path)
    assert (found is not None) is sound


@pytest.fixture
def large(settings: Settings) -> sqlite3.Connection:
    """A database of ten tables, large enough to be checked by its trees."""
    connection = sqlite3.connect(settings.file("strategies").path)
    for number in range(10):
        connection.execute(f"CREATE TABLE c{number} (t INTEGER PRIMARY KEY, a TEXT, b REAL)")
        connection.execute(f"CREATE INDEX i{number} ON c{number} (a)")
        connection.execute(
            f"WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM n WHERE x < 40000) "
            f"INSERT INTO c{number} SELECT x, hex(randomblob(20)), random() / 3.7 FROM n"
        )
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert settings.file("strategies").path.stat().st_size > BY_TREES_BYTES
    return connection


def facts_hold(settings: Settings, point: RestorePoint, tmp_path: Path) -> bool:
    """Whether *point* says of the live database, at rest, what SQLite says of a copy of it."""
    copy = tmp_path / "copy.sqlite3"
    shutil.copyfile(settings.file("strategies").path, copy)
    return point.file("strategies").database == read_restored(Context(), copy)


def test_a_next_restore_point_checks_what_changed(
    settings: Settings, large: sqlite3.Connection, tmp_path: Path
) -> None:
    first = create_restore_point(Context(), settings, Reason.MANUAL)
    assert facts_hold(settings, first, tmp_path)
    whole = first.file("strategies").whole
    assert whole is not None and first.checked_in_part is None
    large.execute("INSERT INTO c3 (a) VALUES ('new')")
    large.execute("DELETE FROM c4 WHERE t < 500")
    large.commit()
    large.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    second = create_restore_point(Context(), settings, Reason.MANUAL)
    assert facts_hold(settings, second, tmp_path)
    assert second.file("strategies").whole == whole, "what did not change was checked before"
    assert second.checked_in_part is not None and second.checked_in_part <= whole
    assert f"{whole.astimezone():%H:%M}" in condition(Store(settings.store).get(second.id))
    # Another schema: the whole check has the word.
    large.execute("CREATE TABLE later (x)")
    large.commit()
    large.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    third = create_restore_point(Context(), settings, Reason.MANUAL)
    assert facts_hold(settings, third, tmp_path)
    again = third.file("strategies").whole
    assert again is not None and again > whole
    assert Store(settings.store).left_behind() == []


def test_damage_in_what_changed_is_found(settings: Settings, large: sqlite3.Connection) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    large.close()
    path = settings.file("strategies").path
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 100] = b"\xff" * 100
    path.write_bytes(content)
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    assert not point.sound and point.file("strategies").database is not None


def test_after_a_day_all_is_checked_again(settings: Settings) -> None:
    file = create_restore_point(Context(), settings, Reason.MANUAL).file("strategies")
    assert checked_lately(file)
    for ago in (timedelta(days=1), timedelta(minutes=-5)):
        assert not checked_lately(file.model_copy(update={"whole": datetime.now(UTC) - ago}))
    assert not checked_lately(file.model_copy(update={"whole": None})), "of an earlier version"
