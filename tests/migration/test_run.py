"""The operations on a live workspace: the program comes back, on old data or on new."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from markupsafe import escape

from core.backup.models import Reason
from core.backup.store import Store
from core.base.config.models import Settings
from core.base.folders import AREA
from core.base.journal import Outcome, entries
from core.base.lock import console_lock
from core.base.operation import Cancelled, Context, OperationError, Step
from core.base.sealed import copies
from core.program.find import find_program, find_programs
from core.runner.run import Recover, run_journalled
from migration.engine.plan import State
from migration.run.execute import Baseline, Repair, RunMigration
from migration.run.inspect import Plan, Report, Status, Verify
from migration.run.models import Decision
from migration.run.preflight import Preflight
from migration.run.records import (
    decide,
    decide_all,
    finish_report,
    in_force,
    read_decisions,
    render,
    withdraw,
    write_run_marker,
)
from migration.run.rehearse import Rehearse
from migration.run.undo import plan_undo
from tests.killing import KILL

Program = subprocess.Popen[bytes]


def query(settings: Settings, sql: str, name: str = "strategies") -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(settings.file(name).path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def execute(settings: Settings, sql: str, name: str = "strategies") -> None:
    connection = sqlite3.connect(settings.file(name).path)
    connection.execute(sql)
    connection.commit()
    connection.close()


def migrated(settings: Settings) -> bool:
    found = query(settings, "SELECT count(*) FROM sqlite_schema WHERE name = 'domain_strategies'")
    return found == [(1,)]


def old_or_new(settings: Settings) -> bool:
    """Require that the live set is wholly one of the two, sound, and return whether it is new."""
    new = migrated(settings)
    both = query(
        settings,
        "SELECT count(*) FROM sqlite_schema WHERE name = 'migration_setting_changes'",
        "settings",
    )
    assert both == [(int(new),)], "one database is migrated and the other is not"
    for file in settings.databases:
        assert query(settings, "PRAGMA integrity_check", file.name) == [("ok",)]
    assert not list(settings.app.rglob(AREA))
    return new


class Watching(Context):
    """Does something at the beginning of one step."""

    def __init__(self, at: str, then: Any) -> None:
        super().__init__()
        self.at = at
        self.then = then

    def on_step(self, step: Step) -> None:
        if step.name == self.at and step.ok is None and step.note is None:
            then, self.then = self.then, lambda: None
            then()


def test_a_rehearsal_shows_everything_and_changes_nothing(settings: Settings) -> None:
    before = {file.name: file.path.read_bytes() for file in settings.files}
    result = Rehearse(settings).run(Context())
    assert result.ok
    shown = json.loads(result.model_dump_json())
    assert [(one["name"], one["ok"]) for one in shown["validators"]] == [
        ("record_counts", True), ("integrity", True), ("business_logic", True),
        ("performance", True),
    ]  # fmt: skip
    assert all(one["evidence"] for one in shown["validators"])
    assert {one.shape for one in result.outcome.tables} >= {"unified", "task", "component"}
    assert result.outcome.review_total == len(result.outcome.review) == 38
    assert result.outcome.review[1].values["name"] == "볼린저밴드 상단 돌파 0"
    assert any(one.rule == "float_to_decimal" for one in result.outcome.setting_changes)
    assert all(one.change == "new" for one in result.outcome.schema_changes)
    assert {file.name: file.path.read_bytes() for file in settings.files} == before
    assert not list(settings.app.rglob(AREA))
    assert not list((settings.home / "scratch").glob("*"))


def test_migrates_while_the_program_writes_and_starts_it_again(
    settings: Settings, trading_program: Program
) -> None:
    result = run_journalled(settings, RunMigration(settings), Context(), "test")
    assert trading_program.wait() == 0, "it was asked to stop, not killed"
    program = find_program(settings)
    assert program is not None and program.pid == result.program_pid
    assert old_or_new(settings)
    assert [step.name for step in result.steps] == [
        "safety", "stage", "migrate", "validate", "describe", "stop", "promote", "start",
        "verify", "keep",
    ]  # fmt: skip
    assert not result.staged_again and 0 < result.data_seconds <= result.downtime_seconds
    point = Store(settings.store).get(result.restore_point).point
    assert point.reason is Reason.BEFORE_MIGRATION
    assert {file.name for file in point.files} == {"strategies", "settings", "api_credentials"}
    assert entries(settings)[0].outcome is Outcome.OK
    status = Status(settings).run(Context())
    assert {one.state for plan in status.plans for one in plan.scripts} == {State.SUCCESS}
    assert status.restore_point == result.restore_point
    assert Verify(settings).run(Context()).ok
    place = Report(settings).run(Context())
    assert place.result == result
    page = place.html.read_text(encoding="utf-8")
    for expected in (result.restore_point, result.outcome.scripts[0].sha256, "record_counts"):
        assert expected in page
    evil = "<script>alert(1)</script>'\"><img src=x onerror=alert(2)>"
    table = result.outcome.tables[0].model_copy(update={"table": evil, "targets": {evil: 1}})
    outcome = result.outcome.model_copy(update={"tables": (table,)})
    page = render(result.model_copy(update={"outcome": outcome, "caught_up": {evil: 1}}))
    assert "<script" not in page and "<img" not in page and page.count(str(escape(evil))) == 3
    with pytest.raises(OperationError, match="migrated already"):
        RunMigration(settings).run(Context())


def test_decisions_are_kept_and_used(settings: Settings) -> None:
    decide(settings, Decision(database="strategies", table="trading_conditions", row=1,
                              role="EXIT"))  # fmt: skip
    decide(settings, Decision(database="strategies", table="trading_conditions", row=1,
                              role="ENTRY"))  # fmt: skip
    decide(settings, Decision(database="strategies", table="trading_conditions", row=2,
                              role="EXIT", strategy="STR_1756000000003"))  # fmt: skip
    decide(settings, Decision(database="strategies", table="trading_conditions", row=3,
                              role="EXIT", leave=True))  # fmt: skip
    assert len(read_decisions(settings)) == 3, "the last one of each row"
    result = RunMigration(settings).run(Context())
    found = query(
        settings,
        "SELECT c.legacy_id, t.strategy_id, t.trigger_type FROM domain_triggers AS t "
        "JOIN domain_trigger_conditions AS l ON l.trigger_id = t.id "
        "JOIN domain_conditions AS c ON c.id = l.condition_id WHERE l.role_from = 'operator' "
        "ORDER BY c.id",
    )
    assert found == [(1, "STR_1756000000000", "ENTRY"), (2, "STR_1756000000003", "EXIT")]
    assert result.decisions == read_decisions(settings)
    assert result.outcome.review_total == 38 - 3


def test_a_whole_table_is_decided_but_for_what_is_left_in_review(settings: Settings) -> None:
    whole = Decision(database="strategies", table="Trading_Conditions", role="EXIT")
    one = whole.model_copy(update={"row": 1, "role": "ENTRY"})
    left = whole.model_copy(update={"row": 3, "role": None, "leave": True})
    assert in_force([one, left]) == {one}, "what stays in review was there already"
    assert in_force([whole, left]) == {whole, left}
    decide_all(settings, (whole, one, left))
    result = Rehearse(settings).run(Context())
    assert result.ok and set(result.decisions) == {whole, one, left}
    roleless = [(row.table, row.row) for row in result.outcome.review if row.reason == "no_role"]
    assert roleless == [("conditions", 1), ("trading_conditions", 3), ("strategy_conditions", 2)]
    assert withdraw(settings, (whole, left)) == (one,)


def test_what_is_written_after_the_copies_were_made_is_taken_in(
    settings: Settings, trading_program: Program
) -> None:
    def write() -> None:
        execute(settings, "UPDATE execution_history SET price = 77.7 WHERE id = 1")
        execute(
            settings,
            "INSERT INTO legacy_strategies VALUES (2, '늦은 전략', NULL, '[]')",
        )

    result = RunMigration(settings).run(Watching("stop", write))
    assert result.staged_again and not result.caught_up
    assert old_or_new(settings)
    assert query(settings, "SELECT price FROM execution_history WHERE id = 1") == [(77.7,)]
    assert query(settings, "SELECT name FROM domain_strategies WHERE id = 'task_2'") == [
        ("늦은 전략",)
    ]
    assert find_program(settings) is not None


def test_what_no_script_reads_is_caught_up_without_staging_again(
    settings: Settings, trading_program: Program
) -> None:
    def write() -> None:
        execute(settings, "UPDATE execution_history SET price = 77.7 WHERE id = 1")
        execute(settings, "UPDATE trading_conditions SET usage_count = 5 WHERE id = 1")

    result = RunMigration(settings).run(Watching("stop", write))
    assert not result.staged_again
    assert result.caught_up["strategies.execution_history"] >= 1
    assert old_or_new(settings)
    assert query(settings, "SELECT price FROM execution_history WHERE id = 1") == [(77.7,)]
    rows = result.outcome.counts["strategies"]["execution_history"]
    assert query(settings, "SELECT count(*) FROM execution_history") == [(rows,)]
    assert plan_undo(Context(), settings).rows_lost == 0, "what was caught up is not lost"
    assert Verify(settings).run(Context()).ok


def test_a_file_touched_without_a_change_is_not_migrated_twice(
    settings: Settings, trading_program: Program
) -> None:
    def touch() -> None:
        os.utime(settings.file("strategies").path)

    result = RunMigration(settings).run(Watching("stop", touch))
    assert not result.staged_again and not result.caught_up
    assert "catch_up" in [step.name for step in result.steps]
    assert old_or_new(settings)


def test_what_is_written_between_the_comparison_and_the_swap_forbids_the_swap(
    settings: Settings, trading_program: Program
) -> None:
    def write() -> None:
        execute(settings, "DELETE FROM execution_history WHERE id = 1")

    with pytest.raises(OperationError, match="changed after they had been saved"):
        RunMigration(settings).run(Watching("promote", write))
    assert not old_or_new(settings)
    assert query(settings, "SELECT count(*) FROM execution_history") == [(399,)]
    assert find_program(settings) is not None


@pytest.mark.parametrize("step", ["stage", "validate", "stop"])
def test_cancelled_at_a_step_everything_is_as_before(
    step: str, settings: Settings, trading_program: Program
) -> None:
    context = Watching(step, lambda: context.cancel())  # noqa: PLW0108 (it does not exist yet)
    with pytest.raises(Cancelled):
        RunMigration(settings).run(context)
    assert not old_or_new(settings)
    assert find_program(settings) is not None
    assert not list((settings.home / "scratch").glob("*"))


@pytest.mark.parametrize("broken", ["catch_up", "again", "promote", "start", "verify"])
def test_a_failure_after_the_stop_puts_everything_back_and_starts_it(
    broken: str, settings: Settings, trading_program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.base.text import translate
    from core.switchover import engine as switchover
    from migration.run import execute as module

    text = translate("test", "injected")

    def fail(*_arguments: object, **_keywords: object) -> None:
        raise OperationError(text, data_state=text, to_do=text)

    real = switchover.start
    calls: list[int] = []

    def fail_once(*arguments: Any) -> Any:
        calls.append(1)
        return fail() if len(calls) == 1 else real(*arguments)

    def fail_when_stopped(*arguments: Any, **keywords: Any) -> Any:
        if not find_programs(settings):
            fail()
        return make_copies(*arguments, **keywords)

    def fail_when_stopped_process(function: Any, *arguments: Any) -> Any:
        if function is module.catch_up:
            fail()
        return run_in_process(function, *arguments)

    make_copies, run_in_process = module.make_copies, module.run_in_process
    then = lambda: None  # noqa: E731
    if broken == "catch_up":
        then = lambda: execute(settings, "DELETE FROM event_store")  # noqa: E731
        monkeypatch.setattr(module, "run_in_process", fail_when_stopped_process)
    elif broken == "again":
        then = lambda: execute(settings, "DELETE FROM conditions")  # noqa: E731
        monkeypatch.setattr(module, "make_copies", fail_when_stopped)
    elif broken == "promote":
        monkeypatch.setattr(module, "promote", fail)
    elif broken == "start":
        monkeypatch.setattr(switchover, "start", fail_once)
    else:
        monkeypatch.setattr(module, "_require_migrated", lambda *_: 1 / 0)
    with pytest.raises(OperationError, match=r"injected|division"):
        RunMigration(settings).run(Watching("stop", then))
    assert not old_or_new(settings)
    assert find_program(settings) is not None, "the program runs again without a click"


def test_a_full_disk_while_staging_leaves_everything_as_it_was(
    settings: Settings, trading_program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    from migration.run import rehearse

    monkeypatch.setattr(rehearse, "free_bytes", lambda _folder: 1_000)
    for operation in (Rehearse(settings), RunMigration(settings)):
        with pytest.raises(OperationError, match="Not enough free space"):
            operation.run(Context())
    assert trading_program.poll() is None
    assert not old_or_new(settings)


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="limits of POSIX")
def test_a_write_that_fails_for_lack_of_space_is_told_and_leaves_no_litter(
    settings: Settings, tmp_path: Path
) -> None:
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from core.base.operation import Context, OperationError\n"
        "from migration.upbit.settings import UpbitSettings\n"
        "from migration.adapter import script_set\n"
        "from migration.run.stage import copy_live, migrate_copies\n"
        "settings = UpbitSettings.model_validate_json(Path(sys.argv[1]).read_bytes())\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "files = tuple(f for f in settings.databases if f.name != 'market_data')\n"
        "folder = Path(sys.argv[2])\n"
        "sources = copy_live(Context(), files, folder)\n"
        "limit = max(p.stat().st_size for p in sources.values()) + 20_000\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))\n"
        "targets = {n: folder / f'{n}.new' for n in sources}\n"
        "try: migrate_copies(Context(), script_set(settings), sources, targets, '2026', ())\n"
        "except OperationError as error: print(error)\n"
    )
    configuration = tmp_path / "settings.json"
    configuration.write_text(settings.model_dump_json(), encoding="utf-8")
    said = subprocess.run(
        [sys.executable, "-c", code, configuration, tmp_path / "work"],
        capture_output=True, encoding="utf-8", check=True,
    ).stdout  # fmt: skip
    assert "discarded; the live data was not touched" in said
    assert not old_or_new(settings)


def test_validation_that_fails_stops_the_run_before_the_program_is_stopped(
    settings: Settings, trading_program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    from migration.run import execute as module

    def invalid(*arguments: Any) -> Any:
        made = make_copies(*arguments)
        outcome = made.outcome
        wrong = outcome.validators[0].model_copy(
            update={"ok": False, "problems": (module.translate("test", "a row is lost"),)}
        )
        validators = (wrong, *outcome.validators[1:])
        return made._replace(outcome=outcome.model_copy(update={"validators": validators}))

    make_copies = module.make_copies
    monkeypatch.setattr(module, "make_copies", invalid)
    with pytest.raises(OperationError, match="a row is lost"):
        RunMigration(settings).run(Context())
    assert trading_program.poll() is None, "it was never stopped"
    assert not old_or_new(settings)


CHILD = """
import sys
from pathlib import Path
from migration.upbit.settings import UpbitSettings as Settings
from core.runner.run import run_journalled
from core.base.operation import Context
from migration.run.execute import RunMigration
if __name__ == "__main__":
    class Telling(Context):
        def on_step(self, step):
            print(step.name, "begins" if step.ok is None else "ends", flush=True)
    settings = Settings.model_validate_json(Path(sys.argv[1]).read_bytes())
    run_journalled(settings, RunMigration(settings), Telling(), "test")
"""


@pytest.mark.parametrize(
    "kill_at",
    ["safety begins", "stage begins", "migrate begins", "validate begins", "describe begins",
     "stop begins", "promote begins", "promote ends", "start ends", "keep begins"],
)  # fmt: skip
def test_sigkill_of_the_console_at_every_step_leaves_old_or_new(
    settings: Settings, trading_program: Program, kill_at: str, tmp_path: Path
) -> None:
    configuration = tmp_path / "settings.json"
    configuration.write_text(settings.model_dump_json(), encoding="utf-8")
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, configuration], stdout=subprocess.PIPE, encoding="utf-8"
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
    new = old_or_new(settings)
    if kill_at in {"promote ends", "start ends", "keep begins"}:
        assert new
        reasons = [one.point.reason for one in Store(settings.store).listed()]
        assert reasons.count(Reason.BEFORE_MIGRATION) == 2, "the parked set became a restore point"
        # The report was written down before the swap, and the next console completes it.
        result = Report(settings).run(Context()).result
        assert result.interrupted and result.outcome.ok and result.downtime_seconds is None
        assert result.restore_point != result.safety_point
        point = Store(settings.store).get(result.restore_point).point
        assert {file.name for file in point.files} == {"strategies", "settings", "api_credentials"}
    elif kill_at != "promote begins":
        assert not new
    if not new:
        with pytest.raises(OperationError, match="no report"):
            Report(settings).run(Context())
    assert not (settings.home / "migration" / "underway.json").exists()
    assert entries(settings)[0].outcome in {Outcome.INTERRUPTED, Outcome.OK}


@pytest.mark.parametrize("which", [0, 1])
def test_one_flipped_byte_does_not_lose_the_report_of_a_run_that_was_cut_off(
    settings: Settings, which: int
) -> None:
    result = RunMigration(settings).run(Context())
    write_run_marker(settings, result)
    record = copies(settings.home / "migration" / "underway.json")[which]
    record.write_bytes(record.read_bytes().replace(b'"ok": true', b'"ok": tr5e', 1))
    assert finish_report(settings) is not None
    assert Report(settings).run(Context()).result.interrupted
    assert finish_report(settings) is None


def test_the_preflight_and_the_plan_say_what_there_is(settings: Settings) -> None:
    result = Preflight(settings).run(Context())
    assert result.ok
    said = {check.name: str(check.what) for check in result.checks}
    assert said["pending"] == "8 scripts are to run."
    assert said["positions"] == "Open positions in the data: 1."
    plan = Plan(settings).run(Context())
    assert len(plan.pending) == 8 and not plan.problems and not plan.lint
    assert ("settings", "template_conditions", 1) in [
        (one.database, one.shape, one.rows) for one in plan.sources
    ]


def test_a_missing_settings_database_does_not_prevent_the_other(settings: Settings) -> None:
    settings.file("settings").path.unlink()
    result = RunMigration(settings).run(Context())
    assert result.outcome.ok and migrated(settings)
    assert not settings.file("settings").path.exists()


def test_a_file_without_a_byte_is_an_empty_database(settings: Settings) -> None:
    path = settings.file("strategies").path
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    path.write_bytes(b"")
    assert RunMigration(settings).run(Context()).outcome.ok
    assert query(settings, "SELECT count(*) FROM domain_strategies WHERE id LIKE 'STR%'") == [(0,)]


def test_without_any_database_there_is_a_sentence(settings: Settings) -> None:
    for name in ("settings", "strategies"):
        settings.file(name).path.unlink()
    with pytest.raises(OperationError, match="None of the databases"):
        Rehearse(settings).run(Context())


def test_damaged_databases_are_refused(settings: Settings) -> None:
    shutil.copyfile(settings.app / "run_desktop_ui.py", settings.file("strategies").path)
    with pytest.raises(OperationError):
        RunMigration(settings).run(Context())
    assert not Preflight(settings).run(Context()).ok


def test_repair_and_baseline_go_the_same_safe_way(
    settings: Settings, trading_program: Program
) -> None:
    done = Baseline(settings, 3).run(Context())
    assert [one.version for one in done.changed] == [1, 2, 3]
    assert done.restore_point is not None and find_program(settings) is not None
    assert Repair(settings).run(Context()).changed == ()
    execute_stopped = query(
        settings, "SELECT outcome, count(*) FROM ops_migration_history GROUP BY 1"
    )
    assert execute_stopped == [("baseline", 3)]
