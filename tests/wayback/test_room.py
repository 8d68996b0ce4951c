"""Room for all steps of the way back, on each disk: what is said to suffice does suffice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.folders import AREA
from core.base.operation import Context, OperationError
from core.switchover.rollback import Rollback
from tests.skips import needs_mount
from tests.small_disk import mounted
from tests.wayback.conftest import checked, states

SPARE = 16 * 1024 * 1024


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk", 48) as folder:
        yield folder


def fill_up_to(disk: Path, free: int) -> None:
    """Leave about *free* bytes of *disk*; what filled it before goes."""
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    left = shutil.disk_usage(disk).free - free
    with ballast.open("wb") as file:
        while left > 0:
            left -= file.write(os.urandom(min(left, 1 << 20)))


@needs_mount
def test_a_database_on_another_disk_needs_its_room_there(workspace: Path, disk: Path) -> None:
    path = workspace / "data" / "market_data.sqlite3"
    shutil.move(path, disk / path.name)
    path.symlink_to(disk / path.name)
    settings = load_settings(workspace, {}, workspace)
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    size = (disk / path.name).stat().st_size
    fill_up_to(disk, size + 300_000)
    found = checked(settings)
    assert found["room"].state == "ok" and str(disk) in str(found["room"].evidence)
    assert found["trial"].state == "ok"
    fill_up_to(disk, size - 100_000)
    found = checked(settings)
    assert found["room"].state == "failed" and str(disk) in str(found["room"].evidence)
    assert found["trial"].state == "ok", "the rest is tried, with a small set"
    assert point.id not in str(found["trial"].evidence), "it would have filled the disk"
    assert not (disk / AREA).exists()
    with pytest.raises(OperationError, match="free space"):
        Rollback(settings, point.id).run(Context())
    fill_up_to(disk, size + 300_000)
    assert Rollback(settings, point.id).run(Context()).warnings == ()


@needs_mount
def test_a_store_that_has_room_for_one_restore_point_of_two(settings: Settings, disk: Path) -> None:
    settings = settings.model_copy(update={"store": disk / "store"})
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    live = sum(file.path.stat().st_size for file in settings.files)
    fill_up_to(disk, SPARE - 100_000)
    assert states(settings)["room"] == "failed"
    with pytest.raises(OperationError, match="free space"):
        Rollback(settings, point.id).run(Context())
    fill_up_to(disk, SPARE + round(1.05 * live * 0.05))
    found = checked(settings)["room"]
    assert found.state == "warning" and "parked" in str(found.evidence)


@needs_mount
def test_a_disk_that_is_full_is_told_and_not_made_fuller(workspace: Path, disk: Path) -> None:
    app = Path(shutil.copytree(workspace, disk / "app"))
    settings = load_settings(app, {}, app)
    fill_up_to(disk, 0)
    before = shutil.disk_usage(disk).free
    found = checked(settings)
    assert found["room"].state == "failed"
    assert found["trial"].state == "failed", "not even a small set has room"
    shutil.rmtree(settings.home, ignore_errors=True)
    assert shutil.disk_usage(disk).free >= before
    assert not list(app.rglob(AREA))
