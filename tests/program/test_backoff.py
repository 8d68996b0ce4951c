"""When the program is started again: a rule over numbers, without a clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.base.config.models import RestartSettings
from core.program.runs import Count, decide


def ends(rules: RestartSettings, runs: list[float]) -> list[float | None]:
    """Pauses after runs of the given lengths, one after the other."""
    now, count, pauses = 0.0, Count(), []
    for ran in runs:
        now += ran
        decision = decide(rules, count, now, ran)
        pauses.append(decision.pause)
        count = decision.count
        now += decision.pause or 0.0
    return pauses


def test_the_pause_doubles_up_to_its_limit() -> None:
    rules = RestartSettings(restarts=100)
    assert ends(rules, [0.1] * 9) == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_so_many_restarts_within_the_time_and_no_more() -> None:
    assert ends(RestartSettings(), [0.1] * 7) == [1, 2, 4, 8, 16, None, None]
    assert ends(RestartSettings(restarts=0), [0.1]) == [None]


def test_ends_far_apart_are_never_given_up() -> None:
    rules = RestartSettings(restarts=2, within_minutes=1, first_seconds=1, longest_seconds=1)
    assert None not in ends(rules, [31.0] * 50)
    assert ends(rules, [10.0] * 4) == [1, 1, None, None]


def test_a_long_run_makes_the_next_end_the_first_again() -> None:
    rules = RestartSettings(settled_minutes=5)
    assert ends(rules, [1, 1, 1, 300, 1]) == [1, 2, 4, 1, 2]
    assert ends(rules, [1, 1, 1, 299.9, 1]) == [1, 2, 4, 8, 16]


@given(
    runs=st.lists(st.floats(0, 2_000), max_size=60),
    restarts=st.integers(0, 8),
    minutes=st.floats(0.1, 60),
)
def test_never_more_restarts_than_allowed_in_any_window(
    runs: list[float], restarts: int, minutes: float
) -> None:
    rules = RestartSettings(restarts=restarts, within_minutes=minutes, settled_minutes=10_080)
    now, count, times = 0.0, Count(), []
    for ran in runs:
        now += ran
        decision = decide(rules, count, now, ran)
        count = decision.count
        if decision.pause is not None:
            assert 0 < decision.pause <= rules.longest_seconds
            times.append(now)
            now += decision.pause
    for time in times:
        within = [one for one in times if time - minutes * 60 < one <= time]
        assert len(within) <= max(restarts, 0)


def test_pauses_out_of_order_are_refused() -> None:
    with pytest.raises(ValidationError, match="longest_seconds"):
        RestartSettings(first_seconds=10, longest_seconds=5)
