"""Colours and style sheet, light and dark: as the system has it, or as the operator chose.

Tokens lie in `resources/theme`; an 8-pixel grid, four sizes of type, one accent.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from string import Template
from typing import NamedTuple, overload

from pydantic import Field
from PyQt6 import sip
from PyQt6.QtCore import QObject, QSettings, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFont, QPalette
from PyQt6.QtWidgets import QApplication, QLabel, QProxyStyle, QWidget

from core.backup.models import Reason
from core.base.model import Strict

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "theme"
COLOUR = Field(pattern=r"^#[0-9A-F]{6}$")


class Tokens(Strict):
    """Named colours; text on its ground reaches a contrast of 4.5 (WCAG 2.2 AA)."""

    window: str = COLOUR
    surface: str = COLOUR
    sunken: str = COLOUR
    line: str = COLOUR
    text: str = COLOUR
    faint: str = COLOUR
    accent: str = COLOUR
    on_accent: str = COLOUR
    wash: str = COLOUR
    good: str = COLOUR
    good_wash: str = COLOUR
    warn: str = COLOUR
    warn_wash: str = COLOUR
    danger: str = COLOUR
    danger_fill: str = COLOUR
    on_danger: str = COLOUR
    danger_wash: str = COLOUR
    manual: str = COLOUR
    scheduled: str = COLOUR
    safety: str = COLOUR
    imported: str = COLOUR


def read_tokens(name: str) -> Tokens:
    """Return the colours called *name*: ``light`` or ``dark``."""
    return Tokens.model_validate_json((FOLDER / f"{name}.json").read_bytes())


def palette_of(tokens: Tokens) -> QPalette:
    """Return Qt's palette, for what the style sheet does not reach."""
    palette = QPalette()
    role = QPalette.ColorRole
    for target, colour in (
        (role.Window, tokens.window),
        (role.WindowText, tokens.text),
        (role.Base, tokens.surface),
        (role.AlternateBase, tokens.window),
        (role.Text, tokens.text),
        (role.Button, tokens.surface),
        (role.ButtonText, tokens.text),
        (role.ToolTipBase, tokens.surface),
        (role.ToolTipText, tokens.text),
        (role.PlaceholderText, tokens.faint),
        (role.Highlight, tokens.wash),
        (role.HighlightedText, tokens.text),
        (role.Link, tokens.accent),
    ):
        palette.setColor(target, QColor(colour))
    for target in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, QColor(tokens.faint))
    return palette


class Ink(NamedTuple):
    """The colours a time line is drawn with; they come from the theme."""

    surface: QColor
    text: QColor
    faint: QColor
    line: QColor
    accent: QColor
    wash: QColor
    good: QColor
    danger: QColor
    points: dict[Reason, QColor]


def ink_of(tokens: Tokens) -> Ink:
    """Return the colours of the time line and its signs."""
    safety = QColor(tokens.safety)
    return Ink(
        surface=QColor(tokens.surface),
        text=QColor(tokens.text),
        faint=QColor(tokens.faint),
        line=QColor(tokens.line),
        accent=QColor(tokens.accent),
        wash=QColor(tokens.wash),
        good=QColor(tokens.good),
        danger=QColor(tokens.danger),
        points={
            Reason.MANUAL: QColor(tokens.manual),
            Reason.SCHEDULED: QColor(tokens.scheduled),
            Reason.BEFORE_ROLLBACK: safety,
            Reason.BEFORE_MIGRATION: safety,
            Reason.BEFORE_DEPLOYMENT: safety,
            Reason.IMPORTED: QColor(tokens.imported),
        },
    )


class Tint(NamedTuple):
    """The colours of a comparison; they come from the theme."""

    surface: QColor
    text: QColor
    faint: QColor
    line: QColor
    added: QColor
    removed: QColor
    changed: QColor
    added_wash: QColor
    removed_wash: QColor
    changed_wash: QColor


def tint_of(tokens: Tokens) -> Tint:
    """Return the colours of a comparison; red is kept for danger, so what leaves is amber."""
    return Tint(
        surface=QColor(tokens.surface),
        text=QColor(tokens.text),
        faint=QColor(tokens.faint),
        line=QColor(tokens.line),
        added=QColor(tokens.good),
        removed=QColor(tokens.warn),
        changed=QColor(tokens.accent),
        added_wash=QColor(tokens.good_wash),
        removed_wash=QColor(tokens.warn_wash),
        changed_wash=QColor(tokens.wash),
    )


SMALL, SUBTITLE, TITLE = 0.9, 1.15, 1.5
"""Sizes of type as multiples of the base size."""

CELL_MARGIN = 11
"""Pixels left and right of what stands in a cell and in its header: 8 of padding, and the 3 that
Qt's style keeps around a text.
"""

CHEVRON = Path(__file__).resolve().parents[2] / "resources" / "icons" / "chevron.svg"
"""Of a grey that is seen in light and dark: a style sheet cannot tint an image."""

TICKS = CHEVRON.parent
"""Where the marks of chosen boxes are: a light one and a dark one, whatever the accent bears."""

_SHEET = Template("""
QWidget { color: $text; }
QAbstractItemView, QMenu, QMessageBox QLabel { font-family: $families; }
QMainWindow, QDialog, QWidget#page { background: $window; }
QLabel#title { font-size: ${title}pt; font-weight: 600; }
QLabel#subtitle { font-size: ${subtitle}pt; font-weight: 600; }
QLabel#faint, QLabel#small { color: $faint; font-size: ${small}pt; }
QLabel:disabled { color: $faint; }
QLabel#good { color: $good; }
QLabel#warn { color: $warn; }
QLabel#alarm { color: $danger; font-weight: 600; }
QFrame#card { background: $surface; border: 1px solid $line; border-radius: 8px; }
QFrame#strip { background: $surface; border: none; border-bottom: 1px solid $line; }
QFrame#divider { background: $line; border: none; }
QFrame#operation { background: $surface; border: none; border-top: 1px solid $line; }
QFrame#banner { background: $danger_wash; border: 1px solid $danger; border-radius: 8px; }
QFrame#notice { background: $wash; border: 1px solid $line; border-radius: 8px; }

QTabWidget::pane { border: none; border-top: 1px solid $line; }
QTabBar { background: $surface; }
QTabBar::tab { background: transparent; color: $faint; padding: 10px 20px; border: none;
    border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $text; font-weight: 600; border-bottom: 2px solid $accent; }
QTabBar::tab:hover:!selected { color: $text; }
QTabBar::tab:focus { color: $accent; }

QPushButton { background: $surface; border: 1px solid $line; border-radius: 6px;
    padding: 6px 14px; }
QPushButton:hover { border-color: $faint; }
QPushButton:pressed { background: $sunken; }
QPushButton:focus { border: 2px solid $accent; padding: 5px 13px; }
QPushButton:disabled { color: $faint; background: $window; }
QPushButton#primary { background: $accent; color: $on_accent; border-color: $accent;
    font-weight: 600; padding: 8px 20px; }
QPushButton#primary:focus { border: 2px solid $text; padding: 7px 19px; }
QPushButton#danger { background: $danger_fill; color: $on_danger; border-color: $danger_fill;
    font-weight: 600; padding: 8px 20px; }
QPushButton#danger:focus { border: 2px solid $text; padding: 7px 19px; }
QPushButton#primary:disabled, QPushButton#danger:disabled { background: $sunken; color: $faint;
    border-color: $line; }
QToolButton { border: 1px solid transparent; border-radius: 6px; padding: 4px 8px; }
QToolButton:hover { background: $sunken; }
QToolButton:checked { background: $wash; color: $accent; font-weight: 600; }
QToolButton:focus { border: 1px solid $accent; }
QToolButton::menu-indicator { width: 0; image: none; }

QTableView, QTreeView, QListView, QPlainTextEdit, QTextBrowser, QLineEdit, QComboBox, QSpinBox,
QDateTimeEdit {
    background: $surface; border: 1px solid $line; border-radius: 6px;
    selection-background-color: $wash; selection-color: $text; }
QTableView { gridline-color: $line; outline: none; }
QTableView:focus, QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus, QListView:focus,
QTreeView:focus { border: 1px solid $accent; }
QTableView::item { padding: 4px 8px; border: none; }
QTableView::item:selected { background: $wash; color: $text; }
QTreeWidget::item { padding: 5px 8px; }
QTreeWidget::item:selected { background: $wash; color: $text; }
QListWidget::item, QTableView#tall::item { padding: 6px 8px; border-bottom: 1px solid $line; }
QListWidget::item:selected, QTableView#tall::item:selected { background: $wash; color: $text; }
QHeaderView { background: $surface; border: none; }
QHeaderView::section { background: $surface; color: $faint; border: none;
    border-bottom: 1px solid $line; padding: 6px ${cell}px; font-size: ${small}pt; }
QHeaderView::up-arrow, QHeaderView::down-arrow { width: 9px; height: 9px;
    subcontrol-position: center right; right: 2px; }
QLineEdit, QComboBox, QSpinBox, QDateTimeEdit { padding: 5px 8px; }
QDateTimeEdit::drop-down { border: none; width: 20px; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url("$chevron"); width: 12px; height: 12px; }

QProgressBar { background: $sunken; border: none; border-radius: 3px; max-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QGraphicsView { border: 1px solid $line; border-radius: 8px; }
QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: $line; }
QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $line; border-radius: 4px; min-height: 24px; min-width: 24px;
    margin: 1px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
    background: none; border: none; height: 0; width: 0; }
QToolTip { background: $surface; color: $text; border: 1px solid $line; padding: 6px; }
QMenu { background: $surface; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 6px 24px; border-radius: 4px; }
QMenu::item:selected { background: $wash; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QCheckBox, QRadioButton { spacing: 8px; }
QCheckBox::indicator, QRadioButton::indicator { width: 14px; height: 14px;
    background: $surface; border: 1px solid $faint; border-radius: 4px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover, QCheckBox::indicator:focus,
QRadioButton::indicator:focus { border-color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("$tick"); }
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 5px solid $accent; }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { background: $sunken;
    border-color: $line; }
QGroupBox { border: none; margin-top: 20px; font-weight: 600; }
QGroupBox::title { subcontrol-origin: margin; left: 0; }
""")


def style_sheet(tokens: Tokens, font: QFont) -> str:
    """Return the style sheet in the colours of *tokens* for the base type *font*.

    Its families are named once more for lists, menus and messages: Windows has a font of its own
    for each and puts it back whenever one of its settings changes.
    """
    base_points = font.pointSizeF()
    return _SHEET.substitute(
        tokens.model_dump(),
        families=", ".join(f'"{family}"' for family in font.families()),
        cell=CELL_MARGIN,
        small=round(base_points * SMALL, 1),
        subtitle=round(base_points * SUBTITLE, 1),
        title=round(base_points * TITLE, 1),
        chevron=CHEVRON.as_posix(),
        tick=(
            TICKS / f"tick_{'light' if tokens.on_accent == '#FFFFFF' else 'dark'}.svg"
        ).as_posix(),
    )


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
