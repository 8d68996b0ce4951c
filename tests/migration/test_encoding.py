"""Databases whose text is UTF-16: refused before any work, and looked at like any other."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.backup.store import Store
from core.backup.verify import verify
from core.base.config.models import Settings
from core.base.operation import Context, OperationError
from core.diff.models import Status
from core.diff.operation import Compare
from migration.deploying import DeploymentMigrations
from migration.run.execute import Baseline, Repair, RunMigration
from migration.run.inspect import Plan, Verify
from migration.run.inspect import Status as MigrationStatus
from migration.run.preflight import Preflight
from migration.run.rehearse import Rehearse

BOTH = ("strategies", "settings")


def rewrite(path: Path, encoding: str) -> None:
    """Write the database anew with its text in *encoding*, as the sqlite3 shell would."""
    old = sqlite3.connect(path)
    lines = [line for line in old.iterdump() if "sqlite_stat" not in line]
    old.close()
    for beside in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        beside.unlink(missing_ok=True)
    new = sqlite3.connect(path)
    new.execute(f"PRAGMA encoding = '{encoding}'")
    new.executescript("\n".join(lines))
    new.execute("PRAGMA journal_mode = WAL")
    new.close()


@pytest.mark.parametrize("names", [BOTH, ("strategies",), ("settings",)], ids="+".join)
@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
def test_databases_in_utf16_are_refused_before_any_work(
    encoding: str, names: tuple[str, ...], settings: Settings
) -> None:
    """A rehearsal ended with exit 70; with one of two it was refused after all the work."""
    for name in names:
        rewrite(settings.file(name).path, encoding)
    sentence = f"is kept in {encoding}; only UTF-8 can be migrated"
    looked = Preflight(settings).run(Context())
    assert not looked.ok
    wrong = [str(one.what) for one in looked.checks if one.ok is False]
    assert len(wrong) == len(names) and all(sentence in one for one in wrong), wrong
    assert all(sentence in str(one) for one in Plan(settings).run(Context()).problems)
    assert any(plan.unreadable for plan in MigrationStatus(settings).run(Context()).plans)
    points = len(Store(settings.store).listed())
    for operation in (
        Rehearse(settings), RunMigration(settings), Baseline(settings, 3), Repair(settings),
    ):  # fmt: skip
        context = Context()
        with pytest.raises(OperationError, match=sentence) as refused:
            operation.run(context)
        assert "UTF-8" in str(refused.value.to_do)
        assert not context.steps, "no step was begun"
    with pytest.raises(OperationError, match=sentence):
        DeploymentMigrations().pending(Context(), settings)
    assert len(Store(settings.store).listed()) == points
    assert not Verify(settings).run(Context()).ok


@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
def test_databases_in_utf16_are_kept_and_compared(encoding: str, settings: Settings) -> None:
    plain = create_restore_point(Context(), settings, Reason.MANUAL)
    path = settings.file("strategies").path
    rewrite(path, encoding)
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    assert point.sound and verify(Context(), settings, point.id, "full").ok
    assert Compare(settings, point.id).run(Context()).same
    connection = sqlite3.connect(path)
    connection.execute("UPDATE strategies SET name = '바뀐 이름' WHERE rowid = 1")
    connection.commit()
    connection.close()
    status = {one.name: one for one in Compare(settings, point.id).run(Context()).databases}
    assert (status["strategies"].status, status["strategies"].rows) == (Status.CHANGED, 1)
    # SQLite attaches no two encodings to one connection; that is told, not passed over.
    status = {one.name: one for one in Compare(settings, plain.id).run(Context()).databases}
    assert status["strategies"].status is Status.UNREADABLE
    assert "encoding" in status["strategies"].problem
