"""Has the system start the supervisor: a systemd user unit on Linux, a scheduled task on Windows.

Either all of it is installed or nothing: what fails half-way is taken back.  Installing and
removing never stop the program: a supervisor in the way is asked to leave it running.  How the
program is run, and what became of it, is what `service status` shows.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import Literal

from core.base.config.models import Settings
from core.base.entry import console_command
from core.base.model import Model
from core.base.operation import Context, Kind, OperationError
from core.base.owner import NO_WINDOW
from core.base.text import Text, translate
from core.program.find import find_program
from core.program.models import Removed, RunningProgram, Unit
from core.program.runs import (
    Phase,
    ProgramRun,
    Supervision,
    ask_to_leave,
    forget_leave,
    last_end,
    newest_run,
    read_supervision,
    read_wanted,
)

SECONDS = 30.0
ENCODING = "oem" if sys.platform == "win32" else "utf-8"
"""Tools of Windows print in the code page of its consoles."""


class ToolFailed(Exception):  # noqa: N818 (the words of a tool that failed)
    """A tool is missing, hangs or failed; says what it said."""


def ask(command: Sequence[str]) -> str:
    """Run *command* and return its output; raises `ToolFailed`."""
    found = shutil.which(command[0])
    if found is None:
        raise ToolFailed(f"{command[0]}: not found")
    try:
        done = subprocess.run(
            [found, *command[1:]], stdin=subprocess.DEVNULL, capture_output=True,
            encoding=ENCODING, errors="replace", timeout=SECONDS, check=False,
            creationflags=NO_WINDOW,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolFailed(str(error)) from error
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())
        raise ToolFailed(said or f"{command[0]}: exit code {done.returncode}")
    return done.stdout


def not_installed(happened: Text, to_do: Text) -> OperationError:
    """Return the failure of an installation that left nothing behind."""
    return OperationError(
        happened,
        data_state=translate(
            "services", "Nothing is installed; the trading program was not touched."
        ),
        to_do=to_do,
    )


if sys.platform == "win32":
    from core.program import task_windows as system
else:
    from core.program import unit_systemd as system

OURS = "OPS_CONSOLE_"
LEAVE_SECONDS = 10.0
BEGIN_SECONDS = 20.0


def unit_name(settings: Settings) -> str:
    """Return the name of the unit of this workspace, without what the system adds to it."""
    digest = hashlib.sha256(os.fsencode(settings.app)).hexdigest()[:10]
    return f"upbit-ops-console-{digest}"


def supervise_command(settings: Settings) -> tuple[str, ...]:
    """Return the command that the system is to run."""
    return (*console_command(), "--app", str(settings.app), "service", "supervise", "--resume")


def console_environment() -> dict[str, str]:
    """Return the variables of now that configure the console: the system does not know them."""
    return {name: value for name, value in os.environ.items() if name.startswith(OURS)}


def installed_unit(settings: Settings) -> str | None:
    """Return the name of what is installed for this workspace, None where nothing is."""
    return system.installed(unit_name(settings))


def unit_text(settings: Settings) -> Unit:
    """Return what `Install` would install; nothing is touched.  Raises `OperationError`."""
    return system.describe(
        unit_name(settings), settings, supervise_command(settings), console_environment()
    )


@dataclass(frozen=True)
class Install:
    """Let the system start the supervisor, now and from now on."""

    settings: Settings
    kind: Kind = Kind.SERVICE_INSTALL

    def run(self, context: Context) -> Unit:
        """Return what was installed; raises `OperationError` with everything as it was."""
        unit = unit_text(self.settings)
        with context.step("reach", translate("services", "See whether the system can do it")):
            system.require_reachable()
        with context.step("leave", translate("services", "Ask a running supervisor to leave")):
            leave(self.settings)
        what = translate("services", "Install and start the supervisor")
        with context.step("install", what), system.installing(unit):
            _require_begun(self.settings)
        return unit.model_copy(update={"note": system.note()})


@dataclass(frozen=True)
class Remove:
    """Take the supervisor out of the system; the program runs on."""

    settings: Settings
    kind: Kind = Kind.SERVICE_REMOVE

    def run(self, context: Context) -> Removed:
        """Return what was removed; harmless where nothing was installed."""
        name = unit_name(self.settings)
        there = system.installed(name)
        left: int | None = None
        if there is not None:
            system.require_reachable()
            with context.step("leave", translate("services", "Ask a running supervisor to leave")):
                left = leave(self.settings)
            with context.step("remove", translate("services", "Remove the supervisor")):
                _remove(name, there)
        return Removed(name=there or name, was_installed=there is not None,
                       program_runs=left is not None)  # fmt: skip


def _remove(name: str, shown: str) -> None:
    """Take the unit out of the system; raises `OperationError` where that refuses."""
    try:
        system.remove(name)
    except (ToolFailed, OSError) as error:
        raise OperationError(
            translate("services", "{name} could not be removed: {why}", name=shown, why=str(error)),
            data_state=translate("services", "The trading program was not touched."),
            to_do=translate("services", "Remove the cause, then try again."),
        ) from error


def _require_begun(settings: Settings) -> None:
    """Wait until the supervisor that the system started is at work; raises `OperationError`."""
    until = time.monotonic() + BEGIN_SECONDS
    while time.monotonic() < until:
        if read_supervision(settings) is not None:
            return
        Event().wait(0.05)
    raise OperationError(
        translate("services", "The system was told to start the supervisor, but it did not come."),
        data_state=translate(
            "services", "Nothing is installed; the trading program was not touched."
        ),
        to_do=translate("services", "Run 'service supervise' by hand: it says what is in the way."),
    )


def leave(settings: Settings) -> int | None:
    """Ask the supervisor to end without the program, wait for it, and return the program.

    None: there was no supervisor, or no program.  Raises `OperationError` when it stays.
    """
    supervisor = read_supervision(settings)
    if supervisor is None:
        return None
    ask_to_leave(settings, supervisor)
    until = time.monotonic() + LEAVE_SECONDS
    while time.monotonic() < until:
        if read_supervision(settings) is None:
            return supervisor.program_pid
        Event().wait(0.05)
    forget_leave(settings)
    raise OperationError(
        translate(
            "services", "The supervisor (process {pid}) did not end.", pid=str(supervisor.pid)
        ),
        data_state=translate("services", "Nothing was touched."),
        to_do=translate("services", "Wait until it is at rest, then try again."),
    )  # fmt: skip


How = Literal["unit", "supervised", "detached", "by_hand"]
"""unit: supervised by what the system starts; detached: started by the console, unsupervised;
by_hand: started by somebody else."""


class ServiceStatus(Model):
    """The trading program as a service; times are UTC."""

    running: bool
    program: RunningProgram | None
    how: How | None
    wanted: Literal["running", "stopped"] | None
    """What an operator said last; None: nothing."""
    supervisor: Supervision | None
    restarts: int
    """How often the supervisor that lives started it again."""
    last_exit_code: int | None
    """Of the newest run that is over; None: none is known, or nobody saw its end."""
    last_ended: datetime | None
    given_up: bool
    unit: str | None
    """The systemd unit or scheduled task that is installed for it."""
    what: Text | None
    """The last thing that the supervisor had to say."""


def service_status(settings: Settings) -> ServiceStatus:
    """Look at the program and its supervisor; nothing is touched."""
    program = find_program(settings)
    return status_of(
        settings, RunningProgram.of(program) if program is not None else None,
        installed_unit(settings),
    )  # fmt: skip


def status_of(
    settings: Settings, program: RunningProgram | None, unit: str | None
) -> ServiceStatus:
    """Return the same for a *program* and a *unit* that were looked for already: in no time."""
    supervisor = read_supervision(settings)
    wanted = read_wanted(settings)
    end = last_end(settings)
    ended = end.ended if end is not None else None
    return ServiceStatus(
        running=program is not None,
        program=program,
        how=_how(settings, program, supervisor),
        wanted=wanted.state if wanted is not None else None,
        supervisor=supervisor,
        restarts=supervisor.restarts if supervisor is not None else 0,
        last_exit_code=end.exit_code if end is not None else None,
        last_ended=datetime.fromtimestamp(ended, UTC) if ended is not None else None,
        given_up=supervisor is not None and supervisor.phase is Phase.GIVEN_UP,
        unit=unit,
        what=supervisor.what if supervisor is not None else None,
    )


def _how(
    settings: Settings, program: RunningProgram | None, supervisor: Supervision | None
) -> How | None:
    if program is None:
        return None
    if supervisor is not None:
        return "supervised" if supervisor.run_by == "hand" else "unit"
    return "detached" if _started_by_console(program, newest_run(settings)) else "by_hand"


def _started_by_console(program: RunningProgram, run: ProgramRun | None) -> bool:
    """Whether *run* is that of *program*, or of a launcher that started it soon afterwards."""
    if run is None or not run.alive:
        return False
    return run.pid == program.pid or run.begun - 1 <= program.started.timestamp() < run.begun + 60
