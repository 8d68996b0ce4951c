"""Whoever starts the program comes through one place, and it starts nothing on half a set."""

from __future__ import annotations

import os
import sys

import pytest

from core.base.config.models import Settings
from core.base.operation import Context, OperationError
from core.program.control import start_program
from core.program.models import Launch
from core.program.spawn import spawn


def test_nothing_is_started_while_a_name_is_free(settings: Settings) -> None:
    live = settings.file("strategies").path
    live.rename(live.with_name("aside"))
    live.mkdir()
    began = settings.app / "began"
    code = f"open({str(began)!r}, 'w').close()"
    launch = Launch(
        command=(sys.executable, "-c", code), cwd=settings.app, environment=dict(os.environ)
    )
    with pytest.raises(OperationError, match="strategies"):
        spawn(settings, launch, by="test")
    with pytest.raises(OperationError, match="strategies"):
        start_program(Context(), settings, launch)
    assert not began.exists()
    live.rmdir()
    live.with_name("aside").rename(live)
    spawned = spawn(settings, launch, by="test")
    spawned.keeper.wait()
    assert began.exists()
