"""Most tests run here in one process, which is quicker; one keeps the worker processes."""

from __future__ import annotations

import pytest

from core.backup import create
from core.backup.exchange import exporting, importing


@pytest.fixture(autouse=True)
def one_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "trading_program" in request.fixturenames:
        return
    for module in (create, exporting, importing):
        monkeypatch.setattr(module, "run_in_process", lambda do, *rest: do(*rest))
    monkeypatch.setattr(create, "lower_priority", lambda: None)
