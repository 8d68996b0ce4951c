"""What must be so before the frames of a live WAL, or the bytes of a file at rest, are believed."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core.backup.capture import capture
from core.backup.capture.engine import READS_RAW
from core.backup.capture.sources import FileAtRest, HeldCopy, LiveWal, Moved
from core.backup.capture.walindex import Frames, Overwritten, read_wal_index
from core.base.operation import Context
from tests.capture.test_live import committed_state, copy_out, guarded
from tests.writer import NAMES, create, write

BINARY = getattr(os, "O_BINARY", 0)
RAW = pytest.mark.skipif(not READS_RAW, reason="frames are not read raw on Windows")
WRITE_ONE = """
import sys
from pathlib import Path
from tests.writer import NAMES, create, last, write
for name in NAMES:
    database = create(Path(sys.argv[1]) / f"{name}.sqlite3", "wal")
    write(database, last(database) + 1)
"""


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """A database in WAL mode, left open by its writer as the trading program leaves it."""
    path = tmp_path / "a.sqlite3"
    database = create(path, "wal")
    for number in range(1, 6):
        write(database, number)
    sqlite3.connect(path).execute("SELECT 1 FROM log").fetchone()
    # The connection stays open for as long as the test: its -wal and -shm stay with it.
    LEFT_OPEN.append(database)
    return path


LEFT_OPEN: list[sqlite3.Connection] = []


@RAW
def test_frames_of_another_generation_are_refused(live: Path) -> None:
    shm = os.open(f"{live}-shm", os.O_RDONLY | BINARY)
    wal = os.open(f"{live}-wal", os.O_RDONLY | BINARY)
    index = read_wal_index(shm)
    assert index is not None and index.last_frame
    Frames(wal, index).close()
    with pytest.raises(Overwritten):
        Frames(wal, index._replace(salt=bytes(8)))


@RAW
def test_a_header_that_is_being_written_is_read_again(live: Path, tmp_path: Path) -> None:
    content = bytearray(Path(f"{live}-shm").read_bytes())
    copy = tmp_path / "copy"
    copy.write_bytes(content)
    assert read_wal_index(os.open(copy, os.O_RDONLY | BINARY)) is not None
    content[48 + 16] ^= 1  # the number of frames, in the second copy alone
    copy.write_bytes(content)
    assert read_wal_index(os.open(copy, os.O_RDONLY | BINARY)) is None


@pytest.mark.parametrize("raw", [pytest.param(True, marks=RAW), False], ids=["raw", "copied"])
def test_a_commit_between_two_databases_begins_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw: bool
) -> None:
    """A combination that never was: the first before a commit, the others after it."""
    keepers = [create(tmp_path / f"{name}.sqlite3", "wal") for name in NAMES]
    for keeper in keepers:
        write(keeper, 1)
    source = LiveWal if raw else HeldCopy
    if not raw:
        monkeypatch.setattr("core.backup.capture.engine.READS_RAW", False)
    begin = source.begin
    done: list[str] = []

    def late(self: LiveWal | HeldCopy) -> None:
        begin(self)  # type: ignore[arg-type]
        if not done:
            done.append(self.name)
            subprocess.run([sys.executable, "-c", WRITE_ONE, tmp_path], check=True)

    monkeypatch.setattr(source, "begin", late)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with capture(Context(), guarded(tmp_path), scratch=scratch) as frozen:
        copies = []
        for file in frozen.files:
            copies.append(tmp_path / f"copy-{file.name}")
            copy_out(file, copies[-1])
    assert [committed_state(copy) for copy in copies] == [2, 2, 2]
    LEFT_OPEN.extend(keepers)


def test_a_file_at_rest_that_was_written_is_told(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text("before", encoding="utf-8")
    file = FileAtRest("keys", path, is_database=False)
    file.prove()
    path.write_text("afterwards", encoding="utf-8")
    with pytest.raises(Moved):
        file.prove()
    file.close()
