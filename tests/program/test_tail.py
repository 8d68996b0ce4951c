"""Reading logs: the newest lines, what is appended, and rotations in between."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.config.models import Settings
from core.program import tail
from core.program.launcher import RotatedLog
from core.program.models import Launch
from core.program.runs import log_paths
from core.program.tail import ErrorLines, LogReader, ProcessTracker, last_line, last_lines, shown


@given(
    st.lists(st.tuples(st.text("ab한\n", max_size=30), st.booleans()), max_size=40),
    st.integers(200, 400),
)
@settings(max_examples=50, deadline=None)
def test_every_line_is_read_once_however_it_is_rotated(
    tmp_path_factory: pytest.TempPathFactory, writes: list[tuple[str, bool]], size: int
) -> None:
    path = tmp_path_factory.mktemp("log") / "out.log"
    log = RotatedLog(path, size, 100)
    log.write(b"begun\n")
    follower = ProcessTracker(path, 10)
    read = list(follower.look().lines)
    for number, (text, look) in enumerate([*writes, ("\n", True)]):
        log.write(text.encode())
        # It looks before the log is rotated more often than it goes back.
        if look or number % 3 == 0:
            gained = follower.look()
            read += gained.lines
            assert not gained.skipped
    log.close()
    expected = ("begun\n" + "".join(text for text, _ in writes) + "\n").encode()
    assert read == [shown(line) for line in expected.splitlines()]


def test_what_comes_too_fast_is_left_out_and_said(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    path.write_bytes(b"one\n")
    follower = ProcessTracker(path, 10)
    assert follower.look().lines == ("one",)
    flood = b"".join(b"%07d\n" % number for number in range(100_000))
    path.write_bytes(b"one\n" + flood)
    gained = follower.look()
    assert gained.skipped == len(flood) - tail.READ_LIMIT
    assert gained.lines[-1] == "0099999" and len(gained.lines) == tail.READ_LIMIT // 8
    assert follower.look() == ((), 0)


def test_a_line_is_shown_when_it_is_whole_or_very_long(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    path.write_bytes(b"par")
    follower = ProcessTracker(path, 10)
    assert follower.look().lines == () and last_lines(path, 5) == ["par"]
    with path.open("ab") as log:
        log.write(b"tial\nx")
    assert follower.look().lines == ("partial",)
    with path.open("ab") as log:
        log.write(b"x" * tail.LINE_LIMIT)
    [line] = follower.look().lines
    assert set(line) == {"x"} and len(line) == tail.LINE_LIMIT


def test_a_log_that_is_begun_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    path.write_bytes(b"old one\nold two\n")
    follower = ProcessTracker(path, 1)
    assert follower.look().lines == ("old two",)
    path.write_bytes(b"new\n")
    assert follower.look().lines == ("new",)
    path.unlink()
    assert follower.look().lines == ()
    path.write_bytes(b"newer\n")
    assert follower.look().lines == ("newer",)


def test_the_newest_log_of_the_program_is_followed(settings: Settings) -> None:
    logs = log_paths(settings).out.parent
    logs.mkdir(exist_ok=True)
    reader = LogReader(settings, "program", 10)
    assert reader.look().lines == () and reader.path is None
    (logs / "session_1.log").write_text("one\n", encoding="utf-8")
    log_paths(settings).out.write_text("not its own\n", encoding="utf-8")
    assert reader.look().lines == ("one",)
    with (logs / "session_1.log").open("a") as log:
        log.write("the end\n")
    (logs / "session_2.log").write_text("two\n", encoding="utf-8")
    lines = reader.look().lines + reader.look().lines
    assert set(lines) == {"the end", "two"} and reader.path == logs / "session_2.log"


def test_the_log_of_a_release_is_found_where_it_writes(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = tmp_path / "var log"
    logs.mkdir()
    (logs / "application.log").write_text("release\n", encoding="utf-8")
    launch = Launch(command=("x",), cwd=tmp_path, environment={"UPBIT_LOGS_DIR": "var log"})
    monkeypatch.setattr(tail, "current_launch", lambda _: launch)
    assert LogReader(settings, "program", 10).look().lines == ("release",)


def test_lines_are_harmless_and_short_where_they_are_quoted(tmp_path: Path) -> None:
    path = tmp_path / "err.log"
    path.write_bytes(b"\x1b]0;evil\x07\xff\tend\n\n  \n")
    assert last_line(path) == "�]0;evil��" + " " * 6 + "end"
    path.write_bytes(b"y" * 1_000)
    assert len(last_line(path)) == tail.SHOWN_LINE
    assert last_line(tmp_path / "none.log") == ""


def test_a_traceback_is_an_error_to_its_last_line() -> None:
    errors = ErrorLines()
    lines = ["fine", "Traceback (most recent call last):", '  File "x"', "    y", "KeyError: 1",
             "fine", "x CRITICAL y", "no ERRORS here"]  # fmt: skip
    assert [errors.tells(line) for line in lines] == [
        False, True, True, True, True, False, True, False,
    ]  # fmt: skip
