"""The window: the strip that is always true, the tabs, the operation in progress."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PyQt6.QtCore import QByteArray, QSettings, QSize, Qt
from PyQt6.QtGui import QAction, QActionGroup, QCloseEvent, QKeySequence
from PyQt6.QtWidgets import (
    QApplication,
    QMainWindow,
    QMenu,
    QMessageBox,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core import __version__
from core.backup.create import CreateRestorePoint
from core.base.operation import kind_of
from core.base.text import Text, translate
from ui.activity import ActivityTab
from ui.backup.tab import BackupTab
from ui.deployment.tab import DeploymentTab
from ui.health.feed import HealthFeed
from ui.health.notify import Offer, Tray
from ui.health.tab import HealthTab
from ui.kit.palette import Choice, Palette, of_actions, of_lists, of_tabs
from ui.kit.parts import Answer, Banner, ask, icon
from ui.kit.table import Table
from ui.language import LANGUAGES, locale, operation_name, say, use_language
from ui.manual import ManualWindow, manual_path
from ui.migration.tab import MigrationTab
from ui.operation_bar import OperationBar
from ui.points.messages import exact_time, note_of, reason_name, when
from ui.rollback.tab import RollbackTab
from ui.session import Session
from ui.strip import Strip
from ui.theme import Theme

SIZE = QSize(1280, 800)
FRAME = QSize(16, 48)
"""What the system draws around the window, its title bar above all."""


class MainWindow(QMainWindow):
    """Everything the operator sees."""

    def __init__(self, session: Session, theme: Theme, store: QSettings) -> None:
        super().__init__()
        self._session = session
        self._theme = theme
        self._store = store
        self._feed = HealthFeed(session, self)
        self._closing = False
        self._manual: ManualWindow | None = None
        self.tabs = QTabWidget()
        self._build()
        screen = self.screen()
        self.resize(SIZE.boundedTo(screen.availableSize() - FRAME) if screen is not None else SIZE)
        geometry = store.value("geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        self.tabs.setCurrentIndex(int(str(store.value("tab", 0))))
        theme.changed.connect(self._dress)
        session.idle.connect(self._close_if_wanted)
        self._tray = Tray(self._feed, theme, self)

    # ---- what is in it -------------------------------------------------------------------

    def _build(self) -> None:
        """Make everything anew in the language of now; the session goes on."""
        self.setWindowTitle(f"Upbit Ops Console — {self._session.settings.app.name}")
        tabs = QTabWidget()
        tabs.setDocumentMode(True)
        bar = tabs.tabBar()
        if bar is not None:
            bar.setDrawBase(False)
        self.backup = BackupTab(self._session, self._theme)
        self.rollback = RollbackTab(self._session, self._theme)
        self.migration = MigrationTab(self._session, self._theme)
        self.health = HealthTab(self._session, self._feed, self._theme, self._store)
        self.deployment = DeploymentTab(self._session, self._theme)
        self.activity = ActivityTab(self._session, self._theme)
        pages: tuple[tuple[str, QWidget, Text], ...] = (
            ("backup", self.backup, translate("window", "Backup")),
            ("migration", self.migration, translate("window", "Migration")),
            ("health", self.health, translate("window", "Health")),
            ("rollback", self.rollback, translate("window", "Rollback")),
            ("deployment", self.deployment, translate("window", "Deployment")),
            ("activity", self.activity, translate("window", "Activity")),
        )
        self.names = [name for name, _, _ in pages]
        for _, page, title in pages:
            tabs.addTab(page, say(title))
        self.tabs = tabs
        self.backup.rollback_wanted.connect(self._show_rollback)
        centre = QWidget()
        centre.setObjectName("page")
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._acts = self._make_acts()
        strip = Strip(self._session, self._feed, self._theme)
        strip.add_right(self._menu_button(strip))
        column.addWidget(strip)
        banner = Banner(self._theme)
        self._session.troubled.connect(banner.show_error)
        self._session.looked.connect(banner.hide)
        column.addWidget(banner)
        offer = Offer(self._session)
        offer.wanted.connect(self._show_way_back)
        self._feed.watched.connect(offer.show_result)
        column.addWidget(offer)
        column.addWidget(tabs, 1)
        column.addWidget(OperationBar(self._session))
        self.setCentralWidget(centre)
        for name, table in self._lists():
            table.remember(self._store, name)
        self.backup.back_up.setFocus()
        if self._session.last is not None:
            self._session.looked.emit(self._session.last)

    def _menu_button(self, parent: QWidget) -> QToolButton:
        button = QToolButton(parent)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setAccessibleName(say(translate("window", "Menu")))
        button.setToolTip(button.accessibleName())
        self._menu = button
        menu = QMenu(button)
        self._choices(
            menu,
            translate("window", "Language"),
            LANGUAGES,
            str(self._store.value("language", self._session.settings.language)),
            self._speak,
        )
        looks = {
            "system": say(translate("window", "Like the system")),
            "light": say(translate("window", "Light")),
            "dark": say(translate("window", "Dark")),
        }
        self._choices(
            menu, translate("window", "Appearance"), looks, self._theme.choice, self._theme.choose
        )
        menu.addSeparator()
        menu.addActions(self._acts)
        button.setMenu(menu)
        button.setIcon(icon("menu", self._theme.tokens.text))
        return button

    def _choices(
        self,
        menu: QMenu,
        title: Text,
        choices: dict[str, str],
        now: str,
        choose: Callable[[str], None],
    ) -> None:
        under = menu.addMenu(say(title))
        group = QActionGroup(menu)
        for key, name in choices.items():
            action = QAction(name, menu)
            action.setCheckable(True)
            action.setChecked(key == now)
            action.triggered.connect(lambda _=False, key=key: choose(key))
            group.addAction(action)
            if under is not None:
                under.addAction(action)

    def _lists(self) -> tuple[tuple[str, Table[Any]], ...]:
        return (
            ("backup", self.backup.table),
            ("rollback", self.rollback.table),
            ("comparison", self.rollback.compare.tables),
            ("review", self.migration.review.deciding.table),
            ("activity", self.activity.table),
        )

    def _make_acts(self) -> list[QAction]:
        """Make what the menu and the keys do anew; return what the menu shows, with its keys."""
        for action in self.actions():
            self.removeAction(action)
        acts: tuple[tuple[Text, str, Callable[[], object]], ...] = (
            (translate("window", "Find an action…"), "Ctrl+K", self.show_palette),
            (translate("window", "Back up now"), "Ctrl+B", self._back_up),
            (translate("window", "Refresh"), "F5", self._session.refresh),
            (translate("window", "Operations manual"), "F1", self.show_manual),
            (translate("window", "Keyboard shortcuts"), "?; Shift+?", self.show_keys),
            (translate("window", "About"), "", self._about),
            (translate("window", "Quit"), "Ctrl+Q", self.close),
        )
        made = [self._act(say(text), key, do) for text, key, do in acts]
        for number in range(self.tabs.count()):
            self._act("", f"Ctrl+{number + 1}", partial(self.tabs.setCurrentIndex, number))
        return made

    def _act(self, text: str, keys: str, do: Callable[[], object]) -> QAction:
        action = QAction(text, self)
        action.setShortcuts(QKeySequence.listFromString(keys))
        action.triggered.connect(lambda _=False: do())
        self.addAction(action)
        return action

    def _dress(self) -> None:
        self._menu.setIcon(icon("menu", self._theme.tokens.text))

    # ---- what the operator does ----------------------------------------------------------

    def _back_up(self) -> None:
        self._session.start(CreateRestorePoint(self._session.settings))

    def _show_rollback(self, point_id: str) -> None:
        self.tabs.setCurrentWidget(self.rollback)
        self.rollback.choose(point_id)

    def _show_way_back(self, operation: str, point_id: str) -> None:
        if (kind := kind_of(operation)) is not None and kind.changes_release:
            self.tabs.setCurrentWidget(self.deployment)
        else:
            self._show_rollback(point_id)

    def _speak(self, language: str) -> None:
        app = QApplication.instance()
        if app is None or self._session.blocked:
            return
        self._store.setValue("language", language)
        use_language(app, language)
        if self._manual is not None:
            self._manual.close()
        tab = self.tabs.currentIndex()
        self._build()
        self.tabs.setCurrentIndex(tab)

    def show_manual(self) -> None:
        """Open the operations manual in the language that is spoken."""
        if self._manual is None:
            self._manual = ManualWindow(manual_path(locale().name()), self._theme, self)
            self._manual.destroyed.connect(self._forget_manual)
        self._manual.show()
        self._manual.raise_()
        self._manual.activateWindow()

    def show_palette(self) -> None:
        """Open the list of all that can be done now, to be found by its name."""
        acts = of_actions(self._acts[1:], "")
        named = {act.title for act in acts}
        buttons = (choice for choice in of_tabs(self.tabs) if choice.title not in named)
        choices = [*acts, *buttons, *self._of_points()]
        Palette(translate("palette", "Find an action"), choices, self).open()

    def show_keys(self) -> None:
        """Open the list of what has a shortcut."""
        choices = [*of_actions(self._acts, ""), *of_tabs(self.tabs), *of_lists(self.tabs)]
        with_keys = [choice for choice in choices if choice.keys]
        Palette(translate("palette", "Keyboard shortcuts"), with_keys, self).open()

    def _of_points(self) -> list[Choice]:
        look = self._session.last
        return [
            Choice(
                say(
                    translate(
                        "palette", "Go back to {time} ({reason})…",
                        time=exact_time(when(listed)), reason=reason_name(listed.point.reason),
                    )
                ),
                note_of(listed), "", partial(self._show_rollback, listed.point.id),
            )
            for listed in (look.listing.points if look is not None else ())
        ]  # fmt: skip

    def _forget_manual(self) -> None:
        self._manual = None

    def _about(self) -> None:
        text = translate(
            "window",
            "Upbit Ops Console {version}\nFree software under the GNU GPL, version 3 or later.",
            version=__version__,
        )
        box = QMessageBox(QMessageBox.Icon.Information, "Upbit Ops Console", say(text), parent=self)
        box.open()

    def begin(self) -> None:
        """Look at the workspace and sample health from now on."""
        self._session.begin()
        self._feed.begin()

    def come_forward(self) -> None:
        """Show the window in front of the others."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def settled(self) -> bool:
        """Whether nothing runs that would still change what the window shows."""
        tabs = (self.rollback, self.health, self.migration, self.deployment)
        quiet = all(tab.settled() for tab in tabs)
        return quiet and not self._session.blocked

    # ---- closing -------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Refuse while an operation runs, and ask what should become of it."""
        if event is None:
            return
        if self._session.blocked:
            event.ignore()
            self._ask_to_close()
            return
        self._store.setValue("geometry", self.saveGeometry())
        self._store.setValue("tab", self.tabs.currentIndex())
        if self._manual is not None:
            self._manual.close()
        self._tray.hide()
        self._feed.close()
        self._session.close()
        event.accept()

    def _ask_to_close(self) -> None:
        name = operation_name(self._session.busy or "")
        ask(
            self,
            translate("window", "{operation} is still under way.", operation=name),
            "",
            Answer(translate("window", "Close when it is done"), self._close_soon),
            Answer(translate("window", "Cancel it and close"), self._cancel_and_close),
            stay=translate("window", "Stay"),
        )

    def _close_soon(self) -> None:
        self._closing = True
        self._close_if_wanted()

    def _cancel_and_close(self) -> None:
        self._session.cancel()
        self._close_soon()

    def _close_if_wanted(self) -> None:
        if self._closing and not self._session.blocked:
            self.close()
