"""Where bugs go: the log, and one dialog that says what state the data is in.

An exception that leaves a slot ends a PyQt6 process, so nothing may get past these hooks.
"""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from PyQt6.QtCore import (
    QMessageLogContext,
    QObject,
    QtMsgType,
    pyqtSignal,
    qInstallMessageHandler,
)
from PyQt6.QtWidgets import QApplication, QMessageBox

from core.base.files import private_folder
from core.base.text import translate
from ui.language import say

log = logging.getLogger(__name__)
LOG_BYTES = 2_000_000
KEPT_LOGS = 5


_WHILE_WORKING = translate(
    "crash",
    "What state the trading program's data is in is shown in the strip at the top. "
    "Close the console and open it again: what was cut off is then finished or undone.",
)


class _Reporter(QObject):
    """Brings a bug from any thread to the window's."""

    happened = pyqtSignal(str)

    def __init__(self, parent: QObject, *, working: bool) -> None:
        super().__init__(parent)
        self._working = working
        self._shown = False
        self.happened.connect(self._show)

    def _show(self, what: str) -> None:
        if self._shown:
            return  # one dialog; the log has the rest
        self._shown = True
        box = QMessageBox(QApplication.activeWindow())
        box.setIcon(QMessageBox.Icon.Warning)
        box.setText(say(translate("crash", "The console met an error of its own.")))
        if self._working:
            box.setInformativeText(say(_WHILE_WORKING))
        box.setDetailedText(what)
        box.finished.connect(self._closed)
        box.open()

    def _closed(self) -> None:
        self._shown = False


def install_hooks(logs: Path | None) -> None:
    """Lead every exception and every message of Qt to the log in *logs*, and bugs to a dialog.

    Where no workspace is open there is no folder for a log: bugs go to standard error.
    """
    handler: logging.Handler
    if logs is None:
        handler = logging.StreamHandler()
        handler.setLevel(logging.ERROR)
    else:
        handler = RotatingFileHandler(
            private_folder(logs) / "console.log", maxBytes=LOG_BYTES, backupCount=KEPT_LOGS,
            encoding="utf-8",
        )  # fmt: skip
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    if sys.stderr is not None:
        faulthandler.enable()
    app = QApplication.instance()
    if app is None:
        return
    reporter = _Reporter(app, working=logs is not None)

    def told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        log.critical("unhandled", exc_info=(kind, error, trace))
        reporter.happened.emit(f"{kind.__name__}: {error}")

    def told_of_thread(told_of: threading.ExceptHookArgs) -> None:
        error = told_of.exc_value or RuntimeError("unknown")
        told(told_of.exc_type, error, told_of.exc_traceback)

    sys.excepthook = told
    threading.excepthook = told_of_thread
    qInstallMessageHandler(_from_qt)


def _from_qt(kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
    levels = {
        QtMsgType.QtDebugMsg: logging.DEBUG,
        QtMsgType.QtInfoMsg: logging.INFO,
        QtMsgType.QtWarningMsg: logging.WARNING,
        QtMsgType.QtCriticalMsg: logging.ERROR,
        QtMsgType.QtFatalMsg: logging.CRITICAL,
    }
    log.log(levels.get(kind, logging.WARNING), "Qt: %s", message)
