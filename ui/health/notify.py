"""Who tells of health outside of its tab: the icon in the tray, and the offer of a way back."""

from __future__ import annotations

import shutil

from PyQt6.QtCore import QProcess, pyqtSignal
from PyQt6.QtWidgets import QApplication, QMenu, QPushButton, QSystemTrayIcon, QWidget

from core.base.text import translate
from core.daemons.monitor import way_back
from core.monitoring.alerts.models import Notice, NoticeKind
from core.monitoring.models import State
from core.monitoring.view import HealthReport
from core.monitoring.watch import BY, WatchResult
from migration.deploying import hooks_of
from ui.health.feed import HealthFeed
from ui.health.messages import sign_of, state_text
from ui.kit.parts import Closable, icon, label
from ui.language import operation_name, say
from ui.session import Session
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


class Offer(Closable):
    """Stands below the strip until the operator answers."""

    wanted = pyqtSignal(str, str)
    """The watched operation, and the restore point from before it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        self._go = QPushButton(say(translate("health", "See the way &back")))
        super().__init__(parent, self._go)
        self._session = session
        self._point = self._operation = ""
        self._text = label(self, wrap=True)
        self.texts.addWidget(self._text)
        self._go.clicked.connect(self._take)

    def show_result(self, result: WatchResult) -> None:
        """Show what the watch found, where it found health worse, and do what is configured."""
        if not result.worse:
            return
        going = result.action == "perform" and self._perform(result)
        self._operation = result.operation
        self._point = "" if going else result.restore_point or ""
        self._go.setVisible(bool(self._point))
        name = operation_name(result.operation)
        head = translate("health", "Since '{operation}' health is worse.", operation=name)
        if going:
            head = translate(
                "health", "Since '{operation}' health is worse; the console goes back by itself.",
                operation=name,
            )  # fmt: skip
        reasons = "; ".join(say(reason) for reason in result.reasons[:3])
        self._text.setText(f"{say(head)} {reasons}")
        self.show()

    def _perform(self, result: WatchResult) -> bool:
        """Begin to go back; False where the operator's own operation has precedence."""
        back = way_back(self._session.settings, result, hooks_of(self._session.settings))
        return back is not None and self._session.start(back, BY)

    def _take(self) -> None:
        self.hide()
        self.wanted.emit(self._operation, self._point)
