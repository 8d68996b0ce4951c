"""A program that a dead console had stopped is started again only where somebody expects it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from errno import EINTR
from multiprocessing import Process
from pathlib import Path

import psutil
import pytest

from core.base.config.models import Settings
from core.base.operation import Context, Kind, OperationError
from core.base.sealed import copies
from core.program import spawn
from core.program.find import find_program
from core.program.models import Launch
from core.program.runs import folder, want
from core.runner.run import Recover, needs_recovery
from core.switchover import back
from core.switchover.back import recover_switchover
from core.switchover.intent import FILE, Before, Intent, Phase, SavedLaunch, write_intent
from tests.killing import KILL, KILLED


def die_owing(settings: Settings) -> Path:
    """Leave what a console leaves that is killed when the program has stopped."""
    launch = Launch(
        command=(sys.executable, "run_desktop_ui.py"),
        cwd=settings.app,
        environment={"UPBIT_ENVIRONMENT": "production", "UPBIT_SECRET": "never written"},
    )
    before = Before(
        pointer=None, running=True, launch=SavedLaunch.of(launch, settings.program.variables.names)
    )
    intent = Intent(
        id="rollback-1", kind=Kind.ROLLBACK, begun=datetime.now(UTC), phase=Phase.STOPPING,
        before=before, promote_id="rollback-1",
    )  # fmt: skip
    write_intent(settings, intent)
    path = settings.home / FILE
    text = path.read_text(encoding="utf-8")
    assert "production" in text and "never written" not in text
    return path


def test_it_is_not_started_when_the_machine_was_or_somebody_wants_it_stopped(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = die_owing(settings)
    assert needs_recovery(settings)
    with monkeypatch.context() as later:
        later.setattr(back.psutil, "boot_time", lambda: datetime.now(UTC).timestamp() + 1)
        assert Recover(settings).run(Context()).program_pid is None
    assert not path.exists() and not needs_recovery(settings)
    die_owing(settings)
    want(settings, "stopped", "an operator")
    assert Recover(settings).run(Context()).program_pid is None


@pytest.mark.parametrize("which", [0, 1])
def test_one_flipped_byte_of_the_note_neither_forgets_nor_changes_the_start(
    settings: Settings, which: int
) -> None:
    path = die_owing(settings)
    copy = copies(path)[which]
    copy.write_bytes(copy.read_bytes().replace(b"run_desktop_ui.py", b"run_desktop_ui.pz"))
    program = Recover(settings).run(Context()).program_pid
    assert program is not None and not needs_recovery(settings)
    assert psutil.Process(program).cmdline()[-1] == "run_desktop_ui.py"
    os.kill(program, KILL)


def test_a_note_that_is_damaged_starts_nothing_and_is_told_once(settings: Settings) -> None:
    for copy in copies(die_owing(settings)):
        copy.write_bytes(copy.read_bytes().replace(b"run_desktop_ui.py", b"run_desktop_ui.pz"))
    with pytest.raises(OperationError, match="damaged") as told:
        Recover(settings).run(Context())
    assert "all in place" in str(told.value) and "'service start'" in str(told.value)
    assert find_program(settings) is None and not needs_recovery(settings)
    assert Recover(settings).run(Context()).program_pid is None


def test_it_is_started_once(settings: Settings) -> None:
    die_owing(settings)
    pid = Recover(settings).run(Context()).program_pid
    program = find_program(settings)
    assert program is not None and pid == program.pid
    assert not needs_recovery(settings)
    die_owing(settings)
    assert Recover(settings).run(Context()).program_pid is None, "it runs"
    os.kill(program.pid, KILL)


def recover_and_die(settings: Settings) -> None:
    back.start_program = lambda *_: os.kill(os.getpid(), KILL)  # type: ignore[assignment]
    Recover(settings).run(Context())


def test_a_recovery_that_dies_before_the_start_leaves_it_owed(settings: Settings) -> None:
    path = die_owing(settings)
    console = Process(target=recover_and_die, args=(settings,))
    console.start()
    console.join()
    assert console.exitcode == KILLED and path.exists()
    program = Recover(settings).run(Context()).program_pid
    assert program is not None and not path.exists()
    os.kill(program, KILL)


def test_a_start_that_the_system_does_not_let_begin_stays_owed(settings: Settings) -> None:
    path = die_owing(settings)
    in_the_way = folder(settings) / "runs"
    in_the_way.parent.mkdir(parents=True, exist_ok=True)
    in_the_way.write_text("no folder", encoding="utf-8")
    with pytest.raises(OperationError, match="could not be started"):
        Recover(settings).run(Context())
    assert path.exists() and needs_recovery(settings)
    in_the_way.unlink()
    program = Recover(settings).run(Context()).program_pid
    assert program is not None and not needs_recovery(settings)
    os.kill(program, KILL)


def test_a_start_whose_helper_dies_stays_owed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = die_owing(settings)
    dies = tmp_path / "dies.py"
    dies.write_text("raise SystemExit(1)", encoding="utf-8")
    with monkeypatch.context() as dying:
        dying.setattr(spawn, "module_command", lambda *_, **__: (sys.executable, str(dies)))
        with pytest.raises(OperationError, match="could not be started"):
            Recover(settings).run(Context())
    assert path.exists() and needs_recovery(settings)
    program = Recover(settings).run(Context()).program_pid
    assert program is not None and not needs_recovery(settings)
    os.kill(program, KILL)


def test_a_set_that_cannot_be_looked_at_just_now_leaves_the_start_owed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = die_owing(settings)
    real = Path.glob

    def refused(self: Path, pattern: str) -> Iterator[Path]:
        if self == settings.home / "promote":
            raise InterruptedError(EINTR, os.strerror(EINTR), str(self))
        return real(self, pattern)

    with monkeypatch.context() as refusing:
        refusing.setattr(Path, "glob", refused)
        with pytest.raises(OSError, match=os.strerror(EINTR)):
            recover_switchover(Context(), settings)
    program = recover_switchover(Context(), settings).program
    assert program is not None and not path.exists()
    os.kill(program.pid, KILL)


def test_a_program_that_does_not_start_is_tried_once(settings: Settings) -> None:
    path = die_owing(settings)
    (settings.app / "run_desktop_ui.py").write_text("raise SystemExit(3)", encoding="utf-8")
    with pytest.raises(OperationError):
        Recover(settings).run(Context())
    assert not path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_what_cannot_be_read_just_now_is_not_forgotten(settings: Settings) -> None:
    path = die_owing(settings)
    copies(path)[1].unlink()
    path.rename(path.with_name("aside"))
    path.symlink_to(path)  # any look at it fails
    with pytest.raises(OSError, match="not a regular file"):
        recover_switchover(Context(), settings)
    path.unlink()
    path.with_name("aside").rename(path)
    program = recover_switchover(Context(), settings).program
    assert program is not None
    os.kill(program.pid, KILL)
