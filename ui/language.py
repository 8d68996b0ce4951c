"""Turns sentences, numbers and outcomes into the operator's language.

Qt's own translation files do it: `resources/translations/ops_console_ko.qm`, made by lrelease
from the `.ts` beside it.  English is the language of the sources, and needs no file.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator

from core.base.journal import Outcome
from core.base.operation import kind_of
from core.base.text import Text, Value, speak, translate

_UNITS = ("B", "KB", "MB", "GB", "TB")


def bytes_text(count: int) -> str:
    """Return *count* bytes in the largest unit that leaves at least one; 1 KB is 1,024 bytes."""
    size = float(count)
    for unit in _UNITS:
        if abs(size) < 1024 or unit == _UNITS[-1]:
            break
        size /= 1024
    if unit == "B":
        return f"{count:,} B"
    return f"{size:,.0f} {unit}" if abs(size) >= 100 else f"{size:,.1f} {unit}"


FOLDER = Path(__file__).resolve().parents[1] / "resources" / "translations"
LANGUAGES = {"ko": "한국어", "en": "English"}


def use_language(app: QCoreApplication, language: str) -> None:
    """Speak *language* (``ko`` or ``en``) from now on; what is on the screen stays as it is."""
    for translator in app.findChildren(QTranslator):
        app.removeTranslator(translator)
        translator.deleteLater()
    QLocale.setDefault(QLocale(language))
    speak(say)
    if language == "en":
        return
    _install(app, FOLDER, f"ops_console_{language}")
    qt = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    _install(app, qt, f"qtbase_{language}")


def _install(parent: QObject, folder: Path, name: str) -> None:
    translator = QTranslator(parent)
    if translator.load(name, str(folder)):
        QCoreApplication.installTranslator(translator)


def say(text: Text) -> str:
    """Return *text* in the operator's language, whole numbers with separators."""
    template = QCoreApplication.translate(text.context, text.template)
    if not text.values and "{" not in template:
        return template
    return template.format(**{name: _said(name, value) for name, value in text.values.items()})


def _said(name: str, value: Value) -> object:
    if isinstance(value, Text):
        return say(value)
    if isinstance(value, datetime):
        return f"{value.astimezone():%Y-%m-%d %H:%M:%S}"
    if isinstance(value, int):
        return bytes_text(value) if name.endswith("_bytes") else f"{value:,}"
    return value


def locale() -> QLocale:
    """Return the locale of the language that is spoken."""
    return QLocale()


MINUTE, HOUR, DAY = 60, 3_600, 86_400


def count_text(count: int) -> str:
    """Return *count* with separators between the thousands."""
    return f"{count:,}"


def duration_text(seconds: float) -> str:
    """Return a length of time with at most two units: 0.31 s, 2 min 5 s, 3 d 4 h."""
    seconds = max(0.0, seconds)
    whole = round(seconds)
    if whole < MINUTE:
        decimals = 2 if seconds < 1 else 1 if seconds < 10 else 0
        return say(translate("format", "{seconds} s", seconds=f"{seconds:.{decimals}f}"))
    if whole < HOUR:
        big, small = divmod(whole, MINUTE)
        text = (
            translate("format", "{minutes} min {seconds} s", minutes=big, seconds=small)
            if small and big < 10
            else translate("format", "{minutes} min", minutes=big)
        )
    elif whole < DAY:
        big, small = divmod(whole // MINUTE, 60)
        text = (
            translate("format", "{hours} h {minutes} min", hours=big, minutes=small)
            if small and big < 10
            else translate("format", "{hours} h", hours=big)
        )
    else:
        big, small = divmod(whole // HOUR, 24)
        text = (
            translate("format", "{days} d {hours} h", days=big, hours=small)
            if small and big < 10
            else translate("format", "{days} d", days=big)
        )
    return say(text)


_OUTCOMES: dict[Outcome, Text] = {
    Outcome.RUNNING: translate("operations", "running"),
    Outcome.OK: translate("operations", "done"),
    Outcome.FAILED: translate("operations", "failed"),
    Outcome.CANCELLED: translate("operations", "cancelled"),
    Outcome.INTERRUPTED: translate("operations", "interrupted"),
}


_BY: dict[str, Text] = {
    "window": translate("by", "window"),
    "command line": translate("by", "command line"),
    "schedule": translate("by", "schedule"),
    "health watch": translate("by", "health watch"),
    "supervisor": translate("by", "supervisor"),
}


def by_text(by: str) -> str:
    """Return who did something, as the journal has it, in the operator's language."""
    return say(_BY[by]) if by in _BY else by


def operation_name(operation: str) -> str:
    """Return the operator's word for an operation of the journal."""
    kind = kind_of(operation)
    return say(kind.label) if kind is not None and kind.label is not None else operation


def outcome_text(outcome: Outcome) -> str:
    """Return how an operation ended, in a word."""
    return say(_OUTCOMES[outcome])
