"""Opens the window: one for each workspace, so that a second start raises the first."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication, QEvent, QLockFile, QObject, QSettings, QTimer, pyqtSignal
from PyQt6.QtNetwork import QLocalServer, QLocalSocket
from PyQt6.QtWidgets import QApplication, QWidget

from core.base import cleanup
from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.folders import make_home
from core.base.operation import OperationError
from core.base.rights import hand_over
from core.base.text import translate
from ui.crash import install_hooks
from ui.kit.parts import icon
from ui.language import LANGUAGES, say, use_language
from ui.main_window import MainWindow
from ui.practice import practice_settings, start_practice, stop_practice
from ui.session import Session
from ui.theme import Theme

ANSWER_MS = 2_000


class SingleInstance(QObject):
    """Holds the place of the first window for the workspace whose console lives in *home*."""

    raised = pyqtSignal()
    """Somebody started the console again."""

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        digest = hashlib.sha256(str(home).encode()).hexdigest()[:16]
        self._name = f"upbit-ops-console-{digest}"
        self._lock = QLockFile(str(make_home(home) / "window.lock"))
        # A lock of a process that is gone is broken by itself; one of a living one never is.
        self._lock.setStaleLockTime(0)
        self.first = self._lock.tryLock(0)
        self._server = QLocalServer(self)
        if self.first:
            self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
            QLocalServer.removeServer(self._name)
            self._server.listen(self._name)
            self._server.newConnection.connect(self._knocked)

    def raise_first(self) -> None:
        """Ask the first window to come forward."""
        socket = QLocalSocket(self)
        socket.connectToServer(self._name)
        socket.waitForConnected(ANSWER_MS)
        socket.disconnectFromServer()

    def _knocked(self) -> None:
        connection = self._server.nextPendingConnection()
        if connection is not None:
            connection.close()
        self.raised.emit()

    def release(self) -> None:
        """Give the place up."""
        self._server.close()
        self._lock.unlock()


ICON_COLOUR = "#1D5FC4"
SIGNALS_MS = 200
"""How soon Ctrl+C is seen by a window in which nothing else happens."""


def open_window(app_folder: Path | None, language: str | None) -> int:
    """Open the window for the program in *app_folder*, or found from here; return the exit code.

    Where there is none, the welcome stays open until the operator named one, or closed it.
    """
    app = make_application()
    try:
        opened = _open(lambda: load_settings(app_folder, os.environ, Path.cwd()))
    except OperationError as error:
        return _welcome(app, error, language)
    return _show(app, opened, language)


def open_demo(folder: Path, language: str | None) -> int:
    """Open the window on a practice workspace with its stand-in program running."""
    app = make_application()
    return _practise(app, _open(lambda: practice_settings(folder)), language)


@dataclass(frozen=True)
class _Opened:
    """A workspace that can be worked in, and the place of its window."""

    settings: Settings
    single: SingleInstance


def _open(find: Callable[[], Settings]) -> _Opened:
    """Return the workspace whose settings *find* returns; raises `OperationError`."""
    try:
        settings = find()
        install_hooks(settings.home / "logs")
        return _Opened(settings, SingleInstance(settings.home))
    except OSError as error:
        raise OperationError(
            translate("app", "The console cannot work in this folder: {why}", why=str(error)),
            data_state=translate("app", "The trading program's files were not touched."),
            to_do=translate("app", "Look at the disk's space and at the folder's permissions."),
        ) from error


def _practise(app: QApplication, opened: _Opened, language: str | None) -> int:
    started = False
    try:
        started = opened.single.first and start_practice(opened.settings)
    except OperationError as error:
        _tell(error)  # the window shows that nothing runs, and can start it
    try:
        return _show(app, opened, language)
    finally:
        if started:
            stop_practice(opened.settings)


def _welcome(app: QApplication, error: OperationError, language: str | None) -> int:
    """Let the operator name the program, and open it; 0 where the welcome was closed instead."""
    from ui.welcome import Welcome  # noqa: PLC0415 (a first start alone needs it)

    found: list[_Opened] = []
    spoken = language or os.environ.get("OPS_CONSOLE_LANGUAGE", "ko")

    def attempt(folder: Path, practising: bool) -> None:
        found.append(
            _open(
                lambda: (
                    practice_settings(folder)
                    if practising
                    else load_settings(folder, os.environ, folder)
                )
            )
        )

    install_hooks(None)
    welcome = Welcome(error, attempt, spoken if spoken in LANGUAGES else "ko")
    _close_on_signals(welcome)
    welcome.show()
    QTimer.singleShot(0, lambda: _tell(error))
    app.exec()
    chosen, practising = welcome.language, welcome.practising
    _forget(welcome)
    if not found:
        return 0
    wished = chosen if chosen != spoken else language
    return (_practise if practising else _show)(app, found[0], wished)


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
    app.setWindowIcon(icon("console", ICON_COLOUR))
    return app


def _tell(error: OperationError) -> None:
    for part in (error.happened, error.data_state, error.to_do):
        print(say(part), file=sys.stderr, flush=True)


def _close_on_signals(window: QWidget) -> QTimer:
    """Let Ctrl+C and SIGTERM close *window*, like its own button."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: window.close())
    timer = QTimer(window)  # Python sees a signal between two of its own steps only
    timer.start(SIGNALS_MS)
    timer.timeout.connect(lambda: None)
    return timer


def _forget(*objects: QObject) -> None:
    """Delete *objects* now: widgets must be gone before the application is."""
    for last in objects:
        last.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _show(app: QApplication, opened: _Opened, language: str | None) -> int:
    settings, single = opened.settings, opened.single
    store = QSettings(str(settings.home / "window.ini"), QSettings.Format.IniFormat)
    use_language(app, language or str(store.value("language", settings.language)))
    if not single.first:
        single.raise_first()
        text = translate("app", "The console is open already; its window was raised.")
        sys.stderr.write(f"{say(text)}\n")
        return 0
    theme = Theme(app, store)
    session = Session(settings)
    window = MainWindow(session, theme, store)
    single.raised.connect(window.come_forward)
    _close_on_signals(window)
    window.show()
    window.begin()
    code = app.exec()
    session.close()
    _forget(window, session, theme)
    single.release()
    cleanup.attempt(hand_over, *settings.own_folders)
    return code
