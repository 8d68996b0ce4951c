"""What the trading program feels of the console: its commits with the console on against off.

A writer like the trading program (its own process, Python's SQLite, WAL, `synchronous=NORMAL`)
commits a candle 100 times a second and times each commit; beside it nothing, the headless
monitor as it is configured by default, and one that samples ten times as often.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile  # noqa: TID251
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from core.base.config.load import load_settings
from core.base.config.models import Settings
from resources.demo import prepare_workspace

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 15
RATE = 100
OFF, ON, OFTEN = "console off", "console on, every 1 s", "console on, every 0.1 s"
INTERVALS = {ON: "1", OFTEN: "0.1"}
WRITER = """
import json, sqlite3, sys, time
path, seconds, rate = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
c = sqlite3.connect(path, isolation_level=None)
c.execute("PRAGMA journal_mode = WAL")
c.execute("PRAGMA synchronous = NORMAL")
c.execute("CREATE TABLE IF NOT EXISTS benchmark_commits (id INTEGER PRIMARY KEY, text TEXT)")
took, refused = [], 0
begun = due = time.perf_counter()
while due - begun < seconds:
    due += 1 / rate
    time.sleep(max(0.0, due - time.perf_counter()))
    first = time.perf_counter()
    try:
        c.execute("BEGIN IMMEDIATE")
        c.execute("INSERT INTO benchmark_commits (text) VALUES (?)", ("x" * 400,))
        c.execute("COMMIT")
    except sqlite3.OperationalError:
        refused += 1
    took.append(time.perf_counter() - first)
took.sort()
print(json.dumps({"p50": took[len(took) // 2], "p99": took[len(took) * 99 // 100],
                  "worst": took[-1], "refused": refused}))
"""


class Commits(NamedTuple):
    """The commits of one run, in milliseconds."""

    p50: float
    p99: float
    worst: float
    refused: int
    """How many failed because the database was busy."""


def run(size: int, runs: int) -> None:
    """Print the table of medians and ratios for data of *size* bytes."""
    folder = Path(tempfile.mkdtemp(prefix="ops-console-benchmark-"))
    found: dict[str, list[Commits]] = {OFF: [], ON: [], OFTEN: []}
    try:
        app = prepare_workspace(folder / "app", size)
        settings = load_settings(app, {}, app)
        peers = list(found)
        for turn in range(runs):
            for index in range(len(peers)):
                who = peers[(index + turn) % len(peers)]
                with _monitor(settings, INTERVALS.get(who)):
                    found[who].append(_commit(settings))
        _show(found)
    finally:
        shutil.rmtree(folder)


@contextmanager
def _monitor(settings: Settings, interval: str | None) -> Iterator[None]:
    """Let a headless monitor work meanwhile; None: nothing."""
    if interval is None:
        yield
        return
    monitor = subprocess.Popen(
        [sys.executable, ROOT / "run_ops_console.py", "--app", settings.app, "monitor",
         "--no-schedule"],
        env={**os.environ, "OPS_CONSOLE_HEALTH__INTERVAL_SECONDS": interval,
             "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8",
    )  # fmt: skip
    try:
        if monitor.stdout is not None:
            monitor.stdout.readline()  # it says that it has begun
        yield
    finally:
        monitor.terminate()
        monitor.communicate()


def _commit(settings: Settings) -> Commits:
    done = subprocess.run(
        [sys.executable, "-c", WRITER, settings.file("market_data").path, str(SECONDS), str(RATE)],
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    return Commits(told["p50"] * 1e3, told["p99"] * 1e3, told["worst"] * 1e3, told["refused"])


def _show(found: dict[str, list[Commits]]) -> None:
    base = median(one.p99 for one in found[OFF])
    print(f"{RATE} commits/s, {SECONDS} s a run, {len(found[OFF])} runs in turns; milliseconds")
    print(f"{'':26} {'p50':>7} {'p99':>7} {'(min':>7} {'max)':>7} {'worst':>8} {'refused':>8}  p99")
    for who, runs in found.items():
        p99 = [one.p99 for one in runs]
        print(
            f"{who:26} {median(one.p50 for one in runs):7.3f} {median(p99):7.3f} {min(p99):7.3f} "
            f"{max(p99):7.3f} {max(one.worst for one in runs):8.2f} "
            f"{sum(one.refused for one in runs):8d}  {median(p99) / base:.2f} x off"
        )
