"""The Health tab with a real program that dies, and the alert that says so."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from PyQt6.QtCore import QDateTime
from PyQt6.QtTest import QSignalSpy
from PyQt6.QtWidgets import QDateTimeEdit
from pytestqt.qtbot import QtBot

from core.base.config.models import Settings
from core.monitoring.alerts.incidents import list_incidents, list_silences
from core.monitoring.alerts.models import Incident
from core.monitoring.models import State
from migration.upbit.settings import UpbitHealth
from tests.ui.conftest import Open
from tests.ui.test_window import LONG, click
from ui.health.alerts import IncidentList, ask_until, tomorrow
from ui.strip import Strip


@pytest.fixture
def watched(settings: Settings) -> Settings:
    """Samples quickly, and tells of a missing program at once."""
    rules = {"program_not_running": {"for_seconds": 0.5, "clear_seconds": 0.5}}
    health = UpbitHealth.model_validate({"interval_seconds": 0.2, "rules": rules})
    return settings.model_copy(update={"health": health})


def test_values_lines_and_an_alert_that_is_acknowledged(
    watched: Settings, trading_program: subprocess.Popen[bytes], open_window: Open, qtbot: QtBot
) -> None:
    window = open_window(watched)
    tab = window.health
    window.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(lambda: len(window._feed.recent) > 5, timeout=LONG)
    qtbot.waitUntil(lambda: tab.model.rowCount() > 20, timeout=LONG)
    names = [str(tab.model.data(tab.model.index(row))) for row in range(tab.model.rowCount())]
    assert any("CPU" in name and "%" in name for name in names)
    cpu = tab.graphs.canvas.lanes[0]
    qtbot.waitUntil(lambda: len(cpu.columns.x) > 2, timeout=LONG)
    assert [limit.value for limit in cpu.limits] == [80.0]
    trading_program.kill()
    qtbot.waitUntil(
        lambda: any(one.rule == "program_not_running" for one in tab.history.incidents),
        timeout=LONG,
    )
    assert window._feed.last is not None and window._feed.last.state is State.CRITICAL
    choose(tab.incidents, "program_not_running", qtbot)
    click(qtbot, tab.incidents._know)
    qtbot.waitUntil(
        lambda: any(one.acknowledged is not None for one in list_incidents(watched)), timeout=LONG
    )


def choose(incidents: IncidentList, rule: str, qtbot: QtBot) -> None:
    """Choose the incident of *rule* and leave it to the list to keep it chosen."""
    model = incidents.model

    def row() -> int:
        return [model.row(n).rule for n in range(model.rowCount())].index(rule)

    qtbot.waitUntil(lambda: model.rowCount() > 0, timeout=LONG)
    incidents.table.setCurrentIndex(model.index(row(), 0))
    assert incidents.current is not None and incidents.current.rule == rule


def test_an_incident_is_silenced_until_a_time_and_told_again(
    watched: Settings, open_window: Open, qtbot: QtBot
) -> None:
    window = open_window(watched)
    tab = window.health
    window.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(
        lambda: any(one.rule == "program_not_running" for one in tab.history.incidents),
        timeout=LONG,
    )
    choose(tab.incidents, "program_not_running", qtbot)
    menu = tab.incidents._quiet.menu()
    assert menu is not None
    assert len(menu.actions()) == 5
    menu.actions()[1].trigger()
    qtbot.waitUntil(lambda: bool(list_silences(watched)), timeout=LONG)
    (silence,) = list_silences(watched)
    assert silence.until is not None
    assert timedelta(minutes=55) < silence.until - datetime.now(UTC) <= timedelta(hours=1)
    qtbot.waitUntil(tab.incidents._tell.isVisible, timeout=LONG)
    assert not tab.incidents._quiet.isVisible()
    assert "silenced" in str(tab.incidents.model.data(tab.incidents.table.currentIndex()))
    qtbot.waitUntil(lambda: "running" not in window.findChild(Strip)._health._value.text().lower())
    click(qtbot, tab.incidents._tell)
    qtbot.waitUntil(lambda: not list_silences(watched), timeout=LONG)
    qtbot.waitUntil(tab.incidents._quiet.isVisible, timeout=LONG)


def test_a_time_is_asked_for_and_lies_ahead(
    watched: Settings, open_window: Open, qtbot: QtBot
) -> None:
    window = open_window(watched)
    asked: list[datetime] = []
    dialog = ask_until(window, asked.append)
    edit = dialog.findChild(QDateTimeEdit)
    assert isinstance(edit, QDateTimeEdit)
    edit.setDateTime(QDateTime(2000, 1, 1, 0, 0))
    dialog.accept()
    assert asked[0] > datetime.now(UTC), "a time that has passed cannot be chosen"
    morning = tomorrow(datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    assert morning == datetime(2027, 1, 1, 9, 0, tzinfo=UTC)


def test_what_is_chosen_stays_chosen_when_the_list_changes(
    watched: Settings, open_window: Open, qtbot: QtBot
) -> None:
    window = open_window(watched)
    shown = window.health.incidents
    now = datetime.now(UTC)

    def incident(number: int, **more: object) -> Incident:
        return Incident.model_validate(
            {"id": number, "rule": "cpu", "metric": "cpu_percent", "severity": "warning",
             "begun": now, "fired": now, "last": now, "resolved": None, "value": 90.0,
             "worst": 90.0, "threshold": 80.0, **more}
        )  # fmt: skip

    shown.show_incidents([incident(2), incident(1)])
    shown.table.setCurrentIndex(shown.model.index(1, 0))
    removed = QSignalSpy(shown.model.rowsRemoved)
    shown.show_incidents([incident(3), incident(2, worst=99.0), incident(1, resolved=now)])
    assert len(removed) == 0
    assert shown.current is not None and shown.current.id == 1
    assert not shown._quiet.isEnabled(), "it is over"
    shown.show_incidents([incident(3)])
    assert shown.model.rowCount() == 1
