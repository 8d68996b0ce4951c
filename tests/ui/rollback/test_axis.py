"""The arithmetic of the time line."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QLocale

from ui.rollback.timeline_layout import SHORTEST, Span, cluster, scale

KOREAN = QLocale(QLocale.Language.Korean, QLocale.Country.SouthKorea)
ENGLISH = QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom)


@pytest.fixture(autouse=True)
def seoul(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Seoul")
    if os.name == "posix":
        time.tzset()
    yield
    monkeypatch.undo()
    if os.name == "posix":
        time.tzset()


def local(*numbers: int) -> float:
    return datetime(*numbers).timestamp()  # type: ignore[arg-type]


def test_a_day_has_hours_on_its_scale_and_dates_below() -> None:
    span = Span(local(2026, 11, 22, 15), local(2026, 11, 23, 15))
    korean = scale(span, 900, 80, KOREAN)
    assert [tick.label for tick in korean.ticks][:4] == ["15:00", "18:00", "21:00", "00:00"]
    assert [band.label for band in korean.bands] == ["11월 22일 (일)", "11월 23일 (월)"]
    english = scale(span, 900, 80, ENGLISH)
    assert [band.label for band in english.bands] == ["Sun 22 Nov", "Mon 23 Nov"]


def test_a_month_has_days_on_its_scale_and_months_below() -> None:
    span = Span(local(2026, 10, 20), local(2026, 11, 20))
    korean = scale(span, 900, 80, KOREAN)
    assert korean.ticks[0].label == "26일 (월)"  # weeks, beginning on Mondays
    assert [band.label for band in korean.bands] == ["2026년 10월", "2026년 11월"]
    assert [band.label for band in scale(span, 900, 80, ENGLISH).bands] == [
        "October 2026",
        "November 2026",
    ]


def test_two_years_have_months_on_their_scale_and_years_below() -> None:
    span = Span(local(2025, 1, 1), local(2026, 12, 31))
    korean = scale(span, 900, 80, KOREAN)
    assert [tick.label for tick in korean.ticks] == ["1월", "4월", "7월", "10월"] * 2
    assert [band.label for band in korean.bands] == ["2025년", "2026년"]


spans = st.tuples(
    st.floats(min_value=local(2000, 1, 1), max_value=local(2040, 1, 1)),
    st.floats(min_value=SHORTEST, max_value=30 * 365 * 86_400.0),
).map(lambda pair: Span(pair[0], pair[0] + pair[1]))


@given(spans, st.integers(min_value=200, max_value=4000), st.sampled_from([KOREAN, ENGLISH]))
def test_ticks_are_ascending_inside_and_never_crowded(
    span: Span, width: int, locale: QLocale
) -> None:
    marks = scale(span, width, 70, locale)
    places = [span.x(tick.at, width) for tick in marks.ticks]
    assert all(0 <= place <= width for place in places)
    # Months differ in length by a tenth, so a step of theirs may be that much closer.
    assert all(after - before >= 70 * 0.89 for before, after in pairwise(places))
    assert len(marks.ticks) <= width / 60 + 2
    assert all(tick.label for tick in marks.ticks)
    for before, after in pairwise(marks.bands):
        assert before.end == after.start


@given(spans, st.floats(min_value=0.05, max_value=20), st.floats(min_value=0, max_value=1))
def test_zooming_keeps_the_anchor_in_place(span: Span, factor: float, part: float) -> None:
    anchor = span.start + part * span.seconds
    zoomed = span.zoomed(factor, anchor)
    assert zoomed.x(anchor, 1000) == pytest.approx(span.x(anchor, 1000), abs=0.5)


@given(spans, spans)
def test_a_span_within_limits_stays_there(span: Span, limits: Span) -> None:
    inside = span.within(limits)
    assert inside.seconds >= SHORTEST * 0.999
    assert inside.start >= limits.start - 1e-3
    assert inside.end <= limits.end + 1e-3


@given(
    st.lists(st.floats(min_value=0, max_value=1e7), max_size=60).map(sorted),
    st.floats(min_value=1, max_value=1e6),
)
def test_every_point_is_in_one_heap_and_heaps_are_short(instants: list[float], gap: float) -> None:
    heaps = cluster(instants, gap)
    assert [index for heap in heaps for index in heap] == list(range(len(instants)))
    assert all(instants[heap[-1]] - instants[heap[0]] < gap for heap in heaps)


def test_heaps_do_not_change_when_an_older_point_is_deleted() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    instants = [(now - timedelta(minutes=17 * number)).timestamp() for number in range(50)][::-1]
    whole = [[instants[index] for index in heap] for heap in cluster(instants, 3600)]
    rest = [[instants[1:][index] for index in heap] for heap in cluster(instants[1:], 3600)]
    assert whole[1:] == rest[1:] or whole[1:] == rest
