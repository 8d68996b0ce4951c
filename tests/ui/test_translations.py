"""Every text of the console is there in Korean, and what is loaded is what was translated."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from xml.etree import ElementTree

import pytest
from PyQt6.QtCore import QLocale, QTranslator
from PyQt6.QtWidgets import QApplication

from core.base.text import Text
from resources.translations.update import QM, TS, collect, unfinished
from ui.language import say, use_language

Texts = dict[tuple[str, str], str]

HANGUL = re.compile("[가-힣]")
MNEMONIC = re.compile(r"&(\w)")


def read(path: Path) -> Texts:
    """Return the translations of a .ts file by context and English text."""
    return {
        (context.findtext("name", ""), message.findtext("source", "")): message.findtext(
            "translation", ""
        )
        for context in ElementTree.parse(path).getroot().iter("context")
        for message in context.iter("message")
    }


@pytest.fixture(scope="module")
def committed() -> Texts:
    return read(TS)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def bare(text: str) -> str:
    """Return *text* without its placeholders."""
    return "".join(literal for literal, _, _, _ in Formatter().parse(text))


def test_every_text_of_the_sources_is_collected(committed: Texts, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.ts"
    collect(fresh)
    now = set(read(fresh))
    assert now, "no text was found in the sources"
    hint = "run python -m resources.translations.update and translate what is new"
    assert sorted(now - set(committed)) == [], hint
    assert sorted(set(committed) - now) == [], hint


def test_every_text_has_a_finished_translation(committed: Texts) -> None:
    assert unfinished(TS) == []
    assert [key for key, korean in committed.items() if not korean.strip()] == []


def test_translations_have_the_placeholders_of_their_text(committed: Texts) -> None:
    wrong = [
        (english, korean)
        for (_, english), korean in committed.items()
        if placeholders(english) != placeholders(korean)
    ]
    assert wrong == []


def test_translations_are_korean(committed: Texts) -> None:
    """A text without small letters outside its placeholders, such as a bare "{x}", may stay."""
    foreign = [
        (english, korean)
        for (_, english), korean in committed.items()
        if bare(english) != bare(english).upper() and not HANGUL.search(korean)
    ]
    assert foreign == []


def test_translations_keep_mnemonics_dots_line_breaks_and_outer_spaces(committed: Texts) -> None:
    def form(text: str) -> tuple[object, ...]:
        outer = (text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :])
        dots = text.rstrip().endswith("…")
        return MNEMONIC.search(text) is not None, dots, text.count("\n"), outer

    wrong = [pair for (_, *pair) in _pairs(committed) if form(pair[0]) != form(pair[1])]
    assert wrong == []


def _pairs(texts: Texts) -> list[tuple[str, str, str]]:
    return [(context, english, korean) for (context, english), korean in texts.items()]


def test_what_is_loaded_is_what_was_translated(committed: Texts) -> None:
    translator = QTranslator()
    assert translator.load(str(QM))
    stale = [
        (context, english)
        for context, english, korean in _pairs(committed)
        if translator.translate(context.encode(), english.encode()) != korean
    ]
    assert stale == [], "run python -m resources.translations.update"


def test_the_console_speaks_korean(qapp: QApplication) -> None:
    before = QLocale()
    use_language(qapp, "ko")
    try:
        said = say(
            Text(context="backup", template="{count} restore points", values={"count": 1234})
        )
        dotted = say(Text(context="operation", template="Cancelling…"))
    finally:
        use_language(qapp, "en")
        QLocale.setDefault(before)
    assert said == "복원 지점 1,234개"
    assert dotted == "취소하는 중…"
