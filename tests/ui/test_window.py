"""The window as an operator uses it, on real databases with a real program."""

from __future__ import annotations

import sqlite3
import subprocess
from pathlib import Path

import pytest
from PyQt6.QtCore import QSettings, Qt, QThread
from PyQt6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.backup.store import Store
from core.base.config.models import ScheduleSettings, Settings
from core.base.journal import Outcome
from core.base.operation import Context
from core.program.find import find_program
from tests.ui.conftest import LONG, Open
from ui.app import SingleInstance
from ui.language import use_language
from ui.main_window import MainWindow
from ui.rollback.confirm import Confirmation
from ui.session import Ended


def ended(qtbot: QtBot, window: MainWindow) -> Ended:
    """Wait for the end of the operation that the caller has just started."""
    found: list[Ended] = []
    session = window._session
    session.ended.connect(found.append)
    qtbot.waitUntil(lambda: bool(found) and not session.busy, timeout=LONG)
    return found[0]


def click(qtbot: QtBot, button: QAbstractButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def dialog(qtbot: QtBot, kind: type[QDialog]) -> QDialog:
    def shown() -> list[QDialog]:
        widgets = QApplication.topLevelWidgets()
        return [one for one in widgets if isinstance(one, kind) and one.isVisible()]

    qtbot.waitUntil(lambda: bool(shown()), timeout=LONG)
    return shown()[0]


def test_one_click_backs_up_and_one_click_goes_back(
    settings: Settings, trading_program: subprocess.Popen[bytes], open_window: Open, qtbot: QtBot
) -> None:
    window = open_window(settings)
    click(qtbot, window.backup.back_up)
    assert ended(qtbot, window).outcome is Outcome.OK
    qtbot.waitUntil(lambda: window.backup.model.rowCount() == 1, timeout=LONG)
    connection = sqlite3.connect(settings.file("strategies").path)
    connection.execute("DELETE FROM execution_history")
    connection.commit()
    connection.close()
    window.tabs.setCurrentWidget(window.rollback)
    # The rows that would return are counted in the background and stand on the button.
    qtbot.waitUntil(lambda: "rows change" in window.rollback.go.text(), timeout=LONG)
    click(qtbot, window.rollback.go)
    question = dialog(qtbot, Confirmation)
    assert isinstance(question, Confirmation)
    said = " ".join(question.sentences)
    assert str(trading_program.pid) in said and "api_credentials" in said
    assert question.focusWidget() is question.cancel, "Return by habit starts nothing"
    click(qtbot, question.go)
    result = ended(qtbot, window)
    assert result.outcome is Outcome.OK, result.error
    connection = sqlite3.connect(settings.file("strategies").path)
    assert connection.execute("SELECT count(*) FROM execution_history").fetchone() == (400,)
    connection.close()
    assert trading_program.wait() == 0 and find_program(settings) is not None
    # Going back from it is chosen already: the same click.
    parked = getattr(result.result, "parked_point_id", "")
    qtbot.waitUntil(lambda: window.rollback.timeline.chosen == parked, timeout=LONG)


def test_a_failure_is_told_in_three_sentences_and_the_rest_goes_on(
    settings: Settings, open_window: Open, qtbot: QtBot
) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    window = open_window(settings)
    pack = next(Store(settings.store).packs.iterdir())
    pack.write_bytes(pack.read_bytes()[:-100])
    window.rollback.choose(point.id)
    qtbot.waitUntil(lambda: window.rollback.plan is not None, timeout=LONG)
    assert window.rollback.plan is not None
    window.rollback._roll_back(window.rollback.plan)
    assert ended(qtbot, window).outcome is Outcome.FAILED
    window.tabs.setCurrentWidget(window.rollback)
    assert window.rollback._banner.isVisible()
    assert point.id in window.rollback._banner.accessibleDescription()
    click(qtbot, window.backup.back_up)
    assert window.backup.back_up.isEnabled() or window._session.busy


def test_a_missing_and_a_corrupt_database_are_shown_and_stop_nothing(
    settings: Settings, open_window: Open, qtbot: QtBot
) -> None:
    settings.file("settings").path.unlink()
    settings.file("strategies").path.write_bytes(b"ruined" * 1000)
    window = open_window(settings)
    names = {widget.accessibleName() for widget in window.findChildren(QWidget)}
    assert "settings: Missing" in names
    assert "strategies: Not SQLite" in names
    click(qtbot, window.backup.back_up)
    assert ended(qtbot, window).outcome is Outcome.OK


def test_closing_asks_while_an_operation_runs_and_leaves_nothing(
    settings: Settings, open_window: Open, qtbot: QtBot
) -> None:
    window = open_window(settings)
    click(qtbot, window.backup.back_up)
    assert window._session.busy
    window.close()
    assert window.isVisible(), "closing is refused while something runs"
    box = dialog(qtbot, QMessageBox)
    assert isinstance(box, QMessageBox)
    cancel = next(button for button in box.buttons() if "Cancel" in button.text())
    click(qtbot, cancel)
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=LONG)
    assert not list(settings.store.glob("packs/*.making"))
    threads = window._session.findChildren(QThread)
    assert not any(thread.isRunning() for thread in threads)
    whole = len(Store(settings.store).listed())
    assert whole in {0, 1}
    assert len(list(settings.store.glob("packs/*"))) == whole


def test_cancel_ends_an_operation_without_litter(
    settings: Settings, open_window: Open, qtbot: QtBot
) -> None:
    window = open_window(settings)
    click(qtbot, window.backup.back_up)
    window._session.cancel()
    assert ended(qtbot, window).outcome is Outcome.CANCELLED
    assert not Store(settings.store).listed()
    assert not list(settings.store.glob("packs/*"))


def test_a_note_is_kept_and_loses_nothing(
    settings: Settings, open_window: Open, qtbot: QtBot
) -> None:
    """Failure 7: editing a description lost the type."""
    point = create_restore_point(Context(), settings, Reason.MANUAL, "before")
    window = open_window(settings)
    window.backup.details.note_wanted.emit(point.id, "야간 점검 전")
    assert ended(qtbot, window).outcome is Outcome.OK
    listed = Store(settings.store).get(point.id)
    assert listed.annotations.note == "야간 점검 전"
    assert listed.point == point


def test_the_list_follows_the_store(settings: Settings, open_window: Open, qtbot: QtBot) -> None:
    """Failure 8: a list that still showed what was gone."""
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    create_restore_point(Context(), settings, Reason.MANUAL)
    window = open_window(settings)
    assert window.backup.model.rowCount() == 2
    Store(settings.store).delete([point.id])
    qtbot.waitUntil(lambda: window.backup.model.rowCount() == 1, timeout=LONG)


def test_an_interrupted_change_is_recovered_when_the_window_opens(
    settings: Settings, open_window: Open
) -> None:
    (settings.file("settings").path.parent / ".ops_console" / "rollback-abc123abc123" / "staged").mkdir(parents=True)  # fmt: skip # noqa: E501
    window = open_window(settings)
    assert not (settings.file("settings").path.parent / ".ops_console").exists()
    assert not window._session.busy


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_control_has_a_name_for_screen_readers(
    settings: Settings, open_window: Open, qapp: QApplication, language: str
) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    use_language(qapp, language)
    window = open_window(settings)
    for kind in (QPushButton, QComboBox, QLineEdit, QTableView):
        for widget in window.findChildren(kind):
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            assert widget.accessibleName() or text or not widget.isVisibleTo(window), widget


def test_the_language_changes_at_once(
    settings: Settings, open_window: Open, qapp: QApplication, qtbot: QtBot
) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    window = open_window(settings)
    assert window.tabs.tabText(0) == "Backup"
    window._speak("ko")
    assert window.tabs.tabText(0) == "백업"
    assert window.backup.model.rowCount() == 1
    window._speak("en")
    assert window.tabs.tabText(0) == "Backup"


def test_shortcuts_reach_every_tab_and_the_backup(
    settings: Settings, open_window: Open, qtbot: QtBot
) -> None:
    window = open_window(settings)
    window.activateWindow()
    for number in range(window.tabs.count()):
        qtbot.keyClick(window, Qt.Key(Qt.Key.Key_1 + number), Qt.KeyboardModifier.ControlModifier)
        assert window.tabs.currentIndex() == number
    qtbot.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert window._session.busy == "backup create"


def test_the_window_remembers_its_tab(
    settings: Settings, open_window: Open, tmp_path: Path
) -> None:
    window = open_window(settings)
    window.tabs.setCurrentIndex(2)
    window.close()
    store = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    assert int(store.value("tab")) == 2


def test_a_second_start_raises_the_first(settings: Settings, qtbot: QtBot) -> None:
    first = SingleInstance(settings.home)
    second = SingleInstance(settings.home)
    assert first.first and not second.first
    with qtbot.waitSignal(first.raised, timeout=LONG):
        second.raise_first()
    first.release()
    third = SingleInstance(settings.home)
    assert third.first
    third.release()


def test_what_the_schedule_started_yields_to_the_operator(
    settings: Settings, open_window: Open, qtbot: QtBot
) -> None:
    window = open_window(settings, ScheduleSettings(every_minutes=5))
    session = window._session
    qtbot.waitUntil(lambda: bool(Store(settings.store).listed()), timeout=LONG)
    made = Store(settings.store).listed()[0].point
    assert made.reason is Reason.SCHEDULED, "a missed run is made up for"
    qtbot.waitUntil(lambda: session.busy == "backup verify", timeout=LONG)
    assert window.backup.back_up.isEnabled() and not session.blocked
    click(qtbot, window.backup.back_up)
    qtbot.waitUntil(lambda: len(Store(settings.store).listed()) == 2, timeout=LONG)
    assert Store(settings.store).listed()[0].point.reason is Reason.MANUAL


def test_it_fits_the_screen_with_its_title_bar_and_1024_by_700(
    settings: Settings, open_window: Open
) -> None:
    window = open_window(settings)
    screen = window.screen()
    assert screen is not None
    room, least = screen.availableSize(), window.minimumSizeHint()
    assert least.width() <= 1024 and least.height() <= 700
    # The screen of the tests is narrower than what the window needs.
    assert window.width() <= max(room.width() - 16, least.width())
    assert window.height() <= max(room.height() - 48, least.height())
