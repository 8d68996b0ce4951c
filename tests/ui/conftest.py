"""A real window on a practice workspace."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QSettings
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.base.config.models import ScheduleSettings, Settings
from ui.language import use_language
from ui.main_window import MainWindow
from ui.session import Session
from ui.theme import Theme

Open = Callable[..., MainWindow]
LONG = 600_000 if sys.platform == "win32" else 60_000
"""Milliseconds that a state is waited for at most; all takes ten times as long on the rig."""
NEVER = ScheduleSettings(quick_verify_days=None, full_verify_days=None)


@pytest.fixture
def open_window(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Open]:
    """Open windows in English and light; they are closed afterwards, threads and all."""
    opened: list[tuple[MainWindow, Session]] = []
    use_language(qapp, "en")

    def open_one(settings: Settings, schedule: ScheduleSettings = NEVER) -> MainWindow:
        settings = settings.model_copy(update={"schedule": schedule})
        store = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
        session = Session(settings)
        window = MainWindow(session, Theme(qapp, store), store)
        opened.append((window, session))
        with qtbot.waitSignal(session.looked, timeout=LONG):
            window.show()
            window.begin()
        qtbot.waitUntil(lambda: not session.busy, timeout=LONG)
        return window

    yield open_one
    for window, session in opened:
        session.cancel()
        qtbot.waitUntil(lambda session=session: not session.busy, timeout=LONG)
        window.close()
        session.close()
        window.deleteLater()
