"""Root goes back for somebody: program and files are his afterwards as they were before."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from core.backup.annotate import AnnotateRestorePoint
from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.backup.store import Store
from core.backup.store.writing import previous_digests
from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.journal import entries
from core.base.open_files import family, holders
from core.base.operation import Context, Kind, OperationError
from core.base.rights import ACCESS, DEFAULT, LABEL, rights_of
from core.program.control import ServiceRestart, ServiceStart, ServiceStop, launch_of
from core.program.find import find_program
from core.program.models import User
from core.program.runs import newest_run
from core.runner.run import run_operation
from core.switchover.back import recover_switchover
from core.switchover.intent import Before, Intent, Phase, SavedLaunch, write_intent
from core.switchover.obstacles import obstacles
from core.switchover.plan import plan_rollback
from core.switchover.rollback import Rollback

ENTRY = Path(__file__).resolve().parents[2] / "run_ops_console.py"
THEIRS = User(uid=65534, gid=65534, groups=(61234, 65534))
STRANGER = 60001
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="users, groups and lists as Linux has them"),
    pytest.mark.skipif(
        sys.platform != "win32" and os.geteuid() != 0, reason="root alone becomes another user"
    ),
]


def reachable() -> str | None:
    """Return a Python that the other user may run; the one of the tests may lie in root's home."""
    for python in (sys.executable, "/usr/bin/python3"):
        with suppress(OSError, subprocess.CalledProcessError):
            subprocess.run([python, "-c", "import sqlite3"], check=True, user=THEIRS.uid, cwd="/")
            return python
    return None


@pytest.fixture
def theirs(workspace_template: Path) -> Iterator[Settings]:
    """A workspace of another user, who can reach it."""
    python = reachable()
    if python is None:
        pytest.skip("no Python that another user may run")
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        app = Path(shutil.copytree(workspace_template, Path(place) / "app"))
        for path in (app, *app.rglob("*")):
            os.chown(path, THEIRS.uid, THEIRS.gid)
        settings = load_settings(app, {}, app)
        start = (python, settings.program.script)
        section = settings.program.model_copy(update={"start": start})
        settings = settings.model_copy(update={"program": section})
        yield settings
        for holder in holders([file.path for file in settings.databases]):
            with suppress(psutil.Error):
                psutil.Process(holder.pid).kill()
        run = newest_run(settings)
        if run is not None:
            with suppress(psutil.Error):
                psutil.Process(run.keeper).wait()


@contextmanager
def running(settings: Settings, script: str = "run_desktop_ui.py") -> Iterator[psutil.Process]:
    """The stand-in program, run by the other user."""
    process = subprocess.Popen(
        [str(reachable()), script], cwd=settings.app, user=THEIRS.uid, group=THEIRS.gid,
        extra_groups=list(THEIRS.groups), umask=0o027,
        env={**os.environ, "HOME": "/nonexistent", "DEMO_RATE": "100"},
    )  # fmt: skip
    paths = [file.path for file in settings.databases]
    try:
        while {holder.pid for holder in holders(paths)} != {process.pid}:
            assert process.poll() is None
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


def strangers_files(settings: Settings) -> list[Path]:
    """What in the workspace is not theirs."""
    return [path for path in settings.app.rglob("*") if path.lstat().st_uid != THEIRS.uid]


def is_theirs(pid: int) -> bool:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    groups = next(line for line in lines if line.startswith("Groups:"))
    process = psutil.Process(pid)
    return (
        set(process.uids()) == {THEIRS.uid}
        and set(process.gids()) == {THEIRS.gid}
        and sorted(map(int, groups.split()[1:])) == sorted(THEIRS.groups)
    )


def test_the_program_is_started_as_who_it_was_and_everything_stays_theirs(
    theirs: Settings,
) -> None:
    before = {path: path.stat() for file in theirs.files for path in [file.path]}
    with running(theirs):
        point = create_restore_point(Context(), theirs, Reason.MANUAL)
        result = run_operation(theirs, Rollback(theirs, point.id), Context(), "test")
        assert result.program_pid is not None and is_theirs(result.program_pid)
        run = newest_run(theirs)
        assert run is not None and run.alive and is_theirs(run.keeper), "its log is theirs, too"
        assert psutil.Process(result.program_pid).environ()["HOME"] == "/nonexistent"
        for path, former in before.items():
            now = path.stat()
            assert (now.st_uid, now.st_gid, now.st_mode) == (
                former.st_uid, former.st_gid, former.st_mode
            )  # fmt: skip
        assert strangers_files(theirs) == []
        restarted = run_operation(theirs, ServiceRestart(theirs), Context(), "test")
        assert is_theirs(restarted.pid)
        run_operation(theirs, ServiceStop(theirs), Context(), "test")
        started = run_operation(theirs, ServiceStart(theirs), Context(), "test")
        assert set(psutil.Process(started.pid).uids()) == {THEIRS.uid}, "whose the data is"
        run_operation(theirs, ServiceStop(theirs), Context(), "test")


def test_their_own_console_goes_on_where_root_has_been(theirs: Settings) -> None:
    def console(*words: str) -> None:
        subprocess.run(
            [sys.executable, "-B", ENTRY, "--app", theirs.app, "--lang", "en", *words],
            check=False, cwd=theirs.app, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    for words in (("status",), ("health",), ("backup", "create"), ("rollback", "--yes")):
        console(*words)
        assert strangers_files(theirs) == [], words
    with as_user(THEIRS.uid):
        run_operation(theirs, ServiceStop(theirs), Context(), "their own console")
        assert [one.operation for one in entries(theirs)][:2] == ["service stop", "rollback"]
        store = Store(theirs.store)
        with closing(store.chunks()) as chunks:
            for listed in store.listed():
                for file in listed.point.files:
                    assert chunks.read(previous_digests(chunks, file)[0])
        newest = store.listed()[0].point.id
        run_operation(theirs, AnnotateRestorePoint(theirs, newest, note="mine"), Context(), "test")
    assert strangers_files(theirs) == []


def test_what_was_missing_comes_back_as_theirs(theirs: Settings) -> None:
    secret = theirs.file("api_credentials").path
    lost = theirs.file("strategies").path
    point = create_restore_point(Context(), theirs, Reason.MANUAL)
    former = {path: rights_of(path) for path in (secret, lost)}
    shutil.rmtree(secret.parent)
    lost.unlink()
    run_operation(theirs, Rollback(theirs, point.id), Context(), "test")
    assert {path: rights_of(path) for path in former} == former
    assert secret.parent.stat().st_uid == THEIRS.uid
    assert strangers_files(theirs) == []


def access_list(user: int, permissions: int) -> bytes:
    """An access control list that lets one more user in (``acl.h`` of Linux)."""
    undefined = 0xFFFFFFFF
    entries = [(1, 6, undefined), (2, permissions, user), (4, 4, undefined), (16, 6, undefined),
               (32, 0, undefined)]  # fmt: skip
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def set_or_skip(path: Path, name: str, value: bytes) -> None:
    try:
        os.setxattr(path, name, value)
    except OSError as error:
        pytest.skip(f"{name}: {error.strerror}")


def test_who_else_may_read_a_file_may_do_so_afterwards(theirs: Settings) -> None:
    path = theirs.file("settings").path
    point = create_restore_point(Context(), theirs, Reason.MANUAL)
    set_or_skip(path, ACCESS, access_list(STRANGER, 6))
    former = rights_of(path)
    Rollback(theirs, point.id).run(Context())
    assert former.acl is not None and rights_of(path) == former


def test_a_security_label_stays(theirs: Settings) -> None:
    path = theirs.file("settings").path
    point = create_restore_point(Context(), theirs, Reason.MANUAL)
    set_or_skip(path, LABEL, b"system_u:object_r:user_home_t:s0\0")
    former = rights_of(path)
    Rollback(theirs, point.id).run(Context())
    assert former.label is not None and rights_of(path) == former


def test_what_nobody_else_could_read_is_not_opened_by_the_list_of_its_folder(
    theirs: Settings,
) -> None:
    kept, lost = theirs.file("settings").path, theirs.file("api_credentials").path
    point = create_restore_point(Context(), theirs, Reason.MANUAL)
    set_or_skip(kept.parent, DEFAULT, access_list(STRANGER, 6))
    set_or_skip(lost.parent, DEFAULT, access_list(STRANGER, 6))
    former = rights_of(kept)
    lost.unlink()
    Rollback(theirs, point.id).run(Context())
    assert former.acl is None and rights_of(kept) == former
    found = rights_of(lost)
    assert found.acl == access_list(STRANGER, 6), "as whatever is made in that folder"


def test_the_program_is_started_again_as_who_it_was(theirs: Settings) -> None:
    with running(theirs):
        program = find_program(theirs)
        launch = launch_of(theirs, program)
        assert launch is not None and launch.user == THEIRS
        ServiceStop(theirs).run(Context())
    before = Before(pointer=None, running=True, launch=SavedLaunch.of(launch, ()))
    intent = Intent(
        id="rollback-1", kind=Kind.ROLLBACK, begun=datetime.now(UTC), phase=Phase.STOPPING,
        before=before,
    )  # fmt: skip
    write_intent(theirs, intent)
    started = recover_switchover(Context(), theirs).program
    assert started is not None and is_theirs(started.pid)
    ServiceStop(theirs).run(Context())


@contextmanager
def as_user(uid: int) -> Iterator[None]:
    """Be another user for a while; what is started meanwhile is, too."""
    groups = os.getgroups()
    os.setgroups([THEIRS.gid])
    os.setresgid(THEIRS.gid, THEIRS.gid, 0)
    os.setresuid(uid, uid, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)
        os.setresgid(0, 0, 0)
        os.setgroups(groups)


def test_a_program_of_another_user_is_not_stopped_by_who_cannot_start_it(
    theirs: Settings,
) -> None:
    point = create_restore_point(Context(), theirs, Reason.MANUAL)
    for path in (theirs.app, *theirs.app.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    with running(theirs, str(theirs.app / "run_desktop_ui.py")) as program, as_user(STRANGER):
        found = find_program(theirs)
        assert found is not None and found.pid == program.pid and found.user == THEIRS
        for operation in (ServiceStop(theirs), ServiceRestart(theirs)):
            with pytest.raises(OperationError, match="runs as nobody") as told:
                operation.run(Context())  # type: ignore[attr-defined]
            assert "nobody" in str(told.value.to_do)
        plan = plan_rollback(theirs, point.id)
        assert plan.problem is not None and plan.to_do is not None
        with pytest.raises(OperationError):
            Rollback(theirs, point.id).run(Context())
        assert program.is_running()
    for file in theirs.databases:
        assert all(not path.exists() or path.stat().st_uid == THEIRS.uid for path in
                   family(file.path))  # fmt: skip


def test_a_file_that_could_not_be_given_back_is_told_before_anything(theirs: Settings) -> None:
    point = create_restore_point(Context(), theirs, Reason.MANUAL)
    for path in (theirs.app, *theirs.app.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    with as_user(STRANGER):
        told = obstacles(theirs)
        assert {one.name for one in told} == {file.name for file in theirs.files}
        assert "belongs to nobody" in str(told[0].what)
        assert plan_rollback(theirs, point.id).problem == told[0].what
    assert obstacles(theirs) == ()
