"""A second store on another disk: complete, proven, and able to rebuild a lost machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.backup.catalogue import Catalogue
from core.backup.copy import CopyStore
from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.backup.store import Store
from core.backup.verify import VerifyAll
from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.operation import Cancelled, Context, OperationError, Progress
from core.switchover.rollback import Rollback


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    (tmp_path / "외장 디스크").mkdir()
    return tmp_path / "외장 디스크" / "store"


def test_only_what_is_new_is_copied_and_a_lost_machine_is_rebuilt_from_it(
    settings: Settings, disk: Path, tmp_path: Path
) -> None:
    first = create_restore_point(Context(), settings, Reason.MANUAL, "첫 번째")
    done = CopyStore(settings, disk, "to", create=True).run(Context())
    assert done.points == (first.id,) and done.ok and done.copied_bytes > 0
    assert (disk / "restore.py").is_file()
    second = create_restore_point(Context(), settings, Reason.MANUAL)
    Store(settings.store).annotate(first.id, note="고친 메모", pinned=True)
    again = CopyStore(settings, disk, "to", create=True).run(Context())
    assert again.points == (second.id,) and again.total == 2
    assert Store(disk).get(first.id).annotations.note == "고친 메모"
    assert CopyStore(settings, disk, "to", create=True).run(Context()).copied_bytes == 0
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
    first = create_restore_point(Context(), settings, Reason.MANUAL)
    pack = next(Store(settings.store).packs.iterdir())
    content = bytearray(pack.read_bytes())
    content[len(content) // 2] ^= 1
    pack.write_bytes(content)
    done = CopyStore(settings, disk, "to", create=True).run(Context())
    assert not done.ok and set(done.damaged) == {pack.name, first.id}
    assert not list((disk / "packs").iterdir()) and not Store(disk).listed()


def test_it_refuses_what_is_no_store_and_what_is_the_store_itself(
    settings: Settings, tmp_path: Path
) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    other = tmp_path / "mine"
    other.mkdir()
    (other / "precious.txt").write_text("x", encoding="utf-8")
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

    point = create_restore_point(Context(), settings, Reason.MANUAL)
    with pytest.raises(Cancelled):
        CopyStore(settings, disk, "to", create=True).run(Impatient())
    assert not list((disk / "packs").iterdir()) and not Store(disk).listed()
    assert CopyStore(settings, disk, "to", create=True).run(Context()).points == (point.id,)


def test_a_copy_is_made_only_where_that_was_asked_for(settings: Settings, disk: Path) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    with pytest.raises(OperationError, match="no copy at"):
        CopyStore(settings, disk, "to").run(Context())
    assert list(disk.parent.iterdir()) == []
    with pytest.raises(OperationError, match="no folder"):
        CopyStore(settings, disk.parent / "no-such-disk" / "copy", "to", create=True).run(Context())
    assert list(disk.parent.iterdir()) == []


def test_a_copy_whose_disk_is_not_mounted_is_a_failure_and_not_made_anew(
    settings: Settings, disk: Path
) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    CopyStore(settings, disk, "to", create=True).run(Context())
    disk.parent.rename(disk.parent.with_name("unplugged"))
    disk.parent.mkdir()
    for create in (False, True):
        with pytest.raises(OperationError, match="is not there"):
            CopyStore(settings, disk, "to", create=create).run(Context())
        disk.mkdir(exist_ok=True)  # an empty mount point
    assert list(disk.iterdir()) == []
    disk.rmdir()
    disk.parent.rmdir()
    disk.parent.with_name("unplugged").rename(disk.parent)
    assert CopyStore(settings, disk, "to").run(Context()).ok


def test_another_disk_at_the_same_place_is_told(settings: Settings, disk: Path) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    CopyStore(settings, disk, "to", create=True).run(Context())
    disk.rename(disk.with_name("first"))
    Store.create(disk)
    with pytest.raises(OperationError, match="another copy"):
        CopyStore(settings, disk, "to").run(Context())
    assert not Store(disk).listed()


def test_a_copy_of_an_earlier_version_goes_on(settings: Settings, disk: Path) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    CopyStore(settings, disk, "to", create=True).run(Context())
    (settings.home / "copies.json").unlink()
    about = {"format": 1, "what": "restore points of Upbit Ops Console"}
    (disk / "STORE.json").write_text(json.dumps(about), encoding="utf-8")
    (disk / "STORE.copy").unlink()
    second = create_restore_point(Context(), settings, Reason.MANUAL)
    assert CopyStore(settings, disk, "to").run(Context()).points == (second.id,)


def test_a_copy_on_the_same_disk_is_told(settings: Settings, disk: Path) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    context = Context()
    CopyStore(settings, disk, "to", create=True).run(context)
    assert [step.name for step in context.steps if step.warning] == ["warning"]


@pytest.mark.skipif(os.name != "posix", reason="rights and pipes are POSIX's")
def test_what_is_copied_can_be_read_by_its_owner_alone(settings: Settings, disk: Path) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    before = os.umask(0)
    try:
        CopyStore(settings, disk, "to", create=True).run(Context())
    finally:
        os.umask(before)
    pack = next((disk / "packs").iterdir())
    modes = {path: path.stat().st_mode & 0o777 for path in disk.rglob("*")}
    assert all(mode & 0o077 == 0 for mode in modes.values()), modes
    assert disk.stat().st_mode & 0o777 == 0o700
    pack.chmod(0o666)  # as earlier versions left it
    CopyStore(settings, disk, "to").run(Context())
    assert pack.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name != "posix", reason="rights and pipes are POSIX's")
@pytest.mark.timeout(120)
@pytest.mark.parametrize("link", [False, True])
def test_a_pipe_or_a_link_in_a_store_is_damage_and_nothing_waits_for_it(
    settings: Settings, disk: Path, tmp_path: Path, link: bool
) -> None:
    sound = create_restore_point(Context(), settings, Reason.MANUAL)
    store = Store(settings.store)
    for number, folder, suffix in ((1, "packs", "pack"), (2, "points", "json")):
        path = store.root / folder / f"20260101T000000000Z-00000{number}.{suffix}"
        if link:  # to what would be sound if it were followed
            real = tmp_path / path.name
            real.write_bytes(next(store.packs.glob("*.pack")).read_bytes())
            path.symlink_to(real)
        else:
            os.mkfifo(path)
    notes = store.root / "points" / f"{sound.id}.notes.json"
    if link:
        notes.symlink_to("/dev/zero")
    else:
        os.mkfifo(notes)
    assert [one.point.id for one in store.listed()] == [sound.id]
    assert set(store.damaged()) == {"20260101T000000000Z-000002"}
    assert Catalogue(store.root).read().damaged.keys() == store.damaged().keys()
    assert store.size() > 0
    done = CopyStore(settings, disk, "to", create=True).run(Context())
    assert done.points == (sound.id,)
    assert set(done.damaged) == {"20260101T000000000Z-000001.pack", "20260101T000000000Z-000002"}
    assert not (disk / "points" / notes.name).exists()
    script = subprocess.run(
        [sys.executable, store.root / "restore.py", sound.id, tmp_path / "out"],
        capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert script.returncode == 0 and "not a regular file" in script.stderr
