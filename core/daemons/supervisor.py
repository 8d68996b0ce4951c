"""Keeps the trading program running.

Invariants
----------
1. The program is never killed, and never ends because a supervisor does: its parent is its
   keeper (`core.program.launcher`).  A new supervisor watches on over the program that it finds.
2. A deliberate stop is never answered by a start.  Three things tell it, each of which stands
   before the program is asked to close, and each of which alone is enough:
   an operator's ``wanted: stopped``, which stays until he starts it again, over restarts of
   supervisor and machine; the process's name in ``asked.json``, so that its end is nobody's
   failure; and the lock of `core.program.runs`, which an operation keeps from before the stop
   until it is over.
3. No operation leaves the program down for longer than itself.  The lock dies with its process:
   when an operation is over, failed or was killed, the supervisor finds the program running and
   watches it, or starts it.  What `service stop` writes down is the only thing that outlives its
   process, and it says what the operator wants.
4. The program is not started on files that are not whole.  The supervisor starts it while it
   holds the program, and only after what a killed operation left was recovered.
5. One supervisor for a workspace, by an operating system's lock.
6. Nothing that is written down can block: a file of a dead process counts for nothing.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from core.base.cleanup import attempt
from core.base.config.models import Settings
from core.base.lock import Locked
from core.base.model import Model
from core.base.operation import Context, Kind, Operation, OperationError
from core.base.owner import is_alive
from core.base.text import Text, translate
from core.program.control import required_launch
from core.program.find import find_programs
from core.program.models import Program
from core.program.runs import (
    Count,
    Phase,
    RunBy,
    Supervision,
    decide,
    newest_run_path,
    read_run,
    read_wanted,
    release_program,
    try_hold_program,
    was_asked,
    write_supervision,
)
from core.program.spawn import spawn
from core.runner.run import Recover, is_cut_off, run_journalled, run_operation

log = logging.getLogger(__name__)
BY = "supervisor"
SEARCH_SECONDS = 2.0
"""How often all processes are looked through for a program that somebody else started."""
EXIT_CODE_SECONDS = 2.0
"""How long the keeper may take to write down an end that everybody can see."""


@dataclass(frozen=True)
class Watched:
    """The program that is watched: its process, and where its run is written down."""

    pid: int
    began: float
    record: Path | None
    since: float
    """On the supervisor's clock."""


class Restarted(Model):
    """A start that the supervisor made."""

    pid: int
    restarts: int
    last_exit_code: int | None


class Supervisor:
    """The state between two looks; `tick` is one look, and never waits for the program."""

    def __init__(
        self,
        settings: Settings,
        *,
        run_by: RunBy = "hand",
        told: Callable[[Supervision], None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._rules = settings.program.supervise
        self._told = told
        self._count = Count()
        self._watched: Watched | None = None
        self._last: Program | None = None
        self._gone_at: float | None = None
        self._due = float("-inf")
        self._search_at = float("-inf")
        self._began = False
        self.state = Supervision(
            pid=os.getpid(), began=psutil.Process().create_time(), since=datetime.now(UTC),
            run_by=run_by, phase=Phase.HELD,
        )  # fmt: skip

    @property
    def watched(self) -> Watched | None:
        """The program that is watched."""
        return self._watched

    def tick(self, now: float) -> None:
        """Look once; *now* is in seconds of a clock that only moves forward."""
        if self._watched is not None and self._watched_ended(now):
            self._follow_up(now)
        if self._watched is None:
            self._look(now)

    # ---- what became of the program ------------------------------------------------------

    def _watched_ended(self, now: float) -> bool:
        watched = self._watched
        if watched is None:
            return False
        run = read_run(watched.record) if watched.record else None
        if (run is None or run.ended is None) and is_alive(watched.pid, watched.began):
            return False
        if run is not None and run.ended is None and is_alive(run.keeper, run.begun):
            # Its keeper is about to write down the code.
            self._gone_at = now if self._gone_at is None else self._gone_at
            if now - self._gone_at < EXIT_CODE_SECONDS:
                return False
        self._gone_at = None
        self._say(last_exit_code=run.exit_code if run else None)
        return True

    def _follow_up(self, now: float) -> None:
        """Decide what follows the end of the program."""
        watched, self._watched = self._watched, None
        if watched is None:
            return
        code = self.state.last_exit_code
        if was_asked(self._settings, watched.pid, watched.began) or not self._free():
            self._say(Phase.HELD, _SAY_HELD)
        elif self._stays_stopped():
            return
        elif self._rules.restart == "never" or (code == 0 and self._rules.restart == "on-failure"):
            self._say(Phase.ENDED, _say_ended(code))
        else:
            self._count_end(now, now - watched.since, _say_crashed(code))

    def _count_end(self, now: float, ran: float, happened: Text) -> None:
        decision = decide(self._rules, self._count, now, ran)
        self._count = decision.count
        if decision.pause is None:
            self._give_up(happened)
            return
        self._due = now + decision.pause
        at = datetime.now(UTC) + timedelta(seconds=decision.pause)
        text = translate(
            "services", "{happened} It is started again in {seconds} s.",
            happened=happened, seconds=round(decision.pause, 1),
        )  # fmt: skip
        self._say(Phase.WAITING, text, next_start_at=at)

    def _give_up(self, happened: Text) -> None:
        error = OperationError(
            translate(
                "services",
                "{happened} After {count} restarts within {minutes} minutes the supervisor gave "
                "up.", happened=happened, count=self._rules.restarts,
                minutes=f"{self._rules.within_minutes:g}",
            ),
            data_state=translate("services", "The data was not touched."),
            to_do=translate(
                "services", "Look at 'service log --which err', remove the cause, then run "
                "'service start'.",
            ),
        )  # fmt: skip
        self._say(Phase.GIVEN_UP, error.happened)
        self._journal(Kind.SERVICE_SUPERVISE, error)

    # ---- what is to be done --------------------------------------------------------------

    def _look(self, now: float) -> None:
        if self._found(now):
            return
        if self._stays_stopped():
            return
        if self.state.phase is Phase.STOPPED:
            self._say(Phase.HELD, _SAY_HELD)
        if self.state.phase is Phase.HELD or (
            self.state.phase is Phase.WAITING and now >= self._due
        ):
            self._start(now)

    def _stays_stopped(self) -> bool:
        wanted = read_wanted(self._settings)
        if wanted is None or wanted.state == "running":
            return False
        self._say(Phase.STOPPED, _SAY_STOPPED)
        return True

    def _found(self, now: float) -> bool:
        """Watch a program that somebody else started."""
        path = newest_run_path(self._settings)
        run = read_run(path) if path is not None else None
        if path is not None and run is not None and run.alive:
            self._watch(Watched(run.pid, run.begun, path, now), adopted=True)
            return True
        if now - self._search_at < SEARCH_SECONDS:
            return False
        return self._search(now)

    def _search(self, now: float) -> bool:
        self._search_at = now
        settings = self._settings
        found = find_programs(settings)
        if not found:
            return False
        self._watch(Watched(found[0].pid, found[0].started.timestamp(), None, now), adopted=True)
        return True

    def _watch(self, watched: Watched, *, adopted: bool) -> None:
        self._watched = watched
        self._last = _program(self._settings, watched.pid) or self._last
        if adopted:
            # Whoever started it knew what he did: what was before does not count any more.
            self._count = Count()
        pid = str(watched.pid)
        text = (
            translate("services", "The program (process {pid}) is watched.", pid=pid)
            if adopted
            else translate("services", "The program was started (process {pid}).", pid=pid)
        )
        self._say(Phase.WATCHING, text, program_pid=watched.pid)

    def _start(self, now: float) -> None:
        settings = self._settings
        if not try_hold_program(settings):
            return
        recovery: Operation[object] | None = None
        try:
            recovery = _recovery(settings)
            if not (recovery or self._search(now) or self._stays_stopped()):
                self._spawn(now)
        except OperationError as error:
            self._failed_to_start(now, error)
        finally:
            attempt(release_program, settings)
        if recovery is not None:
            self._recover(now, recovery)

    def _spawn(self, now: float) -> None:
        settings = self._settings
        again = self.state.phase is Phase.WAITING
        spawned = spawn(settings, required_launch(settings, self._last), by=BY)
        run = read_run(spawned.record)
        began = run.begun if run is not None else datetime.now(UTC).timestamp()
        code = self.state.last_exit_code
        restarts = self.state.restarts + int(again)
        self.state = self.state.model_copy(update={"restarts": restarts})
        self._watch(
            Watched(spawned.pid, began, spawned.record if run else None, now), adopted=False
        )
        self._journal(
            Kind.SERVICE_RESTART if again else Kind.SERVICE_START,
            Restarted(pid=spawned.pid, restarts=restarts, last_exit_code=code),
        )

    def _recover(self, now: float, recovery: Operation[object]) -> None:
        """Finish or undo what a killed operation left; the program may run afterwards."""
        try:
            run_operation(self._settings, recovery, Context(), BY)
            if _recovery(self._settings) is not None:
                raise OperationError(
                    translate("services", "What an operation left could not be recovered."),
                    data_state=translate("services", "The program was not started on it."),
                    to_do=translate("services", "Run 'recover'."),
                )
        except Locked:
            return  # the operation lives, and is not over
        except OperationError as error:
            self._failed_to_start(now, error)

    def _failed_to_start(self, now: float, error: OperationError) -> None:
        log.error("%s", error)
        self._count_end(now, 0.0, error.happened)

    # ---- saying it -----------------------------------------------------------------------

    def _free(self) -> bool:
        """Whether no operation holds the program."""
        if not try_hold_program(self._settings):
            return False
        release_program(self._settings)
        return True

    def _say(self, phase: Phase | None = None, what: Text | None = None, **changes: object) -> None:
        if phase is not None:
            changes = {"program_pid": None, "next_start_at": None} | changes
            changes |= {"phase": phase, "what": what}
        state = self.state.model_copy(update=changes)
        if state == self.state and self._began:
            return
        self._began = True
        self.state = state
        with suppress(OSError):  # a full disk stops no supervisor
            write_supervision(self._settings, state)
        if phase is not None:
            self._told(state)

    def _journal(self, kind: Kind, outcome: Restarted | OperationError) -> None:
        with suppress(OperationError):
            run_journalled(self._settings, _Done(kind, outcome), Context(), BY)


@dataclass(frozen=True)
class _Done:
    """Something that is done already, to be written into the journal."""

    kind: Kind
    outcome: Restarted | OperationError

    def run(self, _: Context) -> Restarted:
        if isinstance(self.outcome, OperationError):
            raise self.outcome
        return self.outcome


def _recovery(settings: Settings) -> Operation[object] | None:
    """Return what brings back whole files where an operation was cut off, None where none was."""
    return Recover(settings) if is_cut_off(settings) else None


_SAY_HELD = translate("services", "The program was stopped on purpose; it is started afterwards.")
_SAY_STOPPED = translate(
    "services", "The program was stopped by 'service stop'; 'service start' starts it."
)


def _say_ended(code: int | None) -> Text:
    return translate(
        "services", "The program closed by itself (exit code {code}); it is not started again.",
        code=str(code),
    )  # fmt: skip


def _say_crashed(code: int | None) -> Text:
    if code is None:
        return translate("services", "The program ended, and nobody saw how.")
    if code < 0:
        return translate("services", "The program was ended by signal {number}.", number=-code)
    return translate("services", "The program ended with code {code}.", code=code)


def _program(settings: Settings, pid: int) -> Program | None:
    return next((one for one in find_programs(settings) if one.pid == pid), None)
