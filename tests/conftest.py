"""Fixtures that several areas share."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.open_files import hold_each, holders
from core.program.find import find_programs
from resources.demo import prepare_workspace
from tests.killing import kill
from tests.ready import ReadyConsole

if sys.platform != "win32":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
else:
    # What a child prints is read as UTF-8; `first_contact/test_streams.py` has other encodings.
    os.environ.setdefault("PYTHONIOENCODING", "utf-8")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let what this system cannot run be one skip for each reason in a file, not for each case."""
    kept, folded = [], []
    named: set[tuple[str, object]] = set()
    for item in items:
        reasons = [
            (item.nodeid.partition("::")[0], mark.kwargs.get("reason"))
            for mark in item.iter_markers("skipif")
            if mark.args[:1] == (True,)
        ]
        (folded if named.intersection(reasons) else kept).append(item)
        named.update(reasons)
    if folded:
        config.hook.pytest_deselected(items=folded)
        items[:] = kept


@pytest.fixture(scope="session", autouse=True)
def keep_priority() -> Iterator[None]:
    """Work that a test does in its own process does not make all tests after it wait."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.base.owner.os.nice", lambda _: 0, raising=False)
        yield


@pytest.fixture(scope="session")
def workspace_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare_workspace(tmp_path_factory.mktemp("demo") / "app", 2_000_000)


@pytest.fixture
def workspace(workspace_template: Path, tmp_path: Path) -> Path:
    """A practice trading program's folder of about 2 MB."""
    return Path(shutil.copytree(workspace_template, tmp_path / "app"))


@pytest.fixture
def settings(workspace: Path) -> Settings:
    return load_settings(workspace, {}, workspace)


@pytest.fixture(scope="session")
def ready() -> Iterator[ReadyConsole]:
    """Runs commands of the console without loading it anew for each."""
    with ReadyConsole() as console:
        yield console


@pytest.fixture
def trading_program(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """The stand-in trading program, writing."""
    process = subprocess.Popen(
        [sys.executable, "run_desktop_ui.py", "--env=production"],
        cwd=settings.app, env={**os.environ, "DEMO_RATE": "100"},
    )  # fmt: skip
    paths = [file.path for file in settings.databases]
    while not hold_each({process.pid}, paths):
        assert process.poll() is None
    yield process
    # The console may have started it anew.
    for pid in {one.pid for one in (*holders(paths), *find_programs(settings))}:
        kill(pid)
    process.kill()
    process.wait()
