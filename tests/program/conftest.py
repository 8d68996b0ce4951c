"""A workspace whose program is ended at the end, and programs that print what is asked."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from core.base.config.models import Settings
from core.program.runs import Supervision, folder, read_run, read_supervision
from tests.killing import kill

ENTRY = Path(__file__).resolve().parents[2] / "run_ops_console.py"
Condition = Callable[[], Any]


def until(condition: Condition, seconds: float = 120.0) -> Any:
    """Return what *condition* says once it says something."""
    import time

    end = time.monotonic() + seconds
    while not (said := condition()):
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.02)
    return said


def supervised(settings: Settings, *phases: str) -> Supervision:
    """Wait until a supervisor is in one of *phases*."""

    def state() -> Supervision | None:
        found = read_supervision(settings)
        return found if found is not None and found.phase in phases else None

    return until(state)  # type: ignore[no-any-return]


class Console:
    """Commands of the console on one workspace."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.started: list[subprocess.Popen[str]] = []
        self.environment: dict[str, str] = {}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, str(ENTRY), "--app", str(self.settings.app), "--lang", "en", *words]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words), capture_output=True, encoding="utf-8", check=False,
            stdin=subprocess.DEVNULL, env=os.environ | self.environment,
        )  # fmt: skip

    def start(self, *words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            self.command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
            stdin=subprocess.DEVNULL, env=os.environ | self.environment,
            start_new_session=True,
        )  # fmt: skip
        self.started.append(process)
        return process

    def configure(self, text: str) -> None:
        (self.settings.app / "ops_console.yaml").write_text(text, encoding="utf-8")


@pytest.fixture
def console(settings: Settings) -> Iterator[Console]:
    console = Console(settings)
    yield console
    supervision = read_supervision(settings)
    if supervision is not None:
        kill(supervision.pid)
    for process in console.started:
        process.kill()
        process.communicate()
    end_all(settings)


def end_all(settings: Settings) -> None:
    """End every program that was started for *settings*, and wait for its keeper."""
    for path in (folder(settings) / "runs").glob("*.jsonl"):
        run = read_run(path)
        if run is not None and run.alive:
            kill(run.pid)
        if run is not None and psutil.pid_exists(run.keeper):
            with contextlib.suppress(psutil.Error):
                psutil.Process(run.keeper).wait(10)


@pytest.fixture
def program(settings: Settings, tmp_path: Path) -> Iterator[Callable[[str], Settings]]:
    """Settings under which the program is a script with the given code."""

    def make(code: str, **more: object) -> Settings:
        script = tmp_path / "script.py"
        script.write_text(code, encoding="utf-8")
        section = settings.program.model_copy(
            update={"start": (sys.executable, str(script)), **more}
        )
        return settings.model_copy(update={"program": section})

    yield make
    end_all(settings)
