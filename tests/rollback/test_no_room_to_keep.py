"""A swap that went well while the store has no room for what was replaced: it stays parked."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.backup.retention.operations import Prune
from core.backup.store import Store
from core.base.config.models import Settings
from core.base.operation import Context
from core.program.control import ServiceStop
from core.promote.condition import is_whole, list_parked
from core.runner.run import Recover, needs_recovery, run_operation
from core.switchover.rollback import Rollback, RollbackResult
from tests.rollback.test_hazards import fill, rows, small_disk
from tests.skips import needs_mount

__all__ = ["small_disk"]


@pytest.fixture
def crowded(settings: Settings, small_disk: Path) -> tuple[Settings, str, Path]:
    """A store with room for the point before the rollback, and for no other after it."""
    settings = settings.model_copy(update={"store": small_disk / "store"})
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    connection = sqlite3.connect(settings.file("strategies").path)
    connection.execute("DELETE FROM execution_history")
    connection.execute("CREATE TABLE noise AS SELECT randomblob(300000) AS x")
    connection.commit()
    connection.close()
    sizes = sum(
        path.stat().st_size for file in settings.files
        for path in file.path.parent.glob(f"{file.path.name}*") if path.is_file()
    )  # fmt: skip
    ballast = fill(small_disk, 16 * 1024 * 1024 + round(sizes * 0.05) + 100_000)
    return settings, point.id, ballast


def went_back(settings: Settings, point_id: str) -> RollbackResult:
    return run_operation(settings, Rollback(settings, point_id), Context(), "test")


@needs_mount
def test_the_rollback_went_well_and_says_where_the_former_files_are(
    crowded: tuple[Settings, str, Path],
) -> None:
    settings, point_id, _ = crowded
    result = went_back(settings, point_id)
    assert rows(settings) == 400
    assert result.parked_point_id is None
    (warning,) = result.warnings
    (parked,) = list_parked(settings)
    assert str(parked.files["strategies"].parent) in str(warning)
    assert is_whole(settings) and not needs_recovery(settings)


@needs_mount
def test_nothing_that_looks_or_frees_space_or_goes_back_is_blocked(
    crowded: tuple[Settings, str, Path],
) -> None:
    settings, point_id, ballast = crowded
    went_back(settings, point_id)
    run_operation(settings, Prune(settings, dry_run=True), Context(), "test")
    run_operation(settings, Prune(settings), Context(), "test")
    run_operation(settings, ServiceStop(settings), Context(), "test")
    again = run_operation(settings, Recover(settings), Context(), "test")
    assert again.warnings and not again.ingested
    # What is parked is a restore point as soon as there is room, with the next operation.
    ballast.unlink()
    done = run_operation(settings, Recover(settings), Context(), "test")
    (point_id,) = done.ingested
    assert list_parked(settings) == ()
    kept = Store(settings.store).get(point_id).point
    assert kept.reason is Reason.BEFORE_ROLLBACK
    facts = kept.file("strategies").database
    assert facts is not None
    assert {table.name: table.rows for table in facts.tables}["execution_history"] == 0


@needs_mount
def test_a_store_that_is_gone_after_the_swap_loses_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)

    def gone(*_: object, **__: object) -> object:
        shutil.move(settings.store, settings.store.with_name("away"))
        settings.store.write_text("in the way", encoding="utf-8")
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("core.switchover.keep.create_restore_point_from", gone)
    result = went_back(settings, point.id)
    assert result.parked_point_id is None and result.warnings
    assert len(list_parked(settings)) == 1
