"""Proves that what was built works: it backs up, goes back to every row, and opens its window."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import psutil

from core.base.entry import COMMANDS, RUN_MODULE, SUFFIX, WINDOW
from core.base.files import temporary_folder
from core.base.owner import NO_WINDOW
from core.base.text import decode

TABS = 6
SURROUNDINGS = {} if os.name == "nt" else {"QT_QPA_PLATFORM": "offscreen"}
"""Windows always has a screen."""
SECONDS = 600.0
"""A program that takes so long for one command hangs."""


class SmokeError(Exception):
    """What was built does not work; the message says what failed."""


def smoke(built: Path) -> None:
    """Use the programs in *built* as an operator does; raises `SmokeError`."""
    with temporary_folder("upbit-smoke-") as work:
        app = work / "업비트 자동매매"
        program = built / (COMMANDS + SUFFIX)
        command: list[Path | str] = [program, "--app", app]
        _run([program, "demo", "--prepare-only", "--workspace", app, "--size", "10MB"])
        database = app / "data" / "strategies.sqlite3"
        before = _dump(database)
        made = json.loads(_run([*command, "backup", "create", "--json"]))
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("DELETE FROM execution_history")
            connection.commit()
        if _dump(database) == before:
            raise SmokeError("the mistake that was to be undone changed nothing")
        _run([*command, "rollback", "--to", made["id"], "--yes", "--json"])
        if _dump(database) != before:
            raise SmokeError("after the rollback the database is not as it was")
        _run([*command, "backup", "verify", "--full"])
        _run([built / (WINDOW + SUFFIX), RUN_MODULE, "ui.screenshots", app, work / "pictures"])
        _start_program(command, built)
        pictures = len(list((work / "pictures").glob("*.png")))
        if pictures != TABS:
            raise SmokeError(f"the window has {pictures} tabs of {TABS}")


def _start_program(command: list[Path | str], built: Path) -> None:
    """Start the stand-in program: it may load nothing of the console's libraries."""
    app = Path(command[-1])
    start = json.dumps({"program": {"start": [sys.executable, "run_desktop_ui.py"]}})
    (app / "ops_console.yaml").write_text(start, encoding="utf-8")  # JSON is YAML
    started = json.loads(_run([*command, "service", "start", "--json"]))
    try:
        environment = psutil.Process(started["program"]["pid"]).environ()
    finally:
        _run([*command, "service", "stop"])
    leaks = [name for name, value in environment.items() if str(built) in value]
    if leaks:
        raise SmokeError(f"the program is pointed at the console's libraries: {leaks}")


def _dump(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return list(connection.iterdump())


def _run(command: Sequence[Path | str]) -> str:
    """Return what *command* prints; it has no Python to fall back on, and no screen."""
    words = [str(word) for word in command]
    environment = {name: value for name, value in os.environ.items() if name[:6] != "PYTHON"}
    done = subprocess.run(
        words, capture_output=True, check=False,
        timeout=SECONDS, creationflags=NO_WINDOW, cwd=Path(words[0]).parent,
        env={**environment, **SURROUNDINGS, "OPS_CONSOLE_LANGUAGE": "en"},
    )  # fmt: skip
    if done.returncode:
        said = f"{decode(done.stdout)}\n{decode(done.stderr)}"
        raise SmokeError(f"{words} ended with {done.returncode}\n{said}")
    return decode(done.stdout)
