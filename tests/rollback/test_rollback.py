"""Going back: one operation from a restore point to a running, verified program."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.backup.store import Store
from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.folders import AREA
from core.base.journal import Outcome, entries
from core.base.lock import Locked, console_lock
from core.base.operation import Context, OperationError, Step
from core.program.find import find_program
from core.promote.engine import Replacement, fingerprint, promote, staging_folder
from core.runner.run import Recover, run_journalled, run_operation
from core.status import read_status
from core.switchover.plan import plan_rollback
from core.switchover.rollback import Rollback
from tests.killing import KILL

CANDLES = "candles_KRW_BTC_1m"


def query(settings: Settings, name: str, sql: str) -> object:
    connection = sqlite3.connect(settings.file(name).path)
    try:
        return connection.execute(sql).fetchone()[0]
    finally:
        connection.close()


def total_rows(settings: Settings) -> int:
    return sum(
        int(str(query(settings, "market_data", f"SELECT count(*) FROM {table}")))
        for table in (CANDLES, "candles_KRW_ADA_1m", "candles_KRW_AAVE_1m", "candles_KRW_ALGO_1m")
    )


def test_goes_back_while_the_program_writes_and_starts_it_again(
    settings: Settings, trading_program: subprocess.Popen[bytes]
) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    connection = sqlite3.connect(settings.file("strategies").path)
    connection.execute("DELETE FROM execution_history")
    connection.commit()
    connection.close()
    result = run_journalled(settings, Rollback(settings, point.id), Context(), "test")
    assert query(settings, "strategies", "SELECT count(*) FROM execution_history") == 400
    assert trading_program.wait() == 0, "it was asked to stop, not killed"
    program = find_program(settings)
    assert program is not None and program.pid == result.program_pid
    assert program.command[-1] == "--env=production", "as it was running"
    assert 0 < result.data_seconds <= result.downtime_seconds
    assert [step.name for step in result.steps] == [
        "stage",
        "safety",
        "stop",
        "promote",
        "start",
        "keep",
    ]
    assert entries(settings)[0].outcome is Outcome.OK
    assert not list(settings.app.rglob(AREA))


def test_what_is_written_after_the_program_is_gone_forbids_the_swap(settings: Settings) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)

    class Late(Context):
        def on_step(self, step: Step) -> None:
            if step.name == "promote" and step.ok is None:
                connection = sqlite3.connect(settings.file("strategies").path)
                connection.execute("DELETE FROM execution_history")
                connection.commit()
                connection.close()

    with pytest.raises(OperationError, match="changed after they had been saved"):
        run_operation(settings, Rollback(settings, point.id), Late(), "test")
    assert query(settings, "strategies", "SELECT count(*) FROM execution_history") == 0
    assert not list(settings.app.rglob(AREA))


def test_the_parked_set_holds_every_row_written_until_the_stop(
    settings: Settings, trading_program: subprocess.Popen[bytes]
) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    result = Rollback(settings, point.id).run(Context())
    assert result.parked_point_id is not None and result.safety_point_id is not None
    parked = Store(settings.store).get(result.parked_point_id).point
    safety = Store(settings.store).get(result.safety_point_id).point
    assert parked.file("market_data").database.rows >= safety.file("market_data").database.rows
    back = Rollback(settings, result.parked_point_id).run(Context())
    assert back.program_pid is not None
    assert parked.reason is Reason.BEFORE_ROLLBACK
    rows = Store(settings.store).get(result.parked_point_id).point.file("market_data").database.rows
    assert rows == parked.file("market_data").database.rows


def test_a_machine_without_a_single_file_is_rebuilt_from_a_store(
    settings: Settings, tmp_path: Path
) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    rows = total_rows(settings)
    new = tmp_path / "새 컴퓨터"
    (new / "data").mkdir(parents=True)
    shutil.copy(settings.app / settings.program.script, new)
    shutil.copytree(settings.store, new / "data" / "backups")
    rebuilt = load_settings(new, {}, new)
    result = run_operation(rebuilt, Rollback(rebuilt, point.id), Context(), "test")
    assert result.safety_point_id is None and result.parked_point_id is None
    assert total_rows(rebuilt) == rows
    credentials = rebuilt.file("api_credentials").path
    assert credentials.read_bytes() == settings.file("api_credentials").path.read_bytes()
    assert credentials.stat().st_mode & 0o777 == 0o600 or os.name == "nt"
    assert not list(new.rglob(AREA)) and not read_status(rebuilt).interrupted
    assert [one.point.id for one in Store(rebuilt.store).listed()] == [point.id]


def test_a_parked_set_of_nothing_that_a_crash_left_is_let_go(settings: Settings) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    for file in settings.files:
        file.path.unlink()
    staged = staging_folder(settings.file("strategies").path, "rollback-0123456789ab")
    (staged / "strategies.sqlite3").write_bytes(b"")
    live = settings.file("strategies").path
    replacements = [Replacement(name="strategies", live=live)]
    promote(settings, "rollback-0123456789ab", replacements, fingerprint([live]))
    assert Recover(settings).run(Context()).ingested == ()
    assert not list(settings.app.rglob(AREA))
    assert [one.point.id for one in Store(settings.store).listed()] == [point.id]


def test_credentials_and_their_key_go_back_together(settings: Settings) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    credentials = settings.file("api_credentials").path
    before = credentials.read_text(encoding="utf-8")
    key = query(settings, "settings", "SELECT key_value FROM secure_keys LIMIT 1")
    credentials.write_text("{}", encoding="utf-8")
    connection = sqlite3.connect(settings.file("settings").path)
    connection.execute("UPDATE secure_keys SET key_value = x'00'")
    connection.commit()
    connection.close()
    result = Rollback(settings, point.id).run(Context())
    assert credentials.read_text(encoding="utf-8") == before
    assert query(settings, "settings", "SELECT key_value FROM secure_keys LIMIT 1") == key
    assert credentials.stat().st_mode & 0o777 == 0o600 or os.name == "nt"
    skipped = [step for step in result.steps if step.note is not None]
    assert [step.name for step in skipped] == ["stop", "start"], "no program ran, and it is said"
    assert result.downtime_seconds == 0


def test_failure_3_a_failed_safety_snapshot_stops_everything(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    before = settings.file("strategies").path.read_bytes()

    def full(*_arguments: object, **_keywords: object) -> None:
        raise OperationError(point_text, data_state=point_text, to_do=point_text)

    from core.base.text import translate

    point_text = translate("test", "the disk is full")
    monkeypatch.setattr("core.switchover.engine.create_restore_point", full)
    with pytest.raises(OperationError, match="disk is full"):
        Rollback(settings, point.id).run(Context())
    assert settings.file("strategies").path.read_bytes() == before
    assert not list(settings.app.rglob(AREA))


def test_a_program_that_does_not_come_up_gets_its_former_state_back(
    settings: Settings, trading_program: subprocess.Popen[bytes]
) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    point = Store(settings.store).listed()[0].point
    settings = settings.model_copy(
        update={
            "program": settings.program.model_copy(
                update={
                    # Runs only on databases that have the table made after the restore point.
                    "start": (
                        sys.executable, "-c",
                        "import sqlite3, runpy, sys; sqlite3.connect('data/strategies.sqlite3')"
                        ".execute('SELECT * FROM later'); "
                        "sys.argv = ['run_desktop_ui.py']; "
                        "runpy.run_path('run_desktop_ui.py', run_name='__main__')",
                    )
                }
            )
        }
    )  # fmt: skip
    connection = sqlite3.connect(settings.file("strategies").path)
    connection.execute("CREATE TABLE later (x)")
    connection.commit()
    connection.close()
    rows = total_rows(settings)
    with pytest.raises(OperationError, match="was undone") as caught:
        Rollback(settings, point.id).run(Context())
    assert "program runs on it" in str(caught.value)
    assert total_rows(settings) >= rows
    assert query(settings, "strategies", "SELECT count(*) FROM later") == 0
    assert find_program(settings) is not None
    assert not list(settings.app.rglob(AREA))


def test_a_program_that_ignores_the_request_is_not_killed(settings: Settings) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    settings = settings.model_copy(
        update={"program": settings.program.model_copy(update={"stop_seconds": 0.5})}
    )
    process = subprocess.Popen(
        [sys.executable, "run_desktop_ui.py"],
        cwd=settings.app, env={**os.environ, "DEMO_FAIL": "ignore_sigterm"},
    )  # fmt: skip
    try:
        # Its first rows are there: by then it ignores the request.
        while not read_status(settings).files[2].wal_size:
            assert process.poll() is None
        with pytest.raises(OperationError, match="did not close"):
            Rollback(settings, point.id).run(Context())
        assert process.poll() is None, "it still runs"
        assert not list(settings.app.rglob(AREA))
    finally:
        process.kill()
        process.wait()


def test_failure_9_a_damaged_restore_point_is_refused(settings: Settings) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    pack = next(Store(settings.store).packs.iterdir())
    content = bytearray(pack.read_bytes())
    content[len(content) // 3] ^= 1
    pack.write_bytes(content)
    for file in settings.files:
        file.path.write_bytes(b"another state" * 300)  # nothing of what is live can be reused
    before = settings.file("strategies").path.read_bytes()
    with pytest.raises(OperationError):
        Rollback(settings, point.id).run(Context())
    assert settings.file("strategies").path.read_bytes() == before


def test_a_damaged_present_does_not_prevent_going_back(settings: Settings) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    settings.file("strategies").path.write_bytes(b"ruined by a disk" * 300)
    Rollback(settings, point.id).run(Context())
    assert query(settings, "strategies", "SELECT count(*) FROM execution_history") == 400


def test_the_plan_says_what_would_be_and_touches_nothing(
    settings: Settings, trading_program: subprocess.Popen[bytes]
) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    plan = plan_rollback(settings, point.id)
    assert plan.program is not None and plan.program.pid == trading_program.pid
    assert plan.files == ("api_credentials", "market_data", "settings", "strategies")
    assert plan.untouched == ()
    assert trading_program.poll() is None


CHILD = """
import sys
from pathlib import Path
from migration.upbit.settings import UpbitSettings as Settings
from core.runner.run import run_journalled
from core.base.operation import Context
from core.switchover.rollback import Rollback
if __name__ == "__main__":
    class Telling(Context):
        def on_step(self, step):
            print(step.name, "begins" if step.ok is None else "ends", flush=True)
    settings = Settings.model_validate_json(Path(sys.argv[1]).read_bytes())
    run_journalled(settings, Rollback(settings, sys.argv[2]), Telling(), "test")
"""


@pytest.mark.parametrize("kill_at", ["stage begins", "safety begins", "stop begins",
                                     "promote begins", "promote ends", "start ends"])  # fmt: skip
def test_sigkill_of_the_console_at_every_step_leaves_old_or_new(
    settings: Settings, trading_program: subprocess.Popen[bytes], kill_at: str, tmp_path: Path
) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    connection = sqlite3.connect(settings.file("strategies").path)
    connection.execute("DELETE FROM execution_history")
    connection.commit()
    connection.close()
    configuration = tmp_path / "settings.json"
    configuration.write_text(settings.model_dump_json(), encoding="utf-8")
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, configuration, point.id],
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert child.stdout is not None
    for line in child.stdout:
        if line.strip() == kill_at:
            for process in [*psutil.Process(child.pid).children(), psutil.Process(child.pid)]:
                if "run_desktop_ui.py" not in " ".join(process.cmdline()):
                    process.send_signal(KILL)
            break
    child.wait()
    trading_program.poll()
    with console_lock(settings, "recover", wait_seconds=10):
        Recover(settings).run(Context())
    rows = query(settings, "strategies", "SELECT count(*) FROM execution_history")
    assert rows in {0, 400}
    for file in settings.databases:
        assert query(settings, file.name, "PRAGMA integrity_check") == "ok"
    assert not list(settings.app.rglob(AREA))
    assert entries(settings)[0].outcome in {Outcome.INTERRUPTED, Outcome.OK}


def test_a_second_console_is_told_who_holds_the_lock(settings: Settings) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from migration.upbit.settings import UpbitSettings as Settings\n"
        "from core.base.lock import console_lock\n"
        "settings = Settings.model_validate_json(Path(sys.argv[1]).read_bytes())\n"
        "with console_lock(settings, 'backup create'):\n"
        "    print('held', flush=True); input()"
    )
    configuration = settings.app / "settings.json"
    configuration.write_text(settings.model_dump_json(), encoding="utf-8")
    other = subprocess.Popen(
        [sys.executable, "-c", code, configuration],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    assert other.stdout and other.stdout.readline() == "held\n"
    with (
        pytest.raises(Locked, match=rf"backup create \(process {other.pid}"),
        console_lock(settings, "rollback"),
    ):
        pass
    other.send_signal(KILL)
    other.wait()
    with console_lock(settings, "rollback"):
        pass
