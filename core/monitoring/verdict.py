"""What changed?  The time before an operation against the time after it, as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import apsw
import numpy as np

from core.base.config.models import Settings
from core.base.journal import Entry
from core.base.metrics import Unit, Worse, is_of_console, metric_of
from core.base.model import Strict
from core.base.state import open_state
from core.base.text import Text, translate
from core.monitoring.alerts.models import format_value, label_of
from core.monitoring.history.query import metric_keys, read_tier
from core.monitoring.history.tiers import RAW, ROLLUPS, Floats, Tier

AROUND_SECONDS = 900.0
FEW = 5
"""Fewer values on a side than this say nothing."""
SLOW_FEW = 2
NOISE = 3.0
"""A shift is clear when it is so many times the scatter (MAD) of the time before."""
SHARE = 0.2
"""… and at least this share of what it was."""


class Judgement(StrEnum):
    """How a metric compares with before."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"
    CHANGED = "changed"
    """Clearly other than before, in a metric that has no good or bad side."""
    UNKNOWN = "unknown"


class Side(Strict):
    """A metric before or after: medians are what it usually was."""

    number: int
    median: float
    low: float
    high: float


class Comparison(Strict):
    """One metric before and after."""

    key: str
    name: Text
    unit: Unit
    before: Side | None
    after: Side | None
    judgement: Judgement
    text: Text

    @property
    def change(self) -> float | None:
        """By how much the median moved."""
        if self.before is None or self.after is None:
            return None
        return self.after.median - self.before.median


class Verdict(Strict):
    """All metrics before and after an operation, the worse ones first; times are UTC."""

    begun: datetime
    ended: datetime
    after_until: datetime
    """Until when the time after is known."""
    judgement: Judgement
    text: Text
    comparisons: tuple[Comparison, ...]

    def of(self, judgement: Judgement) -> tuple[Comparison, ...]:
        """Return the metrics of one judgement."""
        return tuple(
            comparison for comparison in self.comparisons if comparison.judgement is judgement
        )


def what_changed(settings: Settings, entry: Entry, now: datetime) -> Verdict:
    """Compare the quarter of an hour before *entry*'s operation with the one after it."""
    with open_state(settings) as connection:
        return compare(connection, entry.begun, entry.ended or entry.begun, now)


def compare(
    connection: apsw.Connection,
    begun: datetime,
    ended: datetime,
    now: datetime,
    *,
    keys: Sequence[str] | None = None,
    around_seconds: float = AROUND_SECONDS,
    settle_seconds: float = 0.0,
) -> Verdict:
    """Compare *keys* (None: all) before *begun* with after *ended* and judge each.

    What lies between is the operation's own doing and left out, as are *settle_seconds* after.
    """
    around = timedelta(seconds=around_seconds)
    after_from = ended + timedelta(seconds=settle_seconds)
    after_until = min(now, ended + around)
    tier = _tier(begun - around, now)
    wanted = [key for key in metric_keys(connection) if not is_of_console(key)]
    if keys is not None:
        wanted = [key for key in wanted if key in keys]
    before = _values(connection, tier, wanted, begun - around, begun)
    after = _values(connection, tier, wanted, after_from, after_until)
    comparisons = [
        _compare(key, before.get(key), after.get(key))
        for key in wanted
        if key in before or key in after
    ]
    order = list(_ORDER)
    comparisons.sort(key=lambda one: order.index(one.judgement))
    judgement, text = _conclude(comparisons)
    return Verdict(
        begun=begun,
        ended=ended,
        after_until=after_until,
        judgement=judgement,
        text=text,
        comparisons=tuple(comparisons),
    )


_ORDER = (
    Judgement.WORSE, Judgement.BETTER, Judgement.CHANGED, Judgement.SAME, Judgement.UNKNOWN,
)  # fmt: skip


def _tier(start: datetime, now: datetime) -> Tier:
    age = (now - start).total_seconds() * 1000
    return next((tier for tier in (RAW, *ROLLUPS) if age <= tier.keep), ROLLUPS[-1])


def _values(
    connection: apsw.Connection, tier: Tier, keys: Sequence[str], start: datetime, end: datetime
) -> dict[str, Floats]:
    found = read_tier(connection, tier, keys, start, end)
    chosen = {}
    for key, series in found.items():
        inside = (series.times >= start.timestamp()) & (series.times <= end.timestamp())
        values = series.mean[inside & ~np.isnan(series.mean)]
        if len(values):
            chosen[key] = values
    return chosen


def _side(values: Floats | None) -> Side | None:
    if values is None:
        return None
    return Side(
        number=len(values),
        median=float(np.median(values)),
        low=float(values.min()),
        high=float(values.max()),
    )


def _compare(key: str, before: Floats | None, after: Floats | None) -> Comparison:
    metric = metric_of(key)
    first, then = _side(before), _side(after)
    judgement = _judge(key, before, after)
    return Comparison(
        key=key,
        name=label_of(key),
        unit=metric.unit if metric else Unit.COUNT,
        before=first,
        after=then,
        judgement=judgement,
        text=_sentence(key, first, then),
    )


def _judge(key: str, before: Floats | None, after: Floats | None) -> Judgement:
    metric = metric_of(key)
    few = SLOW_FEW if metric is not None and metric.period > 10 else FEW
    if before is None or after is None or len(before) < few or len(after) < few:
        return Judgement.UNKNOWN
    was, now = float(np.median(before)), float(np.median(after))
    scatter = float(np.median(np.abs(before - was)))
    if metric is None or abs(now - was) <= max(NOISE * scatter, SHARE * abs(was), metric.notable):
        return Judgement.SAME
    if metric.worse is Worse.NEITHER:
        return Judgement.CHANGED
    return Judgement.WORSE if (now > was) == (metric.worse is Worse.UP) else Judgement.BETTER


def _sentence(key: str, before: Side | None, after: Side | None) -> Text:
    if before is None or after is None:
        known = before or after
        value = format_value(key, known.median) if known else "?"
        if before is not None:
            return translate("health", "{before} before, not known after", before=value)
        return translate("health", "not known before, {after} after", after=value)
    return translate(
        "health", "{before} before, {after} after",
        before=format_value(key, before.median), after=format_value(key, after.median),
    )  # fmt: skip


def _conclude(comparisons: Sequence[Comparison]) -> tuple[Judgement, Text]:
    worse = [comparison for comparison in comparisons if comparison.judgement is Judgement.WORSE]
    better = [comparison for comparison in comparisons if comparison.judgement is Judgement.BETTER]
    if all(comparison.judgement is Judgement.UNKNOWN for comparison in comparisons):
        return Judgement.UNKNOWN, translate(
            "health", "Too little was measured before or after to tell."
        )
    if worse:
        return Judgement.WORSE, translate(
            "health", "Worse than before: {what} ({number} in all).",
            what=_first(worse), number=len(worse),
        )  # fmt: skip
    if better:
        return Judgement.BETTER, translate(
            "health", "Better than before: {what} ({number} in all).",
            what=_first(better), number=len(better),
        )  # fmt: skip
    return Judgement.SAME, translate("health", "As before.")


def _first(comparisons: Sequence[Comparison]) -> Text:
    first = comparisons[0]
    return translate("health", "{metric}, {change}", metric=label_of(first.key), change=first.text)
