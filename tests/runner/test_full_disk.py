"""On a full disk: nothing that only looks, frees space or stops the program is ever blocked."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from core.backup.store import Store
from core.backup.verify import VerifyRestorePoint
from core.base.config.models import Settings
from core.base.operation import Context, OperationError
from core.program.find import find_program
from core.runner.run import run_operation
from core.switchover.rollback import Rollback
from tests.ready import ReadyConsole
from tests.runner.conftest import fill
from tests.skips import needs_mount

Command = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def command(on_disk: Settings, ready: ReadyConsole) -> Command:
    """Runs a command of the console on the workspace."""
    return partial(ready.run, "--lang=en", "--app", on_disk.app)


@pytest.mark.parametrize(
    "words",
    [
        "status", "journal", "recover", "health", "backup list", "backup show ID",
        "backup verify ID", "backup diff ID", "backup prune --dry-run", "backup prune",
        "migrate status", "service start", "service stop",
    ],
)  # fmt: skip
@needs_mount
def test_a_command_that_looks_or_is_a_remedy_works(
    on_disk: Settings, disk: Path, command: Command, words: str
) -> None:
    oldest = Store(on_disk.store).listed()[-1].point.id
    usual = command(*words.replace("ID", oldest).split())
    assert usual.returncode in {0, 2}, usual.stderr
    fill(disk)
    full = command(*words.replace("ID", oldest).split())
    assert full.returncode == usual.returncode, full.stderr
    command("service", "stop")


@needs_mount
def test_the_program_can_be_stopped(
    on_disk: Settings, disk: Path, command: Command, trading_program: subprocess.Popen[bytes]
) -> None:
    fill(disk)
    done = command("service", "stop")
    assert done.returncode == 0, done.stderr
    assert find_program(on_disk) is None
    trading_program.wait()


@needs_mount
def test_deleting_frees_what_it_says(on_disk: Settings, disk: Path, command: Command) -> None:
    fill(disk)
    oldest = Store(on_disk.store).listed()[-1].point.id
    done = command("backup", "prune", "--delete", oldest)
    assert done.returncode == 0, done.stderr
    assert oldest not in {one.point.id for one in Store(on_disk.store).listed()}


@needs_mount
def test_a_drill_without_room_is_no_verdict_on_the_restore_point(
    on_disk: Settings, disk: Path
) -> None:
    ballast = fill(disk)
    newest = Store(on_disk.store).listed()[0].point.id
    with pytest.raises(OperationError, match="free space"):
        run_operation(on_disk, VerifyRestorePoint(on_disk, newest, "full"), Context(), "test")
    ballast.unlink()
    assert Store(on_disk.store).get(newest).good
    assert run_operation(on_disk, VerifyRestorePoint(on_disk, newest, "full"), Context(), "test").ok


@needs_mount
def test_what_changes_the_live_data_is_refused_where_it_cannot_be_written_down(
    on_disk: Settings, disk: Path
) -> None:
    newest = Store(on_disk.store).listed()[0].point.id
    before = {file.name: file.path.read_bytes() for file in on_disk.files}
    fill(disk)
    with pytest.raises(OperationError):
        run_operation(on_disk, Rollback(on_disk, newest), Context(), "test")
    assert before == {file.name: file.path.read_bytes() for file in on_disk.files}
