"""The console starts itself and its helpers, from a checkout and as `tools.bundle` builds it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import core.base.bootstrap
from core import __version__
from core.base.bootstrap import find_uv
from core.base.config.models import Settings
from core.base.entry import (
    COMMANDS,
    ROOT,
    RUN_MODULE,
    SCRIPT,
    WINDOW,
    console_command,
    is_entry,
    module_command,
    python_for,
    restore_environment,
    runs_module,
)
from core.base.operation import OperationError
from core.base.owner import PROBES
from core.program.control import required_launch
from core.program.spawn import KEEPER

HELPERS = (PROBES, KEEPER, "core.program.ctrl_break", "resources.demo.mistake", "ui.screenshots")


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """This process, as if it were the window that was built."""
    suffix = ".exe" if os.name == "nt" else ""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / (WINDOW + suffix)))
    return tmp_path / (COMMANDS + suffix)


@pytest.mark.parametrize("module", HELPERS)
def test_every_helper_is_a_file_that_python_runs(module: str) -> None:
    command = module_command(module)
    assert command[0] == sys.executable and Path(command[-1]).is_file()
    text = Path(command[-1]).read_text(encoding="utf-8")
    assert 'if __name__ == "__main__":' in text
    assert runs_module(command, module)
    assert module_command(module, isolated=True)[1] == "-I"


def test_what_the_console_installed_for_itself_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows it has another name, and the first start ended without it."""
    monkeypatch.setattr(core.base.bootstrap, "TOOLS", tmp_path)
    monkeypatch.setenv("PATH", "")
    assert find_uv() is None
    program = tmp_path / "bin" / ("uv.exe" if os.name == "nt" else "uv")
    program.parent.mkdir()
    program.write_bytes(b"")
    assert find_uv() == str(program)


def test_a_checkout_starts_itself() -> None:
    command = console_command()
    assert command == (sys.executable, str(ROOT / SCRIPT)) and Path(command[-1]).is_file()
    assert is_entry(command)


def test_what_is_built_starts_itself(built: Path) -> None:
    assert console_command() == (str(built),)
    assert module_command(KEEPER) == (str(built), RUN_MODULE, KEEPER)
    assert is_entry(console_command()) and is_entry([sys.executable, "--multiprocessing-fork"])


def test_a_program_runs_on_its_own_python_then_on_the_consoles(tmp_path: Path) -> None:
    assert python_for(tmp_path) == sys.executable
    own = tmp_path / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    own.parent.mkdir(parents=True)
    own.touch()
    assert python_for(tmp_path) == str(own)


def test_what_is_built_is_no_python_for_other_programs(
    built: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(built.parent))
    assert python_for(settings.app) is None
    with pytest.raises(OperationError, match="no Python on this machine") as refused:
        required_launch(settings, None)
    assert "program.start" in str(refused.value.to_do)


def test_programs_of_others_are_no_entries() -> None:
    for command in ([], ["python", "run_desktop_ui.py"], ["python", f"my_{SCRIPT}"]):
        assert not is_entry(command) and not runs_module(command, PROBES)


def test_the_entry_runs_a_module_as_a_program() -> None:
    ran = subprocess.run(
        [*console_command(), RUN_MODULE, "resources.demo.mistake"],
        capture_output=True, encoding="utf-8", errors="replace", check=False,
    )  # fmt: skip
    assert ran.returncode == 1 and "IndexError" in ran.stderr  # it asks for a database


def test_other_programs_get_the_environment_as_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Qt program that loaded the console's plugins would end at once."""
    found = {
        "HOME": "/home/operator",
        "LD_LIBRARY_PATH": "/opt/console/_internal",
        "LD_LIBRARY_PATH_ORIG": "/opt/theirs",
        "_PYI_ARCHIVE_FILE": "/opt/console/ops-console",
    }
    monkeypatch.setattr(sys, "environment_as_found", found, raising=False)
    monkeypatch.setattr(os, "environ", {**found, "QT_PLUGIN_PATH": "/opt/console/plugins"})
    restore_environment()
    assert os.environ == {"HOME": "/home/operator", "LD_LIBRARY_PATH": "/opt/theirs"}


def test_the_version_is_told_where_no_library_is_installed() -> None:
    told = subprocess.run(
        [sys.executable, "-S", ROOT / SCRIPT, "--version"],
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert (told.returncode, told.stdout) == (0, f"{__version__}\n"), told.stderr
