"""The icon in the system's tray: its colour is the state, and it tells of alerts once."""

from __future__ import annotations

from PyQt6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from core.health.alerts.models import Notice, NoticeKind
from core.health.models import State
from core.health.view import HealthReport
from core.text import translate
from ui.health.feed import HealthFeed
from ui.health.wording import sign_of, state_text
from ui.icons import icon
from ui.language import say
from ui.theme import Theme


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

    def _raise(self) -> None:
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    def _show(self, report: HealthReport) -> None:
        if report.state is self._state:
            return
        self._state = report.state
        _, colour = sign_of(report.state)
        self._icon.setIcon(icon("console", str(getattr(self._theme.tokens, colour))))
        self._icon.setToolTip(f"Upbit Ops Console · {state_text(report.state)}")

    def _tell(self, notice: Notice) -> None:
        if not self._icon.isVisible():
            return
        kind = QSystemTrayIcon.MessageIcon.Information
        if notice.kind is NoticeKind.FIRED:
            critical = notice.incident.severity is State.CRITICAL
            kinds = QSystemTrayIcon.MessageIcon
            kind = kinds.Critical if critical else kinds.Warning
        self._icon.showMessage(say(notice.title), say(notice.text), kind)

    def hide(self) -> None:
        """Take the icon away."""
        self._icon.hide()
