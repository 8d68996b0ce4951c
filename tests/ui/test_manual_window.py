"""The operations manual in its window: found, in the operator's language, and easy to search."""

from __future__ import annotations

from PyQt6.QtCore import QCoreApplication, QEvent, QUrl
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.base.config.models import Settings
from tests.ui.conftest import LONG, Open
from ui.language import use_language
from ui.main_window import MainWindow
from ui.manual import ManualWindow


def manual_of(window: MainWindow) -> ManualWindow:
    found = [one for one in window.findChildren(ManualWindow) if one.isVisible()]
    assert len(found) == 1
    return found[0]


def test_f1_opens_one_manual_in_the_language_that_is_spoken(
    settings: Settings, open_window: Open, qapp: QApplication, qtbot: QtBot
) -> None:
    use_language(qapp, "ko")
    window = open_window(settings)
    (key,) = [one for one in window.actions() if one.shortcut().toString() == "F1"]
    key.trigger()
    key.trigger()
    manual = manual_of(window)
    text = manual.text.toPlainText()
    assert text.startswith("운영 매뉴얼") and "ops rollback --yes" in text
    assert "<!--" not in text and "scene:" not in text
    assert manual.text.verticalScrollBar().value() == 0
    closed = manual.destroyed
    with qtbot.waitSignal(closed):
        window._speak("en")
    window.show_manual()
    assert manual_of(window).text.toPlainText().startswith("Operations manual")
    manual_of(window).close()


def test_headings_links_and_search_lead_to_their_places(
    settings: Settings, open_window: Open, qapp: QApplication
) -> None:
    use_language(qapp, "en")
    window = open_window(settings)
    window.show_manual()
    manual = manual_of(window)
    bar = manual.text.verticalScrollBar()
    assert manual.go_to("disaster-the-machine-is-lost")
    assert bar.value() > 0 and manual.text.textCursor().block().text().startswith("Disaster")
    assert not manual.go_to("nowhere")
    manual.text.anchorClicked.emit(QUrl("#exit-codes"))
    assert manual.text.textCursor().block().text() == "Exit codes"
    manual.search.setText("service supervise")
    manual.search.returnPressed.emit()
    assert manual.text.textCursor().selectedText() == "service supervise"
    manual.text.anchorClicked.emit(QUrl("../cli.md"))
    assert manual.text.toPlainText().startswith("Commands")
    manual.close()


def test_after_another_language_was_chosen_all_goes_on(
    settings: Settings, open_window: Open, qapp: QApplication, qtbot: QtBot
) -> None:
    """What belongs to the former language hears nothing any more."""
    window = open_window(settings)
    window._speak("en")
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    with qtbot.waitSignal(window._session.idle, timeout=LONG):
        window._back_up()
    window._session.refresh()
    window._theme.choose("dark")
    window._theme.choose("light")
    qtbot.waitUntil(window.settled, timeout=LONG)
