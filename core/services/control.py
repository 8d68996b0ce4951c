"""Stops, starts and verifies the trading program.  It is never killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from core.config.models import Settings
from core.databases import Condition, examine
from core.deployment.pointer import current_launch
from core.holders import holders
from core.operation import Context, OperationError
from core.services.find import find_program, find_programs
from core.services.models import Launch, Program
from core.text import Text, translate

if sys.platform == "win32":
    from core.services.windows import DETACHED, ask_to_close
else:
    from core.services.unix import DETACHED, ask_to_close

SLICE_SECONDS = 0.05


def stop_program(context: Context, settings: Settings, programs: Sequence[Program]) -> None:
    """Ask *programs* to close and wait until they are gone.

    Raises `OperationError` when one is still there after `stop_seconds`: it is never killed,
    because it may hold an open position.
    """
    processes = []
    for program in programs:
        try:
            process = psutil.Process(program.pid)
            ask_to_close(process)
            processes.append(process)
        except psutil.NoSuchProcess:
            continue
    waited = 0.0
    while processes:
        context.check()
        _, processes = psutil.wait_procs(processes, timeout=SLICE_SECONDS)
        processes = [one for one in processes if _alive(one)]
        waited += SLICE_SECONDS
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

    None where there is nothing to start.  *deployed* False: whatever release is in production.
    """
    in_production = current_launch(settings) if deployed else None
    if in_production is not None:
        return in_production
    script = settings.app / settings.program.script
    if settings.program.start is not None:
        return Launch(
            command=settings.program.start, cwd=settings.app, environment=_environment(settings, {})
        )
    if program is not None:
        return Launch(
            command=program.command,
            cwd=program.cwd,
            environment=_environment(settings, program.environment),
        )
    if script.is_file():
        return Launch(
            command=(sys.executable, script.name),
            cwd=settings.app,
            environment=_environment(settings, {}),
        )
    return None


def _environment(settings: Settings, of_program: dict[str, str]) -> dict[str, str]:
    """Return the environment with both families of names that the program may read."""
    environment = dict(of_program or os.environ)
    stage = environment.get("UPBIT_ENVIRONMENT", "production")
    data = settings.databases[0].path.parent if settings.databases else settings.app / "data"
    for name, value in {
        "UPBIT_ENVIRONMENT": stage,
        "UPBIT_ENV": stage,
        "UPBIT_LOG_LEVEL": "INFO",
        "UPBIT_DB_PATH": str(data),
        "UPBIT_LOG_PATH": str(settings.app / "logs"),
    }.items():
        environment.setdefault(name, value)
    return environment | settings.program.environment


def start_program(context: Context, settings: Settings, launch: Launch) -> Program:
    """Start the program so that it outlives the console, and wait until it is well.

    Well means: its process lives, holds the databases open, and they answer.  Raises
    `OperationError` when it is not within `start_seconds`.
    """
    logs = settings.app / "logs"
    logs.mkdir(exist_ok=True)
    with (logs / "ops_console_program.log").open("ab") as log:
        try:
            child = subprocess.Popen(
                launch.command,
                cwd=launch.cwd,
                env=launch.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **DETACHED,
            )
        except OSError as error:
            raise _not_well(
                translate("services", "it could not be started: {why}", why=str(error))
            ) from error
    waited = 0.0
    while waited < settings.program.start_seconds:
        context.check()
        try:
            code = child.wait(SLICE_SECONDS)
            raise _not_well(translate("services", "it ended with code {code}", code=str(code)))
        except subprocess.TimeoutExpired:
            waited += SLICE_SECONDS
        program = find_program(settings)
        if program is not None and _holds_databases(settings):
            verify_answers(settings)
            return program
    raise _not_well(translate("services", "it did not open its databases in time"))


def _holds_databases(settings: Settings) -> bool:
    existing = [file.path for file in settings.databases if file.path.exists()]
    held = {path for holder in holders(existing) for path in holder.paths}
    return {os.path.realpath(path) for path in existing} <= held


def verify_answers(settings: Settings) -> None:
    """Raise `OperationError` unless every existing database answers a query."""
    for file in settings.databases:
        state = examine(file)
        if state.condition not in {Condition.OK, Condition.LOCKED, Condition.MISSING}:
            raise _not_well(
                translate(
                    "services",
                    "{name} is {condition}",
                    name=file.name,
                    condition=state.condition.value,
                )
            )


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _not_well(why: Text) -> OperationError:
    return OperationError(
        translate("services", "The trading program does not run as it should: {why}.", why=why),
        data_state=translate("services", "Its databases are whole."),
        to_do=translate("services", "Read its log in the folder 'logs'."),
    )


@dataclass(frozen=True)
class ServiceStop:
    """Stop the trading program."""

    settings: Settings
    name: str = "service stop"

    def run(self, context: Context) -> tuple[Program, ...]:
        """Return what was stopped."""
        programs = find_programs(self.settings)
        stop_program(context, self.settings, programs)
        return programs


@dataclass(frozen=True)
class ServiceStart:
    """Start the trading program, unless it runs."""

    settings: Settings
    name: str = "service start"

    def run(self, context: Context) -> Program:
        """Return the running program."""
        running = find_program(self.settings)
        if running is not None:
            return running
        launch = launch_of(self.settings, None)
        if launch is None:
            raise OperationError(
                translate(
                    "services",
                    "There is no {script} in {path}.",
                    script=self.settings.program.script,
                    path=Path(self.settings.app),
                ),
                data_state=translate("services", "Nothing was touched."),
                to_do=translate("services", "Set program.start in ops_console.yaml."),
            )
        return start_program(context, self.settings, launch)
