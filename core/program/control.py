"""Stops, starts and verifies the trading program.  It is never killed."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from core.base.cleanup import attempt
from core.base.config.models import Settings
from core.base.databases import Condition, condition_words, examine
from core.base.entry import python_for
from core.base.open_files import hold_each
from core.base.operation import Cancelled, Context, Kind, OperationError
from core.base.text import Text, translate
from core.program.find import find_program, find_programs
from core.program.models import Launch, Program
from core.program.release import current_launch
from core.program.runs import (
    hold_program,
    log_paths,
    mark_asked,
    program_held,
    read_wanted,
    want,
    write_wanted,
)
from core.program.spawn import Spawned, not_started, spawn
from core.program.tail import last_line
from core.program.user import require_may_act_for, require_ours
from core.promote.condition import describe_live, start_refused

if sys.platform == "win32":
    from core.program.windows import ask_again, ask_to_close
else:
    from core.program.unix import ask_again, ask_to_close

SLICE_SECONDS = 0.05

log = logging.getLogger(__name__)


def stop_program(context: Context, settings: Settings, programs: Sequence[Program]) -> None:
    """Ask *programs* to close and wait until they are gone.

    Until the operation is over nobody else starts the program, and its end is known to be wanted.
    Raises `OperationError` when one is still there after `stop_seconds`: it is never killed,
    because it may hold an open position; and with nothing touched where one is another user's.
    """
    require_ours(settings, programs)
    hold_program(settings, context)
    with suppress(OSError):  # held as it is, its end is understood all the same
        attempt(mark_asked, settings, programs)
    for program in programs:
        with suppress(psutil.NoSuchProcess):
            ask_to_close(psutil.Process(program.pid))
    wait_until_gone(context, settings, programs)


def wait_until_gone(context: Context, settings: Settings, programs: Sequence[Program]) -> None:
    """Wait until *programs*, which were asked to close, are gone; raises `OperationError`."""
    processes = []
    for program in programs:
        with suppress(psutil.NoSuchProcess):
            processes.append(psutil.Process(program.pid))
    waited, insisted = 0.0, False
    while processes:
        context.check()
        _, processes = psutil.wait_procs(processes, timeout=SLICE_SECONDS)
        processes = [one for one in processes if _alive(one)]
        waited += SLICE_SECONDS
        if not insisted and waited >= settings.program.stop_seconds / 2:
            insisted = True
            for process in processes:
                ask_again(process)
        if processes and waited >= settings.program.stop_seconds:
            raise OperationError(
                translate(
                    "services",
                    "The trading program (process {pid}) did not close within {seconds} seconds.",
                    pid=str(processes[0].pid),
                    seconds=round(settings.program.stop_seconds),
                ),
                data_state=translate(
                    "services", "Its data was not touched, and it was not killed."
                ),
                to_do=translate("services", "Close it yourself, then try again."),
            )


def launch_of(
    settings: Settings, program: Program | None, *, deployed: bool = True
) -> Launch | None:
    """Return how to start the program: as deployed, as configured, as it ran, or by its script.

    It is started as who it runs as.  None where there is nothing to start.  *deployed* False:
    whatever release is in production.  Raises `OperationError` where it is not known which release
    is, and no program runs; and where this console could not start it again.
    """
    user = program.user if program is not None else None
    require_may_act_for(settings, user)
    launch = _launch_of(settings, program, deployed=deployed)
    return launch.model_copy(update={"user": user}) if launch is not None else None


def _launch_of(settings: Settings, program: Program | None, *, deployed: bool) -> Launch | None:
    as_it_runs = None
    if program is not None:
        as_it_runs = _launch(settings, program.command, program.cwd, program.environment)
    try:
        in_production = current_launch(settings) if deployed else None
    except OperationError:
        if as_it_runs is None:
            raise
        # What runs is what is in production; a damaged record is no reason to leave it stopped.
        log.exception("the release in production")
        in_production = as_it_runs
    if in_production is not None:
        return in_production
    if settings.program.start is not None:
        return _launch(settings, settings.program.start, settings.app, {})
    script, python = settings.app / settings.program.script, python_for(settings.app)
    if as_it_runs is None and script.is_file() and python is not None:
        return _launch(settings, (python, script.name), settings.app, {})
    return as_it_runs


def _launch(
    settings: Settings, command: tuple[str, ...], cwd: Path, of_program: dict[str, str]
) -> Launch:
    """Return how to start *command*, with the variables that the program may read.

    Its own configuration says where its data and logs lie: the variable that would move them is
    left as it is, and those that only tell of them are set.
    """
    environment = dict(of_program or os.environ)
    told = settings.program.variables
    values = dict.fromkeys(told.stage, environment.get(next(iter(told.stage), ""), "production"))
    values |= dict.fromkeys(told.log_level, "INFO")
    values |= dict.fromkeys(told.data[1:], str(settings.data_folder))
    values |= dict.fromkeys(told.logs[1:], str(settings.app / "logs"))
    whole = values | environment | settings.program.environment
    return Launch(command=command, cwd=cwd, environment=whole)


def start_program(context: Context, settings: Settings, launch: Launch) -> Program:
    """Start the program so that it outlives the console, and wait until it is well.

    Well means: its process lives, holds the databases open, and they answer.  Raises
    `OperationError` when it is not within `start_seconds`.
    """
    try:
        hold_program(settings, context)
        spawned = spawn(settings, launch, by="console")
    except OSError as error:
        raise not_started(settings, str(error)) from error
    process = _process(spawned.pid)
    waited = 0.0
    while waited < settings.program.start_seconds:
        context.check()
        gone = process is None or not psutil.wait_procs([process], timeout=SLICE_SECONDS)[1]
        if gone or (process is not None and not _alive(process)):
            raise _not_well(settings, _how_it_ended(settings, spawned))
        waited += SLICE_SECONDS
        programs = find_programs(settings)
        if programs and _hold_databases(settings, programs):
            verify_answers(settings)
            return programs[0]
    raise _not_well(settings, translate("services", "it did not open its databases in time"))


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None


def _how_it_ended(settings: Settings, spawned: Spawned) -> Text:
    code = spawned.exit_code()
    line = last_line(log_paths(settings).err) if code else ""
    if line:
        return translate(
            "services", "it ended with code {code} ({line})", code=str(code), line=line
        )
    return translate("services", "it ended with code {code}", code=str(code))


def _hold_databases(settings: Settings, programs: Sequence[Program]) -> bool:
    """Whether *programs* and what they started hold every database, whoever else does."""
    ours = {program.pid for program in programs}
    for pid in tuple(ours):
        with suppress(psutil.Error, OSError):
            ours |= {one.pid for one in psutil.Process(pid).children(recursive=True)}
    return hold_each(ours, [file.path for file in settings.databases])


def verify_answers(settings: Settings) -> None:
    """Raise `OperationError` unless every existing database answers a query.

    One without a byte does: it is what SQLite leaves until the first write.
    """
    well = {Condition.OK, Condition.LOCKED, Condition.MISSING, Condition.EMPTY}
    for file in settings.databases:
        state = examine(file)
        if state.condition not in well:
            raise _not_well(
                settings,
                translate(
                    "services",
                    "{name} is {condition}",
                    name=file.name,
                    condition=condition_words(state.condition),
                ),
            )


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _not_well(settings: Settings, why: Text) -> OperationError:
    return OperationError(
        translate("services", "The trading program does not run as it should: {why}.", why=why),
        data_state=describe_live(settings),
        to_do=translate("services", "Read what it printed: 'service log'."),
    )


def _require_readable(settings: Settings) -> None:
    """Raise `OperationError` where the program would be started on a damaged database."""
    damaged = {Condition.CORRUPT, Condition.NOT_SQLITE, Condition.ENCRYPTED}
    names = [file.name for file in settings.databases if examine(file).condition in damaged]
    if names:
        raise OperationError(
            translate(
                "services",
                "The trading program was not started, because a database is damaged: {names}.",
                names=", ".join(names),
            ),
            data_state=translate("services", "Nothing was touched."),
            to_do=translate("services", "Go back to a good restore point: 'rollback'."),
        )


@contextmanager
def _wanted(
    context: Context, settings: Settings, state: Literal["running", "stopped"], by: str
) -> Iterator[None]:
    """Write down what the operator wants; what was wanted before, where he cancels it.

    A program that closes too late is still to stay closed, and one that ended at its start is
    still to run: the supervisor goes by what is wanted, not by what came of it.
    """
    before = read_wanted(settings)
    if not attempt(want, settings, state, by):
        # On a full disk the program can still be stopped, which may be the remedy.
        context.skipped(
            "wanted",
            translate("services", "Write down what is wanted"),
            translate("services", "It cannot be written: a supervisor may decide otherwise."),
        )
    try:
        yield
    except Cancelled:
        attempt(write_wanted, settings, before)
        raise


@dataclass(frozen=True)
class ServiceStop:
    """Stop the trading program, and let no supervisor start it until it is wanted again."""

    settings: Settings
    kind: Kind = Kind.SERVICE_STOP

    def run(self, context: Context) -> tuple[Program, ...]:
        """Return what was stopped."""
        with (
            program_held(self.settings, context),
            _wanted(context, self.settings, "stopped", self.kind),
        ):
            programs = find_programs(self.settings)
            stop_program(context, self.settings, programs)
            return programs


@contextmanager
def _starting(settings: Settings) -> Iterator[None]:
    """Say of what the system refuses meanwhile that the program was not started."""
    try:
        yield
    except OSError as error:
        raise start_refused(settings, error) from error


@dataclass(frozen=True)
class ServiceStart:
    """Start the trading program, unless it runs."""

    settings: Settings
    kind: Kind = Kind.SERVICE_START

    def run(self, context: Context) -> Program:
        """Return the running program."""
        with (
            _starting(self.settings),
            program_held(self.settings, context),
            _wanted(context, self.settings, "running", self.kind),
        ):
            running = find_program(self.settings)
            if running is not None:
                return running
            _require_readable(self.settings)
            return start_program(context, self.settings, self._launch())

    def _launch(self) -> Launch:
        try:
            return required_launch(self.settings, None)
        except OperationError as error:
            state = translate("rollback", "{state} The program was not started.",
                              state=error.data_state)  # fmt: skip
            raise OperationError(error.happened, data_state=state, to_do=error.to_do) from error


@dataclass(frozen=True)
class ServiceRestart:
    """Stop the trading program and start it again; start it where it does not run."""

    settings: Settings
    kind: Kind = Kind.SERVICE_RESTART

    def run(self, context: Context) -> Program:
        """Return the running program; raises `OperationError` with the old one untouched, or gone.

        How to start it is known before it is stopped.
        """
        with (
            _starting(self.settings),
            program_held(self.settings, context),
            _wanted(context, self.settings, "running", self.kind),
        ):
            programs = find_programs(self.settings)
            launch = required_launch(self.settings, programs[0] if programs else None)
            what = translate("services", "Stop the trading program")
            if programs:
                with context.step("stop", what):
                    stop_program(context, self.settings, programs)
            else:
                context.skipped("stop", what, translate("services", "It is not running."))
            with context.step("start", translate("services", "Start the trading program")):
                return start_program(context, self.settings, launch)


def required_launch(settings: Settings, program: Program | None) -> Launch:
    """Return how to start the program; raises `OperationError` where there is nothing to start."""
    launch = launch_of(settings, program)
    if launch is None:
        script = settings.app / settings.program.script
        raise OperationError(
            translate(
                "services", "There is no Python on this machine that runs {path}.", path=script
            )
            if script.is_file()
            else translate(
                "services",
                "There is no {script} in {path}.",
                script=settings.program.script,
                path=Path(settings.app),
            ),
            data_state=translate("services", "Nothing was touched."),
            to_do=translate("services", "Set program.start in ops_console.yaml."),
        )
    return launch
