"""On a real X server: what the offscreen platform forgives, it does not."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.base.config.load import load_settings
from core.program.find import find_program
from resources.demo import prepare_workspace

ENTRY = Path(__file__).resolve().parents[2] / "run_ops_console.py"


@pytest.fixture
def screen() -> Iterator[str]:
    if shutil.which("Xvfb") is None:
        pytest.skip("there is no Xvfb")
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x1024x24"],
        pass_fds=[writer], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writer)
    with os.fdopen(reader) as numbers:
        display = f":{numbers.readline().strip()}"
    yield display
    server.terminate()
    server.wait()


def test_the_demo_opens_its_windows_and_ends_in_order(screen: str, tmp_path: Path) -> None:
    app = prepare_workspace(tmp_path / "demo", 2_000_000)
    settings = load_settings(app, {}, app)
    environment = {**os.environ, "DISPLAY": screen}
    environment.pop("QT_QPA_PLATFORM", None)
    console = subprocess.Popen(
        [sys.executable, ENTRY, "demo", "--workspace", app], env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
    )  # fmt: skip
    # The window keeps its lock while it is open, and by then it looks and samples.
    lock, state = settings.home / "health.lock", settings.home / "window.lock"
    while not (lock.exists() and state.exists()):
        assert console.poll() is None, console.stdout.read() if console.stdout else ""
    assert find_program(settings) is not None
    console.send_signal(signal.SIGTERM)
    said, _ = console.communicate()
    assert console.returncode == 0, said
    assert find_program(settings) is None, "the stand-in ends with the demo"
