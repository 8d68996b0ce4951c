"""What a killed console started does nothing more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]


def console(how: str, file: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.store.orphans", how, file], cwd=ROOT)


def worker_of(parent: subprocess.Popen[bytes], file: Path) -> psutil.Process | None:
    """Wait until the worker has told its process id; None where it is gone already."""
    told = ""
    while not told:
        alive = parent.poll() is None
        told = file.read_text(encoding="utf-8") if file.exists() else ""
        assert told or alive
    try:
        return psutil.Process(int(told))
    except psutil.NoSuchProcess:
        return None


@pytest.mark.parametrize("how", ["works", "deaf"])
def test_a_worker_process_dies_with_its_console(how: str, tmp_path: Path) -> None:
    parent = console(how, tmp_path / "worker")
    worker = worker_of(parent, tmp_path / "worker")
    assert worker is not None and worker.is_running()
    parent.kill()
    parent.wait()
    worker.wait()


def test_a_worker_whose_console_died_before_it_began_does_nothing(tmp_path: Path) -> None:
    parent = console("late", tmp_path / "worker")
    worker = worker_of(parent, tmp_path / "worker")
    parent.wait()
    if worker is not None:
        worker.wait()
    assert not (tmp_path / "worker.published").exists()
