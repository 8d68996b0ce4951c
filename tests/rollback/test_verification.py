"""Proving that what is live is well: no check that cannot fail."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from pathlib import Path

import pytest

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.backup.store import Store
from core.base.config.models import Settings
from core.base.operation import Context, OperationError
from core.runner.run import run_operation
from core.switchover.rollback import Rollback
from core.verification.data import Verification, VerifyData
from core.verification.system import VerifyRollback, VerifySystem
from migration.deploying import hooks_of


def failed(found: Verification) -> set[str]:
    return {one.name for one in found.findings if one.state == "failed"}


def damage(path: Path) -> None:
    """Overwrite an index or a table deep in the file; the header and the schema stay."""
    content = bytearray(path.read_bytes())
    content[-8 * 4096 :] = os.urandom(8 * 4096)
    path.write_bytes(content)


def test_whole_databases_are_said_to_be_whole_and_nothing_is_left(settings: Settings) -> None:
    def files() -> list[str]:
        """All but the mark of the console's own folder, which comes with its first use."""
        found = (path for path in settings.app.rglob("*") if path.is_file())
        return sorted(path.name for path in found if path != settings.home / "HOME.json")

    before = files()
    found = VerifyData(settings).run(Context())
    assert found.ok and len(found.findings) == 3
    assert files() == before


def test_damage_that_a_glance_does_not_see_is_found(settings: Settings) -> None:
    damage(settings.file("strategies").path)
    settings.file("settings").path.unlink()
    assert failed(VerifyData(settings).run(Context())) == {"data.strategies", "data.settings"}


def test_a_row_that_lies_in_the_log_alone_is_checked_too(
    settings: Settings, trading_program: subprocess.Popen[bytes]
) -> None:
    connection = sqlite3.connect(settings.file("strategies").path)
    connection.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
    connection.execute("CREATE TABLE child (parent REFERENCES parent(id))")
    connection.execute("INSERT INTO child VALUES (7)")
    connection.commit()
    found = VerifyData(settings).run(Context())
    connection.close()
    states = {one.name: one.state for one in found.findings}
    assert found.ok and states["data.strategies"] == "warning"


def test_the_system_is_well_only_when_all_of_it_is(
    settings: Settings, trading_program: subprocess.Popen[bytes]
) -> None:
    assert failed(VerifySystem(settings, hooks_of(settings).proof).run(Context())) == {"way_back"}
    create_restore_point(Context(), settings, Reason.MANUAL)
    found = VerifySystem(settings, hooks_of(settings).proof).run(Context())
    assert found.ok, found
    assert {"program", "answers", "seven_rules", "unfinished"} <= {
        one.name for one in found.findings
    }
    trading_program.kill()
    trading_program.wait()
    assert failed(VerifySystem(settings, hooks_of(settings).proof).run(Context())) == {"program"}
    (settings.home / "promote").mkdir()
    (settings.home / "promote" / "rollback-0123456789ab.json").write_text("{", encoding="utf-8")
    assert "unfinished" in failed(VerifySystem(settings, hooks_of(settings).proof).run(Context()))


def test_a_database_without_candles_is_no_reason_to_call_the_rules_well(
    settings: Settings,
) -> None:
    settings.file("market_data").path.write_bytes(b"no database" * 1000)
    found = failed(VerifySystem(settings, hooks_of(settings).proof).run(Context()))
    assert {"data.market_data", "seven_rules"} <= found


def test_the_last_rollback_is_proven(
    settings: Settings, trading_program: subprocess.Popen[bytes]
) -> None:
    with pytest.raises(OperationError, match="no rollback"):
        VerifyRollback(settings).run(Context())
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    result = run_operation(settings, Rollback(settings, point.id), Context(), "test")
    found = VerifyRollback(settings, hooks_of(settings).proof).run(Context())
    assert found.ok, found
    connection = sqlite3.connect(settings.file("strategies").path)
    connection.execute("DROP TABLE execution_history")
    connection.commit()
    connection.close()
    assert failed(VerifyRollback(settings).run(Context())) == {"restored"}
    assert result.parked_point_id is not None
    Store(settings.store).delete([result.parked_point_id])
    states = {one.name: one.state for one in VerifyRollback(settings).run(Context()).findings}
    assert states["kept"] == "warning"


def test_a_rollback_that_failed_is_not_called_well(settings: Settings) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    pack = next(Store(settings.store).packs.iterdir())
    pack.write_bytes(pack.read_bytes()[: pack.stat().st_size // 2])
    with pytest.raises(OperationError):
        run_operation(settings, Rollback(settings, point.id), Context(), "test")
    found = VerifyRollback(settings).run(Context())
    assert "rollback" in failed(found)
    assert json.loads(found.model_dump_json())["ok"] is False
