"""`restore.py`, which lies in every store: what is left when there is no console."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.backup.create import create_restore_point
from core.backup.models import Reason, RestorePoint
from core.base.config.models import Settings
from core.base.operation import Context


@pytest.fixture
def point(settings: Settings) -> RestorePoint:
    return create_restore_point(Context(), settings, Reason.MANUAL)


@pytest.fixture
def copy(settings: Settings, point: RestorePoint, tmp_path: Path) -> Path:
    """A copy of the store on "another disk"."""
    return Path(shutil.copytree(settings.store, tmp_path / "다른 디스크"))


def restore(copy: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, copy / "restore.py", *map(str, arguments)],
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


def test_it_lists_and_restores_every_file_with_its_permissions(
    settings: Settings, copy: Path, point: RestorePoint, tmp_path: Path
) -> None:
    listed = restore(copy)
    assert listed.returncode == 0 and point.id in listed.stdout
    folder = tmp_path / "out"
    assert restore(copy, point.id, folder).returncode == 0
    assert {path.name for path in folder.iterdir()} == {file.path.name for file in settings.files}
    credentials = folder / "api_credentials.json"
    assert credentials.read_bytes() == settings.file("api_credentials").path.read_bytes()
    if sys.platform != "win32":  # whoever restores chooses the folder, whose list it takes over
        assert credentials.stat().st_mode & 0o777 == 0o600, "others could read the exchange keys"


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
def test_it_writes_nothing_beside_files_of_another_state(
    copy: Path, point: RestorePoint, tmp_path: Path, suffix: str
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    left = folder / f"settings.sqlite3{suffix}"
    left.write_bytes(b"of another state")
    refused = restore(copy, point.id, folder)
    assert refused.returncode == 1 and "Traceback" not in refused.stderr
    assert str(left) in refused.stderr
    assert list(folder.iterdir()) == [left] and left.read_bytes() == b"of another state"


def test_a_damaged_chunk_is_told_and_not_kept(
    copy: Path, point: RestorePoint, tmp_path: Path
) -> None:
    pack = next((copy / "packs").iterdir())
    content = bytearray(pack.read_bytes())
    for place in range(1000, len(content) // 2, 5000):
        content[place] ^= 1
    pack.write_bytes(content)
    folder = tmp_path / "out"
    told = restore(copy, point.id, folder)
    assert told.returncode == 1 and told.stderr and "Traceback" not in told.stderr
    assert not list(folder.glob("*.part"))


@pytest.mark.parametrize("arguments", [("nonsense",), ("nonsense", "out"), ("a", "b", "c")])
def test_what_it_does_not_understand_it_says(copy: Path, arguments: tuple[str, ...]) -> None:
    told = restore(copy, *arguments)
    assert told.returncode == (1 if len(arguments) == 2 else 2)
    assert told.stderr and "Traceback" not in told.stderr


def test_a_damaged_manifest_hides_no_other_restore_point(
    settings: Settings, copy: Path, point: RestorePoint
) -> None:
    manifest = copy / "points" / f"{point.id}.json"
    other = point.id[:-6] + "ffffff"
    (copy / "points" / f"{other}.json").write_text("{", encoding="utf-8")
    told = restore(copy)
    assert told.returncode == 1
    assert point.id in told.stdout and f"{other}  damaged" in told.stderr
    assert manifest.is_file()
