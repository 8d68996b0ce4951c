"""Places in which one case after the other happens, each begun from a prepared template.

A site is a folder on a memory disk with the workspace ``app``, what the program testified
(``starts``), and other disks' worth of targets (``away``).  The workspace lies at the same path
in every case, because intents, launches and releases name absolute paths; templates are kept
beside it and copied back.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import psutil
import yaml

from resources.demo import prepare_workspace
from tests.faults.interposer import Counted, Fault, environment, read
from tests.faults.program import MARKER

ROOT = Path(__file__).resolve().parents[2]
ENTRY = ROOT / "run_ops_console.py"
PROGRAM = Path(__file__).with_name("program.py")
TOKEN = "FAULTS_SITE"
LIMIT_SECONDS = 150
CONFIGURATION = {
    "program": {"stop_seconds": 20, "start_seconds": 20},
    "retention": {
        "last": 1, "hourly": 0, "daily": 0, "weekly": 0, "monthly": 0, "safety_days": 1,
    },
}  # fmt: skip
DEPLOYMENT = {
    "python": None,
    "migrate": True,
    "checks": {"free_mb": 0},
    "verify": {"response_ms": 5_000, "observe_seconds": 0.0, "soak_seconds": 0.1},
    "window": {
        "max_open_positions": None, "max_pending_orders": None, "max_volatility_percent": None,
    },
}  # fmt: skip


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    words: tuple[str, ...]
    code: int
    """Negative: by that signal; None of it came about within the limit: -1000."""
    out: str
    err: str
    counted: Counted

    @property
    def document(self) -> dict[str, Any]:
        """The JSON that it printed; empty where it printed none."""
        try:
            found = json.loads(self.out)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {"list": found}

    @property
    def sentences(self) -> dict[str, str]:
        """The three sentences of a failure."""
        found = self.document.get("error")
        return found if isinstance(found, dict) else {}


@dataclass
class Site:
    """One place; *keep* are its templates by name."""

    folder: Path
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What is known of each template besides its files."""

    @property
    def app(self) -> Path:
        return self.folder / "app"

    @property
    def away(self) -> Path:
        """A folder outside of the workspace: a second disk."""
        return self.folder / "away"

    @property
    def starts(self) -> tuple[Path, ...]:
        """What the program found at each of its starts, in their order."""
        return tuple(sorted(one for one in (self.folder / "starts").iterdir() if one.is_dir()))

    def template(self, name: str, make: Callable[[Site], dict[str, Any]]) -> dict[str, Any]:
        """Begin from the template *name*, made by *make* where it is the first time."""
        kept = self.folder / "templates" / name
        if name not in self.notes:
            notes = make(self)
            self.end_programs()
            kept.mkdir(parents=True)
            for part in ("app", "away"):
                _copy(self.folder / part, kept / part)
            self.notes[name] = notes
        self.empty()
        for part in ("app", "away"):
            _copy(kept / part, self.folder / part)
        return self.notes[name]

    def empty(self) -> None:
        """End what runs here and remove all but the templates."""
        self.end_programs()
        for part in ("app", "away", "starts"):
            shutil.rmtree(self.folder / part, ignore_errors=True)
        (self.folder / "starts").mkdir(parents=True)
        (self.folder / MARKER).touch()

    def console(self, *words: str, fault: Fault | None = None, below: str = "") -> Ran:
        """Run one command as the operator does, in a process group of its own.

        Without a *fault* its calls are counted, those *below* a path of the site.
        """
        process = self.begin(*words, fault=fault, below=below)
        try:
            out, err = process.communicate(timeout=LIMIT_SECONDS)
            code = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            code = -1000
        return Ran(words, code, out, err, self.counted())

    def begin(
        self, *words: str, fault: Fault | None = None, below: str = ""
    ) -> subprocess.Popen[str]:
        """Begin the command and return its process; what it prints comes by pipes."""
        armed = environment(self.folder / "counter", self.folder, fault, below)
        return subprocess.Popen(
            [sys.executable, str(ENTRY), "--app", str(self.app), "--lang", "en", *words],
            cwd=self.folder, env=self.environment() | armed, text=True, encoding="utf-8",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
            process_group=0,
        )  # fmt: skip

    def counted(self) -> Counted:
        """Return what was counted since a command was begun."""
        return read(self.folder / "counter")

    def environment(self) -> dict[str, str]:
        return compiled_once() | {TOKEN: str(self.folder)}

    def start_program(self) -> int:
        """Start the trading program as its operator does, and wait until it holds its files."""
        process = subprocess.Popen(
            [sys.executable, "run_desktop_ui.py", "--env=production"], cwd=self.app,
            env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        last = str(self.app / "data" / "market_data.sqlite3")
        while last not in {one.path for one in psutil.Process(process.pid).open_files()}:
            if process.poll() is not None:
                raise RuntimeError("the program of the tests does not start")
        return process.pid

    def running(self) -> list[int]:
        """Return the processes of the trading program."""
        return [one.pid for one in self._processes() if "run_desktop_ui.py" in _words(one)]

    def end_programs(self) -> None:
        """End every process that this site brought about, known by its environment."""
        while ended := self._processes():
            for process in ended:
                try:
                    process.kill()
                except psutil.Error:
                    continue
            # Not until they are reaped, which may be somebody else's to do.
            while any(_alive(process) for process in ended):
                Event().wait(0.005)

    def _processes(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            try:
                if process.pid != os.getpid() and process.environ().get(TOKEN) == str(self.folder):
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return [one for one in found if _alive(one)]


def compiled_once() -> dict[str, str]:
    """Return this environment, in which what is compiled is kept: commands run by the thousand."""
    mine = {"UPBIT_CONSOLE_PREPARED": "1", "PYTHONUTF8": "1"}
    kept = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | mine


def _alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _copy(source: Path, target: Path) -> None:
    if source.exists():
        subprocess.run(["cp", "-a", "--", source, target], check=True)


def memory_folder() -> Path:
    """Return where sites are made: on a memory disk where there is one."""
    shared = Path("/dev/shm")  # noqa: S108 (its name is what it is)
    return shared if os.access(shared, os.W_OK) else Path(os.environ.get("TMPDIR", "/tmp"))  # noqa: S108


# Templates.  Each begins from an empty site and returns what is known of it.


def fresh(site: Site, size_bytes: int = 600_000) -> dict[str, Any]:
    """A workspace without a restore point; recent rows lie in the -wal of each database."""
    site.empty()
    prepare_workspace(site.app, size_bytes)
    shutil.copyfile(PROGRAM, site.app / "run_desktop_ui.py")
    (site.app / "ops_console.yaml").write_text(yaml.safe_dump(CONFIGURATION), encoding="utf-8")
    for number, name in enumerate(("1.6.0", "1.7.0")):
        release = site.away / "releases" / name
        release.mkdir(parents=True)
        code = PROGRAM.read_text(encoding="utf-8")
        (release / "run_desktop_ui.py").write_text(f"VERSION = {name!r}\n{code}", encoding="utf-8")
        (release / "requirements.lock").write_text("# nothing is needed\n", encoding="utf-8")
        if number == 0:
            choose_release(site, name)
    change(site, 1)
    return {}


def choose_release(site: Site, name: str) -> None:
    """Write down that the release *name* is the one to deploy."""
    document = DEPLOYMENT | {"artefact": {"path": str(site.away / "releases" / name)}}
    document["version"] = name
    path = site.app / "deployment" / "production_config.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")


def change(site: Site, number: int) -> None:
    """Change every guarded file, as the program does: rows stay in the -wal, nothing is closed.

    What is changed differs for each *number*, so that every state is known by its content.
    """
    code = "\n".join(
        (
            "import os, sqlite3, sys, pathlib",
            "data, number = pathlib.Path(sys.argv[1]), int(sys.argv[2])",
            "for name in ('settings', 'strategies', 'market_data'):",
            "    c = sqlite3.connect(data / f'{name}.sqlite3', isolation_level=None)",
            "    c.execute('PRAGMA journal_mode = WAL')",
            "    c.execute('CREATE TABLE IF NOT EXISTS faults_state (n INTEGER PRIMARY KEY, t)')",
            "    c.execute('BEGIN')",
            "    for n in range(40):",
            "        row = (f'{number} {n} ' * 40,)",
            "        c.execute('INSERT INTO faults_state (t) VALUES (?)', row)",
            "    c.execute('COMMIT')",
            "    globals()[name] = c",
            "os._exit(0)",
        )
    )
    data = site.app / "data"
    subprocess.run([sys.executable, "-c", code, data, str(number)], check=True)
    secret = site.app / "config" / "secure" / "api_credentials.json"
    keys = json.loads(secret.read_bytes())
    keys["rotated"] = random.Random(number).randbytes(24).hex()
    secret.write_text(json.dumps(keys), encoding="utf-8")


def require(ran: Ran) -> Ran:
    """Return *ran*, which has to have gone well: a template is being made."""
    if ran.code != 0:
        raise RuntimeError(f"{' '.join(ran.words)}: {ran.code}\n{ran.out[-800:]}\n{ran.err[-800:]}")
    return ran


def execute(path: Path, sql: Sequence[str]) -> None:
    """Run *sql* on the database at *path*."""
    connection = sqlite3.connect(path)
    for statement in sql:
        connection.execute(statement)
    connection.commit()
    connection.close()
