"""When backups and restore drills are due."""

from __future__ import annotations

import os
import time as clock
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.backup.models import Annotations, ListedPoint, Proof, Reason
from core.backup.schedule import due, due_drill, last_backup, next_backup, next_drill
from core.base.config.models import ScheduleSettings
from tests.retention.test_plan import NOW, point

BERLIN = ZoneInfo("Europe/Berlin")
SEOUL = ZoneInfo("Asia/Seoul")
HOURLY = ScheduleSettings(every_minutes=60)


def at(hour: int, minute: int = 0) -> ScheduleSettings:
    return ScheduleSettings(at=time(hour, minute))


def simulate(
    schedule: ScheduleSettings, nows: list[datetime], zone: ZoneInfo | None = None
) -> list[datetime]:
    """Ask at each of *nows*, and back up when it is due."""
    made: list[ListedPoint] = []
    for number, now in enumerate(nows):
        if due(schedule, last_backup(made, now), now, zone):
            made.append(point(now, number=number))
    return [one.point.created for one in made]


def minutes(begin: datetime, count: int) -> list[datetime]:
    return [begin + timedelta(minutes=number) for number in range(count)]


def test_never_unless_asked_for() -> None:
    assert next_backup(ScheduleSettings(), None, NOW) is None
    assert not due(ScheduleSettings(), NOW - timedelta(days=900), NOW)


def test_by_interval() -> None:
    assert due(HOURLY, None, NOW)
    assert next_backup(HOURLY, NOW, NOW) == NOW + timedelta(hours=1)
    assert not due(HOURLY, NOW - timedelta(minutes=59), NOW)
    assert len(simulate(HOURLY, minutes(NOW, 24 * 60))) == 24


def test_by_time_of_day_in_local_time() -> None:
    last = datetime(2025, 9, 14, 3, 0, 5, tzinfo=SEOUL)
    assert next_backup(at(3), last, last, SEOUL) == datetime(2025, 9, 15, 3, tzinfo=SEOUL)
    assert due(at(3), None, NOW, SEOUL), "what would have been made before is missed"
    made = simulate(at(3), minutes(datetime(2025, 9, 14, tzinfo=SEOUL), 3 * 24 * 60), SEOUL)
    assert [one.astimezone(SEOUL).hour for one in made] == [0, 3, 3, 3]


@pytest.mark.parametrize("schedule", [HOURLY, at(3)])
def test_what_sleep_missed_is_made_up_once(schedule: ScheduleSettings) -> None:
    before = minutes(NOW, 60)
    after = minutes(NOW + timedelta(days=5), 30)
    made = simulate(schedule, before + after, SEOUL)
    assert [one for one in made if one >= after[0]] == [after[0]]


def test_a_clock_that_jumps_back_neither_stops_the_schedule_nor_floods_it() -> None:
    wrong = minutes(NOW + timedelta(days=1800), 120)
    right = minutes(NOW, 180)
    assert len([one for one in simulate(HOURLY, wrong + right) if one in right]) == 3
    slightly = simulate(HOURLY, [NOW, NOW - timedelta(seconds=90), *minutes(NOW, 59)])
    assert slightly == [NOW]
    assert due(HOURLY, NOW + timedelta(days=1800), NOW)


@pytest.mark.parametrize(
    ("begin", "hour", "expected"),
    [
        # 02:30 does not exist: as much after the gap, at 03:30 summer time.
        (datetime(2025, 3, 30, tzinfo=BERLIN), 2, datetime(2025, 3, 30, 1, 30, tzinfo=UTC)),
        # 02:30 comes twice: the first time, while it still is summer.
        (datetime(2025, 10, 26, tzinfo=BERLIN), 2, datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),
        (datetime(2025, 3, 30, tzinfo=BERLIN), 12, datetime(2025, 3, 30, 10, 30, tzinfo=UTC)),
    ],
)
def test_once_a_day_when_summer_time_begins_and_ends(
    begin: datetime, hour: int, expected: datetime
) -> None:
    nows = minutes(begin.astimezone(UTC), 40 * 60)
    made = simulate(at(hour, 30), nows, BERLIN)[1:]
    assert made[0] == expected
    days = [one.astimezone(BERLIN).date() for one in made]
    assert days == sorted(set(days))


@pytest.fixture
def in_berlin() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Europe/Berlin"
    clock.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    clock.tzset()


@pytest.mark.usefixtures("in_berlin")
@pytest.mark.skipif(not hasattr(clock, "tzset"), reason="the local zone cannot be set")
def test_the_local_zone_is_the_default() -> None:
    for day in (datetime(2025, 3, 29, 12, tzinfo=UTC), datetime(2025, 10, 25, 12, tzinfo=UTC)):
        for hour in range(24):
            found = next_backup(at(hour, 30), day, day)
            assert found == next_backup(at(hour, 30), day, day, BERLIN)


def test_an_import_spares_no_backup() -> None:
    old = point(NOW - timedelta(hours=5))
    imported = point(NOW, reason=Reason.IMPORTED, number=1)
    assert last_backup([imported, old], NOW) == old.point.created


def proven(one: ListedPoint, **days_ago: float) -> ListedPoint:
    proofs = {
        kind: Proof.model_validate({"kind": kind, "at": NOW - timedelta(days=days), "ok": True})
        for kind, days in days_ago.items()
    }
    return one.model_copy(update={"annotations": Annotations.model_validate(proofs)})


def drill(*listed: ListedPoint, **days: int | None) -> tuple[str, str] | None:
    found = due_drill(ScheduleSettings.model_validate(days), listed, NOW)
    return (found.point_id, found.kind) if found else None


def test_the_newest_point_is_drilled_fully_first() -> None:
    new, old = point(NOW - timedelta(hours=1)), point(NOW - timedelta(days=3))
    assert drill(new, old) == (new.point.id, "full")
    assert drill(new, old, full_verify_days=None) == (new.point.id, "quick")
    assert drill(new, old, full_verify_days=None, quick_verify_days=None) is None
    assert drill() is None


def test_a_full_drill_spares_the_quick_one() -> None:
    new = point(NOW - timedelta(hours=3))
    assert drill(proven(new, full=0.1)) is None
    assert drill(proven(new, full=1.5)) == (new.point.id, "quick")
    assert drill(proven(new, full=7.5, quick=2)) == (new.point.id, "full")


def test_old_points_get_their_turn() -> None:
    new = point(NOW - timedelta(hours=1))
    drilled = proven(point(NOW - timedelta(days=8)), full=7.5)
    oldest = point(NOW - timedelta(days=300))
    assert drill(new, drilled, oldest, quick_verify_days=None) == (oldest.point.id, "full")
    after = proven(oldest, full=7.1)
    assert drill(new, drilled, after, quick_verify_days=None) == (new.point.id, "full")


def test_every_point_is_drilled_in_the_end() -> None:
    listed = {
        f"{number}": point(NOW - timedelta(days=number), number=number) for number in range(6)
    }
    points = {one.point.id: one for one in listed.values()}
    schedule = ScheduleSettings(quick_verify_days=None, full_verify_days=1)
    for day in range(14):
        now = NOW + timedelta(days=day)
        fresh = point(now, number=100 + day)
        points[fresh.point.id] = fresh
        found = due_drill(schedule, list(points.values()), now)
        assert found is not None
        proof = Proof(kind="full", at=now, ok=True)
        one = points[found.point_id]
        points[found.point_id] = one.model_copy(update={"annotations": Annotations(full=proof)})
    assert all(points[one.point.id].annotations.full for one in listed.values())


def test_a_damaged_point_is_not_drilled_and_proofs_of_the_future_do_not_count() -> None:
    damaged, good = point(NOW, sound=False), point(NOW - timedelta(days=2))
    assert drill(damaged, good) == (good.point.id, "full")
    assert drill(proven(good, full=-900)) == (good.point.id, "full")


def test_what_comes_next_is_told_before_it_is_due() -> None:
    new = proven(point(NOW - timedelta(hours=3)), full=0.25)
    found = next_drill(ScheduleSettings(), [new], NOW)
    assert found is not None
    assert (found[0], found[1].kind) == (NOW + timedelta(days=0.75), "quick")
