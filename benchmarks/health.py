"""What the Health page costs beside Glances, and what drawing it costs beside plain pyqtgraph.

Glances goes into an environment of its own, made for the run by uv, and runs in a terminal of
its own (a pty of 40 rows × 120 columns).  The page is the whole console: its window on the
offscreen platform with eight graphs of 24 h at 1 Hz in front, sampler, probes and history at
1 Hz beside the running stand-in program.
"""

from __future__ import annotations

import fcntl
import os
import pty
import shutil
import struct
import subprocess
import sys
import tempfile  # noqa: TID251
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil

from benchmarks.drawing import draw, move
from benchmarks.history import fill, keys_of
from benchmarks.migration import environment
from core.base.config.load import load_settings
from core.base.operation import Context
from core.program.control import ServiceStart, ServiceStop
from resources.demo import prepare_workspace

ROOT = Path(__file__).resolve().parents[1]
GLANCES = "glances==4.5.8"
WARM_SECONDS, SECONDS = 8, 15
GRAPHS, DAY = 8, 4
"""So many graphs of 24 h (the fifth of the ranges)."""
OURS, THEIRS = "console, Health tab", "Glances"
PAGE = """
import sys
from pathlib import Path
from PyQt6.QtCore import QSettings
from core.base.config.load import load_settings
from ui.app import make_application
from ui.main_window import MainWindow
from ui.session import Session
from ui.theme import Theme
if __name__ == "__main__":
    workspace = Path(sys.argv[1])
    app = make_application()
    store = QSettings(sys.argv[2], QSettings.Format.IniFormat)
    store.setValue("health/range", int(sys.argv[3]))
    store.setValue("health/large", sys.argv[4:])
    window = MainWindow(Session(load_settings(workspace, {}, workspace)), Theme(app, store), store)
    window.resize(1280, 800)
    window.show()
    window.begin()
    window.tabs.setCurrentIndex(window.names.index("health"))
    app.exec()
"""


class Cost(NamedTuple):
    """Percent of one core, and resident memory in bytes, of a process and all that it started."""

    cpu: float
    memory: int


def run(size: int, runs: int) -> None:
    """Print both tables; *size* bytes of candles lie in the guarded databases."""
    folder = Path(tempfile.mkdtemp(prefix="ops-console-benchmark-"))
    try:
        _page(folder, size, runs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    draw(runs)
    move(runs)


def _page(folder: Path, size: int, runs: int) -> None:
    app = prepare_workspace(folder / "app", size)
    settings = load_settings(app, {}, app)
    glances = environment(folder / "peers", GLANCES).with_name("glances")
    ServiceStart(settings).run(Context())
    found: dict[str, list[Cost]] = {OURS: [], THEIRS: []}
    keys = keys_of(settings, GRAPHS)
    fill(settings, datetime.now(UTC), keys, days=1.0)
    page = [sys.executable, "-c", PAGE, str(app), str(folder / "window.ini"), str(DAY), *keys]
    view = [str(glances), "--time", "1", "--disable-check-update"]
    try:
        for turn in range(runs):
            order: Sequence[tuple[str, list[str]]] = [(OURS, page), (THEIRS, view)]
            for who, command in order if turn % 2 == 0 else order[::-1]:
                with _in_terminal(command) as process:
                    found[who].append(_cost(process))
    finally:
        ServiceStop(settings).run(Context())
    print(f"{GLANCES}; {SECONDS} s each after {WARM_SECONDS} s")
    for who, costs in found.items():
        cpu, memory = median(one.cpu for one in costs), median(one.memory for one in costs)
        base = median(one.cpu for one in found[THEIRS]), median(one.memory for one in found[THEIRS])
        print(f"{who:24} {cpu:6.1f} % of a core ({cpu / base[0]:.2f} x)  "
              f"{memory / 1e6:6.0f} MB ({memory / base[1]:.2f} x)")  # fmt: skip


@contextmanager
def _in_terminal(command: list[str]) -> Iterator[psutil.Process]:
    """Run *command* in a terminal of its own that somebody reads."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    child = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, start_new_session=True,
        env={**os.environ, "TERM": "xterm-256color", "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    os.close(theirs)

    def read() -> None:
        with suppress(OSError):
            while os.read(ours, 65_536):
                pass

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield psutil.Process(child.pid)
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        os.close(ours)


def _cost(process: psutil.Process) -> Cost:
    time.sleep(WARM_SECONDS)
    before, begun = _seconds(process), time.monotonic()
    time.sleep(SECONDS)
    spent = _seconds(process) - before
    memory = sum(one.memory_info().rss for one in _tree(process))
    return Cost(100 * spent / (time.monotonic() - begun), memory)


def _tree(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _seconds(process: psutil.Process) -> float:
    """Return the processor seconds of a process, of those it started, and of those that ended."""
    total = 0.0
    for one in _tree(process):
        with suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            total += times.user + times.system
    ended = process.cpu_times()
    return total + ended.children_user + ended.children_system
