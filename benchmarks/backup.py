"""Backup, next backup and restore against SQLite's `.backup`, `cp` and restic, in one run.

A restore point is checked by SQLite, so the same work is `.backup` and ``integrity_check`` of what
it made; ``check=False`` stores a restore point whose check follows, and stands beside `.backup`
alone.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import subprocess
import tempfile  # noqa: TID251
import time
from pathlib import Path

from benchmarks.table import Stopwatch
from core.backup.check import check_pending
from core.backup.create import create_restore_point
from core.backup.materialise import materialise_all
from core.backup.models import Reason
from core.backup.store import Store
from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.operation import Context
from core.base.process import run_in_process
from resources.demo import prepare_workspace

OURS, LATER = "console", "console, check later"
BACKUP, CHECKED, CP, RESTIC = ".backup", ".backup + integrity_check", "cp + fsync", "restic"
APPENDED, EVERYWHERE, UPDATED = (
    "next: one large table appended",
    "next: every 1m table appended",
    "next: 0.05 % of rows updated",
)


def run(size: int, runs: int) -> None:
    """Print the table of ratios for data of *size* bytes."""
    folder = Path(tempfile.mkdtemp(prefix="ops-console-benchmark-"))
    try:
        app = prepare_workspace(folder / "app", size)
        settings = load_settings(app, {}, app)
        watch = Stopwatch()
        stored = {OURS: 0, RESTIC: 0}
        for turn in range(runs):
            _one(settings, folder / f"run{turn}", watch, stored, turn)
        _versions()
        watch.show(
            {
                "first backup": CHECKED,
                APPENDED: CHECKED,
                EVERYWHERE: CHECKED,
                UPDATED: CHECKED,
                "restore to a staged file": CP,
            },
            {LATER: BACKUP},
        )
        total = sum(file.path.stat().st_size for file in settings.databases)
        kept = (f"{who} {count / total:.1%} of it" for who, count in stored.items() if count)
        print(f"\ndata {total / 1e6:.0f} MB; kept: {', '.join(kept)}")
    finally:
        shutil.rmtree(folder)


def _one(
    settings: Settings, folder: Path, watch: Stopwatch, stored: dict[str, int], turn: int
) -> None:
    folder.mkdir()
    settings = settings.model_copy(update={"store": folder / "store", "home": folder / "home"})
    repository = folder / "restic"
    restic = shutil.which("restic") is not None
    if restic:
        _restic(repository, "init")
    prepared = folder / "prepared"
    prepared.mkdir()

    def ours(what: str) -> None:
        with watch.timing(what, OURS):
            point = create_restore_point(Context(), settings, Reason.MANUAL)
        print(f"  {what}: {point.added_bytes / 1e6:.2f} MB added")

    def later(what: str) -> None:
        other = settings.model_copy(update={"store": folder / "later"})
        with watch.timing(what, LATER):
            create_restore_point(Context(), other, Reason.MANUAL, check=False)
        check_pending(Context(), other)

    def backup(what: str) -> None:
        for file in settings.databases:
            (prepared / file.path.name).unlink(missing_ok=True)
        began = time.perf_counter()
        with watch.timing(what, BACKUP):
            for file in settings.databases:
                command = f".backup '{prepared / file.path.name}'"
                subprocess.run(["sqlite3", file.path, command], check=True)
        for file in settings.databases:
            command = "PRAGMA integrity_check"
            subprocess.run(
                ["sqlite3", prepared / file.path.name, command],
                check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
        watch.add(what, CHECKED, time.perf_counter() - began)
        # restic gets a prepared copy: it cannot read live databases safely.
        if restic:
            with watch.timing(what, RESTIC):
                _restic(repository, "backup", "--quiet", str(prepared))

    for what, change in (
        ("first backup", None),
        (APPENDED, _append),
        (EVERYWHERE, _append_everywhere),
        (UPDATED, _update),
    ):
        if change is not None:
            change(settings)
        watch.rotate(
            turn, lambda w=what: ours(w), lambda w=what: backup(w), lambda w=what: later(w)
        )
    stored[OURS] = Store(settings.store).size()
    stored[RESTIC] = sum(path.stat().st_size for path in repository.rglob("*") if path.is_file())
    _restore(settings, folder, watch, turn, repository if restic else None)
    shutil.rmtree(folder)


def _restore(
    settings: Settings, folder: Path, watch: Stopwatch, turn: int, repository: Path | None
) -> None:
    what = "restore to a staged file"
    store = Store(settings.store)
    listed = store.listed()[0]
    out = folder / "out"
    out.mkdir()

    def ours() -> None:
        destinations = {file.name: out / file.name for file in listed.point.files}
        with watch.timing(what, OURS):
            run_in_process(materialise_all, Context(), settings.store, listed, destinations)

    def cp() -> None:
        with watch.timing(what, CP):
            _cp([file.path for file in settings.databases], folder / "copied")

    def restic() -> None:
        if repository is not None:
            with watch.timing(what, RESTIC):
                _restic(repository, "restore", "--quiet", "latest", "--target", str(folder / "r"))

    watch.rotate(turn, ours, cp, restic)


def _append(settings: Settings) -> None:
    """Append 0.5 % of all rows, to the largest candle table first."""
    connection = sqlite3.connect(settings.file("market_data").path)
    price = "trade_price * (1 + random() / 9.3e21)"
    counts, every = _counts(connection)
    wanted = every // 200
    for table, rows in counts:
        some = min(rows, wanted)
        connection.execute(
            f"INSERT INTO {table} SELECT '{secrets.token_hex(3)}' || candle_date_time_utc, market, "
            f"candle_date_time_kst, {price}, {price}, {price}, {price}, timestamp + 1, "
            f"{price}, {price}, created_at FROM {table} LIMIT {some}"
        )
        wanted -= some
        if not wanted:
            break
    connection.commit()
    _close(connection)


def _append_everywhere(settings: Settings) -> None:
    """Append one candle to every table of one-minute candles, as life does."""
    connection = sqlite3.connect(settings.file("market_data").path)
    tables = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'candles%1m'"
    ).fetchall()
    for (table,) in tables:
        first, *others = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        connection.execute(
            f"INSERT INTO {table} SELECT '{secrets.token_hex(3)}' || {first}, {', '.join(others)} "
            f"FROM {table} LIMIT 1"
        )
    print(f"  {connection.total_changes:,} rows appended, to {len(tables)} tables")
    connection.commit()
    _close(connection)


def _update(settings: Settings) -> None:
    """Update 0.05 % of all rows here and there, in all candle tables of the usual shape."""
    connection = sqlite3.connect(settings.file("market_data").path)
    counts, every = _counts(connection)
    step = max(1, sum(rows for _, rows in counts) // max(1, every // 2000))
    for table, _ in counts:
        connection.execute(
            f"UPDATE {table} SET trade_price = trade_price * 1.0001 WHERE rowid % {step} = 0"
        )
    print(f"  {connection.total_changes:,} rows updated")
    connection.commit()
    _close(connection)


def _counts(connection: sqlite3.Connection) -> tuple[list[tuple[str, int]], int]:
    """Return the candle tables of the usual shape, largest first, and the rows of all candles."""
    tables = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name LIKE 'candles%'"
    ).fetchall()
    rows = {
        name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name, _ in tables
    }
    usual = [
        name for name, sql in tables if "created_at" in sql and "empty_copy_from_utc" not in sql
    ]
    ordered = sorted(((name, rows[name]) for name in usual), key=lambda one: -one[1])
    return ordered, sum(rows.values())


def _close(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _cp(sources: list[Path], folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for source in sources:
        subprocess.run(["cp", source, folder], check=True)
        subprocess.run(["sync", folder / source.name], check=True)


def _restic(repository: Path, *arguments: str) -> None:
    subprocess.run(
        ["restic", "--repo", str(repository), "--no-cache", *arguments],
        env={**os.environ, "RESTIC_PASSWORD": "benchmark"},
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _versions() -> None:
    for command in (["sqlite3", "--version"], ["restic", "version"], ["cp", "--version"]):
        if shutil.which(command[0]):
            done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
            print(f"{command[0]}: {done.stdout.splitlines()[0]}")
