"""Somebody takes the name of a database in the instant in which a swap leaves it free."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import core.switchover.back
from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.config.models import Settings
from core.base.folders import AREA
from core.base.operation import Context, OperationError
from core.promote.recovery import Recovery
from core.runner.run import Recover, run_journalled
from core.switchover.rollback import Rollback

TAKE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("CREATE TABLE fresh (x)")
print("taken", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("closed", ["before it is undone", "before a second try", "at last"])
def test_who_took_a_free_name_is_told_where_his_rows_are(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    """A file is of neither set, and its rows are nobody else's: it is kept, and its place told."""
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    live = settings.file("strategies").path
    link, recover_now = Path.hardlink_to, core.switchover.back.recover
    others: list[subprocess.Popen[bytes]] = []

    def link_late(target: Path, source: Path) -> None:
        if target == live and not others:
            others.append(
                subprocess.Popen(
                    [sys.executable, "-c", TAKE, live],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
            )
            assert others[0].stdout is not None and others[0].stdout.readline()
            if closed == "before it is undone":
                others[0].communicate()
        link(target, source)

    def recover_late(of: Settings) -> tuple[Recovery, ...]:
        if closed == "before a second try":
            others[0].communicate()
        return recover_now(of)

    monkeypatch.setattr("core.promote.locks.PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(Path, "hardlink_to", link_late)
    monkeypatch.setattr(core.switchover.back, "recover", recover_late)
    with pytest.raises(OperationError) as failed:
        run_journalled(settings, Rollback(settings, point.id), Context(), "test")
    told = str(failed.value.data_state)
    if closed == "at last":
        others[0].communicate()
        (recovered,) = run_journalled(settings, Recover(settings), Context(), "test").recovered
        told = str(recovered.what)
    (kept,) = live.parent.glob(f"{AREA}-stray/*/{live.name}")
    assert str(kept) in told
    with closing(sqlite3.connect(kept)) as found:
        assert found.execute("SELECT name FROM sqlite_schema").fetchall() == [("fresh",)]
    with closing(sqlite3.connect(live)) as back:
        assert back.execute("SELECT count(*) FROM strategies").fetchone() != (0,)


FOLLOW = """
import os, sqlite3, sys
early, late, first = sys.argv[1:]
connection = sqlite3.connect(early, isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("SELECT * FROM sqlite_schema").fetchall()
if first == "writes":
    connection.execute("CREATE TABLE fresh (x)")
    connection.execute("INSERT INTO fresh VALUES (1)")
sqlite3.connect(late).execute("CREATE TABLE other (x)")
print("taken", flush=True)
sys.stdin.read()
connection.execute("CREATE TABLE IF NOT EXISTS fresh (x)")
connection.execute("INSERT INTO fresh VALUES (2)")
os._exit(0)
"""


@pytest.mark.parametrize(
    ("first", "closed"),
    [("writes", "before it is undone"), ("writes", "at last"), ("looks", "at last")],
)
def test_what_is_written_to_a_new_file_before_all_are_in_is_kept(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, first: str, closed: str
) -> None:
    """He found one database live, and took the name of the next one: the swap cannot go on."""
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    early, late = settings.file("settings").path, settings.file("strategies").path
    link = Path.hardlink_to
    others: list[subprocess.Popen[bytes]] = []

    def link_late(target: Path, source: Path) -> None:
        if target == late and not others:
            others.append(
                subprocess.Popen(
                    [sys.executable, "-c", FOLLOW, early, late, first],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
            )
            assert others[0].stdout is not None and others[0].stdout.readline()
            if closed == "before it is undone":
                others[0].communicate()
        link(target, source)

    monkeypatch.setattr("core.promote.locks.PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(Path, "hardlink_to", link_late)
    with pytest.raises(OperationError) as failed:
        run_journalled(settings, Rollback(settings, point.id), Context(), "test")
    told = str(failed.value.data_state)
    if closed == "at last":
        others[0].communicate()
        (recovered,) = run_journalled(settings, Recover(settings), Context(), "test").recovered
        told = str(recovered.what)
    rows = []
    for path in (early, *early.parent.glob(f"{AREA}-stray/**/{early.name}")):
        assert path == early or str(path) in told
        with closing(sqlite3.connect(path)) as found:
            if found.execute("SELECT 1 FROM sqlite_schema WHERE name = 'fresh'").fetchone():
                rows += found.execute("SELECT x FROM fresh ORDER BY x").fetchall()
    assert rows == ([(1,), (2,)] if first == "writes" else [(2,)])
    with closing(sqlite3.connect(late)) as whole:
        assert whole.execute("SELECT count(*) FROM strategies").fetchone() != (0,)
