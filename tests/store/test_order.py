"""The newest restore point is the one that was made last, whatever the clocks said."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.backup.catalogue import Catalogue
from core.backup.copy import CopyStore
from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.backup.order import newest_state_first
from core.backup.retention import KeepReason, Prune, plan
from core.backup.schedule import due, last_backup
from core.backup.store import Store
from core.backup.store.points import write_point
from core.base.config.models import RetentionSettings, ScheduleSettings, Settings
from core.base.operation import Context
from core.monitoring.models import Moment
from core.monitoring.probes.guard import GuardProbe
from core.status import read_status
from tests.store.clocks import take_at
from ui.points.messages import Change, Why, ago, choose

MONTH = timedelta(days=30)
DAY = timedelta(days=1)
NONE = timedelta(0)
LAST_ONE = RetentionSettings(last=1, hourly=0, daily=0, weekly=0, monthly=0)


def ids(settings: Settings) -> list[str]:
    return [one.point.id for one in Store(settings.store).listed()]


def probe(settings: Settings, wall: float) -> dict[str, float]:
    return dict(GuardProbe(settings).measure(Moment(monotonic=0.0, wall=wall)).values)


def test_a_backup_made_while_the_clock_was_ahead_does_not_stay_the_newest(
    settings: Settings,
) -> None:
    before, ahead, after = (take_at(settings, clock) for clock in (NONE, MONTH, NONE))
    listed = Store(settings.store).listed()
    assert [one.point.id for one in listed] == [after.id, ahead.id, before.id]
    assert Catalogue(settings.store).read().points == listed
    status = read_status(settings)
    assert status.newest_good == after.id and status.future_points == 1
    now = datetime.now(UTC)
    choice = choose(listed, [], now)
    assert choice is not None and choice.listed.point.id == after.id
    chosen = plan(listed, LAST_ONE, now)
    assert set(chosen.going) == {ahead.id, before.id}
    assert KeepReason.NEWEST_GOOD in chosen.reasons(after.id)


def test_a_backup_made_after_the_clock_was_set_back_is_not_pruned_at_once(
    settings: Settings,
) -> None:
    earlier, later = take_at(settings, NONE), take_at(settings, -DAY)
    settings = settings.model_copy(update={"retention": LAST_ONE})
    assert Prune(settings).run(Context()).deleted == (earlier.id,)
    assert ids(settings) == [later.id]


def test_what_was_made_for_safety_survives_a_prune_by_a_clock_that_is_ahead(
    settings: Settings,
) -> None:
    safety = take_at(settings, -timedelta(hours=2), Reason.BEFORE_ROLLBACK)
    for clock in (MONTH, MONTH + timedelta(hours=1)):
        take_at(settings, clock)
    rules = RetentionSettings(last=1, hourly=0, daily=0, weekly=0, monthly=0, safety_days=3)
    now = datetime.now(UTC) + MONTH + timedelta(hours=2)
    listed = Store(settings.store).listed()
    assert plan(listed, rules, now).reasons(safety.id) == (KeepReason.SAFETY,)
    # What has gone between them is reckoned in, and days that really pass count.
    listed = tuple(one for one in listed if one.point.id == safety.id or one is listed[0])
    assert plan(listed, rules, now).reasons(safety.id) == (KeepReason.SAFETY,)
    for day in range(1, 4):
        take_at(settings, MONTH + timedelta(days=day))
    listed = Store(settings.store).listed()
    kept = tuple(one for one in listed if one.point.id == safety.id or one is listed[0])
    assert safety.id in plan(kept, rules, now + timedelta(days=4)).going


def test_the_alert_on_old_restore_points_is_not_silenced_by_one_from_the_future(
    settings: Settings,
) -> None:
    take_at(settings, -2 * DAY)
    take_at(settings, MONTH)
    values = probe(settings, datetime.now(UTC).timestamp())
    assert values["guard.restore_points_from_future"] == 1
    assert values["guard.restore_point_age_seconds"] >= 2 * DAY.total_seconds() - 60
    rule = settings.health.rules["restore_point_from_future"]
    assert rule.breached(values["guard.restore_points_from_future"])
    assert settings.health.rules["restore_point_old"].breached(
        values["guard.restore_point_age_seconds"]
    )


def test_the_schedule_goes_on_beside_one_from_the_future(settings: Settings) -> None:
    take_at(settings, -2 * DAY)
    take_at(settings, MONTH)
    now = datetime.now(UTC)
    hourly = ScheduleSettings(every_minutes=60)
    listed = Store(settings.store).listed()
    assert due(hourly, last_backup(listed, now), now)
    take_at(settings, NONE)
    listed = Store(settings.store).listed()
    assert not due(hourly, last_backup(listed, datetime.now(UTC)), datetime.now(UTC))


def test_a_time_that_has_not_come_is_no_age() -> None:
    now = datetime.now(UTC)
    assert ago(now + timedelta(seconds=2), now) == ago(now, now)
    assert ago(now + MONTH, now) not in {ago(now, now), ago(now - MONTH, now)}


def test_two_consoles_give_no_number_twice(settings: Settings, tmp_path: Path) -> None:
    other = settings.model_copy(update={"home": tmp_path / "other"})
    for one in (settings, other, settings, other):
        take_at(one, NONE)
    numbers = [one.point.sequence for one in Store(settings.store).listed()]
    assert numbers == [4, 3, 2, 1]


def test_what_an_earlier_version_made_comes_first_and_its_store_goes_on(
    settings: Settings,
) -> None:
    store = Store(settings.store)
    old = [take_at(settings, NONE), take_at(settings, MONTH)]
    for point in old:
        former = point.model_copy(update={"sequence": None, "store": None, "elapsed": None})
        write_point(store.points, former)
    about = {"format": 1, "what": "restore points of Upbit Ops Console"}
    (store.root / "STORE.json").write_text(json.dumps(about), encoding="utf-8")
    (store.root / "STORE.copy").unlink()
    assert ids(settings) == [point.id for point in reversed(old)]
    new = take_at(settings, -DAY)
    assert new.sequence == 1 and new.store is not None
    assert ids(settings) == [new.id, *(point.id for point in reversed(old))]
    for name in ("STORE.json", "STORE.copy"):
        assert (
            json.loads((store.root / name).read_text(encoding="utf-8"))["record"]["id"] == new.store
        )


def test_what_was_fetched_from_a_copy_stands_before_what_the_store_made_itself(
    settings: Settings, tmp_path: Path
) -> None:
    lost = [take_at(settings, clock) for clock in (NONE, MONTH, NONE)]
    CopyStore(settings, tmp_path / "copy", "to", create=True).run(Context())
    assert ids(settings.model_copy(update={"store": tmp_path / "copy"})) == ids(settings)
    shutil.rmtree(settings.store)
    own = take_at(settings, -DAY)
    CopyStore(settings, tmp_path / "copy", "from").run(Context())
    assert ids(settings) == [own.id, *(point.id for point in reversed(lost))]
    assert Store(settings.store).listed()[1].foreign
    late = take_at(settings, -DAY)
    assert late.sequence == 4 and ids(settings)[0] == late.id
    # What was made on the lost machine spares no backup here.
    made = last_backup(Store(settings.store).listed(), datetime.now(UTC))
    assert made == max(own.created, late.created)


def test_a_manifest_is_copied_byte_for_byte(settings: Settings, tmp_path: Path) -> None:
    point = take_at(settings, NONE)
    CopyStore(settings, tmp_path / "copy", "to", create=True).run(Context())
    copied, made = (
        root / "points" / f"{point.id}.json" for root in (tmp_path / "copy", settings.store)
    )
    assert copied.read_bytes() == made.read_bytes()


def test_restore_py_lists_in_the_order_of_making(settings: Settings) -> None:
    points = [take_at(settings, clock) for clock in (NONE, MONTH, -DAY)]
    script = settings.store / "restore.py"
    done = subprocess.run(
        [sys.executable, script], capture_output=True, encoding="utf-8", check=True
    )
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == [point.id for point in points]
    assert ["ahead of the clock" in line for line in lines] == [False, True, False]


def test_going_back_offers_what_was_made_before_the_change_although_the_clock_was_set_back(
    settings: Settings,
) -> None:
    take_at(settings, NONE)
    begun = datetime.now(UTC)
    safety = take_at(settings, NONE, Reason.BEFORE_MIGRATION)
    change = Change(begun, datetime.now(UTC), 7)
    take_at(settings, -DAY)  # after the change, by a clock that says it was before
    choice = choose(Store(settings.store).listed(), [change], datetime.now(UTC))
    assert choice is not None
    assert (choice.listed.point.id, choice.why) == (safety.id, Why.BEFORE_CHANGE)


def test_an_import_is_never_newer_than_what_was_captured_after_it(settings: Settings) -> None:
    captured = take_at(settings, -DAY)
    store = Store(settings.store)
    now = datetime.now(UTC)
    imported = store.publish(
        captured.model_copy(
            update={
                "id": f"{now:%Y%m%dT%H%M%S}000Z-abcdef", "created": now,
                "reason": Reason.IMPORTED, "moment": now - timedelta(hours=1),
            }
        ),
        store.listed(),
    )  # fmt: skip
    later = take_at(settings, -DAY)
    states = [one.point.id for one in newest_state_first(store.listed())]
    assert states == [later.id, imported.id, captured.id]


@pytest.mark.parametrize("field", ["sequence", "store", "elapsed"])
def test_an_impossible_place_is_damage(settings: Settings, field: str) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    wrong = {"sequence": 0, "store": "../elsewhere", "elapsed": -1}[field]
    write_point(Store(settings.store).points, point.model_copy(update={field: wrong}))
    assert point.id in Store(settings.store).damaged()
