"""Opens the window: one for each workspace."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication, QEvent, QSettings
from PyQt6.QtWidgets import QApplication, QMessageBox

from core.config.load import load_settings
from core.config.models import Settings
from core.operation import OperationError
from core.text import translate
from ui.crash import install_hooks
from ui.icons import icon
from ui.language import say, use_language
from ui.main_window import MainWindow
from ui.practice import start_practice, stop_practice
from ui.session import Session
from ui.single import SingleInstance
from ui.theme import Theme


def open_window(app_folder: Path | None, language: str | None) -> int:
    """Open the window for the program in *app_folder*, or found from here; return the exit code."""
    app = make_application()
    try:
        settings = load_settings(app_folder, os.environ, Path.cwd())
    except OperationError as error:
        use_language(app, language or "ko")
        refuse(error)
        return 1
    return _show(app, settings, language)


def open_demo(folder: Path, language: str | None) -> int:
    """Open the window on a practice workspace with its stand-in program running."""
    app = make_application()
    settings = load_settings(folder, {}, folder)
    started = start_practice(settings)
    try:
        return _show(app, settings, language)
    finally:
        if started:
            stop_practice(settings)


def make_application() -> QApplication:
    """Return the application object, named and with an icon."""
    app = QCoreApplication.instance()
    if app is not None and not isinstance(app, QApplication):
        sip.delete(app)  # a command's, without a screen; Qt bears only one of them
        app = None
    if not isinstance(app, QApplication):
        app = QApplication(["upbit-ops-console"])
    app.setApplicationName("Upbit Ops Console")
    app.setOrganizationName("upbit-ops-console")
    app.setWindowIcon(icon("console", "#1D5FC4"))
    return app


def refuse(error: OperationError) -> None:
    """Say why there is no window."""
    text = f"{say(error.happened)}\n{say(error.data_state)}\n{say(error.to_do)}"
    sys.stderr.write(f"{text}\n")
    QMessageBox.critical(None, "Upbit Ops Console", text)


def _show(app: QApplication, settings: Settings, language: str | None) -> int:
    install_hooks(settings.home / "logs")
    store = QSettings(str(settings.home / "window.ini"), QSettings.Format.IniFormat)
    use_language(app, language or str(store.value("language", settings.language)))
    single = SingleInstance(settings.home)
    if not single.first:
        single.raise_first()
        text = translate("app", "The console is open already; its window was raised.")
        sys.stderr.write(f"{say(text)}\n")
        return 0
    theme = Theme(app, store)
    session = Session(settings)
    window = MainWindow(session, theme, store)
    single.raised.connect(window.come_forward)
    for number in (signal.SIGINT, signal.SIGTERM):
        # Like the window's own close; the refresh timer lets Python see the signal.
        signal.signal(number, lambda *_: window.close())
    window.show()
    window.begin()
    code = app.exec()
    session.close()
    # Widgets must be gone before the application is: at the interpreter's end it would be first.
    for last in (window, session, theme):
        last.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    single.release()
    return code
