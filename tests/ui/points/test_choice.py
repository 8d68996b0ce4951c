"""Which restore point is offered first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.backup.models import ListedPoint, Reason
from tests.ui.points.points import point
from ui.points.messages import CHANGE_COUNTS_FOR, Change, Why, choose, when

NOW = datetime(2026, 11, 23, 5, 32, tzinfo=UTC)


def ago(**amount: float) -> datetime:
    return NOW - timedelta(**amount)


def test_without_a_good_restore_point_nothing_is_chosen() -> None:
    assert choose([], [], NOW) is None
    assert choose([point(ago(hours=1), sound=False)], [], NOW) is None
    assert choose([point(ago(hours=1), proven=False)], [], NOW) is None


def test_without_a_change_the_newest_good_one_is_chosen() -> None:
    good = point(ago(hours=2))
    choice = choose([point(ago(hours=1), sound=False), good, point(ago(hours=3))], [], NOW)
    assert choice is not None
    assert choice == (good, Why.NEWEST_GOOD)


def test_after_a_migration_its_own_safety_snapshot_is_chosen() -> None:
    # Taken while the migration ran, and so after its start: still the state before it.
    safety = point(ago(minutes=29), Reason.BEFORE_MIGRATION)
    points = [point(ago(minutes=10)), safety, point(ago(hours=1))]
    choice = choose(points, [Change(ago(minutes=30), ago(minutes=28))], NOW)
    assert choice == (safety, Why.BEFORE_CHANGE)


def test_after_a_rollback_the_parked_set_is_chosen_so_that_one_click_goes_back() -> None:
    # The parked set is taken in after the promote, a minute after the safety snapshot.
    safety = point(ago(minutes=29), Reason.BEFORE_ROLLBACK)
    parked = point(ago(minutes=28), Reason.BEFORE_ROLLBACK)
    choice = choose(
        [parked, safety, point(ago(hours=1))], [Change(ago(minutes=30), ago(minutes=27))], NOW
    )
    assert choice == (parked, Why.BEFORE_CHANGE)


def test_a_scheduled_backup_made_during_the_change_is_not_before_it() -> None:
    before = point(ago(hours=1))
    choice = choose(
        [point(ago(minutes=29)), before], [Change(ago(minutes=30), ago(minutes=28))], NOW
    )
    assert choice == (before, Why.BEFORE_CHANGE)


def test_a_damaged_safety_snapshot_is_passed_over() -> None:
    before = point(ago(hours=1))
    damaged = point(ago(minutes=29), Reason.BEFORE_ROLLBACK, proven=False)
    choice = choose([damaged, before], [Change(ago(minutes=30), ago(minutes=28))], NOW)
    assert choice == (before, Why.BEFORE_CHANGE)


def test_a_change_of_long_ago_no_longer_counts() -> None:
    begun = NOW - CHANGE_COUNTS_FOR - timedelta(hours=2)
    newest = point(ago(hours=1))
    points = [newest, point(begun - timedelta(hours=1))]
    choice = choose(points, [Change(begun, begun + timedelta(hours=1))], NOW)
    assert choice == (newest, Why.NEWEST_GOOD)


def test_without_a_state_before_the_change_the_newest_good_one_is_chosen() -> None:
    newest = point(ago(minutes=5))
    choice = choose([newest], [Change(ago(minutes=30), ago(minutes=28))], NOW)
    assert choice == (newest, Why.NEWEST_GOOD)


def test_an_import_stands_at_the_moment_that_it_holds() -> None:
    imported = point(ago(minutes=1), Reason.IMPORTED, moment=ago(days=40))
    newest = point(ago(hours=1))
    assert when(imported) == ago(days=40)
    choice = choose([imported, newest], [], NOW)
    assert choice == (newest, Why.NEWEST_GOOD)


minutes = st.integers(min_value=0, max_value=60 * 24 * 20)
restore_points = st.lists(
    st.builds(
        point,
        minutes.map(lambda number: ago(minutes=number)),
        st.sampled_from(Reason),
        sound=st.booleans(),
        proven=st.sampled_from([None, True, False]),
    ),
    max_size=12,
    unique_by=lambda listed: listed.point.id,
)
changes = st.lists(
    st.tuples(minutes, st.integers(min_value=0, max_value=30)).map(
        lambda pair: Change(
            ago(minutes=pair[0] + pair[1]),
            ago(minutes=pair[0]),
        )
    ),
    max_size=4,
)


@given(restore_points, changes)
def test_the_choice_is_good_and_no_better_one_was_there(
    points: list[ListedPoint], done: list[Change]
) -> None:
    choice = choose(points, done, NOW)
    good = [listed for listed in points if listed.good]
    if choice is None:
        assert not good
        return
    assert choice.listed in good
    recent = [change for change in done if NOW - change.ended <= CHANGE_COUNTS_FOR]
    if choice.why is Why.NEWEST_GOOD:
        assert all(when(listed) <= when(choice.listed) for listed in good)
        return
    last = max(recent, key=lambda change: (change.ended, change.begun))
    assert choice.listed.point.created <= last.ended or when(choice.listed) <= last.begun
    missed = [
        listed
        for listed in good
        if when(listed) <= last.begun and when(listed) > when(choice.listed)
    ]
    assert not missed


@given(restore_points, changes)
def test_the_choice_does_not_depend_on_the_order_of_the_list(
    points: list[ListedPoint], done: list[Change]
) -> None:
    assert choose(points, done, NOW) == choose(points[::-1], done[::-1], NOW)


def test_where_a_database_is_missing_only_a_point_that_holds_it_is_offered() -> None:
    whole, partial = point(ago(hours=2)), point(ago(hours=1), number=1)
    without = partial.model_copy(
        update={"point": partial.point.model_copy(update={"files": partial.point.files[1:]})}
    )
    lost = whole.point.files[0].name
    choice = choose([without, whole], [], NOW, [lost])
    assert choice is not None and choice.listed == whole
    assert choose([without], [], NOW, [lost]) is None
