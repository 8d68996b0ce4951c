"""Which processes are the trading program, and which only look at its databases."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.config.models import Settings
from core.operation import Context, OperationError
from core.services.control import ServiceStart, ServiceStop
from core.services.find import find_program, find_programs

OPEN = """
import sqlite3, sys
connections = [sqlite3.connect(path) for path in sys.argv[1:]]
for connection in connections:
    connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
print("open", flush=True)
input()
"""


@contextmanager
def holding(paths: list[Path]) -> Iterator[subprocess.Popen[str]]:
    """A process of another tool that has *paths* open."""
    tool = subprocess.Popen(
        [sys.executable, "-c", OPEN, *paths], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert tool.stdout is not None and tool.stdout.readline() == "open\n"
    try:
        yield tool
    finally:
        tool.communicate("\n")


def test_a_tool_at_one_database_is_not_the_trading_program(settings: Settings) -> None:
    with holding([settings.file("strategies").path]) as tool:
        assert find_program(settings) is None
        assert ServiceStop(settings).run(Context()) == ()
        assert tool.poll() is None, "it was not asked to close"


def test_a_tool_at_every_database_is_not_taken_for_the_program_that_runs(
    settings: Settings, trading_program: subprocess.Popen[bytes]
) -> None:
    with holding([file.path for file in settings.databases]) as tool:
        assert [one.pid for one in find_programs(settings)] == [trading_program.pid]
        ServiceStop(settings).run(Context())
        assert trading_program.wait() == 0 and tool.poll() is None


def test_a_program_that_was_started_in_another_way_is_known_by_its_open_files(
    settings: Settings,
) -> None:
    with holding([file.path for file in settings.databases]) as packaged:
        assert [one.pid for one in find_programs(settings)] == [packaged.pid]


def test_the_program_is_not_started_on_a_damaged_database(settings: Settings) -> None:
    settings.file("strategies").path.write_bytes(os.urandom(8192))
    with pytest.raises(OperationError, match="strategies") as told:
        ServiceStart(settings).run(Context())
    assert "rollback" in str(told.value.to_do)
    assert find_program(settings) is None
