"""Which values and times a graph is labelled with: round numbers, in the metric's unit."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from core.base.metrics import Unit
from core.base.text import translate
from ui.format import duration_text
from ui.language import say

FROM_ZERO = 0.3
"""A span of this share of the greatest value is drawn from zero on."""
LEAST_SPAN = 0.05
"""Less than this share of the value is no mountain but noise in the last digits."""
NEAR = 2.5
"""A threshold at most so many times as high as the values is within the picture."""
WHOLE = {Unit.COUNT, Unit.BYTES, Unit.BYTES_PER_SECOND, Unit.BYTES_PER_HOUR}
"""What is counted in whole numbers."""
_TIMES = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 21_600,
          43_200, 86_400, 172_800, 432_000, 864_000, 2_592_000, 8_640_000, 31_536_000)  # fmt: skip


class Scale(NamedTuple):
    """The values at the lower and upper edge of a graph, and those that are written beside it."""

    bottom: float
    top: float
    ticks: tuple[float, ...]
    step: float


def scale_of(
    unit: Unit, low: float, high: float, thresholds: Sequence[float] = (), parts: int = 3
) -> Scale:
    """Return the scale for values from *low* to *high* with about *parts* steps."""
    if unit is Unit.YES_NO:
        return Scale(-0.12, 1.12, (0.0, 1.0), 1.0)
    near = [one for one in thresholds if _is_near(unit, one, low, high)]
    low, high = min([low, *near]), max([high, *near])
    if low >= 0 and high - low >= FROM_ZERO * high:
        low = 0.0
    least = max(abs(high), abs(low)) * LEAST_SPAN or 1.0
    if high - low < least:
        middle = (low + high) / 2
        bottom = middle - least / 2
        low, high = (max(0.0, bottom) if low >= 0 else bottom), middle + least / 2
    step = _round_step(unit, (high - low) / parts)
    if unit in WHOLE:
        step = max(1.0, step)
    first = math.floor(low / step + 1e-9)
    last: float = max(math.ceil(high / step - 1e-9), first + 1)
    if high > (last - 0.08) * step and not (unit is Unit.PERCENT and last * step == 100):
        last += 0.5  # what is highest shall not lie on the edge
    ticks = tuple(number * step for number in range(first, math.floor(last) + 1))
    return Scale(first * step, last * step, ticks, step)


def _is_near(unit: Unit, threshold: float, low: float, high: float) -> bool:
    if unit is Unit.PERCENT:
        return True
    if threshold > high:
        return high > 0 and threshold <= NEAR * high
    return threshold >= low or (low > 0 and threshold >= low / NEAR)


def _round_step(unit: Unit, least: float) -> float:
    if unit is Unit.SECONDS and least > _TIMES[6]:
        return float(_TIMES[min(bisect_left(_TIMES, least), len(_TIMES) - 1)])
    power = 10.0 ** math.floor(math.log10(least))
    return next((factor * power for factor in (1.0, 2.0, 5.0) if factor * power >= least * 0.999),
                10.0 * power)  # fmt: skip


def tick_text(unit: Unit, value: float, step: float) -> str:
    """Return *value* as it stands beside a graph whose labels are *step* apart."""
    match unit:
        case Unit.YES_NO:
            text = say(translate("health", "yes") if value else translate("health", "no"))
        case Unit.PERCENT:
            text = f"{_digits(value, step)} %"
        case Unit.BYTES | Unit.BYTES_PER_SECOND | Unit.BYTES_PER_HOUR:
            text = _bytes(value, step) + unit.value.removeprefix("bytes")
        case Unit.SECONDS if step >= 60:
            text = duration_text(value) if value else "0"
        case Unit.SECONDS if step < 0.1 and value < 1:
            text = f"{_digits(value * 1e3, step * 1e3)} ms" if value else "0 ms"
        case Unit.SECONDS:
            text = f"{_digits(value, step)} s"
        case Unit.DAYS:
            text = f"{_digits(value, step)} d"
        case _:
            text = _digits(value, step)
    return text


def _bytes(value: float, step: float) -> str:
    size, power = max(abs(value), step), 0
    while size >= 1000 and power < 4:
        size, power = size / 1000, power + 1
    unit = ("B", "kB", "MB", "GB", "TB")[power]
    return f"{_digits(value / 1000**power, step / 1000**power)} {unit}"


def _digits(value: float, step: float) -> str:
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{value:,.{decimals}f}"


class TimeTick(NamedTuple):
    """A time that is written below the graphs; *strong* where a day, month or year begins."""

    at: float
    text: str
    strong: bool


def time_ticks(start: float, end: float, count: int) -> tuple[TimeTick, ...]:
    """Return about *count* round local times from *start* to *end* (Unix seconds)."""
    least = (end - start) / max(1, count)
    if least > 10 * 86_400:
        return _months(start, end, max(1, math.ceil(least / (30.5 * 86_400))))
    step = next(one for one in (*_TIMES[:18], 172_800, 432_000, 864_000) if one >= least)
    if step >= 86_400:
        return _days(start, end, step // 86_400)
    zone = datetime.fromtimestamp(start).astimezone().utcoffset() or timedelta()
    offset = zone.total_seconds()
    at = math.ceil((start + offset) / step) * step - offset
    form = "%H:%M:%S" if step < 60 else "%H:%M"
    found = []
    while at <= end:
        local = datetime.fromtimestamp(at).astimezone()
        midnight = local.hour == local.minute == local.second == 0
        found.append(TimeTick(at, local.strftime("%m-%d" if midnight else form), midnight))
        at += step
    return tuple(found)


def _days(start: float, end: float, days: int) -> tuple[TimeTick, ...]:
    # Counted from a fixed day, so that the labels stay where they are while one pans.
    day = datetime.fromtimestamp(start).date()
    day += timedelta(days=-day.toordinal() % days)
    found = []
    while (at := datetime(day.year, day.month, day.day).astimezone().timestamp()) <= end:
        if at >= start:
            found.append(TimeTick(at, f"{day:%m-%d}", day.day == 1))
        day += timedelta(days=days)
    return tuple(found)


def _months(start: float, end: float, months: int) -> tuple[TimeTick, ...]:
    months = next((one for one in (1, 2, 3, 6) if one >= months), 12)
    first = datetime.fromtimestamp(start)
    number = first.year * 12 + first.month - 1
    number += -number % months
    found: list[TimeTick] = []
    while True:
        at = datetime(number // 12, number % 12 + 1, 1).astimezone().timestamp()
        if at > end:
            return tuple(found)
        if at >= start:
            found.append(TimeTick(at, f"{number // 12}-{number % 12 + 1:02}", number % 12 == 0))
        number += months
