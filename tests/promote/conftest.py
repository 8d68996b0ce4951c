"""A guarded set of two databases and a paired file, and what tells the one set from the other."""

from __future__ import annotations

import functools
import sqlite3
import tempfile
from pathlib import Path

import pytest

from core.base.config.models import GuardedFile, Settings
from core.promote.engine import Replacement, staging_folder
from tests.writer import create, write

NAMES = ("a", "b")
ID = "promote-1"


@functools.cache
def template(rows: int, *, wal: bool) -> dict[str, bytes]:
    """Return the files of a database of *rows* rows, which with *wal* lie only in its -wal."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.sqlite3"
        database = create(path, "wal")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for number in range(1, rows + 1):
            write(database, number)
        if not wal:
            database.close()
        suffixes = ("", "-wal", "-shm") if wal else ("",)
        found = {suffix: Path(f"{path}{suffix}").read_bytes() for suffix in suffixes}
        database.close()
        return found


def make(path: Path, rows: int, *, wal: bool = True) -> None:
    for suffix, content in template(rows, wal=wal).items():
        Path(f"{path}{suffix}").write_bytes(content)


def make_set(root: Path) -> Settings:
    """Make the former set below *root*: 30 rows, all of them in a -wal, and "old"."""
    data = root / "data"
    secure = root / "secure"
    for folder in (data, secure):
        folder.mkdir()
    for name in NAMES:
        make(data / f"{name}.sqlite3", 30)
        assert (data / f"{name}.sqlite3-wal").stat().st_size
    (secure / "keys.json").write_text("old", encoding="utf-8")
    return configured(root)


def configured(root: Path) -> Settings:
    data = root / "data"
    return Settings(
        app=root,
        home=data / "ops_console",
        store=data / "backups",
        files=(
            *(GuardedFile(name=name, path=data / f"{name}.sqlite3") for name in NAMES),
            GuardedFile(name="keys", path=root / "secure" / "keys.json", kind="paired"),
        ),
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_set(tmp_path)


def stage(settings: Settings, promote_id: str = ID) -> list[Replacement]:
    """Stage the new set: 10 rows, and "new"."""
    replacements = []
    for file in settings.files:
        folder = staging_folder(file.path, promote_id)
        if file.kind == "paired":
            (folder / file.path.name).write_text("new", encoding="utf-8")
        else:
            make(folder / file.path.name, 10, wal=False)
        replacements.append(Replacement(name=file.name, live=file.path))
    return replacements


def state(settings: Settings) -> str:
    """Return "old" or "new"; anything between fails the test."""
    found = set()
    for file in settings.files:
        if file.kind == "paired":
            found.add(file.path.read_text(encoding="utf-8"))
            continue
        connection = sqlite3.connect(file.path)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (rows,) = connection.execute("SELECT count(*) FROM log").fetchone()
        connection.close()
        found.add({30: "old", 10: "new"}[rows])
    assert len(found) == 1, found
    return found.pop()
