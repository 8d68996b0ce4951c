"""The trading program as a service: ``service …``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from pydantic import BaseModel

from core.base.config.models import Settings
from core.base.model import Model
from core.base.operation import Context
from core.base.text import Text, translate
from core.daemons.supervise import Supervise
from core.program.control import ServiceRestart, ServiceStart, ServiceStop
from core.program.models import Program, RunningProgram
from core.program.runs import RunBy, Supervision
from core.program.tail import LogReader, Which, last_lines, log_file
from core.program.unit import Install, Remove, ServiceStatus, service_status, unit_text
from ui.cli.grammar import Subparsers, add_command, add_flag, add_group
from ui.cli.run import Exit, Line, Run, cancelled_by_signals, program_line
from ui.language import say
from ui.points.messages import exact_time

FOLLOW_SECONDS = 0.25


class ServiceState(Model):
    """Whether the trading program runs."""

    running: bool
    program: RunningProgram | None


class LogLines(Model):
    """The newest lines of a log, the oldest first."""

    which: Which
    path: Path | None
    lines: tuple[str, ...]


def register(commands: Subparsers) -> None:
    """Add the commands."""
    service = add_group(commands, "service", translate("cli", "The trading program"))
    add_command(service, "start", translate("cli", "Start the trading program"), _start)
    add_command(service, "stop", translate("cli", "Ask the trading program to close"), _stop)
    add_command(
        service, "restart", translate("cli", "Stop the trading program and start it"), _restart
    )
    add_command(service, "status", translate("cli", "Whether the trading program runs"), _status)
    supervise = add_command(
        service, "supervise", translate("cli", "Keep the trading program running"), _supervise
    )
    add_flag(supervise, "--resume", translate("cli", "leave it stopped where 'stop' stopped it"))
    log = add_command(service, "log", translate("cli", "What the trading program printed"), _log)
    log.add_argument("--lines", type=_count, default=50, metavar="N")
    add_flag(log, "--follow", translate("cli", "go on until Ctrl+C"))
    log.add_argument(
        "--which", choices=("out", "err", "program"), default="out",
        help=say(translate("cli", "standard output, standard error, or the program's own log")),
    )  # fmt: skip
    install = add_command(
        service, "install", translate("cli", "Have the system start the supervisor"), _install
    )
    install.add_argument(
        "--dry-run", "--print", action="store_true", dest="dry_run",
        help=say(translate("cli", "only print the unit or the task")),
    )  # fmt: skip
    add_command(service, "remove", translate("cli", "Have the system start it no more"), _remove)


def _count(text: str) -> int:
    count = int(text)
    if not 0 <= count <= 100_000:
        raise ValueError(text)
    return count


def _running(program: Program | None) -> ServiceState:
    if program is None:
        return ServiceState(running=False, program=None)
    return ServiceState(running=True, program=RunningProgram.of(program))


def _start(run: Run) -> int:
    program = run.change(ServiceStart(run.settings))
    return run.done(_running(program), [program_line(program)])


def _stop(run: Run) -> int:
    stopped = run.change(ServiceStop(run.settings))
    text = translate("cli", "The trading program has closed.")
    return run.done(_running(None), [text if stopped else program_line(None)])


def _restart(run: Run) -> int:
    program = run.change(ServiceRestart(run.settings))
    return run.done(_running(program), [program_line(program)])


# ---- status ------------------------------------------------------------------------------


def _status(run: Run) -> int:
    status = service_status(run.settings)
    run.output.result(status, status_lines(status))
    return Exit.OK if status.running else Exit.FAILED


def status_lines(status: ServiceStatus) -> list[Line]:
    """Return what `service status` says, line by line."""
    lines: list[Line] = [program_line(status.program)]
    if status.how is not None:
        lines.append(_how(status))
    supervisor = status.supervisor
    if supervisor is not None:
        lines.append(
            translate(
                    "cli",
                    "The supervisor (process {pid}, since {since}) restarted it {count} times.",
                    pid=str(supervisor.pid), since=exact_time(supervisor.since),
                    count=supervisor.restarts,
                )
        )  # fmt: skip
        if supervisor.what is not None:
            lines.append(supervisor.what)
    elif not status.running and status.wanted == "stopped":
        lines.append(translate("cli", "It was stopped by 'service stop'."))
    if status.last_ended is not None:
        code = "–" if status.last_exit_code is None else str(status.last_exit_code)
        lines.append(
            translate(
                    "cli", "Its last run ended {when} with exit code {code}.",
                    when=exact_time(status.last_ended), code=code,
                )
        )  # fmt: skip
    if status.unit is not None:
        lines.append(translate("cli", "Installed as {unit}.", unit=status.unit))
    return lines


def _how(status: ServiceStatus) -> Text:
    if status.how == "unit":
        return translate("cli", "It is supervised, and the system starts the supervisor.")
    if status.how == "supervised":
        return translate("cli", "It is supervised.")
    if status.how == "detached":
        return translate("cli", "It was started by the console; nobody supervises it.")
    return translate("cli", "It was started by hand; nobody supervises it.")


# ---- supervise ---------------------------------------------------------------------------


def _supervise(run: Run) -> int:
    asked = Event()

    def told(state: Supervision) -> None:
        if run.output.as_json:
            run.output.record(state)
        elif state.what is not None:
            run.output.line(state.what)

    operation = Supervise(
        run.settings, asked, resume=run.args.resume, run_by=_run_by(resume=run.args.resume),
        told=told,
    )  # fmt: skip
    with cancelled_by_signals(Context(asked)):
        end = operation.run(Context())
    if run.output.as_json:
        run.output.record(end)
    elif end.stopped_pid is not None:
        run.output.line(translate("cli", "The trading program has closed."))
    elif end.left_pid is not None:
        run.output.line(translate("cli", "The trading program runs on, unsupervised."))
    return Exit.OK


def _run_by(*, resume: bool) -> RunBy:
    """Return who started this supervisor: only what was installed uses ``--resume``."""
    if resume and os.name == "nt":
        return "task"
    return "systemd" if resume and "INVOCATION_ID" in os.environ else "hand"


# ---- log ---------------------------------------------------------------------------------


def _log(run: Run) -> int:
    which: Which = run.args.which
    if run.args.follow:
        _follow(run, LogReader(run.settings, which, run.args.lines))
        return Exit.OK
    path = log_file(run.settings, which)
    lines = last_lines(path, run.args.lines) if path is not None else []
    if run.output.as_json:
        return run.done(LogLines(which=which, path=path, lines=tuple(lines)))
    _print(run, lines)
    if not lines:
        run.output.aside(translate("cli", "The log is empty."))
    return Exit.OK


def _follow(run: Run, reader: LogReader) -> None:
    """Print the newest lines and what is appended, until Ctrl+C."""
    stop = Event()
    with cancelled_by_signals(Context(stop)):
        while not stop.is_set():
            gained = reader.look()
            if gained.skipped:
                text = translate("cli", "… {size_bytes} left out …", size_bytes=gained.skipped)
                run.output.aside(text)
            _print(run, gained.lines)
            stop.wait(FOLLOW_SECONDS)


def _print(run: Run, lines: Sequence[str]) -> None:
    """Print lines as they are; with ``--json`` each as an object of its own."""
    for line in lines:
        if run.output.as_json:
            run.output.record(_Line(line=line))
        else:
            run.output.line(line)


class _Line(BaseModel):
    line: str


# ---- install and remove ------------------------------------------------------------------


def _install(run: Run) -> int:
    settings: Settings = run.settings
    if run.args.dry_run:
        unit = unit_text(settings)
        if run.output.as_json:
            run.output.result(unit)
        else:
            sys.stdout.write(unit.text)
        return Exit.OK
    unit = run.change(Install(settings))
    text = translate("cli", "Installed as {unit}.", unit=unit.name)
    lines = [text, *([unit.note] if unit.note is not None else [])]
    return run.done(unit, lines)


def _remove(run: Run) -> int:
    removed = run.change(Remove(run.settings))
    if not removed.was_installed:
        lines = [translate("cli", "Nothing was installed.")]
    else:
        lines = [translate("cli", "{unit} was removed.", unit=removed.name)]
    if removed.program_runs:
        lines.append(translate("cli", "The trading program runs on, unsupervised."))
    return run.done(removed, lines)
