"""Releases of the stand-in program, each with what goes wrong with it."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.config.models import Settings
from core.base.open_files import holders
from core.base.operation import Context
from core.program.find import find_program
from core.program.models import MARK
from core.release.models import CheckState, Hooks
from core.release.plan import check_names
from core.release.run import DeployRun
from core.runner.run import run_operation
from migration.upbit.adapter import ADAPTER
from resources.demo.workspace import PROGRAM

TRADE = Hooks(checks=ADAPTER.checks)
"""What the adapter checks, without migrations."""
CALM: dict[str, Any] = {
    "python": None,
    "checks": {"free_mb": 0},
    # The machine of the tests may be busy: only what is slow on purpose is slow.
    "verify": {"response_ms": 2_000, "observe_seconds": 0.1, "soak_seconds": 0.3},
    "window": {
        "max_open_positions": None, "max_pending_orders": None, "max_volatility_percent": None,
    },
}  # fmt: skip


def merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    result = dict(under)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else value
    return result


@dataclass
class Site:
    """A practice program in production, with a place to make releases."""

    settings: Settings
    shelf: Path

    def release(self, name: str, extra: str = "", files: dict[str, str] | None = None) -> Path:
        """Make a release that says its name; *extra* is code at the head of its script."""
        folder = self.shelf / name
        folder.mkdir(parents=True)
        code = PROGRAM.read_text(encoding="utf-8")
        (folder / "run_desktop_ui.py").write_text(
            f"VERSION = {name!r}\n{extra}\n{code}", encoding="utf-8"
        )
        (folder / "requirements.lock").write_text("# nothing is needed\n", encoding="utf-8")
        for path, text in (files or {}).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        return folder

    def configure(self, release: Path, **more: Any) -> None:
        path = self.settings.app / "deployment" / "production_config.yaml"
        path.parent.mkdir(exist_ok=True)
        document = merged(CALM | {"artefact": {"path": str(release)}}, more)
        path.write_text(yaml.safe_dump(document), encoding="utf-8")

    def deploy(self, release: Path | None = None, hooks: Hooks | None = None, **more: Any) -> Any:
        if release is not None:
            self.configure(release, **more)
        operation = DeployRun(self.settings, hooks or TRADE, {})
        return run_operation(self.settings, operation, Context(), "test")

    @property
    def version(self) -> str:
        """What runs now: the name of the release, or ``legacy``."""
        program = find_program(self.settings)
        assert program is not None, "no program runs"
        script = program.cwd / "run_desktop_ui.py"
        first = script.read_text(encoding="utf-8").splitlines()[0]
        return first.split("'")[1] if first.startswith("VERSION") else "legacy"

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.settings.file("strategies").path)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def content(self) -> str:
        """A hash of every row of the databases that the program only reads, and of the keys."""
        sha = hashlib.sha256()
        for name in ("settings", "strategies"):
            connection = sqlite3.connect(self.settings.file(name).path)
            for line in connection.iterdump():
                sha.update(line.encode())
            connection.close()
        sha.update(self.settings.file("api_credentials").path.read_bytes())
        return sha.hexdigest()

    def count(self, table: str = "execution_history") -> int:
        return int(self.rows(f"SELECT count(*) FROM {table}")[0][0])

    def run_sql(self, sql: str) -> None:
        connection = sqlite3.connect(self.settings.file("strategies").path)
        connection.execute(sql)
        connection.commit()
        connection.close()

    def release_folders(self) -> list[str]:
        folder = self.settings.app / "deployment" / "releases"
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def end_programs(settings: Settings) -> None:
    """End whatever runs for this workspace."""
    for holder in holders([file.path for file in settings.databases]):
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(holder.pid).kill()
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK, "").startswith(str(settings.app)):
                process.kill()
        except (psutil.Error, OSError):
            continue


def here(function: Any, context: Context, *rest: Any) -> Any:
    return function(context, *rest)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look from this very process: to begin one takes a second, and no look is what is tested."""
    for module in (
        "core.release.plan", "core.release.watch", "migration.upbit.checks",
        "core.switchover.plan", "core.backup.create",
    ):  # fmt: skip
        monkeypatch.setattr(f"{module}.run_in_process", here)


@pytest.fixture
def site(settings: Settings, tmp_path: Path) -> Iterator[Site]:
    """A workspace with a restore point, in which nothing runs."""
    create_restore_point(Context(), settings, Reason.MANUAL)
    yield Site(settings, tmp_path / "shelf")
    end_programs(settings)


@pytest.fixture
def running(site: Site, trading_program: subprocess.Popen[bytes]) -> Site:
    """The same with the program running as it was before any deployment."""
    return site


@pytest.fixture
def states(site: Site) -> Callable[[Any], dict[str, CheckState]]:
    return lambda plan: {check.name: check.state for check in plan.checks}


CHECK_NAMES = check_names(TRADE) | {"log"}


def wheel(
    folder: Path, name: str, version: str, requires: str = "", code: str | None = None
) -> tuple[Path, str]:
    """Build a wheel by hand and return it with its SHA-256; *code* lets it run as the program."""
    import zipfile

    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    if requires:
        metadata += f"Requires-Dist: {requires}\n"
    members = {
        f"{name}/__init__.py": f"VERSION = '{version}'\n",
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    if code is not None:
        members[f"{name}/__main__.py"] = f"{code}{PROGRAM.read_text(encoding='utf-8')}"
    record = "".join(f"{path},,\n" for path in [*members, f"{info}/RECORD"])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in (members | {f"{info}/RECORD": record}).items():
            archive.writestr(member, text)
    return path, hashlib.sha256(path.read_bytes()).hexdigest()
