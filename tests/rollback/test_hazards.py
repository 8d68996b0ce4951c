"""What went wrong with earlier tools, and what goes wrong with disks: none of it goes unnoticed."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.backup.create import CreateRestorePoint, create_restore_point
from core.backup.models import Reason
from core.backup.store import Store
from core.backup.verify import verify
from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.databases import Condition, examine
from core.base.folders import AREA
from core.base.operation import Context, OperationError
from core.program.control import verify_answers
from core.runner.run import run_operation
from core.switchover.rollback import Rollback
from tests.skips import needs_mount
from tests.small_disk import mounted


def rows(settings: Settings, path: Path | None = None) -> int:
    connection = sqlite3.connect(path or settings.file("strategies").path)
    try:
        return int(connection.execute("SELECT count(*) FROM execution_history").fetchone()[0])
    finally:
        connection.close()


LEAVE_IN_WAL = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("PRAGMA wal_autocheckpoint = 0")
connection.execute("DELETE FROM execution_history WHERE rowid > 150")
connection.commit()
os._exit(0)
"""


def test_failure_1_rows_only_in_a_wal_are_backed_up_and_a_stale_wal_undoes_nothing(
    settings: Settings,
) -> None:
    full = create_restore_point(Context(), settings, Reason.MANUAL)
    path = settings.file("strategies").path
    subprocess.run([sys.executable, "-c", LEAVE_IN_WAL, path], check=True)
    assert Path(f"{path}-wal").stat().st_size > 0
    short = create_restore_point(Context(), settings, Reason.MANUAL)
    # Back over a newer -wal: beside a plain copy it would undo the restore.
    Rollback(settings, full.id).run(Context())
    assert rows(settings) == 400
    Rollback(settings, short.id).run(Context())
    assert rows(settings) == 150


@pytest.mark.parametrize("ruin", ["cut", "overwritten", "no tables left"])
def test_failure_2_every_check_can_fail(settings: Settings, ruin: str) -> None:
    """A safety check that always reported success."""
    verify_answers(settings)
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    assert verify(Context(), settings, point.id, "full").ok
    path = settings.file("strategies").path
    match ruin:
        case "cut":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
            assert not create_restore_point(Context(), settings, Reason.MANUAL).sound
        case "overwritten":
            path.write_bytes(b"\0" * path.stat().st_size)
            assert examine(settings.file("strategies")).condition is not Condition.OK
            with pytest.raises(OperationError):
                verify_answers(settings)
        case _:
            pack = next(Store(settings.store).packs.iterdir())
            pack.unlink()
            assert not verify(Context(), settings, point.id, "quick").ok
            assert not verify(Context(), settings, point.id, "full").ok


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 24 MB."""
    with mounted(tmp_path / "disk", 24) as folder:
        yield folder


def picture(settings: Settings) -> dict[str, str]:
    return {
        file.name: hashlib.sha256(file.path.read_bytes()).hexdigest() for file in settings.files
    }


def fill(disk: Path, left: int) -> Path:
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    with ballast.open("wb") as file:
        file.write(b"x" * max(0, shutil.disk_usage(disk).free - left))
    return ballast


@pytest.mark.parametrize("left", [0, 100_000, 1_000_000, 3_000_000])
@needs_mount
def test_a_full_disk_stops_a_backup_without_litter(
    settings: Settings, small_disk: Path, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings.model_copy(update={"store": small_disk / "store"})
    first = create_restore_point(Context(), settings, Reason.MANUAL)
    before = picture(settings)
    connection = sqlite3.connect(settings.file("market_data").path)
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
    connection.execute(f"CREATE TABLE noise AS {numbers} SELECT randomblob(1000) FROM n")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    fill(small_disk, left)
    # Once as it is, where the look at the free space says no; once as if it had been wrong.
    for _ in range(2):
        with pytest.raises(OperationError) as caught:
            create_restore_point(Context(), settings, Reason.MANUAL)
        assert caught.value.to_do
        monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9**9, 0, 9**9))
        monkeypatch.setattr("core.backup.create.run_in_process", _here)
    assert [one.point.id for one in Store(settings.store).listed()] == [first.id]
    assert not list(settings.store.glob("packs/*.making"))
    assert set(before) == set(picture(settings))
    (small_disk / "ballast").unlink()
    assert verify(Context(), settings, first.id, "quick").ok


def _here(function: object, context: Context, *rest: object) -> object:
    return function(context, *rest)  # type: ignore[operator]


@pytest.mark.parametrize("left", [0, 200_000, 2_000_000])
@needs_mount
def test_a_full_disk_stops_a_rollback_before_anything_is_touched(
    workspace: Path, small_disk: Path, left: int, tmp_path: Path
) -> None:
    app = Path(shutil.copytree(workspace, small_disk / "app"))
    settings = load_settings(app, {}, app).model_copy(update={"store": tmp_path / "store"})
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    connection = sqlite3.connect(settings.file("strategies").path)
    connection.execute("DELETE FROM execution_history")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    ballast = fill(small_disk, left)
    before = picture(settings)
    with pytest.raises(OperationError):
        run_operation(settings, Rollback(settings, point.id), Context(), "test")
    assert picture(settings) == before
    assert not list(app.rglob(AREA))
    ballast.unlink()
    run_operation(settings, Rollback(settings, point.id), Context(), "test")
    assert rows(settings) == 400


def test_a_folder_that_cannot_be_written_is_a_sentence(settings: Settings) -> None:
    settings.home.parent.mkdir(parents=True, exist_ok=True)
    settings.home.write_text("a file where the console's folder should be", encoding="utf-8")
    with pytest.raises(OperationError, match="cannot be written"):
        run_operation(settings, CreateRestorePoint(settings), Context(), "test")
    assert not settings.store.exists()
