"""What a program that died left behind is read as SQLite would find it, and stays as it is."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import apsw
import pytest

from core.backup.capture import capture
from core.backup.capture import engine as freezing
from core.backup.capture.settle import SettledCopy, settle
from core.base.config.models import GuardedFile
from core.base.operation import Context
from core.base.process import run_in_process
from core.release.watch import measure
from tests.capture.test_live import copy_out, take_copies
from tests.left_behind import KEPT, kept_rows, kill_in_transaction
from tests.writer import create, write

MAGIC = bytes.fromhex("d9d505f920a163d7")


@pytest.fixture
def live(tmp_path: Path) -> Path:
    (tmp_path / "live").mkdir()
    return tmp_path / "live" / "a.sqlite3"


def picture(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def captured(live: Path, tmp_path: Path) -> Path:
    """Return a copy of what is captured of *live*, after seeing that it was only read."""
    before = picture(live.parent)
    out = tmp_path / "out"
    out.mkdir()
    files = (GuardedFile(name="a", path=live),)
    ((copy,),) = run_in_process(take_copies, Context(), files, out, 1)
    assert picture(live.parent) == before
    return copy


@pytest.mark.parametrize("mode", ["DELETE", "PERSIST", "TRUNCATE"])
def test_a_transaction_that_was_cut_off_is_taken_back_in_the_copy(
    live: Path, tmp_path: Path, mode: str
) -> None:
    kill_in_transaction(live, mode)
    assert kept_rows(captured(live, tmp_path)) == KEPT


def test_a_hot_journal_counts_whatever_the_main_file_says_of_itself(
    live: Path, tmp_path: Path
) -> None:
    """As when a change to WAL was cut off: the header is of a mode that was never reached."""
    kill_in_transaction(live, "DELETE")
    with live.open("r+b") as file:
        file.seek(18)
        file.write(b"\2\2")
    assert kept_rows(captured(live, tmp_path)) == KEPT


@pytest.mark.parametrize("mode", ["PERSIST", "TRUNCATE"])
def test_a_journal_that_is_over_takes_nothing_back(live: Path, tmp_path: Path, mode: str) -> None:
    connection = sqlite3.connect(live, isolation_level=None)
    connection.execute(f"PRAGMA journal_mode = {mode}")
    connection.execute("CREATE TABLE kept (a INTEGER PRIMARY KEY, b TEXT)")
    connection.executemany("INSERT INTO kept VALUES (?, '원래')", [(n,) for n in range(KEPT)])
    connection.close()
    assert Path(f"{live}-journal").exists()
    assert kept_rows(captured(live, tmp_path)) == KEPT


def name_super_journal(live: Path, named: Path) -> None:
    """Write the name of a super-journal into a hot journal, as SQLite does before a commit."""
    name = str(named).encode()
    record = (0x40000000 // 4096 + 1).to_bytes(4, "big") + name + len(name).to_bytes(4, "big")
    with Path(f"{live}-journal").open("ab") as journal:
        journal.write(record + (sum(name) & 0xFFFFFFFF).to_bytes(4, "big") + MAGIC)


@pytest.mark.parametrize("committed", [False, True])
def test_a_super_journal_decides_and_is_left_where_it_is(
    live: Path, tmp_path: Path, committed: bool
) -> None:
    kill_in_transaction(live, "DELETE")
    named = live.with_name("b.sqlite3-mj0123456789")
    name_super_journal(live, named)
    # No child that it names is there, so that SQLite would remove it after rolling back.
    named.write_bytes(b"" if committed else f"{live}-gone\0".encode())
    # What SQLite itself does, shown on copies.
    for suffix in ("", "-journal"):
        shutil.copyfile(f"{live}{suffix}", tmp_path / f"oracle{suffix}")
    oracle = sqlite3.connect(tmp_path / "oracle")
    oracle.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    oracle.close()
    assert named.exists() is committed
    named.write_bytes(b"" if committed else f"{live}-gone\0".encode())
    copy = captured(live, tmp_path)
    assert copy.read_bytes() == (tmp_path / "oracle").read_bytes()
    assert (copy.read_bytes() == live.read_bytes()) is committed


def wal_alone(live: Path) -> None:
    """Leave a main file without a byte and a -wal that holds the whole database."""
    making = live.with_name("making")
    connection = create(making, "wal")
    write(connection, 1)
    shutil.copyfile(f"{making}-wal", f"{live}-wal")
    connection.close()
    making.unlink()
    live.touch()


def test_a_database_that_lies_in_its_wal_alone_is_captured_whole(
    live: Path, tmp_path: Path
) -> None:
    wal_alone(live)
    connection = sqlite3.connect(captured(live, tmp_path))
    assert connection.execute("SELECT n FROM log").fetchall() == [(1,)]
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


@pytest.mark.parametrize("ruin", ["a page is missing", "no wal at all"])
def test_a_wal_that_holds_no_whole_database_is_kept_byte_for_byte(
    live: Path, tmp_path: Path, ruin: str
) -> None:
    wal_alone(live)
    wal = Path(f"{live}-wal")
    whole = wal.read_bytes()
    if ruin == "no wal at all":
        wal.write_bytes(b"\xff" * len(whole))
    else:
        # Only the frames of the last transaction remain: they do not hold every page.
        making = live.with_name("making")
        connection = create(making, "wal")
        connection.executescript("BEGIN; CREATE TABLE more (a); COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        write(connection, 1)
        shutil.copyfile(f"{making}-wal", wal)
        connection.close()
        making.unlink()
    kept = wal.read_bytes()
    before = picture(live.parent)
    out = tmp_path / "out"
    out.mkdir()
    files = (GuardedFile(name="a", path=live),)
    ((main, beside),) = run_in_process(take_copies, Context(), files, out, 1)
    assert (main.read_bytes(), beside.read_bytes()) == (b"", kept)
    assert picture(live.parent) == before


def test_a_look_deletes_no_wal_beside_a_file_without_a_byte(live: Path) -> None:
    """A read-only connection of SQLite does."""
    wal_alone(live)
    before = picture(live.parent)
    measure(Context(), (GuardedFile(name="a", path=live),), 0.0)
    assert picture(live.parent) == before
    reader = apsw.Connection(
        f"file:{live}?mode=ro", flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    )
    reader.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    reader.close()
    assert picture(live.parent) != before, "the hazard is real"


def test_what_was_left_behind_is_of_the_moment_too(
    live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program starts after its file was copied and before the moment of the others."""
    kill_in_transaction(live, "DELETE")
    (tmp_path / "scratch").mkdir()
    calls = []

    def and_then_it_starts(name: str, path: Path, scratch: Path) -> SettledCopy:
        copy = settle(name, path, scratch)
        calls.append(name)
        if len(calls) == 1:
            connection = sqlite3.connect(path)
            connection.execute("DELETE FROM kept WHERE a = 0")
            connection.commit()
            connection.close()
        return copy

    monkeypatch.setattr(freezing, "settle", and_then_it_starts)
    files = (GuardedFile(name="a", path=live),)
    with capture(Context(), files, scratch=tmp_path / "scratch") as frozen:
        copy_out(frozen.files[0], tmp_path / "copy")
    assert calls == ["a"]
    assert kept_rows(tmp_path / "copy") == KEPT - 1
