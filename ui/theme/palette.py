"""The colours of the window: tokens in `resources/theme`, one file for light and one for dark."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from pydantic import Field
from PyQt6.QtGui import QColor, QPalette

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
