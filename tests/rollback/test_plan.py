"""What is said of a rollback in window, dry run and question is one plan, and that is done."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from core.backup.create import create_restore_point
from core.backup.models import Reason, RestorePoint
from core.base.config.models import Settings
from core.base.journal import entries
from core.base.operation import Context, OperationError
from core.base.state import FILE
from core.diff.operation import Compare
from core.program.control import ServiceStop
from core.runner.run import run_operation
from core.switchover.plan import RollbackPlan, plan_rollback, sentences
from core.switchover.rollback import Rollback
from ui.cli.main import main
from ui.language import say


def change(settings: Settings, name: str, statement: str) -> None:
    connection = sqlite3.connect(settings.file(name).path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def rows_of_candles(settings: Settings) -> int:
    connection = sqlite3.connect(settings.file("market_data").path)
    tables = connection.execute(
        "SELECT name FROM sqlite_schema WHERE name LIKE 'candles%' AND type = 'table'"
    ).fetchall()
    count = sum(
        connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for (name,) in tables
    )
    connection.close()
    return count


@pytest.fixture
def partial(settings: Settings) -> RestorePoint:
    """What a migration keeps of the two databases that it replaced."""
    some = tuple(file for file in settings.files if file.name in {"settings", "strategies"})
    return create_restore_point(
        Context(), settings.model_copy(update={"files": some}), Reason.BEFORE_MIGRATION
    )  # fmt: skip


def dry_run(
    settings: Settings, point: RestorePoint, capsys: pytest.CaptureFixture[str], *more: str
) -> str:
    capsys.readouterr()
    where = ["--app", str(settings.app), "--lang", "en"]
    assert main([*where, "rollback", "--to", point.id, "--dry-run", *more]) == 0
    return capsys.readouterr().out


def test_a_database_that_the_restore_point_lacks_loses_no_row_in_what_is_said(
    settings: Settings, partial: RestorePoint, capsys: pytest.CaptureFixture[str]
) -> None:
    """After a migration the window said of every row of the third that it would be removed."""
    change(settings, "strategies", "DELETE FROM execution_history")
    before = rows_of_candles(settings)
    plan = plan_rollback(settings, partial.id)
    assert plan.untouched == ("market_data", "api_credentials") and plan.databases == 2
    plan = plan.with_changes(Compare(settings, partial.id).run(Context()))
    assert plan.changes is not None
    assert (plan.changes.returning, plan.changes.leaving, plan.changes.changing) == (400, 0, 0)
    said = dry_run(settings, partial, capsys)
    for sentence in sentences(plan):
        assert say(sentence) in said
    assert "stays as it is: market_data, api_credentials." in said
    assert "0 rows written since then leave" in said and "400 rows return" in said
    told = json.loads(dry_run(settings, partial, capsys, "--json"))
    assert told["changes"]["leaving"] == 0 and told["untouched"] == list(plan.untouched)
    Rollback(settings, partial.id, plan).run(Context())
    assert rows_of_candles(settings) == before


def test_a_file_that_is_not_there_is_said_to_come_back_and_one_in_neither_is_not_named(
    settings: Settings, partial: RestorePoint
) -> None:
    settings.file("strategies").path.unlink()
    settings.file("api_credentials").path.unlink()
    plan = plan_rollback(settings, partial.id)
    assert (plan.replaced, plan.returning) == (("settings",), ("strategies",))
    assert plan.untouched == ("market_data",)
    text = " ".join(str(one) for one in sentences(plan))
    assert "strategies are not there now and come back" in text
    assert "api_credentials" not in text


def test_where_nothing_is_there_nothing_is_said_to_be_saved(
    settings: Settings, partial: RestorePoint
) -> None:
    for file in settings.files:
        file.path.unlink()
    plan = plan_rollback(settings, partial.id)
    assert not plan.saves and not plan.replaced
    assert "nothing is saved before" in " ".join(str(one) for one in sentences(plan))
    assert Rollback(settings, partial.id, plan).run(Context()).safety_point_id is None


def test_rows_of_another_comparison_are_not_told_of_a_plan(
    settings: Settings, partial: RestorePoint
) -> None:
    other = create_restore_point(Context(), settings, Reason.MANUAL)
    plan = plan_rollback(settings, partial.id)
    for found in (Compare(settings, other.id), Compare(settings, partial.id, other.id)):
        with pytest.raises(ValueError, match="not of"):
            plan.with_changes(found.run(Context()))


@pytest.mark.parametrize(
    ("happens", "told"),
    [
        (lambda settings: settings.file("market_data").path.unlink(), "Other guarded files"),
        (lambda settings: settings.file("strategies").path.unlink(), "Other guarded files"),
    ],
    ids=["a database that was to stay is gone", "a database that was to be replaced is gone"],
)
def test_what_is_done_is_what_was_shown_or_nothing(
    settings: Settings, partial: RestorePoint, happens: Callable[[Settings], None], told: str
) -> None:
    shown = plan_rollback(settings, partial.id)
    happens(settings)
    content = {file.path: read(file.path) for file in settings.files}
    with pytest.raises(OperationError, match=told) as refused:
        Rollback(settings, partial.id, shown).run(Context())
    assert "Nothing was touched" in str(refused.value.data_state)
    assert {file.path: read(file.path) for file in settings.files} == content
    Rollback(settings, partial.id, plan_rollback(settings, partial.id)).run(Context())


def read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def test_a_program_that_was_said_not_to_run_is_not_stopped(
    settings: Settings, partial: RestorePoint, request: pytest.FixtureRequest
) -> None:
    shown = plan_rollback(settings, partial.id)
    assert shown.program is None
    program = request.getfixturevalue("trading_program")
    with pytest.raises(OperationError, match="runs now"):
        Rollback(settings, partial.id, shown).run(Context())
    assert program.poll() is None
    shown = plan_rollback(settings, partial.id)
    ServiceStop(settings).run(Context())
    with pytest.raises(OperationError, match="does not run any more"):
        Rollback(settings, partial.id, shown).run(Context())


def test_a_dry_run_prints_nothing_of_the_programs_environment(
    settings: Settings, partial: RestorePoint, trading_program: subprocess.Popen[bytes],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Keys of the exchange may stand there."""
    plan: RollbackPlan = plan_rollback(settings, partial.id)
    assert plan.program is not None and plan.program.pid == trading_program.pid
    told = dry_run(settings, partial, capsys, "--json")
    assert str(trading_program.pid) in told and "DEMO_RATE" not in told


def test_a_history_that_cannot_be_read_bars_no_way_back(settings: Settings) -> None:
    """How long rollbacks took is told where it is known; the disk of the journal is not asked."""
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    run_operation(settings, Rollback(settings, point.id), Context(), "test")
    assert entries(settings)
    for suffix in ("-wal", "-shm"):
        Path(f"{settings.home / FILE}{suffix}").unlink(missing_ok=True)
        Path(f"{settings.home / FILE}{suffix}").mkdir()
    assert plan_rollback(settings, point.id).downtimes == ()
    with pytest.raises(OSError, match="unable to open"):  # told as the disk's, not as a bug
        entries(settings)
