"""SIGKILL of the console at every step: the next one brings back the pair, or finishes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from multiprocessing import Process
from typing import Any

import pytest

from core.backup.create import CreateRestorePoint
from core.backup.models import Reason
from core.backup.store import Store
from core.base.config.models import Settings
from core.base.folders import AREA
from core.base.operation import Context, OperationError, Step
from core.base.sealed import copies
from core.daemons.supervisor import Supervisor
from core.program.control import ServiceStart
from core.program.find import find_programs
from core.program.release import read_pointer
from core.program.runs import Phase, mark_asked
from core.release.log import history_as_it_is
from core.release.models import Ending, Hooks, RecordKind
from core.release.rollback import DeployRollback
from core.release.run import DeployRun
from core.runner.run import Recover, needs_recovery, run_operation
from core.switchover import back, engine
from core.switchover.intent import FILE, read_intent
from tests.killing import KILL, KILLED, ask_once
from tests.release.conftest import Site
from tests.release.test_failures import Pending

pytestmark = pytest.mark.usefixtures("quick")

OPERATIONS: dict[str, Callable[[Settings], Any]] = {
    "run": lambda settings: DeployRun(settings, Hooks(Pending())),
    "run without data": DeployRun,
    "rollback": DeployRollback,
    "recover": Recover,
}


def killed(site: Site, what: str, at: str) -> None:
    """Run the operation in a console, another process, that is killed at *at*."""
    console = Process(target=_die_at, args=(site.settings, what, at))
    console.start()
    console.join()
    assert console.exitcode == KILLED, f"{at} never happened"


def _die_at(settings: Settings, what: str, at: str) -> None:
    def happens(now: str) -> None:
        if now == at:
            os.kill(os.getpid(), KILL)

    class Deadly(Context):
        def on_step(self, step: Step) -> None:
            happens(f"{step.name} {'begins' if step.ok is None else 'ends'}")

    for module in (back, engine):
        for name in ("write_intent", "write_pointer"):
            setattr(module, name, _telling(getattr(module, name), name, happens))
    asks = engine.stop_program

    def stop(*arguments: Any) -> None:
        if at == "asked to close":
            mark_asked(settings, arguments[2])
        for running in arguments[2] if at == "asked to close" else ():
            ask_once(running.pid)
        happens("asked to close")
        asks(*arguments)

    engine.stop_program = stop
    run_operation(settings, OPERATIONS[what](settings), Deadly(), "test")


def _telling(write: Any, name: str, happens: Callable[[str], None]) -> Any:
    def telling(settings: Settings, value: Any) -> None:
        write(settings, value)
        phase = getattr(value, "phase", None)
        happens(f"wrote {name.removeprefix('write_')}" + (f" {phase}" if phase else ""))

    return telling


def tables(site: Site) -> bool:
    """Whether the data is that of the new release."""
    return ("migrated",) in site.rows("SELECT name FROM sqlite_schema")


def whole(site: Site, old: str, new: str) -> str:
    """One program runs, on its own data, and nothing lies about; return which."""
    assert len(find_programs(site.settings)) == 1
    version = site.version
    assert version in {old, new}
    pointer = read_pointer(site.settings)
    assert (pointer.version if pointer else "legacy") == version
    assert tables(site) == (version == new)
    assert site.count() == (0 if version == new else 400)
    assert read_intent(site.settings) is None
    assert not list(site.settings.app.rglob(AREA))
    return version


@pytest.mark.parametrize(
    ("at", "stays"),
    [
        ("check ends", False),
        ("stage begins", False),
        ("environment ends", False),
        ("smoke ends", False),
        ("prepare ends", False),
        ("safety ends", False),
        ("recheck ends", False),
        ("wrote intent stopping", False),
        ("stop begins", False),
        ("stop ends", False),
        ("wrote intent stopped", False),
        ("promote begins", False),
        ("promote ends", False),
        ("switch begins", False),
        ("wrote intent switched", False),
        ("wrote pointer", False),
        ("wrote intent started", False),
        ("start begins", False),
        ("start ends", True),
        ("verify ends", True),
        ("log errors ends", True),
        ("soak begins", True),
        ("soak ends", True),
    ],
)
def test_sigkill_while_deploying(running: Site, at: str, stays: bool) -> None:
    running.configure(running.release("one"), migrate=True)
    killed(running, "run", at)
    run_operation(running.settings, Recover(running.settings), Context(), "test")
    assert whole(running, "legacy", "one") == ("one" if stays else "legacy")
    cut_off = [
        one for one in history_as_it_is(running.settings)[0] if one.kind is RecordKind.RECOVERY
    ]
    if at.split(maxsplit=1)[0] not in {
        "check",
        "stage",
        "environment",
        "smoke",
        "prepare",
        "safety",
        "recheck",
    }:
        assert [one.ending for one in cut_off] == [Ending.DONE if stays else Ending.UNDONE]


def test_sigkill_while_the_program_is_closing(site: Site) -> None:
    # At this rate it takes up to four seconds until it sees that it was asked.
    site.deploy(site.release("one"), environment={"DEMO_RATE": "0.25"})
    (program,) = find_programs(site.settings)
    site.configure(site.release("two"), migrate=True)
    killed(site, "run", "asked to close")
    result = run_operation(site.settings, Recover(site.settings), Context(), "test")
    assert result.deployment.deployment is not None and not result.deployment.finished
    (after,) = find_programs(site.settings)
    assert after.pid != program.pid and site.version == "one"


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("at", ["wrote intent stopped", "wrote pointer", "wrote intent started"])
def test_one_flipped_byte_of_its_record_does_not_bar_the_way_back(
    running: Site, at: str, which: int
) -> None:
    running.configure(running.release("one"), migrate=True)
    killed(running, "run", at)
    record = copies(running.settings.home / FILE)[which]
    content = bytearray(record.read_bytes())
    content[len(content) // 2] ^= 4
    record.write_bytes(content)
    run_operation(running.settings, Recover(running.settings), Context(), "test")
    assert whole(running, "legacy", "one") == "legacy"
    assert not needs_recovery(running.settings)


def test_a_record_that_is_damaged_twice_starts_nothing_and_is_told_once(running: Site) -> None:
    running.configure(running.release("one"), migrate=True)
    killed(running, "run", "wrote pointer")
    for record in copies(running.settings.home / FILE):
        record.write_bytes(record.read_bytes().replace(b"switched", b"switcheD"))
    wrong = r"switchover\.json.*does not match its digest"
    with pytest.raises(OperationError, match=wrong) as told:
        run_operation(running.settings, Recover(running.settings), Context(), "test")
    assert "deploy status" in str(told.value.to_do)
    assert not needs_recovery(running.settings) and not find_programs(running.settings)
    supervisor = Supervisor(running.settings)
    supervisor.tick(0.0)
    assert not find_programs(running.settings), "which release belongs to the data nobody knows"
    run_operation(running.settings, CreateRestorePoint(running.settings), Context(), "test")


@pytest.mark.parametrize("operation", [Recover, ServiceStart])
def test_any_changing_command_brings_the_pair_back(running: Site, operation: Any) -> None:
    running.configure(running.release("one"), migrate=True)
    killed(running, "run", "wrote pointer")
    assert needs_recovery(running.settings)
    run_operation(running.settings, operation(running.settings), Context(), "test")
    assert whole(running, "legacy", "one") == "legacy"
    assert not needs_recovery(running.settings)


def test_a_way_back_that_is_barred_does_not_bar_a_backup(running: Site) -> None:
    running.configure(running.release("one"))
    killed(running, "run without data", "wrote pointer")
    running.run_sql("CREATE TABLE by_a_stranger (x)")
    away = running.settings.store.with_name("away")
    running.settings.store.rename(away)
    with pytest.raises(OperationError):
        run_operation(running.settings, DeployRun(running.settings), Context(), "test")
    taken = run_operation(running.settings, CreateRestorePoint(running.settings), Context(), "test")
    assert taken is not None and needs_recovery(running.settings)
    shutil.rmtree(running.settings.store)
    away.rename(running.settings.store)
    run_operation(running.settings, Recover(running.settings), Context(), "test")
    assert running.version == "legacy" and not needs_recovery(running.settings)
    assert running.rows("SELECT 1 FROM sqlite_schema WHERE name = 'by_a_stranger'") == []


def test_what_lies_parked_is_no_restore_point_before_it_is_back(running: Site) -> None:
    """The recovery that keeps parked sets would let go of the very files to go back to."""
    running.configure(running.release("one"), migrate=True)
    points = len(Store(running.settings.store).listed())
    killed(running, "run", "wrote pointer")
    run_operation(running.settings, Recover(running.settings), Context(), "test")
    assert whole(running, "legacy", "one") == "legacy"
    made = Store(running.settings.store).listed()[: -points or None]
    assert [listed.point.reason for listed in made][-1] is Reason.BEFORE_DEPLOYMENT


@pytest.mark.parametrize(
    "again", ["put_back begins", "wrote intent back", "wrote pointer", "wrote intent returned"],
)  # fmt: skip
def test_sigkill_while_recovering(running: Site, again: str) -> None:
    running.configure(running.release("one"), migrate=True)
    killed(running, "run", "wrote pointer")
    killed(running, "recover", again)
    run_operation(running.settings, Recover(running.settings), Context(), "test")
    assert whole(running, "legacy", "one") == "legacy"


@pytest.mark.parametrize("at", ["promote ends", "start ends"])
def test_sigkill_while_going_back(site: Site, at: str) -> None:
    site.deploy(site.release("one"))
    site.run_sql("CREATE TABLE under_one (x)")
    site.deploy(site.release("two"))
    site.run_sql("CREATE TABLE under_two (x)")
    killed(site, "rollback", at)
    # Any deployment begins by recovering what was cut off.
    site.configure(site.shelf / "not there")
    with pytest.raises(Exception, match="not there"):
        run_operation(site.settings, DeployRun(site.settings), Context(), "test")
    assert site.version == ("one" if at == "start ends" else "two")
    pointer = read_pointer(site.settings)
    assert pointer is not None and pointer.version == site.version
    assert site.count("under_one") == 0
    names = {row[0] for row in site.rows("SELECT name FROM sqlite_schema")}
    assert ("under_two" in names) == (site.version == "two")


@pytest.mark.parametrize("at", ["stop ends", "wrote pointer", "start ends"])
def test_a_supervisor_does_not_start_what_is_half_switched(running: Site, at: str) -> None:
    settings = running.settings
    supervisor = Supervisor(settings)
    supervisor.tick(0.0)
    first = supervisor.watched
    assert first is not None
    running.configure(running.release("one"), migrate=True)
    killed(running, "run", at)
    while supervisor.watched in {first, None}:
        supervisor.tick(1.0)
        assert supervisor.state.phase in {Phase.HELD, Phase.WATCHING}
    program = find_programs(settings)[0]
    assert supervisor.watched is not None and supervisor.watched.pid == program.pid
    assert supervisor.state.restarts == 0
    if at == "start ends":  # it runs, and is watched until somebody finishes the deployment
        run_operation(settings, Recover(settings), Context(), "test")
    assert whole(running, "legacy", "one") == ("one" if at == "start ends" else "legacy")
