"""The tray's colour, and how the desktop is told of alerts."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from core.base.config.models import Settings
from core.monitoring.alerts.models import Incident, Notice, NoticeKind, notice_of
from core.monitoring.models import State
from core.monitoring.view import make_report
from tests.ui.conftest import Open
from tests.ui.test_window import LONG

NOW = datetime(2025, 9, 7, 12, 0, tzinfo=UTC)


def notice(kind: NoticeKind, severity: State = State.CRITICAL) -> Notice:
    incident = Incident(
        id=1, rule="disk", metric="disk_percent", severity=severity, begun=NOW, fired=NOW,
        last=NOW, resolved=None, value=95.0, worst=95.0, threshold=90.0,
    )  # fmt: skip
    return notice_of(kind, incident, None, NOW)


def colour(icon: QIcon) -> str:
    image = icon.pixmap(64, 64).toImage()
    size = range(image.width())
    found = (image.pixelColor(x, y) for x in size for y in size)
    return next(one.name() for one in found if one.alpha() == 255)


def test_the_colour_is_the_state_in_either_theme(
    settings: Settings, open_window: Open, qtbot: QtBot
) -> None:
    window = open_window(settings)
    tray, tokens = window._tray, window._theme.tokens
    quiet = make_report(settings, NOW, {}, (), (), (), operating=False)
    for state, expected in (
        (State.CRITICAL, tokens.danger), (State.WARNING, tokens.warn), (State.OK, tokens.good),
    ):  # fmt: skip
        tray._show(quiet.model_copy(update={"state": state}))
        assert colour(tray._icon.icon()).lower() == expected.lower()
    window._theme.choose("dark")
    assert window._theme.tokens.good != tokens.good
    assert colour(tray._icon.icon()).lower() == window._theme.tokens.good.lower()


def test_without_a_tray_the_desktop_is_told_by_its_command(
    settings: Settings, open_window: Open, qtbot: QtBot, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    told = tmp_path / "told"
    command = tmp_path / "bin" / "notify-send"
    command.parent.mkdir()
    command.write_text(
        f'#!/bin/sh\nprintf "%s|" "$@" >> "{told}"\necho >> "{told}"\n', encoding="utf-8"
    )
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")
    window = open_window(settings)
    assert not window._tray._icon.isVisible(), "the offscreen platform has none"
    window._feed.noticed.emit(notice(NoticeKind.FIRED))
    qtbot.waitUntil(
        lambda: told.exists() and told.read_text(encoding="utf-8").endswith("|\n"), timeout=LONG
    )
    words = told.read_text(encoding="utf-8").split("|")
    assert words[:5] == ["--app-name", "Upbit Ops Console", "--urgency", "critical", "--"]
    assert words[5:7] == ["The disk is almost full", "95.0 %; the limit is 90.0 %."]


def test_with_a_tray_it_tells_once_and_how_bad_it_is(
    settings: Settings, open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(settings)
    shown: list[tuple[str, QSystemTrayIcon.MessageIcon]] = []
    icon = window._tray._icon
    monkeypatch.setattr(QSystemTrayIcon, "supportsMessages", staticmethod(lambda: True))
    monkeypatch.setattr(icon, "isVisible", lambda: True)
    monkeypatch.setattr(icon, "showMessage", lambda title, _, kind: shown.append((title, kind)))
    kinds = QSystemTrayIcon.MessageIcon
    for kind, severity in (
        (NoticeKind.FIRED, State.CRITICAL), (NoticeKind.FIRED, State.WARNING),
        (NoticeKind.RESOLVED, State.CRITICAL),
    ):  # fmt: skip
        window._feed.noticed.emit(notice(kind, severity))
    assert shown == [
        ("The disk is almost full", one)
        for one in (kinds.Critical, kinds.Warning, kinds.Information)
    ]
