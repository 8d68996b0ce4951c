"""Pruning on a disk that is full: a small real one."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.backup import create as take_module
from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.backup.retention import Pruned, operations
from core.backup.store import Store
from core.backup.verify import _full
from core.base.config.models import GuardedFile, RetentionSettings, Settings
from core.base.operation import Context, OperationError
from tests.small_disk import mounted

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="needs root to mount a small disk"
)
KIB = 1024
ROWS = 150
PACK = ROWS * 3_000
"""Bytes of one database, which do not compress."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk", 48) as folder:
        yield folder


@pytest.fixture
def settings(tmp_path: Path, disk: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(take_module, "run_in_process", lambda do, *rest: do(*rest))
    monkeypatch.setattr(take_module, "lower_priority", lambda: None)
    for name in ("a", "b"):
        connection = sqlite3.connect(tmp_path / f"{name}.sqlite3")
        connection.execute("CREATE TABLE noise (n INTEGER PRIMARY KEY, bytes BLOB)")
        connection.executemany(
            "INSERT INTO noise VALUES (?, randomblob(3000))", [(n,) for n in range(ROWS)]
        )
        connection.commit()
        connection.close()
    return Settings(
        app=tmp_path,
        home=tmp_path / "home",
        store=disk / "backups",
        files=tuple(
            GuardedFile(name=name, path=tmp_path / f"{name}.sqlite3") for name in ("a", "b")
        ),
        retention=RetentionSettings(last=1, hourly=0, daily=0, weekly=0, monthly=0),
    )


def back_up(settings: Settings, *changed: str) -> str:
    """Back up after all rows of *changed* have changed."""
    for name in changed:
        connection = sqlite3.connect(settings.file(name).path)
        connection.execute("UPDATE noise SET bytes = randomblob(3000)")
        connection.commit()
        connection.close()
    return create_restore_point(Context(), settings, Reason.MANUAL).id


def leave_free(disk: Path, size: int) -> None:
    """Fill *disk* so that *size* bytes are free."""
    with (disk / "filler").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - size)


def prune(settings: Settings, *, dry_run: bool = False) -> Pruned:
    return operations.prune(Context(), settings, datetime.now(UTC), dry_run=dry_run)


def stored(settings: Settings) -> int:
    return sum(path.stat().st_size for path in settings.store.rglob("*") if path.is_file())


def require_whole(settings: Settings, disk: Path) -> set[str]:
    (disk / "filler").unlink()
    store = Store(settings.store)
    listed = store.listed()
    for one in listed:
        assert _full(Context(), settings.store, store.get(one.point.id)) == [], one.point.id
    return {one.point.id for one in listed}


@pytest.mark.parametrize("free", [0, 64 * KIB, 300 * KIB, 2_000 * KIB])
def test_what_needs_no_room_makes_room_for_the_rest(
    settings: Settings, disk: Path, free: int
) -> None:
    points = [back_up(settings), *(back_up(settings, "a") for _ in range(4))]
    leave_free(disk, free)
    preview = prune(settings, dry_run=True)
    before = stored(settings)
    done = prune(settings)
    assert set(done.deleted) == set(preview.deleted) == set(points[:-1])
    assert before - stored(settings) == done.freed_bytes == preview.freed_bytes > 4 * PACK
    assert shutil.disk_usage(disk).free > free + 3.9 * PACK
    assert require_whole(settings, disk) == {points[-1]}


@pytest.mark.parametrize("free", [0, 64 * KIB, 300 * KIB])
def test_nothing_goes_of_which_nothing_returns(settings: Settings, disk: Path, free: int) -> None:
    """What the newest one needs lies in the packs of all others: each must be rewritten first."""
    first = back_up(settings)
    second = back_up(settings, "a")
    leave_free(disk, free)
    preview = prune(settings, dry_run=True)
    assert (preview.deleted, preview.held_back, preview.freed_bytes) == ((), (first,), 0)
    assert preview.room_bytes > PACK
    before = stored(settings)
    with pytest.raises(OperationError, match="want of room: 1") as told:
        prune(settings)
    assert "Nothing was removed" in str(told.value)
    assert stored(settings) == before
    leave_free(disk, preview.room_bytes + 4 * KIB)
    done = prune(settings)
    assert done.deleted == (first,) and before - stored(settings) == done.freed_bytes > 0.9 * PACK
    assert require_whole(settings, disk) == {second}


def test_a_part_goes_where_there_is_room_for_a_part(settings: Settings, disk: Path) -> None:
    """`c` makes a large pack that cannot be rewritten, `a` and `b` one that can."""
    first = back_up(settings)
    grown = settings.model_copy(
        update={"files": (*settings.files, GuardedFile(name="c", path=settings.app / "c.sqlite3"))}
    )
    connection = sqlite3.connect(grown.file("c").path)
    for table in ("stays", "goes"):
        connection.execute(f"CREATE TABLE {table} (n INTEGER PRIMARY KEY, bytes BLOB)")
        connection.executemany(
            f"INSERT INTO {table} VALUES (?, randomblob(3000))", [(n,) for n in range(8 * ROWS)]
        )
    connection.commit()
    second = back_up(grown, "a")
    connection.execute("UPDATE goes SET bytes = randomblob(3000)")
    connection.commit()
    connection.close()
    third = back_up(grown, "a")
    leave_free(disk, PACK + 300 * KIB)
    preview = prune(grown, dry_run=True)
    before = stored(grown)
    context = Context()
    done = operations.prune(context, grown, datetime.now(UTC))
    assert done.deleted == preview.deleted == (first,)
    assert done.held_back == preview.held_back == (second,)
    assert before - stored(grown) == done.freed_bytes == preview.freed_bytes
    assert "want of room: 1" in " ".join(str(step.what) for step in context.steps if step.warning)
    assert require_whole(grown, disk) == {second, third}
    assert set(prune(grown).deleted) == {second}


def test_where_room_is_wanting_what_returns_most_for_least_goes_first(
    settings: Settings, disk: Path
) -> None:
    """One after the other makes the room for the next, in the order of what they return."""
    points = [back_up(settings)]
    for name in ("a", "b", "a", "b", "a"):
        points.append(back_up(settings, name))
    leave_free(disk, 64 * KIB)
    before = stored(settings)
    preview = prune(settings, dry_run=True)
    done = prune(settings)
    assert before - stored(settings) == done.freed_bytes == preview.freed_bytes > 4 * PACK
    assert require_whole(settings, disk) == {points[-1]}
