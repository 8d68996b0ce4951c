"""What changed around an operation, and whether to go back."""

from __future__ import annotations

import random
import sqlite3
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import BaseModel

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.config.models import Settings
from core.base.journal import Entry, Outcome, entries
from core.base.operation import Context, Kind
from core.base.state import open_state
from core.daemons.monitor import GoBack, RunMonitor, go_back, way_back
from core.monitoring.alerts.incidents import save
from core.monitoring.alerts.models import Incident
from core.monitoring.history.writer import HistoryWriter
from core.monitoring.models import Moment, Reading, Sample, State
from core.monitoring.verdict import Judgement, what_changed
from core.monitoring.watch import AftercareProbe, WatchResult, is_watched, judge, point_before
from core.program.control import ServiceStop
from core.program.find import find_program
from core.release.rollback import DeployRollback
from core.runner.run import run_journalled
from core.switchover.rollback import Rollback

MINUTE = timedelta(minutes=1)


def entry(operation: str, begun: datetime, seconds: float = 30.0) -> Entry:
    return Entry(
        id=1, operation=operation, begun=begun, ended=begun + timedelta(seconds=seconds),
        by="test", outcome=Outcome.OK, steps=(), result=None, failure=None,
    )  # fmt: skip


def record(
    settings: Settings, middle: datetime, value: Callable[[str, float, random.Random], float | None]
) -> None:
    """Twenty minutes before and after *middle*, noisy as real ones are."""
    chosen = random.Random(7)
    writer = HistoryWriter(settings)
    for second in range(-1_200, 1_200):
        at = middle + timedelta(seconds=second)
        values = {}
        for key in KEYS:
            found = value(key, float(second), chosen)
            if found is not None:
                values[key] = found
        writer.add(Sample(at=at, values=values), float(second))
        if second % 500 == 0:
            writer.flush()
    writer.flush()
    writer.close()


KEYS = (
    "db.settings.read_seconds", "program_rss_bytes", "disk_write_bytes_per_second",
    "cpu_percent", "active_strategies",
)  # fmt: skip
USUAL = {
    "db.settings.read_seconds": 0.02, "program_rss_bytes": 4e8, "cpu_percent": 30.0,
    "disk_write_bytes_per_second": 1e6, "active_strategies": 8.0,
}  # fmt: skip


def noisy(key: str, chosen: random.Random) -> float:
    return USUAL[key] * (1.0 if key == "active_strategies" else chosen.uniform(0.8, 1.2))


def test_noise_is_no_change(settings: Settings) -> None:
    middle = datetime.now(UTC) - 20 * MINUTE
    record(settings, middle, lambda key, _second, chosen: noisy(key, chosen))
    verdict = what_changed(settings, entry("backup create", middle), datetime.now(UTC))
    assert {one.judgement for one in verdict.comparisons} == {Judgement.SAME}
    assert (verdict.judgement, str(verdict.text)) == (Judgement.SAME, "As before.")
    assert verdict.after_until == middle + timedelta(seconds=30) + 15 * MINUTE


def test_a_shift_within_the_usual_scatter_is_no_change(settings: Settings) -> None:
    middle = datetime.now(UTC) - 20 * MINUTE

    def value(key: str, second: float, chosen: random.Random) -> float | None:
        if key != "cpu_percent":
            return None
        return chosen.uniform(0, 80) + (18.0 if second > 0 else 0.0)

    record(settings, middle, value)
    verdict = what_changed(settings, entry("deploy", middle), datetime.now(UTC))
    assert [one.judgement for one in verdict.comparisons] == [Judgement.SAME]


def test_clear_changes_are_told_as_numbers(settings: Settings) -> None:
    middle = datetime.now(UTC) - 20 * MINUTE

    def value(key: str, second: float, chosen: random.Random) -> float | None:
        found = noisy(key, chosen)
        if second < 0:
            return found
        if second < 30:
            return found * 100  # what the operation itself does is not compared
        factors = {
            "db.settings.read_seconds": 12.0, "disk_write_bytes_per_second": 3.0,
            "cpu_percent": 0.3,
        }  # fmt: skip
        return None if key == "program_rss_bytes" else found * factors.get(key, 1.0)

    record(settings, middle, value)
    verdict = what_changed(settings, entry("migrate run", middle), datetime.now(UTC))
    found = {one.key: one.judgement for one in verdict.comparisons}
    assert found == {
        "db.settings.read_seconds": Judgement.WORSE,
        "cpu_percent": Judgement.BETTER,
        "disk_write_bytes_per_second": Judgement.CHANGED,
        "active_strategies": Judgement.SAME,
        "program_rss_bytes": Judgement.UNKNOWN,
    }
    worst = verdict.comparisons[0]
    assert worst.key == "db.settings.read_seconds"
    assert worst.before is not None
    assert worst.after is not None
    assert worst.before.median == pytest.approx(0.02, rel=0.1)
    assert worst.after.median == pytest.approx(0.24, rel=0.1)
    assert worst.change == pytest.approx(0.22, rel=0.1)
    assert verdict.judgement is Judgement.WORSE
    assert str(verdict.text).startswith("Worse than before: settings: Response time, 0.0")
    assert str(verdict.text).endswith(" s after (1 in all).")


def test_without_measurements_there_is_no_verdict(settings: Settings) -> None:
    verdict = what_changed(
        settings, entry("rollback", datetime.now(UTC) - 20 * MINUTE), datetime.now(UTC)
    )
    assert verdict.judgement is Judgement.UNKNOWN


def test_only_what_changes_the_program_is_watched() -> None:
    now = datetime.now(UTC)
    for name in ("rollback", "migrate run", "migrate undo", "deploy run", "deploy rollback"):
        assert is_watched(entry(name, now))
    for name in ("backup create", "migrate rehearse", "migrate verify", "service start"):
        assert not is_watched(entry(name, now))
    assert not is_watched(entry("rollback", now).model_copy(update={"outcome": Outcome.FAILED}))


def incident(rule: str, begun: datetime, fired: datetime, resolved: datetime | None) -> Incident:
    return Incident(
        id=int(fired.timestamp()), rule=rule, metric="program_running", severity=State.CRITICAL,
        begun=begun, fired=fired, last=fired, resolved=resolved, value=0.0, worst=0.0,
        threshold=1.0,
    )  # fmt: skip


def test_worse_health_after_a_migration_offers_the_way_back(settings: Settings) -> None:
    begun = datetime.now(UTC)
    create_restore_point(Context(), settings, Reason.MANUAL)
    point = create_restore_point(Context(), settings, Reason.BEFORE_MIGRATION)
    done = entry("migrate run", begun, (datetime.now(UTC) - begun).total_seconds() + 0.1)
    assert done.ended is not None
    assert point_before(settings, done) == point.id
    result = judge(settings, done, done.ended + MINUTE)
    assert (result.worse, result.action) == (False, "none")
    earlier = begun - MINUTE
    with open_state(settings) as connection:
        # One that stood open before, one that the rules do not name.
        save(connection, incident("program_not_running", earlier, earlier, None))
        save(connection, incident("cpu", done.ended, done.ended + MINUTE, None))
    assert not judge(settings, done, done.ended + 2 * MINUTE).worse
    with open_state(settings) as connection:
        fired = done.ended + timedelta(seconds=30)
        save(connection, incident("database_unreachable", done.ended, fired, None))
    result = judge(settings, done, done.ended + 2 * MINUTE)
    assert (result.worse, result.action, result.restore_point) == (True, "offer", point.id)
    assert [str(reason) for reason in result.reasons] == ["A database cannot be read"]
    watch = settings.health.watch.model_copy(update={"when_worse": "perform"})
    performing = settings.model_copy(
        update={"health": settings.health.model_copy(update={"watch": watch})}
    )
    assert judge(performing, done, done.ended + 2 * MINUTE).action == "perform"


def test_two_clearly_worse_metrics_are_enough(settings: Settings) -> None:
    middle = datetime.now(UTC) - 20 * MINUTE
    worse: set[str] = {"db.settings.read_seconds"}

    def value(key: str, second: float, chosen: random.Random) -> float:
        return noisy(key, chosen) * (5.0 if second > 0 and key in worse else 1.0)

    record(settings, middle, value)
    done = entry("deploy", middle)
    assert not judge(settings, done, datetime.now(UTC)).worse
    worse.add("program_rss_bytes")
    record(settings, middle, value)
    result = judge(settings, done, datetime.now(UTC))
    assert result.worse
    assert len(result.reasons) == 2
    assert result.restore_point is None
    assert result.action == "none", "there is nothing to go back to"


class Nothing(BaseModel):
    """What the operation below returns."""


@dataclass(frozen=True)
class Migrate:
    """Stands for a migration: it saves the state before and is journalled."""

    settings: Settings
    kind: Kind = Kind.MIGRATE_RUN

    def run(self, context: Context) -> Nothing:
        create_restore_point(context, self.settings, Reason.BEFORE_MIGRATION)
        return Nothing()


def test_the_monitor_watches_by_itself_and_tells_once(settings: Settings) -> None:
    run_journalled(settings, Migrate(settings), Context(), "test")
    done = entries(settings)[0]
    assert done.ended is not None
    told: list[WatchResult] = []
    probe = AftercareProbe(settings, told.append, lambda: True)

    def look(seconds: float) -> Reading:
        return probe.measure(Moment(seconds, done.ended.timestamp() + seconds))

    assert [fact.key for fact in look(20).facts] == ["watching_after"]
    with open_state(settings) as connection:
        fired = done.ended + timedelta(seconds=25)
        save(connection, incident("program_not_running", done.ended, fired, None))
    for seconds in (30, 35, 40):
        look(seconds)
    assert [(one.worse, one.action) for one in told] == [(True, "offer")]
    unwatched = AftercareProbe(settings, told.append, lambda: True)
    unwatched.measure(Moment(0.0, done.ended.timestamp() + 86_400))
    assert len(told) == 1, "what is long over is history"


def test_of_several_monitors_only_the_one_that_records_goes_back(settings: Settings) -> None:
    watch = settings.health.watch.model_copy(update={"when_worse": "perform"})
    performing = settings.model_copy(
        update={"health": settings.health.model_copy(update={"watch": watch})}
    )
    run_journalled(performing, Migrate(performing), Context(), "test")
    done = entries(performing)[0]
    assert done.ended is not None
    with open_state(settings) as connection:
        save(connection, incident("program_not_running", done.ended, done.ended, None))
    told: list[WatchResult] = []
    for recording in (True, False):
        probe = AftercareProbe(performing, told.append, lambda recording=recording: recording)
        probe.measure(Moment(0.0, done.ended.timestamp() + 20))
    assert [(one.worse, one.action) for one in told] == [(True, "perform"), (True, "none")]


def test_from_a_deployment_release_and_data_go_back_together(settings: Settings) -> None:
    begun = datetime.now(UTC)
    point = create_restore_point(Context(), settings, Reason.BEFORE_DEPLOYMENT)
    done = entry("deploy run", begun, (datetime.now(UTC) - begun).total_seconds() + 0.1)
    assert done.ended is not None
    with open_state(settings) as connection:
        save(connection, incident("program_not_running", done.ended, done.ended, None))
    result = judge(settings, done, done.ended + MINUTE)
    assert (result.worse, result.restore_point) == (True, point.id)
    back = way_back(settings, result)
    assert isinstance(back, GoBack) and isinstance(back.back, DeployRollback)
    assert back.kind is Kind.DEPLOY_ROLLBACK
    other = result.model_copy(update={"operation": "migrate run", "start": True})
    assert way_back(settings, other) == GoBack(settings, Rollback(settings, point.id), start=True)
    assert way_back(settings, result.model_copy(update={"restore_point": None})) is None


def test_a_program_that_the_operator_stopped_is_no_reason_to_go_back(settings: Settings) -> None:
    run_journalled(settings, Migrate(settings), Context(), "test")
    done = entries(settings)[0]
    assert done.ended is not None
    with open_state(settings) as connection:
        save(connection, incident("program_not_running", done.ended, done.ended, None))
    assert judge(settings, done, done.ended + MINUTE).worse
    ServiceStop(settings).run(Context())
    assert not judge(settings, done, done.ended + MINUTE).worse


def test_what_ran_before_runs_after_going_back(
    settings: Settings, trading_program: subprocess.Popen[bytes]
) -> None:
    writer = HistoryWriter(settings)
    writer.add(Sample(at=datetime.now(UTC), values={"program_running": 1.0}), 0.0)
    writer.flush()
    writer.close()
    run_journalled(settings, Migrate(settings), Context(), "test")
    done = entries(settings)[0]
    assert done.ended is not None
    trading_program.kill()  # what was done to its data made it die
    trading_program.wait()
    with open_state(settings) as connection:
        save(connection, incident("program_not_running", done.ended, done.ended, None))
    result = judge(settings, done, done.ended + MINUTE)
    assert (result.worse, result.start) == (True, True)
    back = way_back(settings, result)
    assert back is not None
    assert go_back(settings, back) is not None
    assert find_program(settings) is not None
    newest = entries(settings)[0]
    assert (newest.operation, newest.outcome) == ("rollback", Outcome.OK)
    assert newest.by.endswith("health watch")


def test_what_is_well_after_its_time_is_told_as_well(settings: Settings) -> None:
    run_journalled(settings, Migrate(settings), Context(), "test")
    done = entries(settings)[0]
    assert done.ended is not None
    told: list[WatchResult] = []
    probe = AftercareProbe(settings, told.append, lambda: True)
    for seconds in (890, 905, 910):
        probe.measure(Moment(float(seconds), done.ended.timestamp() + seconds))
    assert [(one.worse, one.action) for one in told] == [(False, "none")]


def test_going_back_by_itself_restores_and_is_not_undone_by_itself(settings: Settings) -> None:
    watch = settings.health.watch.model_copy(update={"when_worse": "perform"})
    performing = settings.model_copy(
        update={"health": settings.health.model_copy(update={"watch": watch})}
    )
    run_journalled(performing, Migrate(performing), Context(), "test")
    done = entries(performing)[0]
    assert done.ended is not None
    connection = sqlite3.connect(settings.file("strategies").path)
    connection.execute("DELETE FROM execution_history")
    connection.commit()
    connection.close()
    with open_state(settings) as state:
        save(state, incident("database_unreachable", done.ended, done.ended, None))
    result = judge(performing, done, done.ended + MINUTE)
    assert result.action == "perform"
    RunMonitor(performing)._watched(result)
    connection = sqlite3.connect(settings.file("strategies").path)
    assert connection.execute("SELECT count(*) FROM execution_history").fetchone() == (400,)
    connection.close()
    back = entries(performing)[0]
    assert (back.operation, back.outcome) == ("rollback", Outcome.OK)
    assert back.by.endswith("health watch")
    assert back.ended is not None
    with open_state(settings) as state:
        save(state, incident("response_time", back.ended, back.ended + MINUTE, None))
    again = judge(performing, back, back.ended + 2 * MINUTE)
    assert (again.worse, again.action) == (True, "offer")
    missing = Rollback(performing, "20250101T000000000Z-000000")
    assert go_back(performing, missing) is None, "told, not raised"
