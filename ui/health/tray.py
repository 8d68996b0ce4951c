"""The icon in the system's tray: its colour is the state; and the desktop's notifications.

Where there is no tray, as on a plain GNOME, alerts are told through `notify-send`; and the
window asks for attention in the task bar in any case.
"""

from __future__ import annotations

import shutil

from PyQt6.QtCore import QProcess
from PyQt6.QtWidgets import QApplication, QMenu, QSystemTrayIcon, QWidget

from core.base.text import translate
from core.monitoring.alerts.models import Notice, NoticeKind
from core.monitoring.models import State
from core.monitoring.view import HealthReport
from ui.health.feed import HealthFeed
from ui.health.messages import sign_of, state_text
from ui.kit.signs import icon
from ui.language import say
from ui.theme import Theme

NAME = "Upbit Ops Console"


class Tray:
    """Shown where the system has a tray."""

    def __init__(self, feed: HealthFeed, theme: Theme, window: QWidget) -> None:
        self._theme = theme
        self._window = window
        self._state: State | None = None
        self._icon = QSystemTrayIcon(icon("console", theme.tokens.faint), window)
        menu = QMenu(window)
        menu.addAction(say(translate("window", "Show the console")), self._raise)
        menu.addAction(say(translate("window", "Quit")), window.close)
        self._icon.setContextMenu(menu)
        self._icon.activated.connect(lambda _: self._raise())
        self._icon.messageClicked.connect(self._raise)
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._icon.show()
        feed.reported.connect(self._show)
        feed.noticed.connect(self._tell)
        theme.changed.connect(self._dress)

    def _raise(self) -> None:
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    def _show(self, report: HealthReport) -> None:
        if report.state is self._state:
            return
        self._state = report.state
        self._dress()

    def _dress(self) -> None:
        if self._state is None:
            return
        _, colour = sign_of(self._state)
        self._icon.setIcon(icon("console", self._theme.colour(colour)))
        self._icon.setToolTip(f"{NAME} · {state_text(self._state)}")

    def _tell(self, notice: Notice) -> None:
        fired = notice.kind is NoticeKind.FIRED
        critical = fired and notice.incident.severity is State.CRITICAL
        title, text = say(notice.title), say(notice.text)
        if self._icon.isVisible() and QSystemTrayIcon.supportsMessages():
            kinds = QSystemTrayIcon.MessageIcon
            warns = kinds.Critical if critical else kinds.Warning
            self._icon.showMessage(title, text, warns if fired else kinds.Information)
        else:
            notify(title, text, critical=critical)
        if fired:
            QApplication.alert(self._window)

    def hide(self) -> None:
        """Take the icon away."""
        self._icon.hide()


def notify(title: str, text: str, *, critical: bool) -> bool:
    """Tell of *title* and *text* through the desktop; False where it has no such command."""
    command = shutil.which("notify-send")
    if command is None:
        return False
    urgency = "critical" if critical else "normal"
    arguments = ["--app-name", NAME, "--urgency", urgency, "--", title, text]
    started, _ = QProcess.startDetached(command, arguments)
    return started
