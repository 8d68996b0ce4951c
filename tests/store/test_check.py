"""A restore point that is published before SQLite has checked it, and its check."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from core.backup import check
from core.backup.check import CheckPending, check_pending, described_file, scratch_copies
from core.backup.copy import CopyStore
from core.backup.create import CreateRestorePoint, create_restore_point
from core.backup.facts import read_restored
from core.backup.models import Reason
from core.backup.order import newest_good
from core.backup.scheduled import scheduled_operation
from core.backup.store import Store
from core.backup.verify import verify
from core.base.config.models import Settings
from core.base.operation import Cancelled, Context, OperationError, Step
from core.switchover.plan import plan_rollback
from core.switchover.rollback import Rollback
from tests.small_disk import mounted


def write(settings: Settings) -> None:
    connection = sqlite3.connect(settings.file("strategies").path)
    connection.execute("CREATE TABLE more AS SELECT randomblob(100) AS x")
    connection.commit()
    connection.close()


def test_nobody_goes_back_to_it_before_it_is_checked(settings: Settings) -> None:
    first = create_restore_point(Context(), settings, Reason.MANUAL)
    write(settings)
    later = create_restore_point(Context(), settings, Reason.MANUAL, check=False)
    assert later.unchecked == ("strategies",), "what did not change has its facts"
    listed = Store(settings.store).listed()
    assert [one.good for one in listed] == [False, True] and not listed[0].damaged
    best = newest_good(listed)
    assert best is not None and best.point.id == first.id
    assert "not checked" in str(plan_rollback(settings, later.id).problem)
    with pytest.raises(OperationError, match="not checked"):
        Rollback(settings, later.id).run(Context())
    (checked,) = check_pending(Context(), settings)
    assert Store(settings.store).get(later.id).point == checked
    assert Store(settings.store).left_behind() == []
    again = create_restore_point(Context(), settings, Reason.MANUAL)
    facts = {file.name: file.database for file in again.files}
    assert {file.name: file.database for file in checked.files} == facts, "as if checked at once"
    assert plan_rollback(settings, later.id).problem is None
    assert check_pending(Context(), settings) == ()


def test_what_sqlite_finds_then_is_told(settings: Settings) -> None:
    path = settings.file("strategies").path
    content = bytearray(path.read_bytes())
    content[-4096:] = b"\xff" * 4096
    path.write_bytes(content)
    point = create_restore_point(Context(), settings, Reason.MANUAL, check=False)
    verify(Context(), settings, point.id, "quick")
    listed = Store(settings.store).get(point.id)
    assert listed.checked and not listed.good and not listed.point.sound


def test_a_copy_waits_for_the_verdict(settings: Settings) -> None:
    write(settings)
    point = create_restore_point(Context(), settings, Reason.MANUAL, check=False)
    target = settings.app.parent / "elsewhere"
    copied = CopyStore(settings, target, "to", create=True).run(Context())
    assert copied.points == ()
    check_pending(Context(), settings)
    copied = CopyStore(settings, target, "to").run(Context())
    assert copied.points == (point.id,) and Store(target).get(point.id).good


def after(settings: Settings) -> Settings:
    schedule = settings.schedule.model_copy(update={"check": "after"})
    return settings.model_copy(update={"schedule": schedule})


class Watching(Context):
    """Sees what there is in the store while a restore point is checked, and may end that."""

    def __init__(self, settings: Settings, *, ends: bool = False) -> None:
        super().__init__()
        self._settings = settings
        self._ends = ends
        self.seen: list[bool] = []

    def on_step(self, step: Step) -> None:
        if step.name == "check" and step.ok is None:
            self.seen = [listed.checked for listed in Store(self._settings.store).listed()]
            if self._ends:
                self.cancel()


def test_where_the_check_comes_after_the_restore_point_is_there_before(settings: Settings) -> None:
    context = Watching(settings)
    point = CreateRestorePoint(after(settings)).run(context)
    assert context.seen == [False] and point.unchecked == () and point.sound
    assert Store(settings.store).get(point.id).good
    again = Watching(settings)
    same = CreateRestorePoint(after(settings)).run(again)
    assert again.seen == [] and same.sound, "nothing changed, so nothing is to be checked"


def test_a_check_that_was_cancelled_is_made_up_for(settings: Settings) -> None:
    with pytest.raises(Cancelled):
        CreateRestorePoint(after(settings)).run(Watching(settings, ends=True))
    (listed,) = Store(settings.store).listed()
    assert not listed.checked, "saved all the same"
    operation = scheduled_operation(settings, [listed], listed.point.created)
    assert isinstance(operation, CheckPending)
    done = operation.run(Context())
    assert done.ok and done.points == (listed.point.id,)
    (listed,) = Store(settings.store).listed()
    assert listed.good


def test_a_copy_that_does_not_fit_is_done_without(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = sqlite3.connect(settings.file("strategies").path)
    connection.execute("CREATE TABLE noise AS SELECT randomblob(4000000) AS x")
    connection.commit()
    connection.close()
    with mounted(tmp_path / "disk", 32) as disk:
        store = Store(disk / "store")
        there = settings.model_copy(update={"store": store.root})
        point = create_restore_point(Context(), there, Reason.MANUAL, check=False)
        file = point.file("strategies")
        expected = read_restored(Context(), settings.file("strategies").path)
        # As if the disk had promised room that others took meanwhile.
        monkeypatch.setattr(check, "ROOM", 0)
        monkeypatch.setattr(check, "SPARE_BYTES", 0)
        filler = disk / "filler"
        filler.write_bytes(bytes(shutil.disk_usage(disk).free - 1_000_000))
        chunks = store.chunks()
        with scratch_copies(Context(), store, chunks) as copies:
            found = described_file(Context(), store, copies, file, point.files, None)
            assert shutil.disk_usage(disk).free > 900_000, "what was begun is given back"
        chunks.close()
        assert found.database == expected and found.overflowing is None
        assert list((store.root / "scratch").iterdir()) == []
