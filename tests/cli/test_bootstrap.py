"""What the first start sets up does not get in the way of what it starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.base.bootstrap import (
    DEV_LOCK,
    INSIDE,
    LOADER_CACHE,
    LOCK,
    QT_LIBRARIES,
    ensure_environment,
)
from core.base.config.load import PREFIX
from core.base.entry import ROOT


def test_the_mark_of_a_prepared_environment_is_no_setting() -> None:
    assert not INSIDE.startswith(PREFIX)


def test_both_locks_pin_every_package_by_hash_and_name_no_registry() -> None:
    for lock in (LOCK, DEV_LOCK):
        text = lock.read_text(encoding="utf-8")
        pinned = [
            line for line in text.splitlines() if "==" in line and not line.startswith(("#", " "))
        ]
        assert pinned and text.count("--hash=sha256:") >= len(pinned)
        assert "://" not in text


ASKED = """
import sys
asked = []
sys.addaudithook(lambda event, words: event == "subprocess.Popen" and asked.append(words[1]))
from core.base.bootstrap import ensure_environment
ensure_environment([], [])
print(asked)
"""


@pytest.mark.skipif(not LOADER_CACHE.exists(), reason="the loader of this system keeps no list")
def test_a_start_where_all_is_there_asks_no_other_program() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASKED], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.skipif(sys.platform != "linux", reason="Qt brings its libraries elsewhere")
def test_what_qt_lacks_is_told_as_the_line_that_brings_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("core.base.bootstrap.FONT_FOLDER", tmp_path)
    monkeypatch.setattr("core.base.bootstrap.LOADER_CACHE", tmp_path / "ld.so.cache")
    monkeypatch.setattr("ctypes.util.find_library", lambda name: None if name == "EGL" else name)
    monkeypatch.setenv("PATH", "")
    ensure_environment([], [])
    told = capsys.readouterr().err
    assert told.endswith(
        f"install -y --no-install-recommends {QT_LIBRARIES['EGL']} fonts-noto-cjk\n"
    )
