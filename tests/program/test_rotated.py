"""The rotated log: nothing is lost, the disk is not filled, and the program never waits."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.program import launcher
from core.program.launcher import RotatedLog


def everything(path: Path) -> bytes:
    """All that the log holds, the oldest first."""
    parts = sorted(
        path.parent.glob(f"{path.name}.*"), key=lambda one: -int(one.name.rsplit(".", 1)[1])
    )
    return b"".join(part.read_bytes() for part in [*parts, path] if part.exists())


@given(st.lists(st.binary(max_size=300), max_size=20), st.integers(40, 200), st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_every_byte_is_there_in_order(
    tmp_path_factory: pytest.TempPathFactory, writes: list[bytes], size: int, slack: int
) -> None:
    path = tmp_path_factory.mktemp("log") / "out.log"
    before, launcher.LINE_SLACK = launcher.LINE_SLACK, slack
    try:
        log = RotatedLog(path, size, 200)
        for data in writes:
            log.write(data)
        log.close()
    finally:
        launcher.LINE_SLACK = before
    assert everything(path) == b"".join(writes)
    for part in path.parent.iterdir():
        assert part.stat().st_size <= size + slack


def test_files_end_with_a_line_and_only_so_many_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    log = RotatedLog(path, 1_000, 3)
    lines = [f"line {number} 한글\n".encode() for number in range(1_000)]
    for line in lines:
        log.write(line)
    log.close()
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "out.log", "out.log.1", "out.log.2", "out.log.3",
    ]  # fmt: skip
    assert all(one.read_bytes().endswith(b"\n") for one in tmp_path.iterdir())
    assert all(one.stat().st_size <= 1_000 for one in tmp_path.iterdir())
    kept = everything(path)
    assert b"".join(lines).endswith(kept) and len(kept) > 2_900


def test_a_line_without_an_end_does_not_fill_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    log = RotatedLog(path, 100_000, 2)
    for _ in range(100):
        log.write(b"x" * 65_536)
    log.close()
    assert sum(one.stat().st_size for one in tmp_path.iterdir()) <= 3 * (
        100_000 + launcher.LINE_SLACK
    )


def test_a_new_run_begins_a_new_line_and_fewer_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    path.write_bytes(b"broken off")
    for number in range(1, 9):
        (tmp_path / f"out.log.{number}").write_bytes(b"old\n")
    log = RotatedLog(path, 1_000, 2)
    log.write(b"next\n")
    log.close()
    assert path.read_bytes() == b"broken off\nnext\n"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out.log", "out.log.1", "out.log.2"]


def test_what_is_renamed_by_nobody_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where somebody who reads a file keeps it from being renamed."""
    path = tmp_path / "out.log"
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if self == path:
            raise PermissionError(13, "in use")
        return replace(self, target)

    log = RotatedLog(path, 100, 50)
    lines = [f"line {number}\n".encode() for number in range(100)]
    monkeypatch.setattr(Path, "replace", refuse)
    for line in lines:
        log.write(line)
    log.close()
    assert everything(path) == b"".join(lines) and path.stat().st_size <= 100
    # And where an older one is in use, nothing is renamed until it is not.
    monkeypatch.setattr(
        Path, "replace", lambda *_: (_ for _ in ()).throw(PermissionError(13, "in use"))
    )
    more = [f"more {number}\n".encode() for number in range(100)]
    log = RotatedLog(path, 100, 50)
    for line in more:
        log.write(line)
    monkeypatch.setattr(Path, "replace", replace)
    log.close()
    assert everything(path) == b"".join(lines + more)


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="needs root to mount a small disk"
)
def test_a_full_disk_loses_lines_says_so_and_stops_nobody(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], check=False
    )
    if done.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        path = disk / "out.log"
        filler = disk / "filler"
        log = RotatedLog(path, 1_000_000, 2)
        log.write(b"first\n")
        filler.write_bytes(b"x" * (shutil.disk_usage(disk).free - 4096))
        for _ in range(64):
            log.write(b"y" * 1023 + b"\n")
        filler.unlink()
        log.write(b"last\n")
        log.close()
        text = path.read_bytes()
        assert text.startswith(b"first\n") and text.endswith(b"\nlast\n")
        assert b"bytes of output were lost here: No space left on device]\n" in text
        lost = int(text.split(b"[")[1].split(b" ")[0])
        assert lost + text.count(b"y") + text[: text.index(b"[")].count(b"\n") - 1 >= 64 * 1024 - 2
    finally:
        subprocess.run(["umount", str(disk)], check=True)
