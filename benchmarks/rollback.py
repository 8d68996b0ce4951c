"""How long the trading program is down during a rollback: it must not grow with the data."""

from __future__ import annotations

import shutil
import tempfile  # noqa: TID251
from pathlib import Path

from benchmarks.table import Stopwatch
from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.config.load import load_settings
from core.base.operation import Context
from core.program.control import ServiceStart, ServiceStop
from core.runner.run import run_operation
from core.switchover.rollback import Rollback
from resources.demo import prepare_workspace

SMALL = 10_000_000


def run(size: int, runs: int) -> None:
    """Print the downtime at 10 MB and at *size* bytes, measured in turns."""
    watch = Stopwatch()
    folder = Path(tempfile.mkdtemp(prefix="ops-console-benchmark-"))
    sizes = {f"{each / 1e6:.0f} MB": each for each in (SMALL, size)}
    try:
        apps = {name: prepare_workspace(folder / name, each) for name, each in sizes.items()}
        for _ in range(runs):
            for name, app in apps.items():
                settings = load_settings(app, {}, app)
                ServiceStart(settings).run(Context())
                point = create_restore_point(Context(), settings, Reason.MANUAL)
                done = run_operation(settings, Rollback(settings, point.id), Context(), "benchmark")
                watch.add("program down", name, done.downtime_seconds)
                watch.add("of it: the data", name, done.data_seconds)
                ServiceStop(settings).run(Context())
    finally:
        shutil.rmtree(folder)
    base = next(iter(sizes))
    watch.show({"program down": base, "of it: the data": base})
