"""The console as a stranger starts it: the real entry, an empty home, no PATH but the system's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ENTRY = Path(__file__).resolve().parents[2] / "run_ops_console.py"
Start = Callable[..., subprocess.Popen[str]]


def content(folder: Path) -> dict[str, bytes | None]:
    """Everything below *folder*: each name, and the bytes of each file."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    kept = {"SYSTEMROOT", "WINDIR"} & os.environ.keys()  # without them Windows starts nothing
    return {
        **{name: os.environ[name] for name in kept},
        "HOME": str(home),
        "USERPROFILE": str(home),
        "PATH": os.pathsep.join(("/usr/sbin", "/usr/bin", "/sbin", "/bin")),
        "QT_QPA_PLATFORM": "offscreen",
    }


@pytest.fixture
def start(surroundings: dict[str, str]) -> Start:
    """Start the entry with some words, in some folder, in surroundings that are a bit different."""

    def begin(*words: str | Path, cwd: Path, **different: str) -> subprocess.Popen[str]:
        encoding = different.get("PYTHONIOENCODING", "utf-8").partition(":")[0]
        return subprocess.Popen(
            [sys.executable, ENTRY, *words], cwd=cwd, env=surroundings | different,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            encoding=encoding, errors="strict",
        )  # fmt: skip

    return begin


@pytest.fixture
def stranger(tmp_path: Path) -> Path:
    """Somebody else's folder: a project with a database of its own, which is no guarded one."""
    folder = tmp_path / "somebody else's"
    (folder / "data").mkdir(parents=True)
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    (folder / "data" / "photos.sqlite3").write_bytes(b"SQLite format 3\0" + bytes(4080))
    return folder
