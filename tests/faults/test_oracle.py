"""The oracle sees what it is there for: a check that cannot fail would judge nothing."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import oracle


def change(path: Path, *sql: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in sql:
        connection.execute(statement)
    connection.close()


def lose(app: Path) -> None:
    (app / "data" / "strategies.sqlite3").unlink()


def empty(app: Path) -> None:
    (app / "data" / "strategies.sqlite3").write_bytes(b"")


def one_cell(app: Path) -> None:
    change(app / "data" / "settings.sqlite3", "UPDATE cfg_app_settings SET value = 'x' "
           "WHERE rowid = 1")  # fmt: skip


def one_table_more(app: Path) -> None:
    change(app / "data" / "market_data.sqlite3", "CREATE TABLE more (a)")


def keys(app: Path) -> None:
    (app / oracle.CREDENTIALS).write_text("{}", encoding="utf-8")


@pytest.mark.parametrize("harm", [lose, empty, one_cell, one_table_more, keys])
def test_no_change_of_a_set_is_taken_for_the_set(
    workspace: Path, harm: Callable[[Path], None]
) -> None:
    before = oracle.live(workspace)
    assert oracle.is_as(oracle.live(workspace), before)
    harm(workspace)
    after = oracle.live(workspace)
    assert not oracle.is_as(after, before) and oracle.differences(after, before)


def test_rows_that_lie_in_the_wal_alone_are_read_and_nothing_is_left_beside(
    workspace: Path, tmp_path: Path
) -> None:
    before = oracle.live(workspace)
    path = workspace / "data" / "settings.sqlite3"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE later (a)")
    other = tmp_path / "other"
    shutil.copytree(workspace, other)
    connection.close()
    names = oracle.names(other)
    assert oracle.live(other) != before
    assert oracle.names(other) == names
    Path(f"{other / 'data' / 'settings.sqlite3'}-wal").unlink()
    assert oracle.live(other) == before


def claims(state: str, **facts: bool) -> list[str]:
    facts = {"untouched": False, "whole": False, "new": False} | facts
    return oracle.untrue({"data_state": state}, same_points=False, runs=False, **facts)


@pytest.mark.parametrize(
    ("state", "facts"),
    [
        ("Nothing was touched.", {"whole": True, "new": True}),
        ("The live files are as they were.", {}),
        ("The trading program's data was only read.", {"whole": True, "new": True}),
        ("The former files are live.", {"whole": True, "new": True}),
        ("The new files are in place.", {"untouched": True, "whole": True}),
        ("The live set is incomplete: a not in place.", {"untouched": True, "whole": True}),
        ("The live data is whole.", {}),
        ("Something else.", {}),
        ("Nothing was removed.", {"untouched": True, "whole": True}),
        ("Nothing was touched: what ran, runs.", {"untouched": True, "whole": True}),
    ],
)
def test_a_sentence_that_is_not_so_is_told(state: str, facts: dict[str, bool]) -> None:
    assert claims(state, **facts)


@pytest.mark.parametrize(
    ("state", "facts"),
    [
        ("Nothing was touched.", {"untouched": True, "whole": True}),
        ("The new files are live, all of them.", {"whole": True, "new": True}),
        ("The live set is incomplete: a not in place.", {}),
        ("The live files are all in place.", {"whole": True}),
    ],
)
def test_a_sentence_that_is_so_is_not(state: str, facts: dict[str, bool]) -> None:
    assert not claims(state, **facts)


@pytest.mark.parametrize(
    "name",
    [
        "data/.ops_console/rollback-0/staged/settings.sqlite3",
        "data/backups/packs/20261128T163127552Z-d25c02.making",
        "data/backups/scratch/frozen",
        "data/ops_console/promote/rollback-0.json",
        "data/ops_console/migration/work-1/settings.sqlite3",
        "data/ops_console/scratch/migration-1/settings.sqlite3",
        "data/ops_console/import/settings.sqlite3",
        "data/ops_console/.console.lock.json.new",
        "data/ops_console/console.lock.json",
        "data/settings.sqlite3-journal",
        "deployment/releases/.20261128/run_desktop_ui.py",
        "data/ops_console/switchover.json",
    ],
)
def test_litter_is_seen(workspace: Path, name: str) -> None:
    before = oracle.names(workspace)
    (workspace / name).parent.mkdir(parents=True, exist_ok=True)
    (workspace / name).touch()
    assert name in oracle.litter(workspace, before)
