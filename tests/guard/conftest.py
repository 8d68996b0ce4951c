"""A small disk of its own, and what fills it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config.load import load_settings
from core.config.models import Settings
from core.operation import Context
from core.snapshot.models import Reason
from core.snapshot.take import take


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 24 MB: too small for the console to keep a reserve on it."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a disk needs root on Linux")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine forbids mounting")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def on_disk(workspace: Path, disk: Path) -> Settings:
    """A workspace whose home and store lie on the small disk, with two restore points."""
    words = f"home: {disk}/home\nstore: {disk}/store\n"
    (workspace / "ops_console.yaml").write_text(words, encoding="utf-8")
    settings = load_settings(workspace, {}, workspace)
    for _ in range(2):
        take(Context(), settings, Reason.MANUAL)
    return settings


def fill(disk: Path) -> Path:
    """Fill *disk* to its last byte and return what fills it."""
    ballast = disk / "ballast"
    descriptor = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    try:
        while os.write(descriptor, b"x" * 4096):
            pass
    except OSError:
        pass
    finally:
        os.close(descriptor)
    return ballast
