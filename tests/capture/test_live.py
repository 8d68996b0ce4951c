"""What is read from a live set is a state that the writer committed, of one moment."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from core.backup.capture import CapturedFile, capture
from core.backup.capture.sources import LiveWal
from core.backup.capture.walindex import WalIndex
from core.base.config.models import GuardedFile
from core.base.operation import Context
from core.base.process import run_in_process
from core.base.sqlite import open_immutable
from tests.writer import NAMES, create, write

SCALE = int(os.environ.get("OPS_CONSOLE_TEST_SCALE", "1"))


def guarded(folder: Path) -> tuple[GuardedFile, ...]:
    return tuple(GuardedFile(name=name, path=folder / f"{name}.sqlite3") for name in NAMES)


def copy_out(file: CapturedFile, destination: Path) -> None:
    with destination.open("wb") as target:
        for offset in range(0, file.size, 65536):
            target.write(file.read(offset, min(65536, file.size - offset)))


def take_copies(
    context: Context, files: tuple[GuardedFile, ...], folder: Path, times: int
) -> list[list[Path]]:
    taken = []
    for number in range(times):
        scratch = folder / f"scratch{number}"
        scratch.mkdir()
        copies = []
        with capture(context, files, scratch=scratch) as frozen:
            for file in frozen.files:
                copies.append(folder / f"{number}-{file.name}")
                copy_out(file, copies[-1])
        assert list(scratch.iterdir()) == []
        taken.append(copies)
    return taken


def committed_state(path: Path) -> int:
    connection = open_immutable(path)
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    (total,) = connection.execute("SELECT n FROM total").fetchone()
    count, highest, halved = connection.execute(
        "SELECT count(*), coalesce(max(n), 0), "
        "(SELECT price FROM log WHERE n = max(1, ? / 2)) FROM log",
        (total,),
    ).fetchone()
    connection.close()
    assert count == highest == total, "a gap in the numbers"
    if total:
        assert halved == total * 0.3, "the update of the last transaction is missing"
    return total


@pytest.fixture(params=["wal", "delete"])
def writer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "live"
    folder.mkdir()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.writer",
            str(folder),
            "--journal",
            request.param,
            "--rate",
            "200",
            "--checkpoint-every",
            "7",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout and process.stdout.readline() == "ready\n"
    yield folder
    (folder / "stop").touch()
    said, complaints = process.communicate(timeout=60)
    assert said.endswith("refused 0\n"), complaints


def test_every_snapshot_is_a_committed_state_of_one_moment(writer: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    before = {path.name for path in writer.iterdir() if not path.name.endswith("-journal")}
    taken = run_in_process(take_copies, Context(), guarded(writer), folder, 40 * SCALE)
    for copies in taken:
        a, b, c = (committed_state(path) for path in copies)
        assert a >= b >= c >= a - 1, "a combination that never was"
    after = {path.name for path in writer.iterdir() if not path.name.endswith("-journal")}
    assert before == after


def test_hazard_copying_the_main_file_alone_loses_what_is_in_the_wal(tmp_path: Path) -> None:
    database = create(tmp_path / "a.sqlite3", "wal")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for number in range(1, 301):
        write(database, number)
    plain = tmp_path / "plain"
    plain.write_bytes((tmp_path / "a.sqlite3").read_bytes())
    assert sqlite3.connect(plain).execute("SELECT count(*) FROM log").fetchone() == (0,)
    (tmp_path / "out").mkdir()
    files = (GuardedFile(name="a", path=tmp_path / "a.sqlite3"),)
    ((copy,),) = run_in_process(take_copies, Context(), files, tmp_path / "out", 1)
    assert committed_state(copy) == 300
    database.close()


@pytest.mark.parametrize("page_size", [512, 4096, 65536])
def test_equals_the_backup_api_except_for_the_volatile_header(
    tmp_path: Path, page_size: int
) -> None:
    database = create(tmp_path / "a.sqlite3", "wal", page_size)
    database.execute("PRAGMA wal_autocheckpoint = 40")
    for number in range(1, 200):
        write(database, number)
    (tmp_path / "out").mkdir()
    files = (GuardedFile(name="a", path=tmp_path / "a.sqlite3"),)
    ((copy,),) = run_in_process(take_copies, Context(), files, tmp_path / "out", 1)
    oracle = apsw.Connection(str(tmp_path / "oracle"))
    source = apsw.Connection(str(tmp_path / "a.sqlite3"))
    with oracle.backup("main", source, "main") as backup:
        backup.step(-1)
    oracle.close()
    source.close()
    database.close()
    ours, theirs = bytearray(copy.read_bytes()), bytearray((tmp_path / "oracle").read_bytes())
    for volatile in (slice(18, 20), slice(24, 28), slice(40, 44), slice(92, 100)):
        ours[volatile] = theirs[volatile] = bytes(volatile.stop - volatile.start)
    assert ours == theirs


def test_a_database_at_rest_is_read_without_leaving_a_trace(tmp_path: Path) -> None:
    database = create(tmp_path / "a.sqlite3", "wal")
    write(database, 1)
    database.close()
    assert [path.name for path in tmp_path.iterdir()] == ["a.sqlite3"]
    out = tmp_path / "out"
    out.mkdir()
    files = (GuardedFile(name="a", path=tmp_path / "a.sqlite3"),)
    ((copy,),) = run_in_process(take_copies, Context(), files, out, 1)
    assert committed_state(copy) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.sqlite3", "out"]


def test_rows_only_in_a_wal_that_its_program_left_behind_are_there(tmp_path: Path) -> None:
    database = create(tmp_path / "a.sqlite3", "wal")
    write(database, 1)
    kept = tmp_path / "kept"
    kept.mkdir()
    for suffix in ("", "-wal"):  # as after a crash, without the -shm
        (kept / f"a.sqlite3{suffix}").write_bytes((tmp_path / f"a.sqlite3{suffix}").read_bytes())
    database.close()
    out = tmp_path / "out"
    out.mkdir()
    files = (GuardedFile(name="a", path=kept / "a.sqlite3"),)
    ((copy,),) = run_in_process(take_copies, Context(), files, out, 1)
    assert committed_state(copy) == 1
    assert sorted(path.name for path in kept.iterdir()) == ["a.sqlite3", "a.sqlite3-wal"]


def test_what_sqlite_cannot_read_is_preserved_byte_for_byte(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite3").write_bytes(b"SQLite format 3\0" + b"\1" * 5000)
    (tmp_path / "b.sqlite3").write_text("not a database", encoding="utf-8")
    (tmp_path / "out").mkdir()
    files = tuple(
        GuardedFile(name=name, path=tmp_path / f"{name}.sqlite3") for name in ("a", "b", "c")
    )
    (copies,) = run_in_process(take_copies, Context(), files, tmp_path / "out", 1)
    assert [path.read_bytes() for path in copies] == [
        (tmp_path / f"{name}.sqlite3").read_bytes() for name in ("a", "b")
    ]


def test_what_is_committed_after_the_moment_is_not_of_the_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit between the beginning of the read transactions and the reading of the frames."""
    (tmp_path / "scratch").mkdir()
    arrived = subprocess.Popen(
        [sys.executable, "-c", LATE, tmp_path / "a.sqlite3"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    assert arrived.stdin and arrived.stdout and arrived.stdout.readline() == "ready\n"
    original = LiveWal.load

    def later(live: LiveWal, index: WalIndex) -> None:
        assert arrived.stdin and arrived.stdout
        arrived.stdin.write("commit\n")
        arrived.stdin.flush()
        assert arrived.stdout.readline() == "committed\n"
        original(live, index)

    monkeypatch.setattr(LiveWal, "load", later)
    files = (GuardedFile(name="a", path=tmp_path / "a.sqlite3"),)
    with capture(Context(), files, scratch=tmp_path / "scratch") as frozen:
        copy_out(frozen.files[0], tmp_path / "copy.sqlite3")
    arrived.communicate()
    assert committed_state(tmp_path / "copy.sqlite3") == 5


LATE = """
import sys
from pathlib import Path
from tests.writer import create, write
connection = create(Path(sys.argv[1]), "wal")
for number in range(1, 6):
    write(connection, number)
print("ready", flush=True)
for number, _ in enumerate(sys.stdin, start=6):
    write(connection, number)
    print("committed", flush=True)
"""
