"""What stays and what goes, decided without a store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from core.backup.models import (
    Annotations,
    DatabaseFacts,
    ListedPoint,
    Proof,
    Reason,
    RestorePoint,
    StoredFile,
)
from core.backup.retention import KeepReason, plan
from core.base.config.models import RetentionSettings

NOW = datetime(2025, 9, 15, 12, 0, tzinfo=UTC)
SEOUL = ZoneInfo("Asia/Seoul")


def point(
    created: datetime,
    *,
    reason: Reason = Reason.SCHEDULED,
    pinned: bool = False,
    sound: bool = True,
    proof: bool | None = None,
    moment: datetime | None = None,
    number: int = 0,
) -> ListedPoint:
    facts = DatabaseFacts(
        page_size=4096, page_count=1, encoding="UTF-8", user_version=0, application_id=0,
        integrity=("ok",) if sound else ("wrong",), tables=(), objects=(),
    )  # fmt: skip
    return ListedPoint(
        point=RestorePoint(
            id=f"{created:%Y%m%dT%H%M%S}000Z-{number:06x}",
            created=created,
            reason=reason,
            by="operator@host",
            program_version=None,
            console_version="0",
            files=(
                StoredFile(
                    name="a", live_path="a", size=0, digest="", index=(), mode=0, database=facts
                ),
            ),
            added_bytes=0,
            moment=moment,
        ),
        annotations=Annotations(
            pinned=pinned,
            quick=None if proof is None else Proof(kind="quick", at=NOW, ok=proof),
        ),
    )


def rules(**counts: int) -> RetentionSettings:
    nothing = {"last": 1, "hourly": 0, "daily": 0, "weekly": 0, "monthly": 0, "safety_days": 14}
    return RetentionSettings.model_validate({**nothing, **counts})


def kept(listed: Iterable[ListedPoint], retention: RetentionSettings) -> dict[str, set[KeepReason]]:
    chosen = plan(list(listed), retention, NOW, SEOUL)
    return {one.point_id: set(one.reasons) for one in chosen.decisions if not one.goes}


def hours(count: int, step: int = 1) -> list[ListedPoint]:
    return [point(NOW - timedelta(hours=step * number)) for number in range(count)]


def daily(count: int) -> list[ListedPoint]:
    return [point(NOW - timedelta(days=number), number=1) for number in range(count)]


def test_the_last_so_many_stay() -> None:
    listed = hours(6)
    assert set(kept(listed, rules(last=3))) == {one.point.id for one in listed[:3]}


def test_the_newest_of_each_bucket_stays_and_empty_buckets_do_not_count() -> None:
    morning = datetime(2025, 9, 1, 9, 10, tzinfo=SEOUL)
    listed = [
        point(morning.astimezone(UTC)),
        point((morning + timedelta(minutes=20)).astimezone(UTC)),
        point((morning + timedelta(days=9)).astimezone(UTC)),
    ]
    chosen = kept(listed, rules(daily=2))
    assert set(chosen) == {listed[1].point.id, listed[2].point.id}
    assert chosen[listed[1].point.id] == {KeepReason.DAILY}


def test_days_are_those_of_the_operators_clock() -> None:
    """15:30 UTC is the next day in Seoul."""
    listed = [
        point(datetime(2025, 9, 10, 14, 30, tzinfo=UTC)),
        point(datetime(2025, 9, 10, 15, 30, tzinfo=UTC)),
        point(datetime(2025, 9, 10, 16, 30, tzinfo=UTC)),
    ]
    assert set(kept(listed, rules(daily=7))) == {listed[0].point.id, listed[2].point.id}


def test_the_hour_that_comes_twice_is_two_hours() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    listed = [
        point(datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),
        point(datetime(2025, 10, 26, 1, 30, tzinfo=UTC)),
    ]
    assert len({f"{one.point.created.astimezone(berlin):%H:%M}" for one in listed}) == 1
    chosen = plan(listed, rules(hourly=24), NOW, berlin)
    assert chosen.going == ()


def test_weeks_and_months() -> None:
    listed = [point(NOW - timedelta(days=number)) for number in range(120)]
    weekly = kept(listed, rules(weekly=5))
    assert len(weekly) == 5
    assert len(kept(listed, rules(monthly=4))) == 4


def test_what_was_made_for_safety_stays_for_days_and_then_goes() -> None:
    young = point(NOW - timedelta(days=13), reason=Reason.BEFORE_ROLLBACK)
    old = point(NOW - timedelta(days=15), reason=Reason.BEFORE_MIGRATION)
    chosen = kept([*daily(13), young, old], rules())
    assert chosen[young.point.id] == {KeepReason.SAFETY}
    assert old.point.id in kept([point(NOW), young, old], rules())  # a clock may have jumped
    assert old.point.id not in kept([*daily(15), young, old], rules())


def test_an_old_state_does_not_go_as_soon_as_it_is_imported() -> None:
    old = point(NOW - timedelta(hours=1), reason=Reason.IMPORTED, moment=NOW - timedelta(days=900))
    newest = point(NOW - timedelta(days=2))
    chosen = kept([old, newest], rules())
    assert chosen[old.point.id] == {KeepReason.IMPORTED}
    assert KeepReason.NEWEST_GOOD in chosen[newest.point.id]


def test_damaged_ones_keep_no_place_and_go() -> None:
    damaged = [point(NOW, sound=False), point(NOW - timedelta(minutes=5), proof=False)]
    good = point(NOW - timedelta(minutes=10), proof=True)
    older = point(NOW - timedelta(days=3))
    chosen = kept([*damaged, good, older], rules(last=1, hourly=2, daily=2))
    assert set(chosen) == {good.point.id, older.point.id}
    assert KeepReason.NEWEST_GOOD in chosen[good.point.id]


def test_where_none_is_good_something_stays() -> None:
    listed = [point(NOW - timedelta(days=number), sound=False) for number in range(3)]
    assert set(kept(listed, rules())) == {listed[0].point.id}


def test_pinned_ones_stay_even_damaged() -> None:
    pinned = point(NOW - timedelta(days=900), pinned=True, sound=False)
    assert kept([point(NOW), pinned], rules())[pinned.point.id] == {KeepReason.PINNED}


def test_two_of_the_same_second_are_two() -> None:
    twins = [point(NOW, number=1), point(NOW, number=2)]
    chosen = plan(twins, rules(last=1), NOW, SEOUL)
    assert len(chosen.decisions) == 2
    assert len(chosen.going) == 1


@settings(max_examples=200, deadline=None)
@given(
    ages=st.lists(st.integers(min_value=-10_000, max_value=5_000_000), max_size=40, unique=True),
    flags=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=40, max_size=40),
    counts=st.tuples(*[st.integers(min_value=0, max_value=5)] * 4),
    last=st.integers(min_value=1, max_value=5),
)
def test_whatever_the_rules_the_newest_good_and_the_pinned_stay(
    ages: list[int],
    flags: list[tuple[bool, bool]],
    counts: tuple[int, int, int, int],
    last: int,
) -> None:
    listed = [
        point(NOW - timedelta(seconds=age), pinned=flag[0], sound=flag[1])
        for age, flag in zip(ages, flags, strict=False)
    ]
    names = ("hourly", "daily", "weekly", "monthly")
    retention = rules(last=last, **dict(zip(names, counts, strict=True)))
    chosen = plan(listed, retention, NOW, SEOUL)
    going = set(chosen.going)
    assert len(chosen.decisions) == len(listed)
    assert not any(one.annotations.pinned and one.point.id in going for one in listed)
    good = [one for one in listed if one.good]
    if good:
        assert max(good, key=lambda one: one.point.created).point.id not in going
    # Pruning what a prune left removes nothing more.
    rest = [one for one in listed if one.point.id not in going]
    assert plan(rest, retention, NOW, SEOUL).going == ()
