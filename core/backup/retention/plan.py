"""Decides, without touching anything, which restore points stay and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from core.backup.models import ListedPoint, Reason
from core.backup.order import certain_ages, newest_state_first, state_of
from core.base.config.models import RetentionSettings
from core.base.model import Strict

SAFETY = frozenset({Reason.BEFORE_MIGRATION, Reason.BEFORE_ROLLBACK, Reason.BEFORE_DEPLOYMENT})


class KeepReason(StrEnum):
    """Why a restore point stays."""

    PINNED = "pinned"
    NOTES_UNREAD = "notes_unread"
    """Its annotations cannot be read: it may be pinned."""
    NEWEST_GOOD = "newest_good"
    SAFETY = "safety"
    """It was made before a migration, rollback or deployment, some days ago at most."""
    IMPORTED = "imported"
    """It was imported as many days ago at most: an old state must not go as soon as it came."""
    LAST = "last"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Decision(Strict):
    """What becomes of one restore point; it goes when there is no reason to keep it."""

    point_id: str
    reasons: tuple[KeepReason, ...]

    @property
    def goes(self) -> bool:
        """Whether it is removed."""
        return not self.reasons


class Plan(Strict):
    """What becomes of all restore points, newest state first."""

    decisions: tuple[Decision, ...]

    @property
    def going(self) -> tuple[str, ...]:
        """The ids of those that are removed."""
        return tuple(decision.point_id for decision in self.decisions if decision.goes)

    def reasons(self, point_id: str) -> tuple[KeepReason, ...]:
        """Return why *point_id* stays; raises `KeyError`."""
        for decision in self.decisions:
            if decision.point_id == point_id:
                return decision.reasons
        raise KeyError(point_id)


def plan(
    listed: Sequence[ListedPoint],
    retention: RetentionSettings,
    now: datetime,
    zone: tzinfo | None = None,
) -> Plan:
    """Return what becomes of *listed* at *now*.

    Hours, days, weeks and months are those of *zone*, by default the local one.  As with
    restic, the newest state of each of the last so many hours (days, …) *that have one* is
    kept.  Damaged restore points keep no place; where none is good, all count, since
    something damaged is better than nothing.

    What is newest follows from the order of making, and safety days are counted as far as they
    have passed for certain (`core.backup.order`): a clock that jumps removes nothing.
    """
    newest_first = newest_state_first(listed)
    ages = certain_ages(listed, now)
    counting = [one for one in newest_first if one.good] or newest_first
    reasons: dict[str, list[KeepReason]] = {one.point.id: [] for one in newest_first}
    for one in newest_first:
        kept = reasons[one.point.id]
        recent = ages[one.point.id] < timedelta(days=retention.safety_days)
        if one.annotations.lost:
            kept.append(KeepReason.NOTES_UNREAD)
        elif one.annotations.pinned:
            kept.append(KeepReason.PINNED)
        if recent and one.point.reason in SAFETY:
            kept.append(KeepReason.SAFETY)
        if recent and one.point.reason is Reason.IMPORTED:
            kept.append(KeepReason.IMPORTED)
    if counting:
        reasons[counting[0].point.id].append(KeepReason.NEWEST_GOOD)
    for one in counting[: retention.last]:
        reasons[one.point.id].append(KeepReason.LAST)
    for reason, count, bucket in (
        (KeepReason.HOURLY, retention.hourly, _hour),
        (KeepReason.DAILY, retention.daily, _day),
        (KeepReason.WEEKLY, retention.weekly, _week),
        (KeepReason.MONTHLY, retention.monthly, _month),
    ):
        for one in _newest_of_each(counting, count, bucket, zone):
            reasons[one.point.id].append(reason)
    return Plan(
        decisions=tuple(
            Decision(point_id=point_id, reasons=tuple(kept)) for point_id, kept in reasons.items()
        )
    )


def _newest_of_each(
    newest_first: Sequence[ListedPoint],
    count: int,
    bucket: Callable[[datetime], object],
    zone: tzinfo | None,
) -> list[ListedPoint]:
    newest: dict[object, ListedPoint] = {}
    for one in newest_first:
        newest.setdefault(bucket(state_of(one).astimezone(zone)), one)
    return list(newest.values())[:count]


def _hour(moment: datetime) -> object:
    # The hour that comes twice when summer time ends is two hours.
    return moment.date(), moment.hour, moment.utcoffset()


def _day(moment: datetime) -> object:
    return moment.date()


def _week(moment: datetime) -> object:
    return moment.isocalendar()[:2]


def _month(moment: datetime) -> object:
    return moment.year, moment.month
