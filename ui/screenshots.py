"""Takes a picture of every tab: ``python -m ui.screenshots WORKSPACE FOLDER``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QDeadlineTimer, QEventLoop, QSettings, QSize, QTimer
from PyQt6.QtWidgets import QApplication

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core.base.config.load import load_settings
from core.base.files import temporary_folder
from ui.app import make_application
from ui.language import use_language
from ui.main_window import MainWindow
from ui.session import Session
from ui.theme import Theme

LONGEST_MS = 180_000


def wait_until(ready: Callable[[], bool], app: QApplication) -> None:
    """Let Qt work until *ready*; raises `TimeoutError` after three minutes."""
    deadline = QDeadlineTimer(LONGEST_MS)
    waker = QTimer()
    waker.start(20)
    while not ready():
        if deadline.hasExpired():
            raise TimeoutError
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def photograph(
    workspace: Path,
    folder: Path,
    language: str,
    theme: str,
    size: QSize,
    suffix: str,
    scratch: Path,
) -> tuple[Path, ...]:
    """Open the window on *workspace* and save ``<tab><suffix>.png`` in *folder*."""
    app = make_application()
    settings = load_settings(workspace, {}, workspace)
    store = QSettings(str(scratch / "window.ini"), QSettings.Format.IniFormat)
    store.setValue("language", language)
    use_language(app, language)
    look = Theme(app, store)
    look.choose(theme)
    session = Session(settings)
    window = MainWindow(session, look, store)
    window.resize(size)
    window.show()
    window.begin()
    pictures = []
    try:
        wait_until(lambda: session.last is not None and not session.blocked, app)
        for index in range(window.tabs.count()):
            window.tabs.setCurrentIndex(index)
            wait_until(window.settled, app)
            app.processEvents()  # what was settled last is laid out now
            path = folder / f"{window.names[index]}{suffix}.png"
            window.grab().save(str(path))
            pictures.append(path)
    finally:
        window.close()
        store.sync()
    return tuple(pictures)


def main() -> None:
    """Read the arguments and take the pictures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("workspace", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lang", default="ko", choices=["ko", "en"])
    parser.add_argument("--theme", default="light", choices=["light", "dark"])
    parser.add_argument("--suffix", default="", help="what follows the tab's name in the file's")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=800)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    size = QSize(args.width, args.height)
    look = (args.lang, args.theme, size)
    with temporary_folder("ops-console-pictures-") as scratch:
        taken = photograph(args.workspace, args.folder, *look, args.suffix, scratch)
    for path in taken:
        print(path)


if __name__ == "__main__":
    main()
