"""Every command on the rig, on a workspace of 50 MB; what it leaves is held against sqlite3 here.

The workspace has spaces and Hangul in its path, the stand-in program runs, and the console speaks
Korean.  `python -m tools.windows tour` prints a line for each step and ends with 1 at the first
that is not as it must be.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import yaml

from core.base.entry import SCRIPT
from core.base.files import temporary_folder
from core.base.text import decode
from tools.windows.rig import ROOT, Rig, run, screen

FOLDER = "업비트 자동 매매"
SIZE = "50MB"
NAMES = ("settings", "strategies", "market_data")
FIXED = ("settings", "strategies")
"""The running program writes candles alone."""
PATIENT = {"soak_seconds": 1, "response_ms": 60_000}
LEAVE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from core.base.config.load import load_settings
from core.program.unit import leave
leave(load_settings(Path(sys.argv[2]), {}, Path(sys.argv[2])))
"""
LEAVE_SECONDS = 120


class TourError(Exception):
    """A step is not as it must be."""


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Mapping[str, object]:
        """What it printed with ``--json``."""
        found: Mapping[str, object] = json.loads(self.out)
        return found


class Tour:
    """One workspace on the rig's drive C:, seen from both sides."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.drive = rig.prefix / "drive_c"
        self.app = self.drive / FOLDER

    def call(self, *words: str, codes: tuple[int, ...] = (0,)) -> Done:
        """Run a command of the console; raises `TourError` where it ends with none of *codes*."""
        out, err = io.BytesIO(), io.BytesIO()
        command = [str(ROOT / SCRIPT), "--app", f"C:\\{FOLDER}", *words]
        ended = run(self.rig, command, out, err)
        done = Done(ended, decode(out.getvalue()), decode(err.getvalue()))
        if ended not in codes:
            raise TourError(f"{words} ended with {ended}\n{done.out}\n{done.err}")
        print(f"✓ {' '.join(words)}", flush=True)
        return done

    def dumps(self, folder: Path, names: tuple[str, ...] = NAMES) -> dict[str, str]:
        """Return a digest of each database's content in *folder*, by this machine's SQLite."""
        return {name: _digest(folder / f"{name}.sqlite3") for name in names}

    def must(self, holds: object, what: str) -> None:
        """Print that *what* holds, or raise `TourError`."""
        if not holds:
            raise TourError(what)
        print(f"  ✓ {what}", flush=True)


def tour(rig: Rig) -> None:
    """Go through all commands; raises `TourError`."""
    place = Tour(rig)
    shutil.rmtree(place.app, ignore_errors=True)
    for folder in ("내보낸 것", "둘째 저장소"):
        shutil.rmtree(place.drive / folder, ignore_errors=True)
    steps: tuple[Callable[[Tour], None], ...] = (
        _begin, _back_up, _exchange, _go_back, _migrate, _deploy, _watch, _serve,
    )  # fmt: skip
    with screen() as display:  # of its own, a program would lose with it its window, and close
        os.environ["DISPLAY"] = display
        for step in steps:
            step(place)


def _begin(tour: Tour) -> None:
    tour.call("demo", "--prepare-only", "--workspace", f"C:\\{FOLDER}", "--size", SIZE)
    # The rig's speed says nothing, so no answer is too slow.
    config = tour.app / "deployment" / "production_config.yaml"
    written = yaml.safe_load(config.read_text(encoding="utf-8"))
    config.write_text(yaml.safe_dump({**written, "verify": PATIENT}), encoding="utf-8")
    before = tour.dumps(tour.app / "data")
    made = tour.call("backup", "create", "--json").json
    tour.call("backup", "export", str(made["id"]), "--to", "C:\\내보낸 것", "--with-credentials")
    out = tour.drive / "내보낸 것"
    (folder,) = {found.parent for found in out.rglob("settings*.sqlite3")}
    exported = {name: _digest(next(folder.glob(f"{name}*.sqlite3"))) for name in NAMES}
    tour.must(exported == before, "what was exported is what was live, by sqlite3")


def _back_up(tour: Tour) -> None:
    tour.call("service", "start")
    made = str(tour.call("backup", "create", "--json").json["id"])
    tour.call("backup", "list")
    tour.call("backup", "show", made)
    tour.call("backup", "verify", made, "--full")
    tour.call("backup", "pin", made, "--note", "첫 백업")
    tour.call("backup", "diff")


def _exchange(tour: Tour) -> None:
    tour.call("backup", "copy", "--to", "C:\\둘째 저장소", "--create")
    mine, theirs = _packs(tour.app), _packs(tour.drive / "둘째 저장소")
    tour.must(mine and mine.items() <= theirs.items(), "every pack of the copy has the same bytes")
    tour.call("backup", "copy", "--from", "C:\\둘째 저장소")
    (folder,) = {found.parent for found in (tour.drive / "내보낸 것").rglob("settings*.sqlite3")}
    inside = folder.relative_to(tour.drive).as_posix().replace("/", "\\")
    tour.call("backup", "import", f"C:\\{inside}")
    tour.call("backup", "prune", "--dry-run")
    tour.call("backup", "prune")


def _go_back(tour: Tour) -> None:
    made = str(tour.call("backup", "create", "--json").json["id"])
    before = tour.dumps(tour.app / "data", FIXED)
    tour.call("service", "stop")
    with closing(sqlite3.connect(tour.app / "data" / "strategies.sqlite3")) as connection:
        connection.execute("DELETE FROM execution_history")
        connection.commit()
    tour.call("service", "start")
    tour.must(tour.dumps(tour.app / "data", FIXED) != before, "the mistake is live")
    tour.call("rollback", "--to", made, "--dry-run")
    tour.call("rollback", "--to", made, "--yes")
    tour.must(tour.dumps(tour.app / "data", FIXED) == before, "the rollback brought all of it back")
    tour.call("verify", "rollback")
    tour.call("verify", "data")
    tour.call("verify", "system")
    tour.call("recover")


def _migrate(tour: Tour) -> None:
    before = tour.dumps(tour.app / "data", FIXED)
    tour.call("migrate", "plan")
    tour.call("migrate", "preflight")
    tour.call("migrate", "rehearse")
    tour.must(tour.dumps(tour.app / "data", FIXED) == before, "a rehearsal changes nothing")
    tour.call("migrate", "run", "--yes")
    tour.must(tour.dumps(tour.app / "data", FIXED) != before, "the migrated databases are live")
    tour.call("migrate", "verify")
    tour.call("migrate", "undo", "--yes")
    tour.must(tour.dumps(tour.app / "data", FIXED) == before, "undone, they are as they were")


def _deploy(tour: Tour) -> None:
    before = tour.dumps(tour.app / "data", FIXED)
    tour.call("deploy", "plan")
    tour.call("deploy", "rehearse")
    tour.call("deploy", "run", "--yes")
    tour.call("deploy", "status")
    tour.must(tour.dumps(tour.app / "data", FIXED) != before, "the release's data is live")
    tour.call("deploy", "rollback", "--yes")
    tour.must(tour.dumps(tour.app / "data", FIXED) == before, "back from it, data is as it was")


def _watch(tour: Tour) -> None:
    told = tour.call("health", "--json", codes=(0, 1)).json  # its SQLite is old, and that is told
    problems = told["problems"]
    if not isinstance(problems, list):
        raise TourError(f"no list of problems: {problems!r}")
    # A busy machine makes a look slow, and that is told as such.
    blind = [problem for problem in problems if not problem["overrun"]]
    tour.must(told["fields"] and not blind, "health sees everything")
    tour.call("monitor", "--seconds", "5")
    tour.call("health", "history", "--csv", "-")
    tour.call("alerts", "list")
    tour.call("status")
    tour.call("journal", "--limit", "5")


def _serve(tour: Tour) -> None:
    tour.call("service", "restart")
    tour.call("service", "log", "--which", "out")
    tour.call("service", "stop")
    ended = threading.Event()

    def supervise() -> None:
        tour.call("service", "supervise")
        ended.set()

    threading.Thread(target=supervise, daemon=True).start()
    for _ in range(60):
        state = tour.call("service", "status", "--json", codes=(0, 1)).json
        if state["how"] == "supervised":
            break
    else:
        raise TourError("nobody supervises the program")
    tour.call("service", "stop")
    tour.call("recover")
    # It outlives a stop, for the next start; the Ctrl+C that ends it is not delivered here.
    run(tour.rig, ["-c", LEAVE, str(ROOT), f"C:\\{FOLDER}"])
    tour.must(ended.wait(LEAVE_SECONDS), "the supervisor ends when it is asked to")


def _digest(path: Path) -> str:
    """Return a digest of everything that sqlite3 reads of a copy of *path*: locks do not meet."""
    found = hashlib.sha256()
    with temporary_folder("upbit-tour-") as folder:
        for file in (path, path.with_name(f"{path.name}-wal")):
            if file.exists():
                shutil.copyfile(file, folder / file.name)
        with closing(sqlite3.connect(folder / path.name)) as connection:
            if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                raise TourError(f"{path} is damaged")
            for line in connection.iterdump():
                found.update(line.encode("utf-8", "surrogatepass"))
    return found.hexdigest()


def _packs(folder: Path) -> dict[str, str]:
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.rglob("*.pack")
    }
