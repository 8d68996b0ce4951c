"""Backing up, comparing, proving and going back beside what a program that died left behind."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from core.backup.create import create_restore_point
from core.backup.facts import read_facts
from core.backup.models import DatabaseFacts, Reason
from core.backup.store import Store
from core.backup.verify import verify
from core.base.config.models import Settings
from core.base.databases import Condition, examine
from core.base.operation import Context, OperationError
from core.base.process import run_in_process
from core.base.sqlite import open_immutable
from core.diff.models import Status
from core.diff.operation import Compare
from core.monitoring.probes.helper import Request, look
from core.program.control import verify_answers
from core.release.watch import measure
from core.switchover.rollback import Rollback
from core.verification.data import VerifyData
from migration.run.preflight import Preflight
from tests.left_behind import KEPT, kept_rows, kill_in_transaction, pair_of_two_moments


def healthy(settings: Settings, name: str) -> str:
    path = settings.file(name).path
    measures: dict[str, list[str]] = {one.reference: [] for one in settings.measures}
    asked = Request(name=name, path=str(path), locks=True, measures=measures)
    return look(asked)["condition"]


def members(path: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in path.parent.glob(f"{path.name}*")}


@pytest.mark.parametrize("mode", ["DELETE", "PERSIST", "TRUNCATE"])
def test_a_hot_journal_stands_in_nobody_s_way(settings: Settings, mode: str) -> None:
    earlier = create_restore_point(Context(), settings, Reason.MANUAL)
    path = settings.file("strategies").path
    kill_in_transaction(path, mode)
    before = members(path)

    state = examine(settings.file("strategies"))
    assert (state.condition, "cut off" in state.detail) == (Condition.OK, True)
    assert healthy(settings, "strategies") == "ok"
    verify_answers(settings)
    assert run_in_process(measure, Context(), settings.databases, 0.0).database
    assert VerifyData(settings).run(Context()).ok
    compared = Compare(settings, earlier.id).run(Context())
    (strategies,) = (one for one in compared.databases if one.name == "strategies")
    (kept,) = (one for one in strategies.tables if one.table == "kept")
    assert (kept.status, kept.right_rows) == (Status.REMOVED, KEPT)
    with pytest.raises(OperationError, match="cut off"):
        Preflight(settings).run(Context())

    present = create_restore_point(Context(), settings, Reason.MANUAL)
    assert present.sound
    assert verify(Context(), settings, present.id, "full").ok
    assert members(path) == before, "the live files were only read"

    gone_back = Rollback(settings, earlier.id).run(Context())
    assert not Path(f"{path}-journal").exists()
    parked = Store(settings.store).get(str(gone_back.parked_point_id))
    assert parked.good
    Rollback(settings, parked.point.id).run(Context())
    assert kept_rows(path) == KEPT


def test_what_sqlite_calls_malformed_with_its_wal_is_not_called_good(settings: Settings) -> None:
    path = settings.file("market_data").path
    pair_of_two_moments(path)
    before = members(path)
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    facts = point.file("market_data").database
    assert facts is not None and not facts.sound and not point.sound
    assert not Store(settings.store).get(point.id).good
    with pytest.raises(OperationError):
        Rollback(settings, point.id).run(Context())
    assert members(path) == before
    compared = Compare(settings, point.id).run(Context())
    assert "market_data" not in {one.name for one in compared.databases}, "not by its main file"
    assert "market_data" in {one.name for one in compared.files}


def test_facts_of_a_pair_are_not_taken_for_those_of_its_main_file(settings: Settings) -> None:
    path = settings.file("market_data").path
    pair_of_two_moments(path)
    create_restore_point(Context(), settings, Reason.MANUAL)
    Path(f"{path}-wal").unlink()
    assert create_restore_point(Context(), settings, Reason.MANUAL).sound
    pair_of_two_moments(path)
    assert not create_restore_point(Context(), settings, Reason.MANUAL).sound


def _of_the_main_file_alone(context: Context, path: Path) -> DatabaseFacts:
    connection = open_immutable(path)
    try:
        return read_facts(context, connection)
    finally:
        connection.close()


def _here(function: object, context: Context, *rest: object) -> object:
    return function(context, *rest)  # type: ignore[operator]


def test_a_drill_opens_a_database_with_its_wal(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A point that an earlier console called good, going by the main file alone."""
    pair_of_two_moments(settings.file("market_data").path)
    with monkeypatch.context() as earlier:
        earlier.setattr("core.backup.create.run_in_process", _here)
        earlier.setattr("core.backup.check.read_restored", _of_the_main_file_alone)
        point = create_restore_point(Context(), settings, Reason.MANUAL)
    assert point.sound
    sound = verify(Context(), settings, point.id, "full")
    assert not sound.ok and "market_data" in sound.problems[0]


def test_a_database_without_a_byte_comes_back_as_one(settings: Settings) -> None:
    path = settings.file("market_data").path
    full = create_restore_point(Context(), settings, Reason.MANUAL)
    for beside in members(path):
        path.with_name(beside).unlink()
    path.touch()
    empty = create_restore_point(Context(), settings, Reason.MANUAL)
    assert empty.sound and verify(Context(), settings, empty.id, "full").ok
    findings = {one.name: one.state for one in VerifyData(settings).run(Context()).findings}
    assert findings["data.market_data"] == "warning", "it is told that it holds no table"
    (compared,) = (
        one
        for one in Compare(settings, full.id).run(Context()).databases
        if one.name == "market_data"
    )
    assert compared.status is Status.CHANGED
    assert {one.status for one in compared.tables} == {Status.ADDED}
    Rollback(settings, full.id).run(Context())
    assert path.stat().st_size > 0
    Rollback(settings, empty.id).run(Context())
    assert path.stat().st_size == 0
    assert examine(settings.file("market_data")).condition is Condition.EMPTY


def test_a_database_that_lies_in_its_wal_alone_comes_back_whole(settings: Settings) -> None:
    path = settings.file("strategies").path
    making = path.with_name("making")
    connection = sqlite3.connect(making, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE kept (a INTEGER PRIMARY KEY, b TEXT)")
    connection.executemany("INSERT INTO kept VALUES (?, '원래')", [(n,) for n in range(KEPT)])
    shutil.copyfile(f"{making}-wal", f"{path}-wal")
    connection.close()
    making.unlink()
    path.write_bytes(b"")
    before = members(path)
    # Whoever opens it loses the -wal: the program is not to be started on it.
    assert examine(settings.file("strategies")).condition is Condition.CORRUPT
    assert healthy(settings, "strategies") == "corrupt"
    with pytest.raises(OperationError):
        verify_answers(settings)
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    assert members(path) == before
    assert point.sound and verify(Context(), settings, point.id, "full").ok
    Rollback(settings, point.id).run(Context())
    assert kept_rows(path) == KEPT
    assert examine(settings.file("strategies")).condition is Condition.OK
