"""Somebody takes the name of a database in the instant in which a swap leaves it free."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import core.switchover.engine
from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.config.models import Settings
from core.base.operation import Context, OperationError
from core.promote import AREA, Recovery
from core.runner.journalled import run_journalled
from core.runner.recover import Recover
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
    link, recover_now = Path.hardlink_to, core.switchover.engine.recover
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
    monkeypatch.setattr(core.switchover.engine, "recover", recover_late)
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
