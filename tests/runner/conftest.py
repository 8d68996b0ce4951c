"""A small disk of its own, and what fills it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.operation import Context
from tests.small_disk import mounted


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 24 MB: too small for the console to keep a reserve on it."""
    with mounted(tmp_path / "disk", 24) as folder:
        yield folder


@pytest.fixture
def on_disk(workspace: Path, disk: Path) -> Settings:
    """A workspace whose home and store lie on the small disk, with two restore points."""
    words = f"home: {disk}/home\nstore: {disk}/store\n"
    (workspace / "ops_console.yaml").write_text(words, encoding="utf-8")
    settings = load_settings(workspace, {}, workspace)
    for _ in range(2):
        create_restore_point(Context(), settings, Reason.MANUAL)
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
