"""A folder is a store by its marker alone; nothing of anybody else's is swept."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from core.backup.copy import CopyStore
from core.backup.create import CreateRestorePoint, create_restore_point
from core.backup.models import Reason
from core.backup.retention import Prune
from core.backup.store import Store
from core.base import files
from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.operation import Context, OperationError
from core.base.owner import me
from core.base.sealed import copies
from core.runner.run import run_operation
from tests.links import make_link
from tests.skips import needs_links


def picture(root: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else None
        for path in root.rglob("*")
    }


def named(workspace: Path, **folders: object) -> Settings:
    """The settings of a workspace whose configuration names these folders."""
    lines = [f"{key}: {value}\n" for key, value in folders.items()]
    (workspace / "ops_console.yaml").write_text("".join(lines), encoding="utf-8")
    return load_settings(workspace, {}, workspace)


@pytest.fixture
def theirs(workspace: Path) -> Path:
    """A folder with files that look like litter of a store, and are somebody's work."""
    folder = workspace / "mine"
    for name in (
        "scratch/thesis.txt",
        "packs/film.making",
        "points/.draft.new",
        "points/a.notes.json",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("precious", encoding="utf-8")
    return folder


def test_a_folder_of_somebody_elses_is_no_store_and_nothing_is_written_or_swept_there(
    workspace: Path, theirs: Path
) -> None:
    settings = named(workspace, store="mine")
    (theirs / "packs" / "20260101T000000000Z-000000.making").write_text(
        "like ours", encoding="utf-8"
    )
    (theirs / "scratch" / "settings.held").write_text("like ours", encoding="utf-8")
    before = picture(theirs)
    for operation in (CreateRestorePoint(settings), Prune(settings)):
        with pytest.raises(OperationError):
            run_operation(settings, operation, Context(), "test")
    with pytest.raises(OperationError, match="no store of restore points"):
        create_restore_point(Context(), settings, Reason.MANUAL)
    assert Store(theirs).sweep() == 0
    with Store(theirs).exclusive():
        assert picture(theirs) == before


@pytest.mark.parametrize("links", [False, pytest.param(True, marks=needs_links)])
def test_a_sweep_takes_only_what_the_store_itself_made(
    settings: Settings, theirs: Path, links: bool
) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    store = Store(settings.store)
    for path in theirs.rglob("*"):
        if path.is_file():
            place = store.root / path.relative_to(theirs)
            place.parent.mkdir(exist_ok=True)
            path.rename(place)
    elsewhere = theirs / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("precious", encoding="utf-8")
    point_id = store.listed()[0].point.id
    if links:
        make_link(store.packs / f"{point_id}.making", elsewhere / "kept")
        make_link(store.root / "scratch" / "drill-abcd1234", elsewhere, folder=True)
    kept = picture(store.root)
    ours = (
        store.packs / "20260101T000000000Z-000000.making",
        store.points / f".{point_id}.json.{me().mark}.new",
        store.points / f".{point_id}.notes.json.new",
        store.points / "20260101T000000000Z-000000.notes.json",
        store.root / "scratch" / "settings.held-wal",
        store.root / "scratch" / "pair-abcd_234" / "settings",
        store.root / ".restore.py.new",
    )
    for path in ours:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"litter")
    assert store.sweep() == len(b"litter") * len(ours)
    assert picture(store.root) == kept
    assert (elsewhere / "kept").exists()


def test_a_folder_that_is_a_link_is_not_swept(settings: Settings, tmp_path: Path) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    other = tmp_path / "other"
    other.mkdir()
    (other / "settings.held").write_text("precious", encoding="utf-8")
    make_link(settings.store / "scratch", other, folder=True)
    assert Store(settings.store).sweep() == 0
    assert (other / "settings.held").exists()


SYSTEM = (
    ["C:/", "C:/Windows", "C:/Windows/ops", "C:/Program Files/x", "C:/users", "C:/ProgramData"]
    if sys.platform == "win32"
    else ["/", "/etc", "/etc/ops", "/usr/lib/x", "/home", "/opt", "/var/lib"]
)


@pytest.mark.parametrize("key", ["store", "home"])
@pytest.mark.parametrize("folder", [*SYSTEM, "~", "."])
def test_folders_of_the_system_are_refused(workspace: Path, key: str, folder: str) -> None:
    with pytest.raises(OperationError, match="not the console's own"):
        named(workspace, **{key: Path(folder).expanduser()})


def test_a_link_to_a_folder_of_the_system_is_refused(workspace: Path) -> None:
    make_link(workspace / "link", Path(SYSTEM[1]), folder=True)
    with pytest.raises(OperationError, match="not the console's own"):
        named(workspace, store="link")


def test_a_home_that_holds_other_files_is_refused_before_anything_is_written(
    workspace: Path,
) -> None:
    (workspace / "data" / "import").mkdir()
    (workspace / "data" / "import" / "statements.csv").write_text("precious", encoding="utf-8")
    before = picture(workspace / "data")
    with pytest.raises(OperationError, match="holds other files"):
        named(workspace, home="data")
    assert picture(workspace / "data") == before


@pytest.mark.parametrize("left", ["ops.sqlite3", "console.lock", "HOME.json"])
def test_the_home_of_an_earlier_version_goes_on(workspace: Path, left: str) -> None:
    (workspace / "old").mkdir()
    (workspace / "old" / left).touch()
    (workspace / "old" / "notes of the operator.txt").touch()
    assert named(workspace, home="old").home == workspace / "old"


def test_the_home_gets_its_marker_with_the_first_operation(settings: Settings) -> None:
    run_operation(settings, CreateRestorePoint(settings), Context(), "test")
    assert len(json.loads((settings.home / "HOME.json").read_text(encoding="utf-8"))["id"]) == 32


@pytest.mark.parametrize(
    "left",
    [
        (),
        ("points",),
        ("points", "packs"),
        (".STORE.json.new",),
        (".STORE.json.123-1700000000000.new",),
    ],
)
def test_a_store_whose_making_was_cut_off_is_made_whole(
    settings: Settings, left: tuple[str, ...]
) -> None:
    settings.store.mkdir()
    for name in left:
        path = settings.store / name
        path.touch() if name.endswith(".new") else path.mkdir()
    assert create_restore_point(Context(), settings, Reason.MANUAL).sequence == 1


def test_the_marker_is_the_first_file_of_a_store(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    replace = files.replace

    def noted(source: Path, target: Path) -> None:
        made.append(target.name)
        assert (settings.store / "STORE.json").exists() or made == ["STORE.json"]
        replace(source, target)

    monkeypatch.setattr(files, "replace", noted)
    Store.create(settings.store)
    assert made[0] == "STORE.json"


@pytest.mark.skipif(os.name != "posix", reason="pipes by name are POSIX's")
@pytest.mark.parametrize("content", [b"{}", b'{"format": 1, "what": "a shop"}', None])
def test_what_is_no_sound_marker_is_not_written_over(
    settings: Settings, content: bytes | None
) -> None:
    settings.store.mkdir()
    marker = settings.store / "STORE.json"
    os.mkfifo(marker) if content is None else marker.write_bytes(content)
    with pytest.raises(OperationError, match="unknown format"):
        create_restore_point(Context(), settings, Reason.MANUAL)
    assert [path.name for path in settings.store.iterdir()] == ["STORE.json"]
    assert content is None or marker.read_bytes() == content


def markers(store: Path) -> tuple[Path, ...]:
    return copies(store / "STORE.json")


def flip(path: Path, offset: int) -> None:
    content = bytearray(path.read_bytes())
    content[offset] ^= 1 << offset % 7
    path.write_bytes(content)


def warnings(context: Context) -> list[str]:
    return [str(step.what) for step in context.steps if step.warning]


@pytest.mark.parametrize("which", [0, 1])
def test_a_flipped_byte_of_the_marker_changes_nothing_and_is_mended_and_told(
    settings: Settings, which: int
) -> None:
    first = create_restore_point(Context(), settings, Reason.MANUAL)
    before = [json.loads(path.read_bytes()) for path in markers(settings.store)]
    for offset in range(0, len(markers(settings.store)[which].read_bytes()), 7):
        flip(markers(settings.store)[which], offset)
        assert Store(settings.store).exists
        assert not Store(settings.store).get(first.id).foreign, offset
        context = Context()
        Store.create(settings.store, context)
        assert [json.loads(path.read_bytes()) for path in markers(settings.store)] == before
        assert ["was damaged" in text for text in warnings(context)] == [True], offset
    second = create_restore_point(Context(), settings, Reason.MANUAL)
    assert second.store == first.store


def test_with_no_sound_marker_a_store_is_one_by_its_restore_points(settings: Settings) -> None:
    first = create_restore_point(Context(), settings, Reason.MANUAL)
    for path in markers(settings.store):
        flip(path, 40)
    assert Store(settings.store).exists
    assert [one.point.id for one in Store(settings.store).listed()] == [first.id]
    run_operation(settings, Prune(settings), Context(), "test")
    context = Context()
    second = create_restore_point(context, settings, Reason.MANUAL)
    assert any("was damaged" in text for text in warnings(context))
    assert second.store not in {None, first.store}
    assert [one.point.id for one in Store(settings.store).listed()] == [second.id, first.id]


def test_a_marker_of_an_earlier_version_that_was_damaged_is_made_anew(settings: Settings) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    path, copy = markers(settings.store)
    copy.unlink()
    path.write_text(
        '{"format": 1, "what": "restore points of Upbit Ops Consolf"}', encoding="utf-8"
    )
    assert create_restore_point(Context(), settings, Reason.MANUAL).sequence == 2


@pytest.mark.parametrize("damaged", ["manifest", "folders"])
def test_a_folder_with_a_damaged_marker_and_no_sound_restore_point_is_no_store(
    settings: Settings, damaged: str
) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    for path in markers(settings.store):
        flip(path, 40)
    if damaged == "manifest":
        (manifest,) = (settings.store / "points").glob("*Z-??????.json")
        flip(manifest, 40)
    else:
        (settings.store / "points").rename(settings.store / "others")
    before = picture(settings.store)
    for operation in (CreateRestorePoint(settings), Prune(settings)):
        with pytest.raises(OperationError, match="unknown format"):
            operation.run(Context())
    assert not Store(settings.store).exists and not Store(settings.store).left_behind()
    assert picture(settings.store) == before


def test_a_copy_whose_marker_was_damaged_goes_on(settings: Settings, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    create_restore_point(Context(), settings, Reason.MANUAL)
    CopyStore(settings, disk, "to", create=True).run(Context())
    for path in markers(disk):
        flip(path, 40)
    for _ in range(2):
        point = create_restore_point(Context(), settings, Reason.MANUAL)
        assert CopyStore(settings, disk, "to").run(Context()).points == (point.id,)
