"""The time left of a run, told from the rehearsal's own times."""

from __future__ import annotations

import pytest

from core.base.config.models import Settings
from core.base.operation import Context, OperationError, Progress, Unit
from core.base.text import translate
from core.runner.run import run_journalled
from migration.run.execute import RunMigration
from migration.run.inspect import Plan, ReadWizardState
from migration.run.models import Decision, Part
from migration.run.preflight import Preflight
from migration.run.records import decide, read_rehearsal_record
from migration.run.rehearse import Rehearse
from migration.run.timing import Forecast, Timed, estimate, run_parts
from tests.migration.test_run import execute


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Listening(Context):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Progress] = []

    def on_progress(self, progress: Progress) -> None:
        self.heard.append(progress)


def work(context: Context, clock: Clock, pace: float = 1.0, rows: int = 100) -> list[float]:
    """An operation of three parts, 10, 20 and 30 seconds long; return when it told of itself."""
    at = []
    for name, seconds in (("copy", 10), ("convert", 20)):
        with context.step(name, translate("test", name)):
            for done in range(0, rows + 1, 5):
                context.progress(done, rows, Unit.ROWS, translate("test", f"{name} rows"))
                at.append(clock.now)
                clock.now += seconds * pace * 5 / rows
    with context.step("stop", translate("test", "stop")):
        clock.now += 30 * pace
    return at


@pytest.mark.parametrize("pace", [1.0, 2.0, 0.5])
def test_after_a_tenth_the_time_left_is_right_to_15_percent_at_any_pace(pace: float) -> None:
    clock = Clock()
    rehearsal = Timed(Context(), (), clock)
    work(rehearsal, clock)
    clock = Clock()
    listening = Listening()
    begun = clock.now
    at = work(Timed(listening, rehearsal.parts, clock), clock, pace)
    whole = clock.now - begun
    told = [one.seconds_left for one in listening.heard if one.total]
    assert len(told) == len(at)
    for moment, left in zip(at, told, strict=True):
        if moment - begun > whole / 10:
            assert left == pytest.approx(clock.now - moment, rel=0.15)


def test_more_rows_than_rehearsed_take_longer() -> None:
    forecast = Forecast((Part(step="migrate", what="rows", seconds=10, total=100),))
    forecast.enter("migrate", "rows", 200)
    assert forecast.left(0.0, 0.0) == pytest.approx(20, rel=0.3)


def test_a_part_that_is_not_known_adds_nothing_and_none_known_says_nothing() -> None:
    assert Forecast(()).left(1.0, 0.5) is None
    forecast = Forecast((Part(step="a", seconds=1), Part(step="b", seconds=4)))
    forecast.enter("a", "", None)
    forecast.leave(1.0)
    forecast.enter("unheard of", "", None)
    assert forecast.left(100.0, None) == pytest.approx(4.0)


def test_a_rehearsal_is_kept_with_its_times_and_tells_what_a_run_will_take(
    settings: Settings,
) -> None:
    assert Plan(settings).run(Context()).estimate is None
    result = Rehearse(settings).run(Context())
    kept = read_rehearsal_record(settings)
    assert kept is not None and kept.result == result
    assert {"stage", "migrate", "validate", "describe"} <= {part.step for part in kept.parts}
    found = Plan(settings).run(Context()).estimate
    assert found is not None and found.seconds > 0
    assert set(found.unmeasured) == {"safety", "stop", "promote", "start", "verify", "keep"}
    checks = {one.name: str(one.what) for one in Preflight(settings).run(Context()).checks}
    assert "never measured here" in checks["estimate"]
    parts = run_parts(kept, {"safety": 5.0, "stop": 2.0, "promote": 0.1, "start": 3.0})
    assert parts[0] == Part(step="safety", seconds=5.0)
    assert [part.step for part in parts[-3:]] == ["stop", "promote", "start"]


def test_a_damaged_rehearsal_is_told_and_not_taken_for_none(settings: Settings) -> None:
    Rehearse(settings).run(Context())
    path = settings.home / "migration" / "rehearsal.json"
    path.write_bytes(path.read_bytes().replace(b'"ok": true', b'"ok": true ', 1))
    assert not told_of(settings, "rehearsal"), "a space more says the same"
    path.write_bytes(path.read_bytes().replace(b'"rows": ', b'"rows": 1', 1))
    assert read_rehearsal_record(settings) is None
    assert "cannot be used" in told_of(settings, "rehearsal")
    assert any("cannot be used" in str(text) for text in Plan(settings).run(Context()).doubts)
    Rehearse(settings).run(Context())
    assert read_rehearsal_record(settings) is not None and not told_of(settings, "rehearsal")


def test_damaged_decisions_are_told_before_a_run(settings: Settings) -> None:
    decide(settings, Decision(database="strategies", table="strategies", row=1, leave=True))
    assert not told_of(settings, "decisions")
    path = settings.home / "migration" / "decisions.json"
    path.write_bytes(path.read_bytes().replace(b'"row": 1', b'"row": 2'))
    assert "damaged" in told_of(settings, "decisions")
    assert not Preflight(settings).run(Context()).ok
    with pytest.raises(OperationError, match="damaged"):
        RunMigration(settings).run(Context())


def told_of(settings: Settings, name: str) -> str:
    """Return what the preflight says under *name*."""
    checks = Preflight(settings).run(Context()).checks
    return " ".join(str(one.what) for one in checks if one.name == name)


def test_the_run_tells_the_time_that_is_left_of_the_whole(settings: Settings) -> None:
    Rehearse(settings).run(Context())
    listening = Listening()
    run_journalled(settings, RunMigration(settings), listening, "test")
    told = [one.seconds_left for one in listening.heard if one.seconds_left is not None]
    assert len(told) > 10 and min(told) >= 0
    found = estimate(settings)
    # What a run takes beside the rehearsal was measured now, but for a program, which none ran.
    assert found is not None and set(found.unmeasured) == {"stop", "start"}


def test_a_rehearsal_counts_until_data_scripts_or_decisions_change(settings: Settings) -> None:
    def why() -> str:
        return str(ReadWizardState(settings).run(Context()).outdated)

    Rehearse(settings).run(Context())
    assert why() == "None"
    execute(settings, "INSERT INTO execution_history (strategy_id, price) VALUES ('x', 1)")
    assert why() == "None", "the program runs on and writes"
    decide(settings, Decision(database="strategies", table="trading_conditions", row=1,
                              role="EXIT"))  # fmt: skip
    assert "Decisions" in why()
    Rehearse(settings).run(Context())
    assert why() == "None"
    execute(settings, "INSERT INTO legacy_strategies VALUES (99, 'neu', NULL, '[]')")
    assert "Rows of the old tables" in why()
    execute(settings, "ALTER TABLE legacy_strategies ADD COLUMN more TEXT")
    assert "tables have changed" in why()
    RunMigration(settings).run(Context())
    standing = ReadWizardState(settings).run(Context())
    assert "scripts" in str(standing.outdated) and standing.migrated is not None
    assert standing.preflight.ok and standing.preflight.pending == 0
