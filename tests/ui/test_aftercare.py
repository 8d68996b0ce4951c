"""What the window does when health is worse after an operation: offer the way back, or go it."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from pytestqt.qtbot import QtBot

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.config.models import Settings
from core.base.journal import Outcome, entries
from core.base.operation import Context
from core.base.text import translate
from core.monitoring.verdict import Judgement, Verdict
from core.monitoring.watch import WatchResult
from tests.ui.conftest import Open
from tests.ui.test_window import LONG, click
from ui.health.notify import Offer
from ui.main_window import MainWindow


def found(operation: str, point: str | None, action: str) -> WatchResult:
    now = datetime.now(UTC)
    text = translate("health", "As before.")
    verdict = Verdict(
        begun=now, ended=now, after_until=now, judgement=Judgement.SAME, text=text, comparisons=()
    )
    return WatchResult(
        operation=operation, watched_seconds=10.0, worse=True, reasons=(text,), verdict=verdict,
        incidents=(), restore_point=point, start=False, action=action,
    )  # fmt: skip


def offer_of(window: MainWindow) -> Offer:
    offer = window.findChild(Offer)
    assert isinstance(offer, Offer)
    return offer


def test_where_it_is_configured_the_window_goes_back_by_itself(
    settings: Settings, open_window: Open, qtbot: QtBot
) -> None:
    point = create_restore_point(Context(), settings, Reason.BEFORE_MIGRATION)
    connection = sqlite3.connect(settings.file("strategies").path)
    connection.execute("DELETE FROM execution_history")
    connection.commit()
    connection.close()
    window = open_window(settings)
    with qtbot.waitSignal(window._session.ended, timeout=LONG) as ended:
        window._feed.watched.emit(found("migrate run", point.id, "perform"))
    assert ended.args is not None
    assert (ended.args[0].operation, ended.args[0].outcome) == ("rollback", Outcome.OK)
    offer = offer_of(window)
    assert offer.isVisible() and "goes back by itself" in offer._text.text()
    assert not offer._go.isVisible()
    back = entries(settings)[0]
    assert (back.operation, back.by.endswith("health watch")) == ("rollback", True)
    connection = sqlite3.connect(settings.file("strategies").path)
    assert connection.execute("SELECT count(*) FROM execution_history").fetchone() == (400,)
    connection.close()


def test_otherwise_it_offers_the_way_back_of_that_operation(
    settings: Settings, open_window: Open, qtbot: QtBot
) -> None:
    point = create_restore_point(Context(), settings, Reason.BEFORE_MIGRATION)
    window = open_window(settings)
    offer = offer_of(window)
    window._feed.watched.emit(found("migrate run", point.id, "offer"))
    assert offer.isVisible() and offer._go.isVisible()
    click(qtbot, offer._go)
    assert window.tabs.currentWidget() is window.rollback
    window._feed.watched.emit(found("deploy run", point.id, "offer"))
    click(qtbot, offer._go)
    assert window.tabs.currentWidget() is window.deployment, "the release goes back with its data"
    window._feed.watched.emit(found("migrate run", None, "none"))
    assert offer.isVisible() and not offer._go.isVisible()
    assert not [one for one in entries(settings) if one.operation == "rollback"]
