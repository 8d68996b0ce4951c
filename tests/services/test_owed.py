"""A program that a dead console had stopped is started again only where somebody expects it."""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.config.models import Settings
from core.operation import Context
from core.recover import Recover, needs_recovery
from core.services import owed
from core.services.find import find_program
from core.services.models import Launch
from core.services.runs import folder, want


def die_owing(settings: Settings) -> Path:
    """Leave what a console leaves that is killed when the program has stopped."""
    launch = Launch(
        command=(sys.executable, "run_desktop_ui.py"),
        cwd=settings.app,
        environment={"UPBIT_ENVIRONMENT": "production", "UPBIT_SECRET": "never written"},
    )
    path = folder(settings) / owed.NAME
    with owed.owing_a_start(settings, launch):
        text = path.read_text()
    assert not path.exists(), "whoever lives to the end owes nothing"
    assert "production" in text and "never written" not in text
    path.write_text(text)
    return path


def test_it_is_not_started_when_the_machine_was_or_somebody_wants_it_stopped(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = die_owing(settings)
    assert needs_recovery(settings)
    with monkeypatch.context() as later:
        later.setattr(owed.psutil, "boot_time", lambda: datetime.now(UTC).timestamp() + 1)
        assert Recover(settings).run(Context()).program_pid is None
    assert not path.exists() and not needs_recovery(settings)
    die_owing(settings)
    want(settings, "stopped", "an operator")
    assert Recover(settings).run(Context()).program_pid is None
    path.write_text("{")
    assert Recover(settings).run(Context()).program_pid is None and not path.exists()


def test_it_is_started_once(settings: Settings) -> None:
    die_owing(settings)
    pid = Recover(settings).run(Context()).program_pid
    program = find_program(settings)
    assert program is not None and pid == program.pid
    assert not needs_recovery(settings)
    die_owing(settings)
    assert Recover(settings).run(Context()).program_pid is None, "it runs"
    os.kill(program.pid, signal.SIGKILL)
