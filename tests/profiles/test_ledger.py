"""A second profile, a household's ledger, does all that the first one does, and core is the same.

The real commands, real processes, two databases, no adapter: no word of trading may be said.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.open_files import holders
from core.program.find import find_program, find_programs
from tests.killing import kill

ROOT = Path(__file__).resolve().parents[2]
PROFILE = Path(__file__).with_name("ledger")
TRADE = re.compile(
    r"strateg|candle|KRW|upbit_|UPBIT_|매매 전략|전략|캔들|시세|포지션|미체결|변동성|7규칙"
)
"""What is said of the Upbit program alone."""


@dataclass
class Ledger:
    """The program's folder, and everything that the console said about it."""

    app: Path
    said: list[str] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return load_settings(self.app, {}, self.app)

    def console(self, *words: str, language: str = "en", code: int | None = 0) -> str:
        """Run a command; all that it says is kept.  *code* None: any will do."""
        environment = {
            name: value for name, value in os.environ.items()
            if not name.startswith(("PYTEST", "OPS_CONSOLE_", "UPBIT_"))
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "run_ops_console.py", "--app", str(self.app), "--lang", language,
             *words],
            cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        self.said += [done.stdout, done.stderr]
        assert code is None or done.returncode == code, (words, done.stdout, done.stderr)
        return done.stdout

    def json(self, *words: str, code: int | None = 0) -> Any:
        return json.loads(self.console(*words, "--json", code=code))

    def query(self, sql: str, name: str = "books") -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.settings.file(name).path)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def release(self, version: str, **config: Any) -> None:
        """Lay a release beside the program and say how it is deployed."""
        folder = self.app.parent / f"release-{version}"
        folder.mkdir()
        shutil.copyfile(PROFILE / "ledger.py", folder / "ledger.py")
        document = {
            "artefact": {"path": str(folder), "requirements": None}, "version": version,
            "checks": {"free_mb": 0},
            "verify": {"response_ms": 5_000, "observe_seconds": 0.1, "soak_seconds": 0.3},
            **config,
        }  # fmt: skip
        path = self.app / "deployment" / "production_config.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(document), encoding="utf-8")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger that books entries."""
    app = tmp_path / "app"
    for name in ("data", "logs", "config"):
        (app / name).mkdir(parents=True)
    shutil.copyfile(PROFILE / "ledger.py", app / "ledger.py")
    (app / "config" / "seal.key").write_bytes(os.urandom(32))
    (app / "ops_console.yaml").write_text(
        f"profile: {json.dumps(str(PROFILE / 'profile.yaml'))}\n", encoding="utf-8"
    )
    for name, sql in {
        "books": "CREATE TABLE about (version TEXT); INSERT INTO about VALUES ('3.1');"
        "CREATE TABLE entries (id INTEGER PRIMARY KEY, account TEXT, cents INTEGER);"
        "INSERT INTO entries (account, cents) VALUES ('opening', 100000)",
        "audit": "CREATE TABLE notes (id INTEGER PRIMARY KEY, said TEXT)",
    }.items():
        connection = sqlite3.connect(app / "data" / f"{name}.db")
        connection.executescript(f"PRAGMA journal_mode = WAL; {sql};")
        connection.close()
    made = Ledger(app)
    made.console("service", "start")
    yield made
    settings = made.settings
    paths = [file.path for file in settings.databases]
    for pid in {one.pid for one in (*holders(paths), *find_programs(settings))}:
        kill(pid)
    wrong = [line for said in made.said for line in said.splitlines() if TRADE.search(line)]
    assert not wrong, "only what is the ledger's is told of a ledger"


def test_it_is_saved_and_goes_back(ledger: Ledger) -> None:
    point = ledger.json("backup", "create")
    assert {one["name"] for one in point["files"]} >= {"books", "audit", "seal"}
    assert point["program_version"] == "3.1", "from the ledger's own table"
    running = find_program(ledger.settings)
    opening = "SELECT cents FROM entries WHERE account = 'opening'"
    with closing(sqlite3.connect(ledger.settings.file("books").path, timeout=10)) as connection:
        connection.execute("DELETE FROM entries WHERE account = 'opening'")
        connection.commit()
    ledger.console("rollback", "--to", point["id"], "--dry-run")
    ledger.console("rollback", "--to", point["id"], "--yes")
    assert ledger.query(opening) == [(100_000,)]
    again = find_program(ledger.settings)
    assert running is not None and again is not None and again.pid != running.pid
    ledger.release("4.0")  # its limits allow for a busy machine
    ledger.console("verify", "rollback")
    ledger.console("verify", "system", language="ko")


def test_its_health_is_told_without_what_it_has_not(ledger: Ledger) -> None:
    ledger.console("backup", "create")
    # How busy the machine is does not matter here.
    report = ledger.json("health", code=None)
    keys = {one["key"] for one in report["fields"]}
    assert {"db.books.reachable", "db.audit.read_seconds", "program_running"} <= keys
    known = {one["key"]: one["value"] for one in report["fields"]}
    assert known["db.books.reachable"] == known["program_running"] == 1.0
    ledger.console("health", language="ko", code=None)
    ledger.console("status")


def test_it_migrates_by_scripts_of_its_own_and_back(ledger: Ledger) -> None:
    plan = ledger.json("migrate", "plan")
    assert [one["name"] for one in plan["plans"][0]["scripts"]] == ["001_balances.sql"]
    ledger.console("migrate", "preflight")
    rehearsed = ledger.json("migrate", "rehearse")
    assert rehearsed["ok"]
    assert [one["name"] for one in rehearsed["validators"]] == ["record_counts", "integrity"]
    assert ledger.query("SELECT name FROM sqlite_schema WHERE name = 'balances'") == []
    ledger.console("migrate", "run", "--yes", language="ko")
    assert find_program(ledger.settings) is not None
    assert ledger.query("SELECT cents FROM balances WHERE account = 'opening'") == [(100_000,)]
    ledger.console("migrate", "verify")
    ledger.console("migrate", "undo", "--yes")
    assert ledger.query("SELECT name FROM sqlite_schema WHERE name = 'balances'") == []
    assert ledger.query("SELECT cents FROM entries WHERE account = 'opening'") == [(100_000,)]


def test_it_is_deployed_with_its_migration_or_comes_back(ledger: Ledger) -> None:
    ledger.console("backup", "create")
    ledger.console("deploy", "init")
    written = (ledger.app / "deployment" / "production_config.yaml").read_text(encoding="utf-8")
    ledger.said.append(written)
    ledger.release("4.0", migrate=True)
    plan = ledger.json("deploy", "plan")
    names = {one["name"] for one in plan["checks"]}
    assert names >= {"databases", "window", "migrations", "way_back"}
    assert not names & {"positions", "orders", "volatility"}
    ledger.console("deploy", "rehearse")
    ledger.console("deploy", "run", "--yes")
    program = find_program(ledger.settings)
    assert program is not None and "releases" in str(program.cwd)
    data = str(ledger.settings.data_folder)
    assert program.environment["LEDGER_DATA"] == data
    assert not any(name.startswith("UPBIT_ENV") for name in program.environment)
    assert ledger.query("SELECT cents FROM balances WHERE account = 'opening'") == [(100_000,)]
    ledger.release("4.1", start=["{python}", "ledger.py", "--broken"])
    ledger.console("deploy", "run", "--yes", code=1)
    program = find_program(ledger.settings)
    assert program is not None and "--broken" not in program.command
    ledger.console("deploy", "rollback", "--yes")
    assert ledger.query("SELECT name FROM sqlite_schema WHERE name = 'balances'") == []
    ledger.console("deploy", "history", language="ko")
