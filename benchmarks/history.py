"""Fills a console's history with what a monitor would have written in a month or a year."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from core.base.config.models import Settings
from core.base.metrics import METRICS, Metric, Unit
from core.base.state import open_state
from core.monitoring.history.tiers import RAW, ROLLUPS, Floats, Layouts, Tier

SCALES = {
    Unit.PERCENT: 20.0, Unit.BYTES: 2e8, Unit.BYTES_PER_SECOND: 3e5, Unit.BYTES_PER_HOUR: 1e6,
    Unit.SECONDS: 4e-4, Unit.DAYS: 40.0, Unit.COUNT: 12.0, Unit.PER_MINUTE: 0.6,
}  # fmt: skip


def keys_of(settings: Settings, number: int) -> list[str]:
    """Return *number* metrics that are numbers, and not yes or no."""
    found: list[str] = []
    for metric in METRICS:
        if metric.unit is Unit.YES_NO or metric.key.startswith("console."):
            continue
        if metric.label == "database":
            found += [metric.key.replace("*", file.name) for file in settings.databases]
        elif not metric.label:
            found.append(metric.key)
    return found[:number]


def fill(settings: Settings, now: datetime, keys: list[str], days: float) -> None:
    """Write *days* of history up to *now*, in every tier as far as it reaches."""
    end = int(now.timestamp() * 1000)
    metrics = {metric.key: metric for metric in METRICS}
    with open_state(settings) as connection:
        layouts = Layouts(connection)
        for tier in (RAW, *ROLLUPS):
            step = tier.step or 1000
            begin = end - min(tier.keep, int(days * 86_400_000))
            times = np.arange(begin - begin % step, end, step)
            columns = [
                _values(_metric(metrics, key), times / 1000, seed) for seed, key in enumerate(keys)
            ]
            with connection:
                layout = layouts.layout(tuple(keys))
                connection.executemany(
                    f"INSERT OR REPLACE INTO {tier.table} (t, layout, data) VALUES (?, ?, ?)",
                    zip(times.tolist(), [layout] * len(times), _rows(tier, columns), strict=True),
                )


def _metric(metrics: dict[str, Metric], key: str) -> Metric:
    head, _, rest = key.partition(".")
    return metrics.get(key) or metrics[f"{head}.*.{rest.rpartition('.')[2]}"]


def _values(metric: Metric, times: Floats, seed: int) -> Floats:
    """A daily wave with noise and rare peaks, the same at every run."""
    random = np.random.default_rng(seed)
    wave = 1.0 + 0.5 * np.sin(times / 86_400 * 2 * np.pi + seed)
    noise = random.gamma(4.0, 0.1, len(times))
    peaks = random.random(len(times)) > 0.9995
    found: Floats = SCALES[metric.unit] * (wave + noise + 1.5 * peaks)
    return found


def _rows(tier: Tier, columns: list[Floats]) -> list[bytes]:
    """Return each row's data as the writer packs it."""
    table = np.stack(columns, axis=1)
    if tier is RAW:
        return [row.tobytes() for row in table.astype("<f8")]
    parts = np.stack(
        [table * 0.8, table * 1.25, table, np.full_like(table, tier.step / 1000)], axis=1
    )
    return [row.tobytes() for row in parts.astype("<f4")]
