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
from tests.store.mutations import Tally, survey, survey_of_changes
from ui.points.messages import condition


@pytest.mark.parametrize("kind", [survey, survey_of_changes])
def test_the_check_by_trees_finds_whatever_the_whole_check_finds(
    kind: Callable[[Path, int, int], Tally], tmp_path: Path
) -> None:
    tally = kind(tmp_path, 100, 7)
    assert (tally.missed, tally.alarms) == (0, 0)
    assert tally.found > 50 and tally.proven >= tally.sound * 0.9, "it was put to the test"


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
