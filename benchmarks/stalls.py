"""How long the window stands still while a backup runs: how late a timer of 1 ms comes.

Run in a process of its own by `benchmarks.window`: ``python -m benchmarks.stalls WORKSPACE INI``.
Prints one JSON object of milliseconds for the window at rest and during a backup.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QSettings, Qt, QTimer

from core.backup.create import CreateRestorePoint
from core.base.config.load import load_settings
from ui.app import make_application
from ui.main_window import MainWindow
from ui.session import Session
from ui.theme import Theme

REST_MS = 10_000
SETTLE_MS = 3_000


class Lateness:
    """Notes how much later than 1 ms after the one before each tick comes."""

    def __init__(self) -> None:
        self.found: list[float] = []
        self._last: float | None = None

    def tick(self) -> None:
        """Note the time that passed."""
        now = time.perf_counter()
        if self._last is not None:
            self.found.append(1000 * (now - self._last) - 1)
        self._last = now

    def take(self) -> dict[str, float]:
        """Return p99.9 and the longest, and begin anew."""
        found, self.found, self._last = np.array(self.found), [], None
        return {"p999": float(np.percentile(found, 99.9)), "longest": float(found.max())}


def main() -> None:
    """Open the window on the workspace, let it rest, back up, and tell."""
    workspace = Path(sys.argv[1])
    app = make_application()
    store = QSettings(sys.argv[2], QSettings.Format.IniFormat)
    settings = load_settings(workspace, {}, workspace)
    session = Session(settings)
    window = MainWindow(session, Theme(app, store), store)
    late, told = Lateness(), {}
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.setInterval(1)
    timer.timeout.connect(late.tick)

    def back_up() -> None:
        told["rest"] = late.take()
        session.start(CreateRestorePoint(settings))

    def over() -> None:
        if "rest" in told and not session.blocked:
            told["backup"] = late.take()
            print(json.dumps(told), flush=True)
            window.close()
            app.quit()

    session.idle.connect(over)
    window.show()
    window.begin()
    window.tabs.setCurrentWidget(window.health)
    QTimer.singleShot(SETTLE_MS, timer.start)
    QTimer.singleShot(SETTLE_MS + REST_MS, back_up)
    app.exec()
    session.close()


if __name__ == "__main__":
    main()
