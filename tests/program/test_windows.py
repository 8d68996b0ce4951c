"""What only Windows has: who holds a file is proven, and a program is asked in two ways."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import subprocess
import sys

import psutil
import pytest

from core.base.config.models import Settings
from core.base.open_files import hold_each, in_use
from core.base.operation import Context, OperationError
from core.program import control
from core.program.find import find_programs

on_windows = pytest.mark.skipif(sys.platform != "win32", reason="sharing modes are Windows' own")


@on_windows
def test_a_database_that_somebody_has_open_is_in_use(settings: Settings) -> None:
    path = settings.databases[0].path
    assert not in_use(path) and not in_use(path.with_name("nothing"))
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        assert in_use(path)
        assert hold_each({os.getpid()}, [path])
    assert not in_use(path) and not hold_each({os.getpid()}, [path])
    path.chmod(stat.S_IREAD)
    assert not in_use(path)
    with path.open("rb"):
        assert in_use(path)
    path.chmod(stat.S_IREAD | stat.S_IWRITE)
    folder = path.with_name("in its place")
    folder.mkdir()
    assert not in_use(folder)


def test_a_program_that_does_not_close_is_asked_once_more(
    settings: Settings, trading_program: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(control, "ask_again", lambda process: asked.append(process.pid))
    patient = settings.model_copy(
        update={"program": settings.program.model_copy(update={"stop_seconds": 0.4})}
    )
    programs = find_programs(settings)
    assert [one.pid for one in programs] == [trading_program.pid]
    with pytest.raises(OperationError, match="did not close"):
        control.wait_until_gone(Context(), patient, programs)
    assert asked == [trading_program.pid] and psutil.pid_exists(trading_program.pid)
