"""What goes wrong with releases: afterwards the program runs, old or new, with its own data."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.backup.models import Reason
from core.backup.store import Store
from core.base.config.models import Settings
from core.base.folders import AREA
from core.base.lock import Locked, console_lock
from core.base.operation import Cancelled, Context, Kind, OperationError, Step
from core.base.text import Text, translate
from core.program.find import find_program, find_programs
from core.program.release import read_pointer
from core.promote import engine, recovery
from core.promote.condition import Parked
from core.promote.engine import Fingerprint, Replacement, discard_staged, promote, staging_folder
from core.promote.intent import Intent, State
from core.release.log import history_as_it_is
from core.release.models import Ending, Hooks, Proof
from core.release.rollback import DeployRollback
from core.release.run import DeployRun
from core.runner.run import Recover, needs_recovery, run_operation
from core.switchover import back
from core.switchover.engine import DataChange, Saved, Switched
from core.switchover.keep import Kept
from tests.release.conftest import Site
from tests.skips import needs_mount

pytestmark = pytest.mark.usefixtures("quick")

LOGS_AN_ERROR = """
if __name__ == "__main__":
    import os, pathlib
    pathlib.Path(os.environ["UPBIT_LOGS_DIR"], "application.log").write_text("x ERROR boom\\n")
"""


class Pending:
    """One migration, which makes a table, or fails while it is staged."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.concluded = False

    def pending(self, context: Context, settings: Settings) -> tuple[str, ...]:
        return ("strategies: 001",)

    @contextmanager
    def staged(self, context: Context, settings: Settings, saved: Saved) -> Iterator[Pending]:
        self.context = context
        assert find_program(settings) is not None, "staging stops nobody"
        if self.fails:
            raise OperationError(
                translate("test", "the migration failed"), data_state=translate("test", "?"),
                to_do=translate("test", "!"),
            )  # fmt: skip
        self.settings = settings
        try:
            yield self
        finally:
            discard_staged(settings, [settings.file("strategies").path], "migration-1")

    @property
    def data(self) -> DataChange:
        return DataChange("migration-1", self.swap)

    def swap(self, stopped: Fingerprint) -> Parked:
        assert find_program(self.settings) is None, "nobody may write meanwhile"
        live = self.settings.file("strategies").path
        target = staging_folder(live, "migration-1") / live.name
        shutil.copyfile(live, target)
        connection = sqlite3.connect(target)
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("CREATE TABLE migrated (x)")
        connection.execute("DELETE FROM execution_history")
        connection.commit()
        connection.close()
        replaced = [Replacement(name="strategies", live=live)]
        with self.context.step("promote", translate("test", "swap")):
            return promote(self.settings, "migration-1", replaced, stopped, kind=Kind.MIGRATE_RUN)

    def conclude(self, context: Context, switched: Switched, kept: Kept) -> None:
        assert kept.point_id is not None
        self.concluded = True


def untouched(site: Site, rows: int, releases: int = 0) -> None:
    """The former program runs on the former data, and nothing lies about but *releases*."""
    assert site.version == "legacy"
    assert site.count() == rows == 400
    with pytest.raises(sqlite3.OperationalError):
        site.count("migrated")
    assert read_pointer(site.settings) is None
    assert not needs_recovery(site.settings)
    assert len(site.release_folders()) == releases
    assert not list(site.settings.app.rglob(AREA))


def _seven_rules(_: Context, __: Settings) -> Text:
    raise OperationError(
        translate("test", "seven rules"), data_state=translate("test", "?"),
        to_do=translate("test", "!"),
    )  # fmt: skip


BROKEN = Proof("rules", translate("test", "?"), _seven_rules)


@pytest.mark.parametrize(
    ("what", "extra", "more", "hooks", "told"),
    [
        ("does not start", "", {"environment": {"DEMO_FAIL": "exit_at_start"}}, None,
         "ended with code 3"),
        ("dies in the soak", "",
         {"environment": {"DEMO_FAIL": "die_after:2"}, "verify": {"soak_seconds": 60}}, None,
         "ended by itself"),
        ("answers slowly", "",
         {"environment": {"DEMO_FAIL": "slow:0.8"},
          "verify": {"response_ms": 300, "observe_seconds": 1.5}}, None, "ms to answer"),
        ("logs errors", LOGS_AN_ERROR, {}, None, "x ERROR boom"),
        ("migrates and does not start", "",
         {"migrate": True, "environment": {"DEMO_FAIL": "exit_at_start"}}, Hooks(Pending()),
         "ended with code 3"),
        ("fails the strategy", "", {}, Hooks(proof=BROKEN), "seven rules"),
        ("fails a command", "", {"verify": {"commands": [["{python}", "-c", "exit('no-no')"]]}},
         None, "no-no"),
    ],
)  # fmt: skip
def test_a_bad_release_leaves_no_trace(
    running: Site, what: str, extra: str, more: dict[str, Any], hooks: Hooks | None, told: str
) -> None:
    rows, content = running.count(), running.content()
    with pytest.raises(OperationError, match="was undone") as caught:
        running.deploy(running.release("bad", extra), hooks, **more)
    assert told in str(caught.value)
    assert "former state is back and the program runs" in str(caught.value.data_state)
    untouched(running, rows)
    assert running.content() == content, "every row is as it was"
    (record,) = history_as_it_is(running.settings)[0]
    assert record.ending is Ending.UNDONE
    wrote = "start" not in what
    assert (record.kept_point is not None) == wrote, "what it wrote is kept"


def test_a_migration_that_fails_stops_nobody(running: Site) -> None:
    program = find_program(running.settings)
    with pytest.raises(OperationError, match="the migration failed"):
        running.deploy(running.release("bad"), Hooks(Pending(fails=True)), migrate=True)
    assert find_program(running.settings) == program, "it was never asked to stop"
    untouched(running, 400)
    assert [record.ending for record in history_as_it_is(running.settings)[0]] == [Ending.UNTOUCHED]


def test_the_pointer_names_the_exact_data_before(running: Site) -> None:
    pending = Pending()
    result = running.deploy(running.release("one"), Hooks(pending), migrate=True)
    pointer = read_pointer(running.settings)
    assert pending.concluded and pointer is not None
    assert pointer.restore_point == result.restore_point
    before = Store(running.settings.store).get(pointer.restore_point).point
    assert before.reason is Reason.BEFORE_MIGRATION, "what was parked at the stop"
    run_operation(running.settings, DeployRollback(running.settings), Context(), "test")
    assert running.version == "legacy" and running.count() == 400


def test_going_back_that_failed_does_not_look_well_and_hides_no_failure(running: Site) -> None:
    settings, context = running.settings, Context()
    running.configure(running.release("one"), environment={"DEMO_FAIL": "exit_at_start"})

    def lose(*_: object) -> None:
        # It wrote, failed, and the way back is barred: the restore points are away.
        running.run_sql("CREATE TABLE by_the_new_one (x)")
        settings.store.rename(settings.store.with_name("away"))

    with pytest.MonkeyPatch.context() as losing, pytest.raises(OperationError) as caught:
        losing.setattr(back, "stop_program", lose)
        run_operation(settings, DeployRun(settings, Hooks(), {}), context, "test")
    told = str(caught.value.happened)
    assert "ended with code 3" in told and "Going back failed too: " in told, told
    steps = {step.name: step.ok for step in context.steps}
    assert steps["start"] is False and steps["put_back"] is False
    assert needs_recovery(settings)
    shutil.rmtree(settings.store, ignore_errors=True)
    settings.store.with_name("away").rename(settings.store)
    run_operation(settings, Recover(settings), Context(), "test")
    untouched(running, 400, releases=1)
    assert running.rows("SELECT 1 FROM sqlite_schema WHERE name = 'by_the_new_one'") == []


def test_data_that_is_back_is_not_told_as_new(running: Site) -> None:
    """The disk refuses whatever is written down once the former data is live again."""
    settings = running.settings

    def refuse(real: Callable[..., Any], when: Callable[..., bool]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            if when(*arguments):
                raise PermissionError(13, "refused")
            return real(*arguments)

        return call

    def refused(intent: Intent, state: State) -> bool:
        return intent.id.startswith("back-") and state is State.DONE

    broken = pytest.MonkeyPatch()
    broken.setattr(engine, "advance", refuse(engine.advance, lambda *a: refused(a[1], a[2])))
    broken.setattr(recovery, "advance", refuse(recovery.advance, lambda *_: True))
    broken.setattr(back, "write_pointer", refuse(back.write_pointer, lambda *_: True))
    with pytest.raises(OperationError, match="Going back failed too") as caught:
        running.deploy(
            running.release("bad"), Hooks(Pending()), migrate=True,
            environment={"DEMO_FAIL": "exit_at_start"},
        )  # fmt: skip
    assert "The former files are live again, all of them" in str(caught.value.data_state)
    with pytest.raises(OperationError) as caught:
        run_operation(settings, Recover(settings), Context(), "test")
    assert "new" not in str(caught.value.data_state), caught.value.data_state
    broken.undo()
    run_operation(settings, Recover(settings), Context(), "test")
    untouched(running, 400, releases=1)


def test_a_program_that_does_not_start_again_hides_not_why_it_was_stopped(running: Site) -> None:
    """The operator hears why nothing was deployed, and that the program is down."""
    settings = running.settings
    path = settings.file("strategies").path
    holding = subprocess.Popen(
        [sys.executable, "-c", HOLD, path],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holding.stdout is not None and holding.stdout.readline()
    script = settings.app / "run_desktop_ui.py"
    good = script.read_bytes()

    class Breaking(Context):
        def on_step(self, step: Step) -> None:
            if step.name == "stop" and step.ok is None:
                script.write_text("raise SystemExit(3)", encoding="utf-8")

    running.configure(running.release("one"))
    reasons = {"holders": "of the test", "window": "of the test"}
    try:
        with pytest.raises(OperationError) as caught:
            run_operation(settings, DeployRun(settings, Hooks(), reasons), Breaking(), "test")
    finally:
        holding.communicate()
        script.write_bytes(good)
    told = str(caught.value)
    assert "still open in" in told and "does not run" in told and "code 3" in told


HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
print("open", flush=True)
sys.stdin.read()
"""


def test_a_release_that_cannot_be_made_stops_nobody(running: Site, tmp_path: Path) -> None:
    program = find_program(running.settings)
    assert program is not None
    imports = running.release("imports", "import a_module_that_is_nowhere")
    with pytest.raises(OperationError, match="a_module_that_is_nowhere"):
        running.deploy(imports)
    pinned = running.release("pinned")
    (pinned / "requirements.lock").write_text(
        f"nothing-such==1.0 --hash=sha256:{'a' * 64}\n", encoding="utf-8"
    )
    (tmp_path / "wheels").mkdir()
    for artefact in (
        {"requirements": "requirements.lock", "wheelhouse": str(tmp_path / "wheels")},
        {"requirements": None, "sha256": "0" * 64},
    ):
        with pytest.raises(OperationError, match=r"checks failed: (dependencies|artefact)"):
            running.deploy(pinned, artefact={"path": str(pinned), **artefact})
    assert find_program(running.settings) == program, "it was never asked to stop"
    untouched(running, running.count())
    assert {record.ending for record in history_as_it_is(running.settings)[0]} == {Ending.UNTOUCHED}


def test_a_program_that_ignores_the_request_is_not_killed(site: Site) -> None:
    site.settings = site.settings.model_copy(
        update={"program": site.settings.program.model_copy(update={"stop_seconds": 0.5})}
    )
    site.deploy(site.release("stubborn"), environment={"DEMO_FAIL": "ignore_sigterm"})
    program = find_program(site.settings)
    with pytest.raises(OperationError, match="does not listen to the request to close"):
        site.deploy(site.release("next"))
    assert find_program(site.settings) == program and site.version == "stubborn"
    assert not needs_recovery(site.settings)
    pointer = read_pointer(site.settings)
    assert pointer is not None and pointer.version == "stubborn"


class Cancelling(Context):
    """Cancels when a step begins."""

    def __init__(self, at: str) -> None:
        super().__init__()
        self.at = at

    def on_step(self, step: Step) -> None:
        if step.name == self.at and step.ok is None:
            self.cancel()


@pytest.mark.parametrize("at", ["stage", "soak"])
def test_cancelling_leaves_everything_as_it_was(running: Site, at: str) -> None:
    running.configure(running.release("one"), verify={"soak_seconds": 60})
    with pytest.raises(Cancelled):
        run_operation(running.settings, DeployRun(running.settings), Cancelling(at), "test")
    untouched(running, 400)


def test_two_deployments_at_once(running: Site) -> None:
    running.configure(running.release("one"))
    caught: list[Exception] = []

    class Second(Context):
        def on_step(self, step: Step) -> None:
            # While the first one is past every check, a second one begins.
            if step.name == "stop" and step.ok is None and not caught:
                code = (
                    "import sys\nfrom pathlib import Path\n"
                    "from migration.upbit.settings import UpbitSettings as Settings\n"
                    "from core.release.run import DeployRun\n"
                    "from core.runner.run import run_operation\nfrom core.base.lock import Locked\n"
                    "from core.base.operation import Context\n"
                    "settings = Settings.model_validate_json(Path(sys.argv[1]).read_bytes())\n"
                    "try:\n    run_operation(settings, DeployRun(settings), Context(), 'test')\n"
                    "except Locked as error:\n    print('locked', error)\n"
                )
                place = running.shelf / "settings.json"
                place.write_text(running.settings.model_dump_json(), encoding="utf-8")
                done = subprocess.run(
                    [sys.executable, "-c", code, place],
                    capture_output=True,
                    encoding="utf-8",
                    check=True,
                )
                assert "locked" in done.stdout and "deploy run" in done.stdout
                caught.append(Exception(done.stdout))

    run_operation(running.settings, DeployRun(running.settings), Second(), "test")
    assert caught and running.version == "one"
    with (
        pytest.raises(Locked),
        console_lock(running.settings, "x"),
        console_lock(running.settings, "y"),
    ):
        pass


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder]
    if (
        sys.platform != "linux"
        or subprocess.run(mount, check=False, capture_output=True).returncode
    ):
        pytest.skip("mounting a disk needs root on Linux")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.parametrize("full", ["releases", "store"])
@needs_mount
def test_a_full_disk(
    running: Site, small_disk: Path, full: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if full == "store":
        shutil.copytree(running.settings.store, small_disk / "store")
        running.settings = running.settings.model_copy(update={"store": small_disk / "store"})
    points = len(Store(running.settings.store).listed())
    release = running.release("large", files={"noise.txt": "x" * 2_000_000})
    place = {"releases": str(small_disk / "releases")} if full == "releases" else {}
    with (small_disk / "ballast").open("wb") as ballast:
        ballast.write(b"x" * (shutil.disk_usage(small_disk).free - 500_000))
    with pytest.raises(OperationError, match="disk_space"):
        running.deploy(release, **place)
    # As if the look at the free space had been wrong.
    much = shutil._ntuple_diskusage(9**12, 0, 9**12)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: much)
    connection = sqlite3.connect(running.settings.file("strategies").path)
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
    connection.execute(f"CREATE TABLE noise AS {numbers} SELECT randomblob(1000) FROM n")
    connection.commit()
    connection.close()
    with pytest.raises(OperationError, match=r"No space left|free space|full"):
        running.deploy(release, **place)
    assert running.version == "legacy" and running.count() == 400
    assert running.count("noise") == 2000
    assert len(Store(running.settings.store).listed()) == points
    assert not needs_recovery(running.settings)
    assert not list(small_disk.glob("releases/*"))
    assert len(find_programs(running.settings)) == 1
