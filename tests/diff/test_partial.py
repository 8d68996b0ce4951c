"""A restore point of some of the databases, as a migration keeps what it replaced."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from core.backup.create import create_restore_point
from core.backup.models import Reason, RestorePoint
from core.base.config.models import Settings
from core.base.operation import Context
from core.diff.models import Status
from core.diff.operation import Compare
from core.monitoring.models import Moment
from core.monitoring.probes.guard import GuardProbe
from core.status import read_status
from core.switchover.plan import plan_rollback, sentences
from core.switchover.rollback import Rollback
from ui.cli.main import main
from ui.compare.difference import lines_of

HELD = ("settings", "strategies")


@pytest.fixture
def whole(settings: Settings) -> RestorePoint:
    return create_restore_point(Context(), settings, Reason.MANUAL)


@pytest.fixture
def partial(settings: Settings, whole: RestorePoint) -> RestorePoint:
    """A newer restore point that holds two of the three databases."""
    some = settings.model_copy(
        update={"files": tuple(file for file in settings.files if file.name in HELD)}
    )
    point = create_restore_point(Context(), some, Reason.BEFORE_MIGRATION)
    assert {file.name for file in point.files} == set(HELD)
    return point


def diff(settings: Settings, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    capsys.readouterr()
    where = ["--app", str(settings.app), "--lang", "en"]
    assert main([*where, "backup", "diff", *more]) == 0
    return capsys.readouterr().out


def test_what_a_restore_point_does_not_hold_stays_as_it_is(
    settings: Settings, partial: RestorePoint, capsys: pytest.CaptureFixture[str]
) -> None:
    """After a migration `backup diff` said of the third database that it disappears."""
    found = Compare(settings, partial.id).run(Context())
    status = {one.name: one for one in found.databases}
    assert status["market_data"].status is Status.NOT_HELD
    assert not status["market_data"].tables and found.rows == 0 and found.same
    assert set(found.not_held) == {file.name for file in settings.files} - set(HELD)

    text = diff(settings, capsys, partial.id)
    assert "Nothing differs." in text
    assert "Not in the restore point, stays as it is: " in text and "market_data" in text
    shown = json.loads(diff(settings, capsys, partial.id, "--json"))
    assert {one["name"]: one["status"] for one in shown["databases"]}["market_data"] == "not_held"

    lines = [one for one in lines_of(found) if one.database == "market_data"]
    assert [(one.rows, one.said) for one in lines] == [
        (0, "not in the restore point, stays as it is")
    ]

    # And so it is.
    path = settings.file("market_data").path
    before = path.read_bytes()
    assert "market_data" in plan_rollback(settings, partial.id).untouched
    Rollback(settings, partial.id).run(Context())
    assert path.read_bytes() == before


def test_two_restore_points_are_compared_by_what_the_left_one_holds(
    settings: Settings, whole: RestorePoint, partial: RestorePoint
) -> None:
    found = Compare(settings, partial.id, whole.id).run(Context())
    assert set(found.not_held) == {file.name for file in settings.files} - set(HELD)


def test_a_database_that_cannot_be_read_is_not_told_as_no_difference(
    settings: Settings, whole: RestorePoint, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.file("strategies").path.write_bytes(b"no database" * 1000)
    for suffix in ("-wal", "-shm"):
        settings.file("strategies").path.with_name(
            settings.file("strategies").path.name + suffix
        ).unlink(missing_ok=True)
    text = diff(settings, capsys, whole.id)
    (line,) = (line for line in text.splitlines() if line.startswith("strategies"))
    assert "cannot be read" in line and "Nothing differs" not in text


def test_the_question_before_a_rollback_names_what_stays(
    settings: Settings, whole: RestorePoint, partial: RestorePoint
) -> None:
    def said(point: RestorePoint) -> str:
        return " ".join(str(one) for one in sentences(plan_rollback(settings, point.id)))

    assert "stays as it is: market_data, api_credentials." in said(partial)
    assert "stays as it is" not in said(whole)


def test_a_state_of_some_databases_is_not_the_newest_state_of_all(
    settings: Settings, whole: RestorePoint, partial: RestorePoint
) -> None:
    status = read_status(settings)
    assert (status.newest_good, status.newest_good_at) == (whole.id, whole.created)
    wall = datetime.now(UTC).timestamp()
    reading = GuardProbe(settings).measure(Moment(wall=wall, monotonic=0.0))
    age = reading.values["guard.restore_point_age_seconds"]
    assert age == pytest.approx(wall - whole.created.timestamp())
