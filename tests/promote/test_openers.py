"""Somebody opens a database in the middle of a swap: what he was told is written is kept."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.base.config.models import Settings
from core.base.folders import AREA
from core.base.operation import OperationError
from core.promote import engine
from core.promote.engine import fingerprint_of, promote
from core.promote.intent import Intent
from core.promote.recovery import recover
from tests.promote.conftest import ID, make_set, stage, state
from tests.promote.dying import die_at

# Opens the file as soon as it is told to, and reads and writes only when told again: SQLite
# takes its first lock with the first statement, not when it opens the file.
LAZY = """
import sqlite3, sys
input()
connection = sqlite3.connect(sys.argv[1], timeout=0.2)
print("open", flush=True)
input()
try:
    connection.execute("CREATE TABLE late (x)")
    connection.commit()
    print("written", flush=True)
except sqlite3.OperationalError as error:
    print(error, flush=True)
input()
"""


class Other:
    """A process that opens *path* when told to."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", LAZY, path],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip

    def tell(self) -> str:
        """Let it do the next thing, and return what it says of it."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@pytest.fixture
def other(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Other]:
    monkeypatch.setattr("core.promote.locks.PATIENCE_SECONDS", 0.1)
    one = Other(settings.file("b").path)
    yield one
    one.process.kill()
    one.process.communicate()


def between_check_and_unlink(monkeypatch: pytest.MonkeyPatch, act: object) -> None:
    """Call *act* after everything was checked and before a name is taken away."""
    real = engine.park

    def late(intent: Intent) -> None:
        assert callable(act)
        act()
        real(intent)

    monkeypatch.setattr(engine, "park", late)


def tables(settings: Settings, name: str) -> set[str]:
    connection = sqlite3.connect(settings.file(name).path)
    try:
        found = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        return {str(row[0]) for row in found}
    finally:
        connection.close()


def test_who_opens_a_file_between_check_and_unlink_makes_the_swap_go_back(
    settings: Settings, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    """He would write on, successfully, into what is parked: 7 of 8 tries lost his rows."""
    replacements = stage(settings)
    between_check_and_unlink(monkeypatch, other.tell)
    # Windows refuses to take the name of an open file away, and does not say who has it open.
    named = "b.sqlite3" if os.name == "nt" else str(other.process.pid)
    with pytest.raises(OperationError, match=named) as raised:
        promote(settings, ID, replacements, fingerprint_of(settings))
    assert "as they were" in str(raised.value.data_state) or "in place" in str(
        raised.value.data_state
    )
    assert other.tell() == "written"
    assert "late" in tables(settings, "b")
    assert state(settings) == "old"


def test_who_reads_in_the_middle_of_a_swap_is_told_that_it_is_busy(
    settings: Settings, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    replacements = stage(settings)
    said: list[str] = []

    def open_and_write() -> None:
        other.tell()
        said.append(other.tell())

    between_check_and_unlink(monkeypatch, open_and_write)
    with pytest.raises(OperationError):
        promote(settings, ID, replacements, fingerprint_of(settings))
    # On Windows he may: what he has open cannot be swapped, and is not.
    assert said == ["written" if os.name == "nt" else "database is locked"]
    assert ("late" in tables(settings, "b")) == (os.name == "nt")
    assert state(settings) == "old"


def test_who_was_there_before_is_named_and_nothing_is_moved(
    settings: Settings, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    def moved() -> None:
        raise AssertionError("a name is taken away from under somebody")

    replacements = stage(settings)
    between_check_and_unlink(monkeypatch, moved)
    other.tell()
    with pytest.raises(OperationError, match="" if os.name == "nt" else str(other.process.pid)):
        promote(settings, ID, replacements, fingerprint_of(settings))
    assert other.tell() == "written"
    assert "late" in tables(settings, "b")


def test_who_has_a_file_open_keeps_the_recovery_from_moving_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One database was live already, and the other one's successor is lost: all has to go back."""
    monkeypatch.setattr("core.promote.locks.PATIENCE_SECONDS", 0.1)
    for step in range(100):
        (tmp_path / str(step)).mkdir()
        settings = make_set(tmp_path / str(step))
        stage(settings)
        assert die_at(settings, step, "promote", ID)
        if settings.file("a").path.is_file() and settings.file("b").path.is_dir():
            break
    live = settings.file("a").path
    (live.parent / AREA / ID / "staged" / "b.sqlite3").write_bytes(b"lost")
    other = Other(live)
    try:
        other.tell()
        with pytest.raises(OperationError, match="" if os.name == "nt" else str(other.process.pid)):
            recover(settings)
        assert live.is_file()
    finally:
        other.process.kill()
        other.process.communicate()
    (recovered,) = recover(settings)
    assert recovered.outcome == "undone"
    assert state(settings) == "old"
