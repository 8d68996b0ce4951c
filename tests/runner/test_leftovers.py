"""What a killed operation leaves: one sweep knows all of it, and says what it removed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import psutil
import pytest

from core.backup.annotate import AnnotateRestorePoint
from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.config.models import Settings
from core.base.folders import CLAIMS, Use, claimed, new_scratch
from core.base.journal import Outcome, entries
from core.base.operation import Context
from core.base.owner import HELPER_OF, Owner, is_alive, me, owner_of, ran_at
from core.runner.run import Recover, is_cut_off, needs_recovery, run_operation
from tests.killing import KILLED

ROOT = Path(__file__).resolve().parents[2]
DIE = """
import os, signal, sys
from pathlib import Path
from core.base.config.load import load_settings
from core.runner.run import run_operation
from core.base.operation import Context
import core.base.process
from tests.killing import KILL

app, what, at = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
settings = load_settings(app, {}, app)

class Deadly(Context):
    def on_progress(self, progress):
        if at in str(progress.what):
            os.kill(os.getpid(), KILL)
    def on_step(self, step):
        if step.name == at and step.ok is None:
            os.kill(os.getpid(), KILL)

def operation():
    if what == "rehearse":
        from migration.run.rehearse import Rehearse
        return Rehearse(settings)
    if what == "import":
        from core.backup.exchange.importing import ImportRestorePoint
        return ImportRestorePoint(settings, Path(sys.argv[4]))
    if what == "export":
        from core.backup.exchange.exporting import ExportRestorePoint
        return ExportRestorePoint(settings, sys.argv[5], Path(sys.argv[4]))
    if what == "copy":
        from core.backup.copy import CopyStore
        return CopyStore(settings, Path(sys.argv[4]), "to", create=True)
    if what == "verify":
        from core.verification.data import VerifyData
        return VerifyData(settings)
    if what == "compare":
        from core.diff import operation as comparing
        # A worker would go on while it is told of; it may be complete before the console dies.
        comparing.run_in_process = lambda function, context, *rest: function(context, *rest)
        return comparing.Compare(settings, sys.argv[5])
    from core.backup.verify import VerifyRestorePoint
    return VerifyRestorePoint(settings, sys.argv[5], "full")

if __name__ == "__main__":
    if what in ("verify", "compare"):
        operation().run(Deadly())
    else:
        run_operation(settings, operation(), Deadly(), "test")
"""


def picture(*folders: Path) -> set[Path]:
    """All files, but those that SQLite and the locks keep, and the console's own log."""
    return {
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.name not in {"console.lock", "console.lock.json", "program.lock"}
        and not path.name.startswith("ops.sqlite3")
        and path.name not in {"scratch", CLAIMS, "compare", "program", "promote"}
    }


def has_helpers(pid: int) -> bool:
    """Whether a helper of console *pid* is still at work."""
    for process in psutil.process_iter():
        try:
            if process.environ().get(HELPER_OF, "").startswith(f"{pid}-"):
                return True
        except (OSError, psutil.Error):
            continue
    return False


@pytest.mark.parametrize(
    ("what", "at", "told"),
    [
        ("rehearse", "migrate", "migration"),
        ("import", "Copying files", "import"),
        ("export", "Restoring", "export or copy"),
        ("copy", "Copying", "export or copy"),
        ("verify", "Reading", "look"),
        ("compare", "Reading", "look"),
        ("drill", "Restoring", "backup or drill"),
    ],
)
def test_what_a_killed_operation_left_is_removed_and_told(
    settings: Settings, tmp_path: Path, what: str, at: str, told: str
) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    given = tmp_path / "given"
    given.mkdir()
    if what == "import":
        shutil.copy(settings.file("strategies").path, given / "strategies.sqlite3")
    target = given if what == "import" else given / "target"
    run_operation(settings, Recover(settings), Context(), "test")
    places = (settings.app, given)
    before = picture(*places)
    script = tmp_path / "die.py"
    script.write_text(DIE, encoding="utf-8")
    died = subprocess.Popen(
        [sys.executable, script, settings.app, what, at, target, point.id],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert died.wait() == KILLED
    assert picture(*places) - before, "it left something"
    while has_helpers(died.pid):
        # Its worker dies a moment after it: until then what it works in is somebody's.
        Event().wait(0.05)
    assert needs_recovery(settings)
    assert not is_cut_off(settings)
    result = run_operation(settings, Recover(settings), Context(), "test")
    assert any(told in str(one.what) for one in result.swept), result.swept
    left = {path for path in picture(*places) - before if path.is_file()}
    if what == "copy":  # the copy as far as it came is a store of its own
        left = {path for path in left if path.suffix == ".making"}
    assert left == set()
    assert not needs_recovery(settings)
    again = run_operation(settings, Recover(settings), Context(), "test")
    assert again.swept == ()


def test_any_guarded_operation_sweeps_and_the_journal_tells(settings: Settings) -> None:
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    left = settings.home / "scratch" / f"import-{_dead().mark}-0a0b"
    left.mkdir(parents=True)
    (left / "strategies.copy").write_bytes(b"x" * 100)
    run_operation(settings, AnnotateRestorePoint(settings, point.id, note="x"), Context(), "test")
    assert not left.exists()
    assert [one.operation for one in entries(settings)][:2] == ["backup pin", "recover"]
    assert "interrupted import" in str(entries(settings)[1].result)


def test_what_a_living_process_works_in_stays(settings: Settings, tmp_path: Path) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    mine = new_scratch(settings, Use.CHECK)
    making = tmp_path / "out.making"
    half = settings.home / f".x.{me().mark}.new"
    half.touch()
    making.mkdir()
    with claimed(settings, Use.EXPORT, making):
        assert not needs_recovery(settings)
        result = run_operation(settings, Recover(settings), Context(), "test")
    assert result.swept == ()
    assert mine.exists() and making.exists() and half.exists()


def test_half_written_files_are_swept_wherever_one_is_replaced(settings: Settings) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    dead = Owner(os.getpid(), me().began - 3600).mark
    deployment = settings.app / "deployment"
    left = [
        settings.home / "migration" / "reports" / "2026-migration" / f".report.json.{dead}.new",
        deployment / f".current.json.{dead}.new",
        deployment / "reports" / f".1.html.{dead}.new",
        settings.store / f".STORE.json.{dead}.new",
    ]
    theirs = [deployment / ".notes.new", settings.store / ".notes.new"]
    for path in (*left, *theirs):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    result = run_operation(settings, Recover(settings), Context(), "test")
    assert {path for one in result.swept for path in one.paths} == {str(path) for path in left}
    assert [path.exists() for path in theirs] == [True, True]


def test_a_pid_that_was_given_out_again_keeps_nothing_alive(settings: Settings) -> None:
    """The folder bears the PID of a process that runs, and another beginning."""
    create_restore_point(Context(), settings, Reason.MANUAL)
    reused = Owner(os.getpid(), me().began - 3600)
    left = settings.home / "scratch" / f"migration-{reused.mark}-0a0b"
    left.mkdir(parents=True)
    found = owner_of(left.name)
    assert found is not None and found.mark == reused.mark and not reused.alive
    assert is_alive(*me()) and ran_at(os.getpid(), me().began)
    assert not ran_at(os.getpid(), me().began - 3600)
    run_operation(settings, Recover(settings), Context(), "test")
    assert not left.exists()


def test_an_operation_whose_pid_another_process_has_by_now_was_interrupted(
    settings: Settings,
) -> None:
    import core.base.state

    with core.base.state.open_state(settings) as connection:
        for begun in ("2001-02-03T04:05:06+00:00", "2999-02-03T04:05:06+00:00"):
            connection.execute(
                "INSERT INTO journal (operation, begun, by, pid, outcome) "
                "VALUES ('backup create', ?, 'x', ?, 'running')",
                (begun, os.getpid()),
            )
    assert [one.outcome for one in entries(settings)] == [Outcome.RUNNING, Outcome.INTERRUPTED]


@pytest.mark.parametrize("change", ["path", "digest", "use", "cut"])
def test_a_damaged_claim_removes_nothing(settings: Settings, tmp_path: Path, change: str) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    theirs, ours = tmp_path / "s.making", tmp_path / "t.making"
    for path in (theirs, ours):
        path.mkdir()
    with claimed(settings, Use.EXPORT, ours):
        (note,) = (settings.home / CLAIMS).glob("*.json")
        text = note.read_text(encoding="utf-8")
        ours.rmdir()
    ours.mkdir()
    match change:
        case "path":
            text = text.replace("t.making", "s.making")
        case "digest":
            text = text.replace('"digest":"', '"digest":"0')
        case "use":
            text = text.replace("export", "import")
        case _:
            text = text[:-10]
    (note.parent / f"{_dead().mark}-0a.json").write_text(text, encoding="utf-8")
    run_operation(settings, Recover(settings), Context(), "test")
    assert theirs.exists() and ours.exists()
    assert not list(note.parent.iterdir())


def test_what_was_claimed_and_could_not_be_removed_stays_claimed(
    settings: Settings, tmp_path: Path
) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    ours = tmp_path / "t.making"
    with claimed(settings, Use.EXPORT, ours):
        ours.mkdir()
    (note,) = (settings.home / CLAIMS).glob("*.json")
    note.rename(note.parent / f"{_dead().mark}-0a.json")
    run_operation(settings, Recover(settings), Context(), "test")
    assert not ours.exists() and not list(note.parent.iterdir())


def test_a_claim_on_a_disk_that_is_away_waits_for_it(settings: Settings, tmp_path: Path) -> None:
    create_restore_point(Context(), settings, Reason.MANUAL)
    away = tmp_path / "disk" / "out.making"
    with claimed(settings, Use.EXPORT, away):
        (note,) = (settings.home / CLAIMS).glob("*.json")
        text = note.read_bytes()
    waiting = note.parent / f"{_dead().mark}-0a.json"
    waiting.write_bytes(text)
    assert not needs_recovery(settings)
    away.mkdir(parents=True)
    assert needs_recovery(settings)
    run_operation(settings, Recover(settings), Context(), "test")
    assert not away.exists() and not waiting.exists()


def test_what_cannot_be_removed_is_in_nobodys_way(settings: Settings) -> None:
    """It stays and is logged; a supervisor may start the program all the same."""
    create_restore_point(Context(), settings, Reason.MANUAL)
    left = settings.home / "scratch" / f"import-{_dead().mark}-0a0b"
    left.mkdir(parents=True)
    with _mounted_on(left):
        result = run_operation(settings, Recover(settings), Context(), "test")
        assert result.swept == () and left.exists()
        assert not is_cut_off(settings)


@contextmanager
def _mounted_on(folder: Path) -> Iterator[None]:
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting needs root on Linux")
    mount = ["mount", "-t", "tmpfs", "tmpfs", folder]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine forbids mounting")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def _dead() -> Owner:
    """A process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    began = psutil.Process(ended.pid).create_time()
    ended.wait()
    return Owner(ended.pid, began)
