"""Beside a swap that was cut off and cannot be made whole yet."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.backup.annotate import AnnotateRestorePoint
from core.backup.create import CreateRestorePoint, create_restore_point
from core.backup.models import Reason
from core.backup.retention.operations import DeletePoints
from core.backup.verify import VerifyRestorePoint
from core.base.config.models import Settings
from core.base.operation import Context, Operation, OperationError
from core.program.control import ServiceStart, ServiceStop
from core.runner.run import Recover, needs_recovery, run_operation
from core.switchover.rollback import Rollback

ROOT = Path(__file__).resolve().parents[2]
DIE_IN_THE_SWAP = """
import os, signal, sys
from pathlib import Path
from core.base.config.load import load_settings
from core.runner.run import run_operation
from core.base.operation import Context
from core.switchover.rollback import Rollback
from tests.killing import KILL

settings = load_settings(Path(sys.argv[1]), {}, Path(sys.argv[1]))
live = {os.fspath(file.path) for file in settings.files}
gone = 0

def watch(event, arguments):
    global gone
    if event in ("os.remove", "os.rename") and os.fspath(arguments[0]) in live:
        gone += 1
        if gone == 2:
            os.kill(os.getpid(), KILL)

sys.addaudithook(watch)
if __name__ == "__main__":
    run_operation(settings, Rollback(settings, sys.argv[2]), Context(), "test")
"""
HOLD = "import sys; file = open(sys.argv[1], 'rb'); print('open', flush=True); sys.stdin.read()"


@pytest.mark.skipif(os.name != "posix", reason="an open file bars the swap itself on Windows")
def test_what_looks_frees_space_or_stops_is_not_blocked_and_nothing_starts(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.promote.locks.PATIENCE_SECONDS", 0.5)
    first, second = (create_restore_point(Context(), settings, Reason.MANUAL).id for _ in range(2))
    script = tmp_path / "die.py"
    script.write_text(DIE_IN_THE_SWAP, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    died = subprocess.run(
        [sys.executable, script, settings.app, second], env=environment, check=False
    )
    assert died.returncode == -9
    assert needs_recovery(settings)
    missing = [file for file in settings.files if not file.path.is_file()]
    assert missing, "the set is incomplete"
    there = next(file.path for file in settings.databases if file.path.is_file())
    holding = subprocess.Popen(
        [sys.executable, "-c", HOLD, there], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holding.stdout is not None and holding.stdout.readline()
    free: tuple[Operation[object], ...] = (
        VerifyRestorePoint(settings, second),
        AnnotateRestorePoint(settings, second, note="x"),
        DeletePoints(settings, (first,)),
        ServiceStop(settings),
    )
    barred: tuple[Callable[[], Operation[object]], ...] = (
        lambda: CreateRestorePoint(settings),
        lambda: ServiceStart(settings),
        lambda: Rollback(settings, second),
        lambda: Recover(settings),
    )
    try:
        for operation in free:
            run_operation(settings, operation, Context(), "test")
        for make in barred:
            with pytest.raises(OperationError, match="still open"):
                run_operation(settings, make(), Context(), "test")
    finally:
        holding.communicate()
    run_operation(settings, CreateRestorePoint(settings), Context(), "test")
    assert all(file.path.is_file() for file in settings.files) and not needs_recovery(settings)
