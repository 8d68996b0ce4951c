"""A second store on another disk: complete, proven, and able to rebuild a lost machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.config.load import load_settings
from core.config.models import Settings
from core.operation import Cancelled, Context, OperationError, Progress
from core.rollback import Rollback
from core.snapshot.copy import CopyStore
from core.snapshot.models import Reason
from core.snapshot.store import Store
from core.snapshot.take import take
from core.snapshot.verify import VerifyAll


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    return tmp_path / "외장 디스크" / "store"


def test_only_what_is_new_is_copied_and_a_lost_machine_is_rebuilt_from_it(
    settings: Settings, disk: Path, tmp_path: Path
) -> None:
    first = take(Context(), settings, Reason.MANUAL, "첫 번째")
    done = CopyStore(settings, disk, "to").run(Context())
    assert done.points == (first.id,) and done.ok and done.copied_bytes > 0
    assert (disk / "restore.py").is_file()
    second = take(Context(), settings, Reason.MANUAL)
    Store(settings.store).annotate(first.id, note="고친 메모", pinned=True)
    again = CopyStore(settings, disk, "to").run(Context())
    assert again.points == (second.id,) and again.total == 2
    assert Store(disk).get(first.id).annotations.note == "고친 메모"
    assert CopyStore(settings, disk, "to").run(Context()).copied_bytes == 0
    live = {file.name: file.path.read_bytes() for file in settings.files}
    new = tmp_path / "new"
    new.mkdir()
    shutil.copy(settings.app / settings.program.script, new)
    shutil.rmtree(settings.app)
    rebuilt = load_settings(new, {}, new)
    assert CopyStore(rebuilt, disk, "from").run(Context()).total == 2
    assert VerifyAll(rebuilt, "full").run(Context()).ok
    Rollback(rebuilt, second.id).run(Context())
    assert {file.name: file.path.read_bytes() for file in rebuilt.files} == live


def test_what_is_damaged_is_told_and_not_copied(settings: Settings, disk: Path) -> None:
    first = take(Context(), settings, Reason.MANUAL)
    pack = next(Store(settings.store).packs.iterdir())
    content = bytearray(pack.read_bytes())
    content[len(content) // 2] ^= 1
    pack.write_bytes(content)
    done = CopyStore(settings, disk, "to").run(Context())
    assert not done.ok and set(done.damaged) == {pack.name, first.id}
    assert not list((disk / "packs").iterdir()) and not Store(disk).listed()


def test_it_refuses_what_is_no_store_and_what_is_the_store_itself(
    settings: Settings, tmp_path: Path
) -> None:
    take(Context(), settings, Reason.MANUAL)
    other = tmp_path / "mine"
    other.mkdir()
    (other / "precious.txt").write_text("x")
    for folder in (other, settings.store, settings.store / "in", settings.app):
        with pytest.raises(OperationError):
            CopyStore(settings, folder, "to").run(Context())
    with pytest.raises(OperationError, match="no store"):
        CopyStore(settings, other, "from").run(Context())
    assert [path.name for path in other.iterdir()] == ["precious.txt"]


def test_a_copy_that_was_cancelled_leaves_a_sound_store_and_goes_on_later(
    settings: Settings, disk: Path
) -> None:
    class Impatient(Context):
        def on_progress(self, progress: Progress) -> None:
            self.cancel()

    point = take(Context(), settings, Reason.MANUAL)
    with pytest.raises(Cancelled):
        CopyStore(settings, disk, "to").run(Impatient())
    assert not list((disk / "packs").iterdir()) and not Store(disk).listed()
    assert CopyStore(settings, disk, "to").run(Context()).points == (point.id,)
