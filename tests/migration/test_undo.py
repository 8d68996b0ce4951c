"""Undoing a migration: which rows written since would be lost, and their export."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from core.base.config.models import Settings
from core.base.operation import Context, OperationError
from migration.run.execute import RunMigration
from migration.run.models import ChangedRows, Decision
from migration.run.records import decide
from migration.run.undo import ExportSince, Undo, plan_undo
from tests.migration.test_run import execute, old_or_new, query


def changes(settings: Settings) -> dict[str, tuple[int, int, int]]:
    plan = plan_undo(Context(), settings)
    assert plan.rows_lost == sum(plan.lost.values())
    return {one.place: (one.added, one.changed, one.removed) for one in plan.changes}


@pytest.fixture
def migrated(settings: Settings) -> Settings:
    decide(settings, Decision(database="strategies", table="trading_conditions", row=1,
                              role="ENTRY"))  # fmt: skip
    RunMigration(settings).run(Context())
    return settings


def test_right_after_a_migration_nothing_would_be_lost(migrated: Settings) -> None:
    plan = plan_undo(Context(), migrated)
    assert plan.exact and plan.changes == () and plan.rows_lost == 0


def test_rows_added_changed_and_removed_since_are_counted(migrated: Settings) -> None:
    execute(migrated, "UPDATE execution_history SET price = price + 1 WHERE id IN (1, 2, 3)")
    execute(migrated, "DELETE FROM execution_history WHERE id = 10")
    # As many rows as before: only looking at each row tells.
    execute(migrated, "INSERT INTO execution_history (strategy_id, price) VALUES ('x', 1.5)")
    execute(migrated, "UPDATE domain_strategies SET name = 'neu' WHERE id = 'task_1'")
    execute(migrated, "INSERT INTO domain_strategies (id, name, created_at, updated_at) "
                      "VALUES ('since', 'n', '2026', '2026')")  # fmt: skip
    execute(migrated, "UPDATE cfg_app_settings SET value = 'x' WHERE rowid = 1", "settings")
    found = changes(migrated)
    # The stand-in's trigger keeps a record of each execution.
    assert found.pop("strategies.event_store", (1, 0, 0))[1:] == (0, 0)
    assert found == {
        "strategies.execution_history": (1, 3, 1),
        "strategies.domain_strategies": (1, 1, 0),
        "settings.cfg_app_settings": (0, 1, 0),
    }


def test_the_export_holds_exactly_the_rows_written_since(
    migrated: Settings, tmp_path: Path
) -> None:
    execute(migrated, "CREATE TABLE later (a, b)")
    connection = sqlite3.connect(migrated.file("strategies").path)
    blob, long = b"\x00\xff", "가" * 100_000
    connection.execute("INSERT INTO later VALUES (?, ?), (?, 9e999)", (blob, long, 2**63 - 1))
    connection.execute("UPDATE execution_history SET price = 0.1 + 0.2 WHERE id = 1")
    connection.execute("DELETE FROM execution_history WHERE id = 2")
    connection.commit()
    connection.close()
    was = query(migrated, "SELECT price FROM execution_history WHERE id = 1")
    folder = tmp_path / "saved"
    written = ExportSince(migrated, folder).run(Context())
    assert {(one.table, one.rows) for one in written} == {("later", 2), ("execution_history", 2)}
    later = [json.loads(line) for line in (folder / "strategies.later.jsonl").open()]
    assert later == [
        {"change": "added", "now": {"a": {"hexadecimal": "00ff"}, "b": long}},
        {"change": "added", "now": {"a": 2**63 - 1, "b": {"real": "inf"}}},
    ]
    history = [json.loads(one) for one in (folder / "strategies.execution_history.jsonl").open()]
    assert [one["change"] for one in history] == ["changed", "removed"]
    assert history[0]["now"]["price"] == was[0][0] and history[0]["was"]["price"] != was[0][0]
    assert history[1]["was"]["id"] == 2
    again = ExportSince(migrated, folder).run(Context())
    assert {Path(one.file).name for one in again} == {
        "strategies.later-2.jsonl", "strategies.execution_history-2.jsonl",
    }  # fmt: skip


def test_where_the_scripts_have_changed_the_loss_is_told_as_at_most(
    migrated: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from migration.run import records, undo

    place = records.newest_report(migrated)
    assert place is not None
    scripts = tuple(
        one.model_copy(update={"sha256": "0" * 64}) for one in place.result.outcome.scripts
    )
    outcome = place.result.outcome.model_copy(update={"scripts": scripts})
    other = place.model_copy(
        update={"result": place.result.model_copy(update={"outcome": outcome})}
    )
    monkeypatch.setattr(undo, "newest_report", lambda _settings: other)
    execute(migrated, "UPDATE execution_history SET price = price + 1 WHERE id = 1")
    plan = plan_undo(Context(), migrated)
    assert not plan.exact
    one = next(one for one in plan.changes if one.table == "execution_history")
    assert (one.added, one.changed, one.removed) == (0, 1, 0)
    assert not any(one.table == "domain_strategies" for one in plan.changes)


def test_undo_goes_back_once(settings: Settings) -> None:
    rows = query(settings, "SELECT * FROM trading_conditions")
    RunMigration(settings).run(Context())
    execute(settings, "INSERT INTO execution_history (strategy_id, price) VALUES ('x', 1.5)")
    Undo(settings).run(Context())
    assert not old_or_new(settings)
    with pytest.raises(OperationError, match="undone already"):
        plan_undo(Context(), settings)
    assert query(settings, "SELECT * FROM trading_conditions") == rows
    assert query(settings, "SELECT count(*) FROM execution_history") == [(400,)]
    assert RunMigration(settings).run(Context()).outcome.ok, "and it can be done again"


def test_files_that_go_back_too_are_named(migrated: Settings) -> None:
    assert plan_undo(Context(), migrated).files_changed == ()
    path = migrated.file("api_credentials").path
    path.write_bytes(path.read_bytes() + b" ")
    assert plan_undo(Context(), migrated).files_changed == ("api_credentials",)


def test_a_table_is_named_with_its_database() -> None:
    one = ChangedRows(database="settings", table="a.b", added=1, changed=2, removed=3)
    assert (one.place, one.rows) == ("settings.a.b", 6)
