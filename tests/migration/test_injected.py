"""An error, a full disk and a kill wherever a run may meet them: the live set is old or new."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from benchmarks.legacy import make_legacy
from core.base.config.load import load_settings
from core.base.config.models import Settings
from core.base.lock import console_lock
from core.base.operation import Context, OperationError, Step
from core.program.find import find_program
from core.runner.run import Recover
from migration.adapter import script_set
from migration.run import rehearse
from migration.run.execute import RunMigration
from migration.run.rehearse import Rehearse
from migration.run.stage import copy_live, migrate_copies, migrated_files
from tests.killing import KILL
from tests.migration.test_run import CHILD, Program, migrated, old_or_new
from tests.skips import needs_mount

SCALE = int(os.environ.get("OPS_CONSOLE_TEST_SCALE", "1"))
STEPS = ("safety", "stage", "migrate", "validate", "describe", "stop", "promote", "start",
         "verify", "keep")  # fmt: skip


class Injected(Exception):  # noqa: N818 (what the test throws)
    """Nothing that the console knows."""


class Failing(Context):
    """Fails when one step begins, or when it has ended well."""

    def __init__(self, name: str, when: str) -> None:
        super().__init__()
        self.wanted = (name, None if when == "begins" else True)

    def on_step(self, step: Step) -> None:
        if (step.name, step.ok) == self.wanted:
            self.wanted = ("", None)
            raise Injected


@pytest.mark.parametrize(
    ("step", "when"),
    [*((step, "begins") for step in STEPS), ("stop", "ends"), ("promote", "ends"),
     ("start", "ends")],
)  # fmt: skip
def test_an_error_at_every_step_leaves_old_or_new_and_the_program_running(
    settings: Settings, trading_program: Program, step: str, when: str
) -> None:
    with pytest.raises((Injected, OperationError)):
        RunMigration(settings).run(Failing(step, when))
    with console_lock(settings, "recover", wait_seconds=10):
        Recover(settings).run(Context())
    assert old_or_new(settings) == (step == "keep")
    assert find_program(settings) is not None
    assert not list((settings.home / "scratch").glob("*"))


@pytest.fixture
def small_disk(workspace: Path, tmp_path: Path) -> Iterator[Settings]:
    """A workspace on a real disk of 48 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", folder]
    if (
        sys.platform != "linux"
        or subprocess.run(mount, check=False, capture_output=True).returncode
    ):
        pytest.skip("mounting a disk needs root on Linux")
    app = shutil.copytree(workspace, folder / "app")
    yield load_settings(app, {}, app)
    subprocess.run(["umount", "-l", folder], check=True)


@needs_mount
def test_a_disk_that_is_full_at_any_moment(
    small_disk: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = small_disk
    ballast = settings.app.parent / "ballast"
    monkeypatch.setattr(rehearse, "free_bytes", lambda _folder: 1 << 40)  # as if it had been wrong
    beside = {path for path in settings.app.rglob("*") if not path.is_relative_to(settings.home)}
    failures = 0
    for free in [*range(100_000, 9_000_000, 1_700_000 // SCALE), 40_000_000]:
        for operation in (Rehearse(settings), RunMigration(settings)):
            size = shutil.disk_usage(ballast.parent).free - free
            with ballast.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, max(1, size))
            try:
                operation.run(Context())
            except OperationError as error:
                failures += 1
                assert str(error.happened) and str(error.data_state) and str(error.to_do)
            ballast.unlink()
            Recover(settings).run(Context())
            assert not list((settings.home / "scratch").glob("*"))
            new = old_or_new(settings)
            store = {path for path in settings.app.rglob("*")
                     if path.is_relative_to(settings.store)}  # fmt: skip
            now = {path for path in settings.app.rglob("*")
                   if not path.is_relative_to(settings.home)}  # fmt: skip
            assert now - beside - store == set()
            if new:
                break
        if new:
            break
    assert failures >= 6
    assert new, "with room enough it works"


def test_sigkill_at_random_instants_leaves_old_or_new(
    settings: Settings, workspace_template: Path, tmp_path: Path
) -> None:
    instants = random.Random(3)
    configuration = tmp_path / "settings.json"
    configuration.write_text(settings.model_dump_json(), encoding="utf-8")
    outcomes = set()
    for _ in range(3 * SCALE):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, configuration],
            stdout=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            child.wait(timeout=instants.uniform(0.5, 7.0))
        except subprocess.TimeoutExpired:
            for process in [*psutil.Process(child.pid).children(recursive=True),
                            psutil.Process(child.pid)]:  # fmt: skip
                process.send_signal(KILL)
            child.wait()
        with console_lock(settings, "recover", wait_seconds=10):
            Recover(settings).run(Context())
        outcomes.add(old_or_new(settings))
        if migrated(settings):
            shutil.rmtree(settings.app)
            shutil.copytree(workspace_template, settings.app)
    assert outcomes <= {True, False}


def test_the_room_that_is_asked_for_is_enough(settings: Settings, tmp_path: Path) -> None:
    live = settings.file("strategies").path
    for suffix in ("", "-wal", "-shm"):
        Path(f"{live}{suffix}").unlink(missing_ok=True)
    make_legacy(live, 5_000)
    files = migrated_files(settings)
    sources = copy_live(Context(), files, tmp_path / "before")
    targets = {name: tmp_path / name for name in sources}
    migrate_copies(
        Context(), script_set(settings), sources, targets, "2026-01-01T00:00:00+00:00", ()
    )
    used = sum(path.stat().st_size for path in sources.values())
    used += 2 * sum(path.stat().st_size for path in targets.values())
    needed = rehearse.needed_bytes(Context(), settings, files) - rehearse.SPARE_BYTES
    assert used <= needed <= 2 * used
