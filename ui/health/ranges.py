"""How much time is seen: one minute to one year, live or paused."""

from __future__ import annotations

from typing import NamedTuple

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QToolButton, QWidget

from core.base.text import Text, translate
from ui.kit.signs import icon
from ui.language import say
from ui.theme import Theme


class Range(NamedTuple):
    """A choice of how much time is seen."""

    name: Text
    seconds: float


RANGES = (
    Range(translate("health", "1 min"), 60),
    Range(translate("health", "15 min"), 900),
    Range(translate("health", "1 h"), 3_600),
    Range(translate("health", "6 h"), 21_600),
    Range(translate("health", "24 h"), 86_400),
    Range(translate("health", "7 d"), 604_800),
    Range(translate("health", "30 d"), 2_592_000),
    Range(translate("health", "1 y"), 31_536_000),
)
FIRST_RANGE = 1


class RangeBar(QWidget):
    """The ranges as buttons, and the one that pauses."""

    chosen = pyqtSignal(int)
    """The number of a range, by hand."""
    live_changed = pyqtSignal(bool)

    def __init__(self, theme: Theme, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._group = QButtonGroup(self)
        for place, one in enumerate(RANGES):
            button = QToolButton(self)
            button.setText(say(one.name))
            button.setToolTip(say(translate("health", "The last {range}", range=one.name)))
            button.setAccessibleName(button.toolTip())
            button.setCheckable(True)
            button.setChecked(place == number)
            button.clicked.connect(lambda _=False, place=place: self.chosen.emit(place))
            self._group.addButton(button, place)
            row.addWidget(button)
        self.pause = QPushButton(self)
        self.pause.setCheckable(True)
        self.pause.setChecked(True)
        self.pause.toggled.connect(self._toggled)
        row.addSpacing(8)
        row.addWidget(self.pause)
        theme.changed.connect(self._dress)
        self._dress()

    @property
    def live(self) -> bool:
        """Whether the end of the range is now."""
        return self.pause.isChecked()

    def set_live(self, live: bool) -> None:
        """Go with the time, or stand still."""
        self.pause.setChecked(live)

    def _toggled(self, live: bool) -> None:
        self._dress()
        self.live_changed.emit(live)

    def _dress(self) -> None:
        tokens = self._theme.tokens
        if self.live:
            self.pause.setText(say(translate("health", "&Live")))
            self.pause.setIcon(icon("play", tokens.good))
            tip = translate("health", "New values are drawn as they come. Press to pause (Space)")
        else:
            self.pause.setText(say(translate("health", "Paused (&L)")))
            self.pause.setIcon(icon("stop", tokens.warn))
            tip = translate("health", "The graphs stand still. Press to go back to now (End)")
        self.pause.setToolTip(say(tip))
        self.pause.setAccessibleName(say(tip))
