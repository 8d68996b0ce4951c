"""Whether the program would stop and start again: each reason why not, by a real one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.base.config.models import Settings
from core.base.open_files import family, holders
from core.base.operation import Context
from core.base.text import Finding
from core.program.find import find_programs
from core.program.models import MARK
from core.switchover.way_back.checks import check_holders, check_stop
from core.switchover.way_back.start import check_start
from tests.wayback.conftest import NOBODY, SOMEBODY, findings_as

ON_WINDOWS = sys.platform == "win32"
other_words = pytest.mark.skipif(ON_WINDOWS, reason="who may run a file, and a script, are POSIX's")
other_user = pytest.mark.skipif(ON_WINDOWS, reason="acting as another user needs root")
by_signal = pytest.mark.skipif(ON_WINDOWS, reason="Windows stops programs by their window")


@contextmanager
def running(settings: Settings, user: int | None = None, **environment: str) -> Iterator[int]:
    """Let the stand-in program run, by an interpreter that *user* gets to; its process."""
    begun = [sys.executable, "run_desktop_ui.py"]
    if user is not None:
        begun = [str(usable_python()), "run_desktop_ui.py"]
    process = subprocess.Popen(
        begun, cwd=settings.app, env={**os.environ, **environment},
        user=user, group=user, extra_groups=None if user is None else (),
    )  # fmt: skip
    try:
        paths = [file.path for file in settings.databases]
        while {holder.pid for holder in holders(paths)} != {process.pid}:
            assert process.poll() is None
        yield process.pid
    finally:
        process.kill()
        process.wait()


def usable_python() -> Path:
    """Return the system's own Python, to which every user gets."""
    path = Path("/usr/bin/python3")
    if not path.exists():
        pytest.skip("this system has no Python for everybody")
    return path


def start(settings: Settings, *command: str) -> Finding:
    program = settings.program.model_copy(update={"start": command})
    changed = settings.model_copy(update={"program": program})
    return check_start(Context(), changed, find_programs(changed))


def test_a_command_that_is_there_starts_and_the_program_does_not(settings: Settings) -> None:
    found = start(settings, sys.executable, "run_desktop_ui.py", "--env=production")
    assert found.state == "ok", found
    assert not list((settings.app / "logs").glob("session_*"))
    if sys.platform != "win32":  # there a Python need not be on the PATH
        assert start(settings, "python3", "run_desktop_ui.py").state == "ok", "found by its PATH"


def test_the_interpreter_that_is_tried_is_never_taken_for_the_program(
    settings: Settings, tmp_path: Path
) -> None:
    seen = tmp_path / "environment"
    hook = settings.app / "sitecustomize.py"
    hook.write_text(
        f"import os, sys\nopen({str(seen)!r}, 'w').write(repr((sys.argv, {MARK!r} in os.environ)))",
        encoding="utf-8",
    )
    program = settings.program.model_copy(
        update={
            "start": (sys.executable, "run_desktop_ui.py"),
            "environment": {"PYTHONPATH": str(settings.app), MARK: str(settings.app)},
        }
    )
    changed = settings.model_copy(update={"program": program})
    assert check_start(Context(), changed, ()).state == "ok"
    assert seen.read_text(encoding="utf-8") == repr((["-c"], False))


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("/nowhere/python3", "run_desktop_ui.py"), "No such file"),
        ((sys.executable, "gone.py"), "gone.py"),
        ((sys.executable, "broken.py"), "broken.py"),
        (("no-such-program-here",), "not there"),
        (("plain-file",), "not there"),
        (("./plain-file",), "not to be executed"),
    ],
)
@other_words
def test_a_command_that_could_not_start_is_told(
    settings: Settings, command: tuple[str, ...], why: str
) -> None:
    (settings.app / "broken.py").write_text("def half(:\n", encoding="utf-8")
    (settings.app / "plain-file").write_text("no program", encoding="utf-8")
    found = start(settings, *command)
    assert found.state == "failed" and why in str(found.evidence), found


@other_words
def test_a_packaged_program_is_looked_at_too(settings: Settings) -> None:
    packaged = settings.app / "trader"
    packaged.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    packaged.chmod(0o755)
    assert start(settings, "./trader").state == "ok"


def test_a_folder_without_the_script_is_told(settings: Settings) -> None:
    (settings.app / settings.program.script).unlink()
    found = check_start(Context(), settings, ())
    assert found.state == "warning" and settings.program.script in str(found.evidence)


@other_user
def test_a_program_of_another_user_is_started_again_as_him(public: Settings) -> None:
    with running(public, SOMEBODY):
        programs = find_programs(public)
        assert check_start(Context(), public, programs).state == "ok"
        # As root everything is open; as who he is it is not.
        public.file("settings").path.chmod(0o400)
        os.chown(public.file("settings").path, 0, 0)
        found = check_start(Context(), public, programs)
        assert found.state == "failed"
        assert str(public.file("settings").path) in str(found.evidence)
        script = public.app / public.program.script
        script.chmod(0o600)
        os.chown(script, 0, 0)
        found = check_start(Context(), public, programs)
        assert found.state == "failed" and str(script) in str(found.evidence)


@other_user
def test_a_program_of_another_user_can_be_neither_stopped_nor_started(public: Settings) -> None:
    with running(public, SOMEBODY):
        programs = find_programs(public)

        def look(settings: Settings) -> list[Finding]:
            return [check_stop(programs), check_start(Context(), settings, programs)]

        for found in findings_as(NOBODY, public, look):
            assert found.state == "failed", found


@other_user
def test_a_program_whose_files_nobody_else_sees_is_known_by_its_locks(public: Settings) -> None:
    public.data_folder.chmod(0o777)

    def look(settings: Settings) -> list[Finding]:
        return [check_holders(Context(), settings, ())]

    with running(public, SOMEBODY) as pid:
        for file in public.databases:
            for path in family(file.path):
                if path.exists():
                    path.chmod(0o666)
        (found,) = findings_as(NOBODY, public, look)
    assert found.state == "failed" and str(pid) in str(found.evidence)


@by_signal
def test_a_program_that_does_not_hear_is_told_before_the_day(settings: Settings) -> None:
    with running(settings):
        assert check_stop(find_programs(settings)).state == "ok"
    with running(settings, DEMO_FAIL="ignore_sigterm"):
        assert check_stop(find_programs(settings)).state == "failed"


@by_signal
def test_a_program_that_would_be_cut_off_is_told(settings: Settings) -> None:
    script = settings.app / settings.program.script
    script.write_text("input()", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, script.name], cwd=settings.app, stdin=subprocess.PIPE
    )
    try:
        assert check_stop(find_programs(settings)).state == "warning"
    finally:
        process.kill()
        process.communicate()


OPENER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
print("open", flush=True)
input()
"""


def test_somebody_else_at_a_database_is_told(settings: Settings) -> None:
    assert check_holders(Context(), settings, ()).state == "ok"
    opener = subprocess.Popen(
        [sys.executable, "-c", OPENER, settings.file("strategies").path],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert opener.stdout is not None and opener.stdout.readline().strip() == b"open"
        found = check_holders(Context(), settings, find_programs(settings))
        assert found.state == "failed"
    finally:
        opener.kill()
        opener.communicate()
