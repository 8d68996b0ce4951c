"""The relative strength index.

J. Welles Wilder, "New Concepts in Technical Trading Systems" (1978), section VI: the first
averages are plain means of the first *period* changes, the later ones are smoothed,
``(previous * (period - 1) + change) / period``; ``RSI = 100 - 100 / (1 + gain / loss)``.
"""

from __future__ import annotations

from collections.abc import Sequence


def wilder_rsi(closes: Sequence[float], period: int) -> list[float | None]:
    """Return the RSI at each close, None until *period* changes are known.

    Without any loss it is 100, without any movement 50.  Raises `ValueError` for a period < 1.
    """
    if period < 1:
        raise ValueError("a period is at least 1")
    found: list[float | None] = [None] * len(closes)
    gain = loss = 0.0
    for at in range(1, len(closes)):
        change = closes[at] - closes[at - 1]
        up, down = max(change, 0.0), max(-change, 0.0)
        if at <= period:
            gain += up / period
            loss += down / period
        else:
            gain = (gain * (period - 1) + up) / period
            loss = (loss * (period - 1) + down) / period
        if at >= period:
            found[at] = _index(gain, loss)
    return found


def _index(gain: float, loss: float) -> float:
    if loss == 0.0:
        return 50.0 if gain == 0.0 else 100.0
    return 100.0 - 100.0 / (1.0 + gain / loss)
