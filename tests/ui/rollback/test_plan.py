"""Button, table and question of the rollback tab say what the dry run says, and it is done."""

from __future__ import annotations

import sqlite3

from pytestqt.qtbot import QtBot

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.config.models import Settings
from core.base.journal import Outcome
from core.base.operation import Context
from core.switchover.plan import sentences
from tests.ui.conftest import Open
from tests.ui.test_window import LONG, click, dialog, ended
from ui.language import say
from ui.rollback.confirm import Confirmation


def test_after_a_migration_no_row_of_the_third_database_is_said_to_go(
    settings: Settings, open_window: Open, qtbot: QtBot
) -> None:
    some = tuple(file for file in settings.files if file.name in {"settings", "strategies"})
    point = create_restore_point(
        Context(), settings.model_copy(update={"files": some}), Reason.BEFORE_MIGRATION
    )  # fmt: skip
    connection = sqlite3.connect(settings.file("strategies").path)
    connection.execute("DELETE FROM execution_history")
    connection.commit()
    connection.close()
    market_data = settings.file("market_data").path.read_bytes()
    window = open_window(settings)
    tab = window.rollback
    window.tabs.setCurrentWidget(tab)
    tab.choose(point.id)
    qtbot.waitUntil(lambda: "400 rows change" in tab.go.text(), timeout=LONG)
    assert "2 databases" in tab.go.text()
    qtbot.waitUntil(tab.settled, timeout=LONG)
    assert tab.plan is not None
    click(qtbot, tab.go)
    question = dialog(qtbot, Confirmation)
    assert isinstance(question, Confirmation)
    assert question.sentences == tuple(say(one) for one in sentences(tab.plan))
    said = " ".join(question.sentences)
    assert "stays as it is: market_data, api_credentials" in said
    assert "0 rows written since then leave" in said and "400 rows return" in said
    click(qtbot, question.go)
    result = ended(qtbot, window)
    assert result.outcome is Outcome.OK, result.error
    assert settings.file("market_data").path.read_bytes() == market_data


def test_what_is_in_the_way_is_said_beside_the_button(
    settings: Settings, open_window: Open, qtbot: QtBot
) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    path = settings.file("market_data").path
    path.with_name("another name").hardlink_to(path)
    window = open_window(settings)
    window.tabs.setCurrentWidget(window.rollback)
    qtbot.waitUntil(lambda: window.rollback.plan is not None, timeout=LONG)
    assert not window.rollback.go.isEnabled()
    assert "other names" in window.rollback._head.below.text()
