"""The Python of a virtual environment on Windows is a launcher of another: one program, not two."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from core.base.config.models import Settings
from core.program.models import Launch
from core.program.runs import log_paths
from core.program.spawn import spawn
from core.program.windows import LAUNCHER, of_real_python
from tests.program.conftest import end_all, until


def environment(folder: Path, home: Path, name: str) -> Path:
    """Make what tells of an environment, with its Python called *name*."""
    python = folder / "Scripts" / name
    python.parent.mkdir(parents=True)
    python.touch()
    (folder / "pyvenv.cfg").write_text(f"home = {home}\nversion = 3.11.9\n", encoding="utf-8")
    return python


@pytest.mark.parametrize("name", ["python.exe", "pythonw.exe"])
def test_what_is_started_is_the_python_behind_an_environment(tmp_path: Path, name: str) -> None:
    home = tmp_path / "파이썬 3.11"
    home.mkdir()
    python = environment(tmp_path / "venv", home, name)
    given = (str(python), "run_desktop_ui.py")
    assert of_real_python(given, {"A": "1"}) == (given, {"A": "1"}), "it is not there"
    (home / name).touch()
    command, variables = of_real_python(given, {"A": "1"})
    assert command == (str(home / name), "run_desktop_ui.py")
    assert variables == {"A": "1", LAUNCHER: str(python)}
    for other in (("python", "x"), (str(home / name), "x")):
        assert of_real_python(other, {}) == (other, {})


@pytest.mark.skipif(sys.platform != "win32", reason="only Windows has such launchers")
def test_the_program_of_an_environment_runs_in_it(settings: Settings, tmp_path: Path) -> None:
    home = Path(sys.executable).parent
    python = environment(tmp_path / "venv", home, "python.exe")
    shutil.copy(sys.executable, python)
    script = tmp_path / "tell.py"
    script.write_text("import sys; print(sys.prefix, flush=True)", encoding="utf-8")
    started = spawn(
        settings, Launch(command=(str(python), str(script)), cwd=tmp_path, environment={}), "test"
    )
    out = log_paths(settings).out
    told = until(lambda: out.exists() and out.read_text(encoding="utf-8").strip())
    assert Path(told) == tmp_path / "venv" and started.pid
    end_all(settings)
