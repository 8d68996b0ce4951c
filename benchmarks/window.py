"""From the command to a window that can be used, its memory, and how it stays usable.

The empty one is a `PlotWidget` of pyqtgraph alone, the least that a program with graphs in Qt
can be.  The console's is usable when its workspace is read and shown, all that is waiting for
Qt is done, and it is painted.  Both on the offscreen platform.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile  # noqa: TID251
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil

from core.base.config.load import load_settings
from resources.demo import prepare_workspace

ROOT = Path(__file__).resolve().parents[1]
OURS, EMPTY = "console", "empty PyQt6 + pyqtgraph"
WARM_UPS = 1
SCRIPTS = {
    EMPTY: """
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
import pyqtgraph
app = QApplication([])
window = pyqtgraph.PlotWidget()
window.resize(1280, 800)
window.show()
app.processEvents()
QTimer.singleShot(0, lambda: print("usable", flush=True))
app.exec()
""",
    OURS: """
import sys
from pathlib import Path
from PyQt6.QtCore import QSettings, QTimer
from core.base.config.load import load_settings
from ui.app import make_application
from ui.language import use_language
from ui.main_window import MainWindow
from ui.session import Session
from ui.theme import Theme
workspace = Path(sys.argv[1])
app = make_application()
use_language(app, "ko")
store = QSettings(sys.argv[2], QSettings.Format.IniFormat)
session = Session(load_settings(workspace, {}, workspace))
window = MainWindow(session, Theme(app, store), store)
window.resize(1280, 800)
told = []
def usable():
    app.processEvents()
    window.repaint()
    print("usable", flush=True)
def looked(_):
    if not told:
        told.append(True)
        QTimer.singleShot(0, usable)
session.looked.connect(looked)
window.show()
window.begin()
app.exec()
""",
}


class Start(NamedTuple):
    """Seconds until the window could be used, and resident bytes of its process then."""

    seconds: float
    memory: int


def run(size: int, runs: int) -> None:
    """Print medians and ratios; *size* bytes of candles lie in the guarded databases."""
    folder = Path(tempfile.mkdtemp(prefix="ops-console-benchmark-"))
    found: dict[str, list[Start]] = {OURS: [], EMPTY: []}
    try:
        app = prepare_workspace(folder / "app", size)
        peers = list(found)
        for turn in range(runs + WARM_UPS):
            for who in peers if turn % 2 else peers[::-1]:
                start = _start(SCRIPTS[who], str(app), str(folder / "window.ini"))
                if turn >= WARM_UPS:
                    found[who].append(start)
        _show(found)
        _stalls(folder, app, runs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _stalls(folder: Path, app: Path, runs: int) -> None:
    told: list[dict[str, dict[str, float]]] = []
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.stalls", str(app), str(folder / "window.ini")],
            cwd=ROOT, capture_output=True, encoding="utf-8", check=True,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )  # fmt: skip
        told.append(json.loads(done.stdout.splitlines()[-1]))
        shutil.rmtree(load_settings(app, {}, app).store)  # each is a first backup
    for when, name in (("rest", "at rest, Health tab"), ("backup", "during a first backup")):
        p999 = median(one[when]["p999"] for one in told)
        longest = max(one[when]["longest"] for one in told)
        print(f"{name:26} a timer of 1 ms is late by {p999:.1f} ms (p99.9), {longest:.0f} at most")


def _start(script: str, *arguments: str) -> Start:
    begun = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-c", script, *arguments], cwd=ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, encoding="utf-8", start_new_session=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    try:
        line = child.stdout.readline() if child.stdout is not None else ""
        seconds = time.perf_counter() - begun
        if line.strip() != "usable":
            raise RuntimeError("the window did not open")
        return Start(seconds, psutil.Process(child.pid).memory_info().rss)
    finally:
        child.terminate()
        child.wait()


def _show(found: dict[str, list[Start]]) -> None:
    import pyqtgraph as pg  # noqa: PLC0415
    from PyQt6.QtCore import PYQT_VERSION_STR  # noqa: PLC0415

    print(f"PyQt {PYQT_VERSION_STR}, pyqtgraph {pg.__version__}, {len(found[OURS])} runs in turns")
    base = [median(part) for part in zip(*found[EMPTY], strict=True)]
    for who, starts in found.items():
        seconds, memory = (median(part) for part in zip(*starts, strict=True))
        times = [one.seconds for one in starts]
        print(
            f"{who:26} {seconds:6.2f} s ({min(times):.2f} to {max(times):.2f}; "
            f"{seconds / base[0]:.2f} x)  {memory / 1e6:5.0f} MB ({memory / base[1]:.2f} x)"
        )
