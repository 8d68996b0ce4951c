"""Commands about the trading program and the workspace: ``service``, ``status``, ``journal``."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from core.journal import Entry, entries
from core.rollback import Recover
from core.services.control import ServiceStart, ServiceStop
from core.services.find import find_program
from core.services.models import Program
from core.status import RunningProgram, Status, read_status
from core.text import translate
from ui.cli.output import step_line
from ui.cli.parser import Subparsers, add_command, add_group
from ui.cli.run import Exit, Run
from ui.condition import condition_text
from ui.format import bytes_text, duration_text
from ui.language import say
from ui.operations import operation_name, outcome_text
from ui.points.wording import ago, exact_time


class ServiceState(BaseModel):
    """Whether the trading program runs."""

    model_config = ConfigDict(frozen=True)

    running: bool
    program: RunningProgram | None


class Journal(BaseModel):
    """The newest operations, newest first."""

    model_config = ConfigDict(frozen=True)

    entries: tuple[Entry, ...]


def register(commands: Subparsers) -> None:
    """Add the commands."""
    add_command(commands, "status", translate("cli", "Show the state of the workspace"), _status)
    service = add_group(commands, "service", translate("cli", "The trading program"))
    add_command(service, "start", translate("cli", "Start the trading program"), _start)
    add_command(service, "stop", translate("cli", "Ask the trading program to close"), _stop)
    add_command(service, "status", translate("cli", "Whether the trading program runs"), _service)
    journal = add_command(
        commands, "journal", translate("cli", "What was done, and when"), _journal
    )
    journal.add_argument("--limit", type=int, default=20, metavar="N")
    add_command(
        commands, "recover", translate("cli", "Finish or undo what was interrupted"), _recover
    )


def _running(program: Program | None) -> ServiceState:
    if program is None:
        return ServiceState(running=False, program=None)
    return ServiceState(running=True, program=RunningProgram.of(program))


def _program_line(program: Program | RunningProgram | None) -> str:
    if program is None:
        return say(translate("cli", "The trading program is not running."))
    return say(
        translate(
            "cli",
            "The trading program is running: process {pid}, since {since}.",
            pid=str(program.pid),
            since=exact_time(program.started),
        )
    )


def _start(run: Run) -> int:
    program = run.change(ServiceStart(run.settings))
    run.output.result(_running(program), [_program_line(program)])
    return Exit.OK


def _stop(run: Run) -> int:
    stopped = run.change(ServiceStop(run.settings))
    text = translate("cli", "The trading program has closed.")
    run.output.result(_running(None), [say(text) if stopped else _program_line(None)])
    return Exit.OK


def _service(run: Run) -> int:
    program = find_program(run.settings)
    run.output.result(_running(program), [_program_line(program)])
    return Exit.OK if program else Exit.FAILED


def _status(run: Run) -> int:
    status = read_status(run.settings)
    if run.output.as_json:
        run.output.result(status)
        return Exit.OK
    _print_status(run, status)
    return Exit.OK


def _print_status(run: Run, status: Status) -> None:
    run.output.line(_program_line(status.program))
    run.output.table(
        [
            say(translate("cli", "File")),
            say(translate("cli", "Condition")),
            say(translate("cli", "Size")),
            "WAL",
        ],
        [
            [
                state.name,
                condition_text(state.condition),
                bytes_text(state.size),
                bytes_text(state.wal_size) if state.wal_size else "–",
            ]
            for state in status.files
        ],
        right={2, 3},
    )
    if status.newest_good_at is None:
        run.output.line(say(translate("cli", "There is no good restore point.")))
    else:
        run.output.line(
            say(
                translate(
                    "cli",
                    "Newest good restore point: {id}, {age}.",
                    id=status.newest_good or "",
                    age=ago(status.newest_good_at, datetime.now(UTC)),
                )
            )
        )
    if status.interrupted:
        run.output.line(say(translate("cli", "An operation was interrupted: run 'recover'.")))
    if status.lock is not None:
        run.output.line(
            say(
                translate(
                    "cli",
                    "'{what}' is under way (process {pid}).",
                    what=status.lock.what,
                    pid=str(status.lock.pid),
                )
            )
        )


def _journal(run: Run) -> int:
    found = entries(run.settings, run.args.limit)
    if run.output.as_json:
        run.output.result(Journal(entries=found))
        return Exit.OK
    for entry in found:
        length = duration_text((entry.ended - entry.begun).total_seconds()) if entry.ended else "…"
        run.output.line(
            f"{exact_time(entry.begun)}  {operation_name(entry.operation)}  "
            f"{outcome_text(entry.outcome)}  {length}  {entry.by}"
        )
        for step in entry.steps:
            run.output.line(f"    {step_line(step)}")
        if entry.failure is not None:
            run.output.line(f"    {say(entry.failure.happened)}")
    return Exit.OK


def _recover(run: Run) -> int:
    result = run.change(Recover(run.settings))
    lines = [say(found.what) for found in result.recovered]
    lines += [
        say(translate("cli", "A parked set became restore point {id}.", id=point_id))
        for point_id in result.ingested
    ]
    nothing = say(translate("cli", "Nothing was interrupted; there is nothing to recover."))
    run.output.result(result, lines or [nothing])
    return Exit.OK
