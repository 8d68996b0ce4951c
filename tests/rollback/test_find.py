"""Which processes are the trading program, and which only look at its databases."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from core.base.config.models import Settings
from core.base.open_files import holders
from core.base.operation import Context, OperationError
from core.base.owner import HELPER_OF, starting_helpers
from core.monitoring.models import Moment
from core.monitoring.probes.program import ProgramProbe
from core.program.control import ServiceStart, ServiceStop
from core.program.find import ProcessTracker, find_program, find_programs, script_of
from core.program.unit import service_status
from core.status import read_status

ROOT = Path(__file__).resolve().parents[2]

OPEN = """
import sqlite3, sys
connections = [sqlite3.connect(path) for path in sys.argv[1:]]
for connection in connections:
    connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
print("open", flush=True)
input()
"""


@contextmanager
def holding(
    paths: Sequence[Path | str], *program: str, code: str | None = OPEN
) -> Iterator[subprocess.Popen[str]]:
    """A process of another tool, or of *program*, that has *paths* open."""
    command = [*(program or (sys.executable,)), *(["-c", code] if code else []), *map(str, paths)]
    tool = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
        env={**os.environ, "PYTHONHOME": sys.base_prefix},
    )  # fmt: skip
    assert tool.stdout is not None and tool.stdout.readline() == "open\n"
    try:
        yield tool
    finally:
        tool.communicate("\n")


def nothing_runs(settings: Settings) -> bool:
    """Whether everything that tells of the program agrees that none runs."""
    return (
        find_program(settings) is None
        and ProcessTracker(settings).find() is None
        and read_status(settings).program is None
        and not service_status(settings).running
        and ProgramProbe(settings).measure(Moment(0.0, 0.0)).values["program_running"] == 0.0
    )


def test_a_tool_at_one_database_is_not_the_trading_program(settings: Settings) -> None:
    with holding([settings.file("strategies").path]) as tool:
        assert find_program(settings) is None
        assert ServiceStop(settings).run(Context()) == ()
        assert tool.poll() is None, "it was not asked to close"


def test_a_tool_at_every_database_is_not_taken_for_the_program_that_runs(
    settings: Settings, trading_program: subprocess.Popen[bytes]
) -> None:
    with holding([file.path for file in settings.databases]) as tool:
        assert [one.pid for one in find_programs(settings)] == [trading_program.pid]
        ServiceStop(settings).run(Context())
        assert trading_program.wait() == 0 and tool.poll() is None


def test_a_tool_at_every_database_is_not_the_program_while_none_runs(settings: Settings) -> None:
    with holding([file.path for file in settings.databases]) as tool:
        assert nothing_runs(settings)
        assert ServiceStop(settings).run(Context()) == ()
        assert tool.poll() is None, "it was not asked to close"


def test_a_program_that_was_packaged_is_known_by_its_folder_and_open_files(
    settings: Settings,
) -> None:
    packaged = settings.app / "Trader.exe"
    shutil.copy(os.path.realpath(sys.executable), packaged)
    with holding([file.path for file in settings.databases], str(packaged)) as process:
        assert [one.pid for one in find_programs(settings)] == [process.pid]
    with holding([settings.file("strategies").path], str(packaged)):
        assert nothing_runs(settings)


def test_a_program_is_known_as_what_the_configuration_starts(
    settings: Settings, tmp_path: Path
) -> None:
    script = tmp_path / "trade.py"
    script.write_text(OPEN, encoding="utf-8")
    paths = [str(file.path) for file in settings.databases]
    start = (sys.executable, str(script), *paths)
    configured = settings.model_copy(
        update={"program": settings.program.model_copy(update={"start": start})}
    )
    with holding(paths, *start[:2], code=None) as process:
        assert [one.pid for one in find_programs(configured)] == [process.pid]
        assert nothing_runs(settings)


@pytest.mark.parametrize(
    ("command", "script"),
    [
        ("python run.py --env=production", "run.py"),
        ("python -u -X utf8 -W ignore -Xdev run.py", "run.py"),
        ("python --check-hash-based-pycs never -Iu run.py", "run.py"),
        ("python -m ruff check run.py", None),
        ("python -Im ruff check run.py", None),
        ("python -c pass run.py", None),
        ("python - run.py", None),
        ("python", None),
    ],
)
def test_a_tool_that_reads_the_script_does_not_run_it(command: str, script: str | None) -> None:
    assert script_of(command.split()) == script


def test_a_program_that_works_on_other_data_is_not_the_one_of_these(
    settings: Settings, tmp_path: Path
) -> None:
    other = tmp_path / "practice"
    shutil.copytree(settings.app, other)
    elsewhere = {**os.environ, "UPBIT_DATA_DIR": str(other / "data")}
    process = subprocess.Popen(
        [sys.executable, "run_desktop_ui.py"], cwd=settings.app, env=elsewhere
    )
    try:
        theirs = [other / "data" / file.path.name for file in settings.databases]
        while {holder.pid for holder in holders(theirs)} != {process.pid}:
            assert process.poll() is None
        assert nothing_runs(settings)
        assert ServiceStop(settings).run(Context()) == () and process.poll() is None
    finally:
        process.kill()
        process.wait()


# ---- consoles and their helpers --------------------------------------------------------------


WORK = """
import sys
from core.base.operation import Context
from core.base.process import run_in_process
from tests.rollback.held_open import hold
if __name__ == "__main__":
    run_in_process(hold, Context(), sys.argv[1:])
"""
UNMARKED = """
import multiprocessing, sys
from tests.rollback.held_open import hold_unbound
if __name__ == "__main__":
    child = multiprocessing.get_context("spawn").Process(target=hold_unbound, args=(sys.argv[1:],))
    child.start()
    child.join()
"""
HOLD = """
import sys
from tests.rollback.held_open import hold
if __name__ == "__main__":
    hold(None, sys.argv[1:])
"""


@contextmanager
def console(tmp_path: Path, code: str, paths: list[Path], name: str) -> Iterator[int]:
    """A script of *name* that runs *code* until all *paths* are open; yields who holds them."""
    folder = tmp_path / "another checkout"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(code, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, folder / name, *paths], stdout=subprocess.PIPE, encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        with suppress(psutil.NoSuchProcess):  # a worker of an earlier version outlives its console
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("code", "name"),
    [(WORK, "embedded.py"), (UNMARKED, "run_ops_console.py"), (HOLD, "run_ops_console.py")],
    ids=["a worker that is marked", "a worker of an earlier version", "a command"],
)
def test_a_dead_program_is_not_shown_as_running_because_a_console_is_at_its_databases(
    settings: Settings, tmp_path: Path, code: str, name: str
) -> None:
    paths = [file.path for file in settings.databases]
    with console(tmp_path, code, paths, name) as pid:
        assert {one.pid for one in holders(paths, helpers=True)} == {pid}
        assert holders(paths) == ()
        assert nothing_runs(settings)
        assert ServiceStop(settings).run(Context()) == ()
        assert psutil.pid_exists(pid), "it was not asked to close"


def taken_in(worker: psutil.Process) -> bool:
    """Whether *worker* is another's than the console's by now."""
    try:
        return "run_ops_console" not in " ".join((worker.parent() or worker).cmdline())
    except psutil.Error:
        return False  # its console is just dying


@pytest.mark.skipif(sys.platform == "win32", reason="there a job ends it with its parent")
def test_a_worker_that_lost_its_console_is_not_the_program(
    settings: Settings, tmp_path: Path
) -> None:
    paths = [file.path for file in settings.databases]
    with console(tmp_path, UNMARKED, paths, "run_ops_console.py") as pid:
        worker = psutil.Process(pid)
        worker.parent().kill()  # type: ignore[union-attr]
        while not taken_in(worker):
            pass
        try:
            assert nothing_runs(settings)
        finally:
            worker.kill()


@pytest.mark.parametrize("who", ["a console", "a tool"])
def test_a_start_is_not_proven_by_somebody_else_who_has_the_databases_open(
    settings: Settings, tmp_path: Path, who: str
) -> None:
    script = tmp_path / "idle.py"
    script.write_text("import threading; threading.Event().wait()", encoding="utf-8")
    section = {"start": (sys.executable, str(script)), "start_seconds": 1.0}
    idle = settings.model_copy(update={"program": settings.program.model_copy(update=section)})
    paths = [file.path for file in settings.databases]
    a_console = who == "a console"
    with console(tmp_path, WORK, paths, "embedded.py") if a_console else holding(paths):
        with pytest.raises(OperationError, match="did not open its databases"):
            ServiceStart(idle).run(Context())
        ended = ServiceStop(idle).run(Context())
    assert [one.command for one in ended] == [section["start"]], "what was started is known"


def test_a_program_that_a_helper_starts_is_no_helper(settings: Settings) -> None:
    with starting_helpers():
        started = ServiceStart(settings).run(Context())
    try:
        assert [one.pid for one in find_programs(settings)] == [started.pid]
        assert HELPER_OF not in psutil.Process(started.pid).environ()
    finally:
        ServiceStop(settings).run(Context())


def test_the_program_is_not_started_on_a_damaged_database(settings: Settings) -> None:
    settings.file("strategies").path.write_bytes(os.urandom(8192))
    with pytest.raises(OperationError, match="strategies") as told:
        ServiceStart(settings).run(Context())
    assert "rollback" in str(told.value.to_do)
    assert find_program(settings) is None
