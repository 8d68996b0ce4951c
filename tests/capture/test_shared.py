"""Threads that share the descriptor of a file each get the bytes that they asked for."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.backup.capture.sources import FileAtRest

BLOCK = 4096


def test_threads_that_share_a_file_do_not_read_at_each_others_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where a descriptor has one position and there is no `os.pread`."""
    path = tmp_path / "file"
    path.write_bytes(b"".join(number.to_bytes(4, "big") * (BLOCK // 4) for number in range(500)))
    monkeypatch.delattr(os, "pread", raising=False)
    file = FileAtRest("file", path, is_database=False)

    def wrong(_: int) -> list[int]:
        return [
            number
            for number in range(500)
            if file.read(number * BLOCK, BLOCK) != number.to_bytes(4, "big") * (BLOCK // 4)
        ]

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(wrong, range(40)))
    file.close()
    assert found == [[]] * 40
