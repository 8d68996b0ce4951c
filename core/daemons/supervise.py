"""Runs the supervisor in the foreground until it is asked to end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

import psutil
from filelock import FileLock, Timeout

from core.base.cleanup import attempt
from core.base.config.models import Settings
from core.base.files import private_folder
from core.base.lock import Locked
from core.base.model import Model
from core.base.operation import Context, Kind, OperationError
from core.base.text import translate
from core.daemons.supervisor import Supervisor, Watched
from core.program.control import stop_program
from core.program.find import describe
from core.program.runs import (
    RunBy,
    Supervision,
    folder,
    forget_leave,
    is_asked_to_leave,
    program_held,
    read_supervision,
    want,
    write_supervision,
)
from core.runner.run import unwritable

LOCK = "supervisor.lock"
LOOK_SECONDS = 0.2
LOCK_SECONDS = 2.0


class SupervisionEnd(Model):
    """How a supervisor ended."""

    stopped_pid: int | None
    """The program that was stopped with it; None: none ran, or it was left running."""
    left_pid: int | None
    """The program that runs on."""
    restarts: int


@dataclass(frozen=True)
class Supervise:
    """Start the program, or watch over the one that runs, and keep it running."""

    settings: Settings
    asked_to_end: Event
    resume: bool = False
    """Whether a program that an operator stopped stays stopped; else it is wanted from now on."""
    run_by: RunBy = "hand"
    told: Callable[[Supervision], None] = lambda _: None
    kind: Kind = Kind.SERVICE_SUPERVISE

    def run(self, context: Context) -> SupervisionEnd:
        """Return how it ended; raises `Locked` where the program is supervised already.

        When it is asked to end it asks the program to close, and waits; a program that does not
        close is left running, and `OperationError` says so.
        """
        settings = self.settings
        try:
            private_folder(folder(settings))
            lock = FileLock(folder(settings) / LOCK, mode=0o600)
            lock.acquire(timeout=LOCK_SECONDS)
        except Timeout as error:
            raise _supervised(settings) from error
        except OSError as error:
            raise unwritable(settings, error) from error
        try:
            forget_leave(settings)
            if not self.resume:
                want(settings, "running", self.kind)
            return self._supervise()
        finally:
            attempt(write_supervision, settings, None)
            attempt(forget_leave, settings)
            attempt(lock.release)

    def _supervise(self) -> SupervisionEnd:
        settings = self.settings
        supervisor = Supervisor(settings, run_by=self.run_by, told=self.told)
        while not self.asked_to_end.is_set():
            supervisor.tick(time.monotonic())
            if is_asked_to_leave(settings, os.getpid()):
                return _end(supervisor, stopped=False)
            self.asked_to_end.wait(LOOK_SECONDS)
        if supervisor.watched is not None:
            _stop(settings, supervisor.watched)
        return _end(supervisor, stopped=True)


def _end(supervisor: Supervisor, *, stopped: bool) -> SupervisionEnd:
    pid = supervisor.watched.pid if supervisor.watched is not None else None
    return SupervisionEnd(
        stopped_pid=pid if stopped else None,
        left_pid=None if stopped else pid,
        restarts=supervisor.state.restarts,
    )


def _stop(settings: Settings, watched: Watched) -> None:
    """Ask the program to close.  One that an operation works with is left to it, untouched."""
    with program_held(settings):
        try:
            program = describe(psutil.Process(watched.pid))
        except psutil.NoSuchProcess:
            return
        if program is not None:
            stop_program(Context(), settings, [program])


def _supervised(settings: Settings) -> OperationError:
    found = read_supervision(settings)
    return Locked(
        translate(
            "services", "The trading program is supervised already, by process {pid}.",
            pid=str(found.pid) if found is not None else "?",
        ),
        data_state=translate("services", "Nothing was touched."),
        to_do=translate("services", "Look at 'service status'."),
    )  # fmt: skip
