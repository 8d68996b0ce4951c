"""Light and dark: follows the system unless the operator chose one."""

from __future__ import annotations

from collections.abc import Callable
from typing import overload

from PyQt6 import sip
from PyQt6.QtCore import QObject, QSettings, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QPalette
from PyQt6.QtWidgets import QApplication, QLabel, QProxyStyle, QWidget

from ui.theme.palette import ink_of, palette_of, read_tokens, tint_of
from ui.theme.style import style_sheet


class PlainStyle(QProxyStyle):
    """Qt's own style, in which text is rich only where a label was told so.

    Qt takes text with a tag in it for rich text, and names, notes and cells come from data that
    anybody may have written.  Whatever is a label in the window (those of message boxes and
    tooltips are, too) passes its style before it is shown.
    """

    @overload  # type: ignore[override]  # (Qt's own names of the argument differ)
    def polish(self, a0: QWidget | None) -> None: ...
    @overload
    def polish(self, a0: QApplication | None) -> None: ...
    @overload
    def polish(self, a0: QPalette) -> QPalette: ...
    def polish(self, a0: QWidget | QApplication | QPalette | None) -> QPalette | None:
        """Prepare *a0*; a label that would guess what its text is takes it as plain."""
        if isinstance(a0, QPalette):
            return super().polish(a0)
        if isinstance(a0, QApplication):
            super().polish(a0)
            return None
        super().polish(a0)
        if isinstance(a0, QLabel) and a0.textFormat() is Qt.TextFormat.AutoText:
            a0.setTextFormat(Qt.TextFormat.PlainText)
        return None


STYLED = "plain_style"
"""The property of the application that says that it has its style."""
CHOICES = ("system", "light", "dark")
FAMILIES = [
    "Pretendard",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "Noto Sans CJK KR",
    "Noto Sans KR",
]
"""Fonts that hold Hangul and Latin alike; the first one that is there is taken."""


def restyle(widget: QWidget) -> None:
    """Apply the style sheet anew after the widget's object name changed."""
    style = widget.style()
    if style is not None:
        style.unpolish(widget)
        style.polish(widget)


def while_there(owner: QObject, do: Callable[..., object]) -> Callable[..., None]:
    """Return *do* as a slot that does nothing once *owner* is gone.

    PyQt disconnects a widget's own methods when the widget goes, but not a lambda: after the
    language was changed, a long-lived signal would call into widgets of the former one.
    """

    def slot(*values: object) -> None:
        if not sip.isdeleted(owner):
            do(*values)

    return slot


class Theme(QObject):
    """The look of the window, and the signal that it changed."""

    changed = pyqtSignal()

    def __init__(self, app: QApplication, store: QSettings) -> None:
        super().__init__(app)
        self._app = app
        self._store = store
        self._choice = str(store.value("theme", "system"))
        if self._choice not in CHOICES:
            self._choice = "system"
        if app.property(STYLED) is None:
            # Once: to take a style from widgets that are about to go has crashed in Qt.
            app.setStyle(PlainStyle("Fusion"))
            app.setProperty(STYLED, True)
        font = QFont(app.font())
        font.setFamilies([*FAMILIES, *font.families()])
        # Figures of one width, so that columns of numbers do not dance.
        font.setFeature(QFont.Tag("tnum"), 1)
        app.setFont(font)
        self._put_on()
        hints = app.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._put_on)

    def colour(self, name: str) -> str:
        """Return the colour that the theme calls *name*, such as ``good`` or ``danger``."""
        return str(getattr(self.tokens, name))

    @property
    def choice(self) -> str:
        """``system``, ``light`` or ``dark``."""
        return self._choice

    def choose(self, choice: str) -> None:
        """Follow the system, or look *choice*, from now on."""
        self._choice = choice
        self._store.setValue("theme", choice)
        self._put_on()

    @property
    def dark(self) -> bool:
        """Whether the window is dark now."""
        if self._choice != "system":
            return self._choice == "dark"
        hints = self._app.styleHints()
        return hints is not None and hints.colorScheme() is Qt.ColorScheme.Dark

    def _put_on(self) -> None:
        self.tokens = read_tokens("dark" if self.dark else "light")
        self.ink, self.tint = ink_of(self.tokens), tint_of(self.tokens)
        self._app.setPalette(palette_of(self.tokens))
        self._app.setStyleSheet(style_sheet(self.tokens, self._app.font()))
        self.changed.emit()
