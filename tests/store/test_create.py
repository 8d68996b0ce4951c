"""A restore point is complete, proven, and gives back every byte."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.backup.create import create_restore_point
from core.backup.materialise import materialise_all
from core.backup.models import Reason
from core.backup.store import Damage, PackWriter, Store
from core.backup.verify import verify
from core.base.config.models import GuardedFile, Settings
from core.base.operation import Cancelled, Context, OperationError, Progress
from tests.killing import KILL, KILLED
from tests.rights import is_private
from tests.writer import create, write

SCALE = int(os.environ.get("OPS_CONSOLE_TEST_SCALE", "1"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    data = tmp_path / "data"
    data.mkdir()
    for name in ("a", "b"):
        database = create(data / f"{name}.sqlite3", "wal")
        for number in range(1, 400):
            write(database, number)
        database.close()
    (data / "credentials.json").write_text('{"key": "비밀"}', encoding="utf-8")
    return Settings(
        app=tmp_path,
        home=data / "ops_console",
        store=data / "backups",
        files=(
            GuardedFile(name="a", path=data / "a.sqlite3"),
            GuardedFile(name="b", path=data / "b.sqlite3"),
            GuardedFile(name="credentials", path=data / "credentials.json", kind="paired"),
        ),
    )


def change(settings: Settings, count: int = 3) -> None:
    database = create(settings.file("a").path, "wal")
    (last,) = database.execute("SELECT n FROM total").fetchone()
    for number in range(last + 1, last + 1 + count):
        write(database, number)
    database.close()


def restored(settings: Settings, point_id: str, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    store = Store(settings.store)
    listed = store.get(point_id)
    places = {file.name: folder / file.name for file in listed.point.files}
    materialise_all(Context(), settings.store, listed, places)
    return {name: path.read_bytes() for name, path in places.items()}


def test_gives_back_every_byte_of_every_point(settings: Settings, tmp_path: Path) -> None:
    expected = []
    for number in range(12):  # longer than a chain of differences may be
        point = create_restore_point(Context(), settings, Reason.MANUAL, f"note {number}")
        expected.append((point.id, {file.name: file.path.read_bytes() for file in settings.files}))
        assert point.sound
        assert point.file("a").database.rows == point.file("a").database.tables[0].rows + 1
        change(settings)
    for number, (point_id, contents) in enumerate(expected):
        assert restored(settings, point_id, tmp_path / f"out{number}") == contents
    later = [listed.point.added_bytes for listed in Store(settings.store).listed()][:-1]
    assert max(later) < 20_000, "the next backup costs what changed"


def test_every_kind_of_proof_holds_and_restore_script_reads_the_store(
    settings: Settings, tmp_path: Path
) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    assert verify(Context(), settings, point.id, "quick").ok
    assert verify(Context(), settings, point.id, "full").ok
    annotations = Store(settings.store).get(point.id).annotations
    assert annotations.quick.ok and annotations.full.ok
    folder = tmp_path / "restored"
    subprocess.run([sys.executable, settings.store / "restore.py", point.id, folder], check=True)
    assert (folder / "a.sqlite3").read_bytes() == settings.file("a").path.read_bytes()
    assert (folder / "credentials.json").read_text(encoding="utf-8") == '{"key": "비밀"}'


def test_failure_7_editing_a_note_never_changes_the_reason(settings: Settings) -> None:
    point = create_restore_point(Context(), settings, Reason.BEFORE_MIGRATION, "before")
    store = Store(settings.store)
    store.annotate(point.id, note="after", pinned=True)
    listed = store.get(point.id)
    assert listed.point == point
    assert listed.point.reason is Reason.BEFORE_MIGRATION
    assert (listed.annotations.note, listed.annotations.pinned) == ("after", True)


def test_failure_6_ids_of_the_same_instant_do_not_collide(settings: Settings) -> None:
    points = {create_restore_point(Context(), settings, Reason.MANUAL).id for _ in range(3)}
    assert len(points) == 3


def test_one_flipped_bit_in_any_stored_byte_is_found(settings: Settings) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    store = Store(settings.store)
    files = [*store.packs.iterdir(), store.points / f"{point.id}.json"]
    contents = {path: path.read_bytes() for path in files}
    places = random.Random(7)
    for _ in range(200 * SCALE):
        path = places.choice(files)
        content = bytearray(contents[path])
        content[places.randrange(len(content))] ^= 1 << places.randrange(8)
        path.write_bytes(content)
        try:
            problems = store.check_packs(store.packs_of(store.get(point.id).point), lambda _: None)
        except (Damage, OperationError) as found:
            problems = [str(found)]
        assert problems, f"a flip in {path.name} went unseen"
        path.write_bytes(contents[path])


def test_what_the_disk_did_not_take_is_found_before_the_point_exists(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restore point is verified by reading it back, not by what was handed to the disk."""

    def here(function: Callable[..., object], *arguments: object) -> object:
        return function(*arguments)

    finish = PackWriter.finish

    def finish_badly(pack: PackWriter) -> None:
        finish(pack)
        entry = pack.entries[0]
        with pack.provisional.open("r+b") as file:
            file.seek(entry.offset + entry.stored // 2)
            byte = file.read(1)[0]
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte ^ 1]))

    monkeypatch.setattr("core.backup.create.run_in_process", here)
    monkeypatch.setattr("core.backup.create.lower_priority", lambda: None)
    monkeypatch.setattr(PackWriter, "finish", finish_badly)
    with pytest.raises(OperationError, match="not made"):
        create_restore_point(Context(), settings, Reason.MANUAL)
    store = Store(settings.store)
    assert store.listed() == ()
    assert list(store.packs.iterdir()) == []


def test_cancelling_leaves_nothing_behind(settings: Settings) -> None:
    class Impatient(Context):
        def on_progress(self, progress: Progress) -> None:
            self.cancel()

    with pytest.raises(Cancelled):
        create_restore_point(Impatient(), settings, Reason.MANUAL)
    store = Store(settings.store)
    assert store.listed() == ()
    assert list(store.packs.iterdir()) == []
    assert not (store.root / "scratch").exists()


def test_only_its_owner_may_read_the_store(settings: Settings) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    for path in [settings.store, *settings.store.rglob("*")]:
        assert is_private(path), path


def test_a_damaged_live_database_is_kept_but_not_called_good(settings: Settings) -> None:
    path = settings.file("b").path
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 4] = b"\xff" * 4096
    path.write_bytes(content)
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    assert not point.sound
    assert not Store(settings.store).get(point.id).good


@pytest.mark.parametrize("ruined", [b"no database at all" * 500, b"SQLite format 3\0" * 300])
def test_what_is_no_database_any_more_is_kept_but_not_called_good(
    settings: Settings, ruined: bytes
) -> None:
    settings.file("b").path.write_bytes(ruined)
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    assert not point.sound
    assert point.file("b").size == len(ruined)


@pytest.mark.parametrize(
    "change_to",
    [
        {"id": "../../etc/passwd"},
        {"files": [{"name": "../x"}]},
        {"files": [{"size": 1 << 60}]},
        {"files": [{"index": ["zz"]}]},
    ],
)
def test_a_hostile_manifest_is_refused(settings: Settings, change_to: dict[str, object]) -> None:
    from core.backup.store.format import digest_of
    from core.backup.store.points import _canonical

    point = create_restore_point(Context(), settings, Reason.MANUAL)
    path = settings.store / "points" / f"{point.id}.json"
    document = json.loads(path.read_bytes())
    body = document["point"]
    for key, value in change_to.items():
        if key == "files":
            body["files"][0].update(value[0])
        else:
            body[key] = value
    document["digest"] = digest_of(_canonical(body)).hex()
    path.write_bytes(_canonical(document))
    with pytest.raises(OperationError):
        Store(settings.store).get(point.id)


CHILD = """
import sys
from pathlib import Path
from core.base.config.models import Settings
from core.base.operation import Context
from core.backup.models import Reason
from core.backup import create
if __name__ == "__main__":
    settings = Settings.model_validate_json(Path(sys.argv[1]).read_bytes())
    create.run_in_process = lambda function, context, *rest: function(context, *rest)
    print("begun", flush=True)
    print(create.create_restore_point(Context(), settings, Reason.MANUAL).id)
"""


def test_sigkill_at_any_instant_leaves_old_points_whole_and_no_litter(
    settings: Settings, tmp_path: Path
) -> None:
    first = create_restore_point(Context(), settings, Reason.MANUAL)
    configuration = tmp_path / "settings.json"
    configuration.write_text(settings.model_dump_json(), encoding="utf-8")
    instants = random.Random(3)
    for round_ in range(8 * SCALE):
        change(settings)
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, configuration], stdout=subprocess.PIPE, encoding="utf-8"
        )
        assert child.stdout and child.stdout.readline() == "begun\n"
        try:
            child.wait(timeout=instants.uniform(0.0, 0.12))
        except subprocess.TimeoutExpired:
            child.send_signal(KILL)
            child.wait()
        store = Store(settings.store)
        store.sweep()
        assert not list(store.packs.glob("*.making"))
        for listed in store.listed():
            contents = restored(settings, listed.point.id, tmp_path / f"{round_}-{listed.point.id}")
            assert set(contents) == {"a", "b", "credentials"}
            shutil.rmtree(tmp_path / f"{round_}-{listed.point.id}")
    assert first.id in {listed.point.id for listed in Store(settings.store).listed()}


DYING = """
import os, signal, sys
from pathlib import Path
from core.base.config.models import Settings
from core.base import files
from core.base.operation import Context
from core.backup import create
from core.backup.models import Reason
from tests.killing import KILL

left = int(sys.argv[2])
def counted(function):
    def call(*arguments, **keywords):
        global left
        if left == 0:
            os.kill(os.getpid(), KILL)
        left -= 1
        return function(*arguments, **keywords)
    return call
Path.replace = counted(Path.replace)
files.move_through = counted(files.move_through)  # what Windows has in its place
Path.unlink = counted(Path.unlink)
os.fsync = counted(os.fsync)
if hasattr(os, "fdatasync"):
    os.fdatasync = counted(os.fdatasync)
reading, making = os.open, counted(os.open)
# What only reads changes nothing, and there is more to read with every restore point.
os.open = lambda path, flags, *rest, **named: (
    making if flags & os.O_CREAT else reading)(path, flags, *rest, **named)
os.mkdir = counted(os.mkdir)
create.run_in_process = lambda function, context, *rest: function(context, *rest)
settings = Settings.model_validate_json(Path(sys.argv[1]).read_bytes())
create.create_restore_point(Context(), settings, Reason.MANUAL, "a note")
"""


def test_sigkill_at_every_step_of_a_snapshot_leaves_old_points_whole_and_no_litter(
    settings: Settings, tmp_path: Path
) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    configuration = tmp_path / "settings.json"
    configuration.write_text(settings.model_dump_json(), encoding="utf-8")
    step = 0
    while True:
        change(settings)
        before = len(Store(settings.store).listed())
        command = [sys.executable, "-c", DYING, configuration, str(step)]
        died = subprocess.run(command, check=False).returncode
        assert died in {0, KILLED}
        store = Store(settings.store)
        store.sweep()
        listed = store.listed()
        assert len(listed) in ({before, before + 1} if died else {before + 1})
        litter = [path for path in store.root.rglob("*") if path.suffix in {".making", ".new"}]
        assert not litter and not store.damaged()
        newest = listed[0].point
        folder = tmp_path / f"step{step}"
        assert set(restored(settings, newest.id, folder)) == {"a", "b", "credentials"}
        shutil.rmtree(folder)
        if not died:
            break
        step += 1
    assert step > 10


def test_the_live_files_are_only_read(settings: Settings) -> None:
    def picture() -> dict[str, str]:
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in settings.file("a").path.parent.iterdir()
            if path.is_file()
        }

    before = picture()
    create_restore_point(Context(), settings, Reason.MANUAL)
    assert picture() == before
    assert sqlite3.connect(settings.file("a").path).execute("PRAGMA integrity_check").fetchone()
