"""What `service status` shows: whether the program runs, how it is run, and what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from core.base.config.models import Settings
from core.base.model import Model
from core.base.text import Text
from core.program.find import find_program
from core.program.models import RunningProgram
from core.program.runs import (
    Phase,
    ProgramRun,
    Supervision,
    last_end,
    newest_run,
    read_supervision,
    read_wanted,
)
from core.program.unit import installed_unit

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
