"""The supervisor's invariants, with real programs and a clock that the test moves."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.config.models import RestartSettings, Settings
from core.base.journal import Outcome, entries
from core.base.open_files import hold_each
from core.base.operation import Context, OperationError
from core.daemons.supervisor import Supervisor
from core.program.control import ServiceRestart, ServiceStart, ServiceStop
from core.program.find import find_program
from core.program.runs import Phase, last_end, read_supervision, release_program, try_hold_program
from core.runner.run import run_operation
from core.switchover.rollback import Rollback
from tests.killing import KILL, KILLED, ask_to_close
from tests.program.conftest import ENTRY, Console, end_all, until
from tests.skips import no_ctrl_c


@pytest.fixture(autouse=True)
def ended(settings: Settings) -> Iterator[None]:
    yield
    end_all(settings)
    release_program(settings)


def with_program(settings: Settings, fail: str = "", **rules: object) -> Settings:
    """Settings under which the stand-in program goes wrong as *fail* says."""
    program = settings.program.model_copy(
        update={"environment": {"DEMO_FAIL": fail, "DEMO_RATE": "50"},
                "supervise": RestartSettings.model_validate(rules)}
    )  # fmt: skip
    return settings.model_copy(update={"program": program})


def tick_until(supervisor: Supervisor, now: float, *phases: Phase) -> None:
    """Look again and again, at one and the same moment of the clock."""

    def reached() -> bool:
        supervisor.tick(now)
        return supervisor.state.phase in phases

    until(reached)


def running(settings: Settings) -> int:
    """Wait until the program holds its databases, and return its process."""
    databases = [file.path for file in settings.databases]

    def pid() -> int | None:
        program = find_program(settings)
        return program.pid if program and hold_each({program.pid}, databases) else None

    return until(pid)  # type: ignore[no-any-return]


def test_a_crash_loop_is_restarted_ever_later_and_then_given_up(settings: Settings) -> None:
    settings = with_program(settings, "exit_at_start", restarts=3)
    supervisor = Supervisor(settings)
    now, pauses = 0.0, []
    for _ in range(3):
        tick_until(supervisor, now, Phase.WAITING)
        assert supervisor.state.last_exit_code == 3
        # Not a moment before the pause is over.
        due = supervisor._due
        supervisor.tick(due - 0.001)
        assert supervisor.watched is None
        pauses.append(due - now)
        now = due
        supervisor.tick(now)
    assert pauses == [1, 2, 4]
    tick_until(supervisor, now, Phase.GIVEN_UP)
    supervisor.tick(now + 1e9)
    assert supervisor.state.phase is Phase.GIVEN_UP and supervisor.state.restarts == 3
    state = read_supervision(settings)
    assert state is not None and state == supervisor.state
    newest, *restarts = entries(settings)
    assert newest.operation == "service supervise" and newest.outcome is Outcome.FAILED
    assert newest.failure is not None and "3 restarts within 10 minutes" in str(
        newest.failure.happened
    )
    assert [one.operation for one in restarts] == ["service restart"] * 3 + ["service start"]


def test_a_command_that_is_not_there_is_given_up_too(settings: Settings) -> None:
    program = settings.program.model_copy(
        update={"start": ("/no/such/program",), "supervise": RestartSettings(restarts=1)}
    )
    supervisor = Supervisor(settings.model_copy(update={"program": program}))
    tick_until(supervisor, 0.0, Phase.WAITING)
    tick_until(supervisor, 1.0, Phase.GIVEN_UP)
    assert re.search(r"No such file|WinError 2", str(supervisor.state.what))


def test_what_an_operator_starts_is_watched_and_counts_anew(settings: Settings) -> None:
    failing = with_program(settings, "exit_at_start", restarts=1)
    supervisor = Supervisor(failing)
    tick_until(supervisor, 0.0, Phase.WAITING)
    tick_until(supervisor, 1.0, Phase.GIVEN_UP)
    well = with_program(settings)
    program = run_operation(well, ServiceStart(well), Context(), "test")
    tick_until(supervisor, 2.0, Phase.WATCHING)
    assert supervisor.watched is not None and supervisor.watched.pid == program.pid
    os.kill(program.pid, KILL)
    tick_until(supervisor, 3.0, Phase.WAITING)
    assert supervisor.state.last_exit_code == KILLED


def test_an_orderly_end_is_final_unless_it_is_always_to_run(settings: Settings) -> None:
    for rule, phase in (("on-failure", Phase.ENDED), ("never", Phase.ENDED),
                        ("always", Phase.WAITING)):  # fmt: skip
        supervisor = Supervisor(with_program(settings, restart=rule))
        tick_until(supervisor, 0.0, Phase.WATCHING)
        ask_to_close(running(settings))
        tick_until(supervisor, 1.0, Phase.ENDED, Phase.WAITING)
        assert supervisor.state.phase is phase and supervisor.state.last_exit_code == 0


def test_a_deliberate_stop_is_not_answered_until_it_is_wanted_again(settings: Settings) -> None:
    settings = with_program(settings, restart="always")
    supervisor = Supervisor(settings)
    tick_until(supervisor, 0.0, Phase.WATCHING)
    running(settings)
    run_operation(settings, ServiceStop(settings), Context(), "test")
    tick_until(supervisor, 1.0, Phase.STOPPED)
    for now in (2.0, 1e6):
        supervisor.tick(now)
    assert supervisor.state.phase is Phase.STOPPED and find_program(settings) is None
    # Another supervisor, as after a restart of the machine, leaves it stopped as well.
    another = Supervisor(settings)
    tick_until(another, 0.0, Phase.STOPPED)
    program = run_operation(settings, ServiceStart(settings), Context(), "test")
    tick_until(supervisor, 1e6 + 1, Phase.WATCHING)
    assert supervisor.watched is not None and supervisor.watched.pid == program.pid
    assert supervisor.state.restarts == 0
    again = run_operation(settings, ServiceRestart(settings), Context(), "test")
    until(lambda: supervisor.tick(1e6 + 2) or (
        supervisor.watched is not None and supervisor.watched.pid == again.pid
    ))  # fmt: skip
    assert supervisor.state.restarts == 0


def test_a_stop_that_comes_too_late_stays_a_stop(settings: Settings) -> None:
    slow = with_program(settings, "ignore_sigterm", restart="always")
    slow = slow.model_copy(
        update={"program": slow.program.model_copy(update={"stop_seconds": 0.3})}
    )
    supervisor = Supervisor(slow)
    tick_until(supervisor, 0.0, Phase.WATCHING)
    pid = running(slow)
    with pytest.raises(OperationError, match="did not close"):
        run_operation(slow, ServiceStop(slow), Context(), "test")
    supervisor.tick(1.0)
    assert psutil.pid_exists(pid) and supervisor.state.phase is Phase.WATCHING
    os.kill(pid, signal.SIGINT)
    tick_until(supervisor, 2.0, Phase.STOPPED)


def test_during_a_rollback_nothing_is_started_and_afterwards_it_is_watched(
    settings: Settings,
) -> None:
    settings = with_program(settings, restart="always")
    supervisor = Supervisor(settings)
    tick_until(supervisor, 0.0, Phase.WATCHING)
    first = running(settings)
    point = create_restore_point(Context(), settings, Reason.MANUAL)
    seen: list[Phase] = []

    class Watching(Context):
        """Looks in the midst of every step, as the supervisor in its own process would."""

        def on_step(self, _: object) -> None:
            supervisor.tick(1e6 + len(seen))
            seen.append(supervisor.state.phase)

    # The same process would be let through: the operation's lock must be another's.
    import core.daemons.supervisor as module

    real = module.try_hold_program
    try:
        module.try_hold_program = lambda _: False
        result = run_operation(settings, Rollback(settings, point.id), Watching(), "test")
    finally:
        module.try_hold_program = real
    assert Phase.HELD in seen and Phase.WAITING not in seen
    assert not psutil.pid_exists(first)
    tick_until(supervisor, 2e6, Phase.WATCHING)
    assert supervisor.watched is not None and supervisor.watched.pid == result.program_pid
    assert supervisor.state.restarts == 0


HOLD_AND_DIE = """
import os, signal, sys
from pathlib import Path
from core.base.config.load import load_settings
from core.runner.run import run_operation
from core.base.open_files import hold_each
from core.base.operation import Kind
from core.base.operation import Context
from core.program.control import stop_program
from core.program.find import find_programs
from tests.killing import KILL
app = Path(sys.argv[1])
settings = load_settings(app, {}, app)
class Half:
    kind = Kind.ROLLBACK
    def run(self, context):
        stop_program(context, settings, find_programs(settings))
        print('stopped', flush=True)
        input()
        os.kill(os.getpid(), KILL)
run_operation(settings, Half(), Context(), 'test')
"""


def test_a_console_that_is_killed_while_it_has_the_program_stopped_blocks_nothing(
    settings: Settings,
) -> None:
    settings = with_program(settings, restart="always")
    supervisor = Supervisor(settings)
    tick_until(supervisor, 0.0, Phase.WATCHING)
    running(settings)
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD_AND_DIE, settings.app], cwd=ENTRY.parent,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    assert other.stdout is not None and other.stdin is not None
    assert other.stdout.readline() == "stopped\n"
    tick_until(supervisor, 1.0, Phase.HELD)
    for now in range(2, 20):
        supervisor.tick(float(now))
    assert supervisor.state.phase is Phase.HELD and find_program(settings) is None
    other.communicate("\n")
    assert other.returncode == KILLED
    tick_until(supervisor, 30.0, Phase.WATCHING)
    running(settings)


DIE_WITHIN_A_SWAP = """
import os, signal, sqlite3, sys
from pathlib import Path
from core.base.config.load import load_settings
import core.promote.engine as engine
from tests.killing import KILL
app = Path(sys.argv[1])
settings = load_settings(app, {}, app)
live = settings.file('strategies').path
staged = engine.staging_folder(live, 'rollback-x') / live.name
sqlite3.connect(staged).execute('CREATE TABLE half (x)')
park = engine.park
engine.park = lambda intent: (park(intent), os.kill(os.getpid(), KILL))
engine.promote(settings, 'rollback-x', [engine.Replacement(name='strategies', live=live)],
               engine.fingerprint([live]))
"""


def rows(settings: Settings) -> int:
    connection = sqlite3.connect(settings.file("strategies").path)
    try:
        return int(connection.execute("SELECT count(*) FROM execution_history").fetchone()[0])
    finally:
        connection.close()


def test_the_program_is_started_on_nothing_but_whole_files(settings: Settings) -> None:
    """After a console that died within a swap: recovery first, then the program."""
    before = rows(settings)
    died = subprocess.run(
        [sys.executable, "-c", DIE_WITHIN_A_SWAP, settings.app], cwd=ENTRY.parent, check=False
    )
    assert died.returncode == KILLED
    assert not settings.file("strategies").path.is_file()
    supervisor = Supervisor(with_program(settings))
    tick_until(supervisor, 0.0, Phase.WATCHING)
    running(settings)
    assert rows(settings) == before
    assert [one.operation for one in entries(settings)] == ["service start", "recover"]


def test_a_held_program_is_not_started(settings: Settings) -> None:
    settings = with_program(settings)
    code = (
        "import sys; from pathlib import Path; from core.base.config.load import load_settings\n"
        "from core.program.runs import hold_program\napp = Path(sys.argv[1])\n"
        "hold_program(load_settings(app, {}, app)); print('held', flush=True); input()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, settings.app], cwd=ENTRY.parent,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    supervisor = Supervisor(settings)
    for now in range(5):
        supervisor.tick(float(now))
    assert supervisor.watched is None and not try_hold_program(settings)
    other.kill()
    other.communicate()
    tick_until(supervisor, 10.0, Phase.WATCHING)


def test_a_program_started_by_hand_is_adopted(
    settings: Settings, trading_program: subprocess.Popen[bytes]
) -> None:
    supervisor = Supervisor(settings)
    tick_until(supervisor, 0.0, Phase.WATCHING)
    assert supervisor.watched is not None and supervisor.watched.pid == trading_program.pid
    trading_program.kill()
    trading_program.wait()
    tick_until(supervisor, 1.0, Phase.WAITING)
    assert supervisor.state.last_exit_code is None
    tick_until(supervisor, 2.0, Phase.WATCHING)
    assert supervisor.watched.pid != trading_program.pid and supervisor.state.restarts == 1


def test_whoever_merely_looks_into_the_databases_is_no_program(settings: Settings) -> None:
    live = settings.file("strategies").path
    viewer = subprocess.Popen(
        [sys.executable, "-c", "import sys; f = open(sys.argv[1], 'rb'); print(1, flush=True);"
         " input()", live], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    assert viewer.stdout is not None
    viewer.stdout.readline()
    supervisor = Supervisor(settings)
    tick_until(supervisor, 0.0, Phase.WATCHING)
    assert supervisor.watched is not None and supervisor.watched.pid != viewer.pid
    viewer.communicate("\n")


def test_a_killed_supervisor_leaves_the_program_and_the_next_one_adopts_it(
    console: Console, settings: Settings
) -> None:
    first = console.start("service", "supervise")
    pid = running(settings)
    until(lambda: read_supervision(settings))
    first.kill()
    first.communicate()
    assert psutil.pid_exists(pid) and read_supervision(settings) is None
    second = console.start("service", "supervise", "--resume")
    state = until(lambda: read_supervision(settings))
    assert state.pid == second.pid and until(
        lambda: (one := read_supervision(settings)) and one.program_pid
    ) == pid  # fmt: skip
    # It knows how the adopted one ends, and starts it again.
    os.kill(pid, KILL)
    new = until(lambda: (program := find_program(settings)) and program.pid != pid and program.pid)
    end = last_end(settings)
    assert end is not None and end.pid == pid and end.exit_code == KILLED
    state = until(lambda: (one := read_supervision(settings)) and one.restarts and one)
    assert state.program_pid == new and state.last_exit_code == KILLED


def test_rollback_by_command_under_a_real_supervisor(console: Console, settings: Settings) -> None:
    supervisor = console.start("service", "supervise")
    first = running(settings)
    until(lambda: read_supervision(settings))
    assert console.run("backup", "create").returncode == 0
    done = console.run("rollback", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    second = running(settings)
    assert second != first
    state = until(lambda: (one := read_supervision(settings)) and one.program_pid == second and one)
    assert state.restarts == 0 and supervisor.poll() is None
    if sys.platform == "win32":
        return  # what has no window is asked by Ctrl+C alone, which the rig does not deliver
    supervisor.send_signal(signal.SIGINT)
    supervisor.communicate(timeout=60)
    assert supervisor.returncode == 0 and not psutil.pid_exists(second)


@no_ctrl_c
def test_a_program_that_does_not_close_is_left_by_its_supervisor(
    console: Console, settings: Settings
) -> None:
    console.configure("program:\n  stop_seconds: 0.5\n  environment: {DEMO_FAIL: ignore_sigterm}\n")
    supervisor = console.start("service", "supervise")
    pid = running(settings)
    until(lambda: read_supervision(settings))
    supervisor.send_signal(signal.SIGTERM)
    _, said = supervisor.communicate(timeout=60)
    assert supervisor.returncode == 1 and "did not close" in said
    assert psutil.pid_exists(pid) and read_supervision(settings) is None
