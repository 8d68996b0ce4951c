"""When a program that ended by itself is started again: a pure rule over numbers.

The pause doubles with every end, from `first_seconds` to `longest_seconds`, without jitter: one
program on one machine has nobody to keep out of step with.  After `restarts` of them within
`within_minutes` it is given up.  A run of `settled_minutes` makes its end the first one again.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.base.config.supervision import RestartSettings


@dataclass(frozen=True)
class Count:
    """The restarts that still count."""

    in_a_row: int = 0
    """Ends since the program last ran for long."""
    times: tuple[float, ...] = ()
    """When restarts were decided within the window, in seconds of the caller's clock."""


@dataclass(frozen=True)
class Decision:
    """What follows an end."""

    pause: float | None
    """Seconds until the restart; None: it is given up."""
    count: Count


def decide(rules: RestartSettings, count: Count, now: float, ran_seconds: float) -> Decision:
    """Return what follows when the program ended at *now* after a run of *ran_seconds*."""
    if ran_seconds >= rules.settled_minutes * 60:
        count = Count()
    times = tuple(one for one in count.times if now - one < rules.within_minutes * 60)
    if len(times) >= rules.restarts:
        return Decision(None, Count(count.in_a_row, times))
    # Past 2^30 the limit holds whatever it is.
    pause = min(rules.longest_seconds, rules.first_seconds * 2.0 ** min(count.in_a_row, 30))
    return Decision(pause, Count(count.in_a_row + 1, (*times, now)))
