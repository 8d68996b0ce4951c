"""Light and dark: follows the system unless the operator chose one."""

from __future__ import annotations

from PyQt6.QtCore import QObject, QSettings, Qt, pyqtSignal
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QApplication, QWidget

from ui.theme.palette import Tokens, palette_of, read_tokens
from ui.theme.plain import PlainStyle
from ui.theme.style import style_sheet

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
        app.setStyle(PlainStyle("Fusion"))
        font = QFont(app.font())
        font.setFamilies([*FAMILIES, *font.families()])
        # Figures of one width, so that columns of numbers do not dance.
        font.setFeature(QFont.Tag("tnum"), 1)
        app.setFont(font)
        self.tokens: Tokens = read_tokens("light")
        self._put_on()
        hints = app.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._put_on)

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
        self._app.setPalette(palette_of(self.tokens))
        self._app.setStyleSheet(style_sheet(self.tokens, self._app.font()))
        self.changed.emit()
