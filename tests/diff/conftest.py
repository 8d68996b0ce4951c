"""Most tests run here in one process, which is quicker; those beside the program do not."""

from __future__ import annotations

import pytest

from core.backup import create
from core.diff import operation


@pytest.fixture(autouse=True)
def one_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "trading_program" in request.fixturenames:
        return
    for module in (create, operation):
        monkeypatch.setattr(module, "run_in_process", lambda do, *rest: do(*rest))
        monkeypatch.setattr(module, "lower_priority", lambda: None)
