"""A migration against a row loop, Alembic and sqlite-utils; its proof; its downtime; its forecast.

Alembic and sqlite-utils go into an environment of their own, made for the run by uv.
"""

from __future__ import annotations

import json
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile  # noqa: TID251
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.legacy import make_legacy
from benchmarks.table import Stopwatch
from core.base.bootstrap import find_uv
from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.operation import Context, Progress, Step
from core.base.process import run_in_process
from core.base.sqlite import open_immutable
from core.program.control import ServiceStart, ServiceStop
from core.runner.run import run_operation
from migration import upbit
from migration.adapter import ScriptSet
from migration.run.execute import RunMigration
from migration.run.models import MigrationResult
from migration.run.rehearse import Rehearse
from migration.run.stage import migrate_copies, validate_copies
from migration.sql import Source
from migration.upbit.adapter import CONVERSIONS
from migration.upbit.probes import HOLDER
from migration.upbit.sources.detect import Kind
from migration.upbit.validation.lossless import prove
from migration.validation.validate import attach_before
from resources.demo import prepare_workspace

BYTES_A_ROW = 420
"""Of a legacy condition with its link."""
PEERS = ("row-loop", "alembic", "sqlite-utils")
PACKAGES = ("alembic==1.20.1", "sqlite-utils==4.2.1")
SCRIPT = Path(__file__).resolve().parent / "peers" / "migrate.py"
MOMENT = "2026-01-01T00:00:00+00:00"
SET = ScriptSet(Path(upbit.__file__).parent / "scripts", CONVERSIONS)
OURS = "console"
SMALL_ROWS = 10_000


class Measured(NamedTuple):
    """Seconds by part, and by how many bytes resident memory grew over the idle process."""

    seconds: dict[str, float]
    memory: int


def run(size: int, runs: int) -> None:
    """Print how long *size* bytes of legacy conditions take, the proof and the memory."""
    with _folder() as folder:
        _conversion(folder, size // BYTES_A_ROW, runs)


def run_downtime(size: int, runs: int) -> None:
    """Print how long the program is down with *size* bytes of legacy conditions."""
    with _folder() as folder:
        _downtime(folder, size // BYTES_A_ROW, runs)


def run_forecast(size: int, runs: int) -> None:
    """Print how right the time left is with *size* bytes of legacy conditions."""
    with _folder() as folder:
        _forecast(folder, size // BYTES_A_ROW, runs)


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ops-console-benchmark-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _conversion(folder: Path, count: int, runs: int) -> None:
    legacy = folder / "legacy"
    make_legacy(legacy, count)
    python = environment(folder / "peers", *PACKAGES)
    watch = Stopwatch()
    memory: dict[str, list[int]] = {}

    def create(who: str, measured: Measured) -> None:
        memory.setdefault(who, []).append(measured.memory)
        for what, seconds in measured.seconds.items():
            watch.add(what, who, seconds)

    def ours() -> None:
        create(OURS, run_in_process(_ours, Context(), legacy, folder / "ours"))

    def peer(who: str) -> Callable[[], None]:
        def go() -> None:
            new = folder / "new"
            done = subprocess.run(
                [python, SCRIPT, who, legacy, new],
                check=True,
                capture_output=True,
                encoding="utf-8",
            )
            found = json.loads(done.stdout)
            create(who, Measured({CONVERT: found["seconds"]}, found["memory"]))
            watch.add(PROVE, who, found["seconds"])
            new.unlink()

        return go

    for turn in range(runs):
        watch.rotate(turn, ours, *(peer(who) for who in PEERS))
    print(f"{count:,} conditions and as many links, {', '.join(PACKAGES)}, sqlite3 "
          f"{sqlite3.sqlite_version} in the peers")  # fmt: skip
    watch.show({CONVERT: OURS, PROVE: "alembic", WHOLE: OURS, VALIDATE: OURS})
    grown = (f"{who} {median(found) / 1e6:.0f} MB" for who, found in memory.items())
    print(f"memory above the idle process: {', '.join(grown)}\n")


CONVERT = "convert conditions and links"
WHOLE = "the whole migration of the copy"
PROVE = "prove every column"
VALIDATE = "all four validators"


def _ours(_: Context, legacy: Path, folder: Path) -> Measured:
    """Migrate a copy, prove it, validate it; in a process of its own, for its memory."""
    folder.mkdir()
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sources, targets = {HOLDER: legacy}, {HOLDER: folder / "new"}
    seconds: dict[str, float] = {}
    begun = time.perf_counter()
    scripts = migrate_copies(Context(), SET, sources, targets, MOMENT, ())
    seconds[WHOLE] = time.perf_counter() - begun
    seconds[CONVERT] = next(one.seconds for one in scripts if "convert_conditions" in one.name)
    begun = time.perf_counter()
    _prove(sources, targets[HOLDER])
    seconds[PROVE] = time.perf_counter() - begun
    begun = time.perf_counter()
    if not validate_copies(Context(), SET, sources, targets, MOMENT, (), folder, {}).ok:
        raise ValueError("the migration of the benchmark is not valid")
    seconds[VALIDATE] = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    shutil.rmtree(folder)
    return Measured(seconds, (peak - idle) * 1024)


def _prove(sources: dict[str, Path], target: Path) -> None:
    connection = open_immutable(target)
    try:
        found: list[Source] = [
            one
            for one in attach_before(connection, sources, SET.conversions)
            if one.kind in {Kind.CONDITIONS, Kind.LINKS}
        ]
        if not all(prove(connection, one).ok for one in found):
            raise ValueError("the migration of the benchmark is not lossless")
    finally:
        connection.close()


def environment(folder: Path, *packages: str) -> Path:
    """Make an environment in *folder* with the peers *packages* and return its Python."""
    uv = find_uv()
    if uv is None:
        raise SystemExit("uv was not found")
    python = folder / "bin" / "python"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *packages], check=True)
    return python


class _Writing(Context):
    """Writes into the live database when the program is about to be asked to stop."""

    def __init__(self, settings: Settings, *statements: str) -> None:
        super().__init__()
        self._path = settings.file(HOLDER).path
        self._statements = statements

    def on_step(self, step: Step) -> None:
        """Write at the beginning of the stop."""
        if step.name == "stop" and step.ok is None:
            connection = sqlite3.connect(self._path)
            for sql in self._statements:
                connection.execute(sql)
            connection.commit()
            connection.close()


def _downtime(folder: Path, count: int, runs: int) -> None:
    """Print how long the program is down when nothing, some or too much was written meanwhile."""
    watch = Stopwatch()
    some = (
        "UPDATE trading_conditions SET usage_count = usage_count + 1 WHERE id % 100 = 0",
        "INSERT INTO execution_history (strategy_id, price) "
        f"SELECT 'x', id / 7.0 FROM trading_conditions LIMIT {count // 100}",
    )
    cases = {
        f"nothing written, {SMALL_ROWS:,} rows": (SMALL_ROWS, ()),
        "nothing written": (count, ()),
        "1 % of rows written": (count, some),
        "a strategy edited: staged again": (count, ("UPDATE strategies SET name = name || '!'",)),
    }
    for _ in range(runs):
        for name, (rows, statements) in cases.items():
            result = _migrate(folder / "app", rows, statements)
            watch.add("program down", name, result.downtime_seconds)
            watch.add("of it: the data", name, result.data_seconds)
    base = next(iter(cases))
    watch.show({"program down": base, "of it: the data": base})


def _workspace(app: Path, rows: int) -> Settings:
    prepare_workspace(app, 1_000_000)
    settings = load_settings(app, {}, app)
    live = settings.file(HOLDER).path
    for suffix in ("", "-wal", "-shm"):
        Path(f"{live}{suffix}").unlink(missing_ok=True)
    make_legacy(live, rows)
    return settings


class _Telling(Context):
    """Keeps when it was told how many seconds are left."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[float, float]] = []

    def on_progress(self, progress: Progress) -> None:
        """Keep the moment and the seconds left."""
        if progress.seconds_left is not None:
            self.told.append((time.monotonic(), progress.seconds_left))


def _forecast(folder: Path, count: int, runs: int) -> None:
    """Print what a rehearsal, told by the one before it, says to be left after a tenth."""
    settings = _workspace(folder / "app", count)
    run_operation(settings, Rehearse(settings), Context(), "benchmark")
    print(f"{count:,} conditions; the rest of a rehearsal as told after a tenth of it")
    for _ in range(runs):
        context = _Telling()
        begun = time.monotonic()
        run_operation(settings, Rehearse(settings), context, "benchmark")
        whole = time.monotonic() - begun
        for part in (0.1, 0.25, 0.5, 0.75):
            at, left = next(one for one in context.told if one[0] - begun >= part * whole)
            real = whole - (at - begun)
            told = (at - begun) / whole
            print(f"{part:4.0%}, told at {told:4.0%} of {whole:6.2f} s: {left:6.2f} s left, "
                  f"really {real:6.2f} s, off by {left / real - 1:+.1%}")  # fmt: skip


def _migrate(app: Path, rows: int, statements: tuple[str, ...]) -> MigrationResult:
    settings = _workspace(app, rows)
    ServiceStart(settings).run(Context())
    try:
        context = _Writing(settings, *statements)
        return run_operation(settings, RunMigration(settings), context, "benchmark")
    finally:
        ServiceStop(settings).run(Context())
        shutil.rmtree(app)
