"""The Health tab with a real program that dies, and the alert that says so."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from core.config.health import HealthSettings
from core.config.models import Settings
from core.health.alerts.incidents import list_incidents
from core.health.models import State
from tests.ui.conftest import Open
from tests.ui.test_window import LONG, click


@pytest.fixture
def watched(settings: Settings) -> Settings:
    """Samples quickly, and tells of a missing program at once."""
    rules = {"program_not_running": {"for_seconds": 0.5, "clear_seconds": 0.5}}
    health = HealthSettings.model_validate({"interval_seconds": 0.2, "rules": rules})
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
    cpu = tab._graphs["cpu_percent"]
    qtbot.waitUntil(lambda: len(cpu._curve.getData()[0]) > 2, timeout=LONG)
    assert cpu._threshold.isVisible() and float(cpu._threshold.value()) == 80.0
    trading_program.kill()
    qtbot.waitUntil(
        lambda: any(one.rule == "program_not_running" for one in tab._history.incidents),
        timeout=LONG,
    )
    assert window._feed.last is not None and window._feed.last.state is State.CRITICAL
    tab.incidents._list.setCurrentRow(0)
    qtbot.waitUntil(tab.incidents._know.isEnabled, timeout=LONG)
    click(qtbot, tab.incidents._know)
    qtbot.waitUntil(
        lambda: any(one.acknowledged is not None for one in list_incidents(watched)), timeout=LONG
    )


def test_a_click_draws_a_value_large_and_it_is_remembered(
    watched: Settings, open_window: Open, qtbot: QtBot
) -> None:
    window = open_window(watched)
    tab = window.health
    window.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(lambda: tab.model.rowCount() > 3, timeout=LONG)
    tab._toggle(tab.model.index(1))
    assert "memory_percent" in tab._graphs
    assert "memory_percent" in window._store.value("health/large")
    tab._toggle(tab.model.index(1))
    assert "memory_percent" not in tab._graphs


def test_panning_pauses_and_all_graphs_move_together(
    watched: Settings, open_window: Open, qtbot: QtBot
) -> None:
    window = open_window(watched)
    tab = window.health
    window.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(tab.settled, timeout=LONG)
    first, second, *_ = tab._graphs.values()
    first.moved_by_hand.emit()
    assert not tab._live
    first.setXRange(1_000.0, 2_000.0, padding=0)
    assert second.getPlotItem().vb.viewRange()[0] == pytest.approx([1_000.0, 2_000.0])
    first.pointed.emit(1_500.0)
    assert all(graph._cross.isVisible() for graph in tab._graphs.values())


def test_the_history_is_exported_as_csv(
    watched: Settings, open_window: Open, qtbot: QtBot, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    window = open_window(watched)
    tab = window.health
    window.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(lambda: bool(tab._history.series), timeout=LONG)
    target = tmp_path / "health.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    tab._export()
    qtbot.waitUntil(target.exists, timeout=LONG)
    with target.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows and float(rows[-1]["cpu_percent"] or 0) >= 0
