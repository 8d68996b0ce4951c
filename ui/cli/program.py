"""Commands about the workspace: ``status``, ``journal``, ``recover``."""

from __future__ import annotations

from datetime import UTC, datetime

from core.base.databases import condition_words
from core.base.journal import Entry, entries
from core.base.model import Model
from core.base.text import translate
from core.status import Status, read_status
from ui.cli.grammar import Subparsers, add_command
from ui.cli.run import Exit, Line, Run, program_line, step_line
from ui.language import by_text, bytes_text, duration_text, operation_name, outcome_text, say
from ui.points.messages import ago, exact_time, future_text


class Journal(Model):
    """The newest operations, newest first."""

    entries: tuple[Entry, ...]


def register(commands: Subparsers) -> None:
    """Add the commands."""
    add_command(commands, "status", translate("cli", "Show the state of the workspace"), _status)
    journal = add_command(
        commands, "journal", translate("cli", "What was done, and when"), _journal
    )
    journal.add_argument("--limit", type=int, default=20, metavar="N")
    add_command(
        commands, "recover", translate("cli", "Finish or undo what was interrupted"), _recover
    )


def _status(run: Run) -> int:
    status = read_status(run.settings)
    if run.output.as_json:
        return run.done(status)
    _print_status(run, status)
    return Exit.OK


def _print_status(run: Run, status: Status) -> None:
    run.output.line(program_line(status.program))
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
                say(condition_words(state.condition)),
                bytes_text(state.size),
                bytes_text(state.wal_size) if state.wal_size else "–",
            ]
            for state in status.files
        ],
        right={2, 3},
    )
    if status.newest_good_at is None:
        run.output.line(translate("cli", "There is no good restore point."))
    else:
        run.output.line(
            translate(
                "cli",
                "Newest good restore point: {id}, {age}.",
                id=status.newest_good or "",
                age=ago(status.newest_good_at, datetime.now(UTC)),
            )
        )
    if status.future_points:
        run.output.line(future_text(status.future_points))
    for obstacle in status.obstacles:
        run.output.line(
            translate(
                    "cli", "{name} cannot be swapped: {what} {to_do}",
                    name=obstacle.name, what=obstacle.what, to_do=obstacle.to_do,
                )
        )  # fmt: skip
    if status.interrupted:
        run.output.line(translate("cli", "An operation was interrupted: run 'recover'."))
    if status.lock is not None:
        run.output.line(
            translate(
                "cli",
                "'{what}' is under way (process {pid}).",
                what=status.lock.what,
                pid=str(status.lock.pid),
            )
        )


def _journal(run: Run) -> int:
    found = entries(run.settings, run.args.limit)
    if run.output.as_json:
        return run.done(Journal(entries=found))
    for entry in found:
        length = duration_text(entry.length_seconds) if entry.length_seconds is not None else "…"
        run.output.line(
            f"{exact_time(entry.begun)}  {operation_name(entry.operation)}  "
            f"{outcome_text(entry.outcome)}  {length}  {by_text(entry.by)}"
        )
        for step in entry.steps:
            run.output.line(f"    {step_line(step)}")
        if entry.failure is not None:
            run.output.line(f"    {say(entry.failure.happened)}")
    return Exit.OK


def _recover(run: Run) -> int:
    from core.runner.run import Recover  # noqa: PLC0415 (`status` needs none of it)

    result = run.change(Recover(run.settings))
    lines: list[Line] = [found.what for found in result.recovered]
    lines += result.warnings
    lines += [
        translate("cli", "A parked set became restore point {id}.", id=point_id)
        for point_id in result.ingested
    ]
    if result.deployment.deployment is not None:
        lines.append(result.deployment.what)
    lines += [f"{say(one.what)} ({bytes_text(one.freed_bytes)})" for one in result.swept]
    nothing = translate("cli", "Nothing was interrupted; there is nothing to recover.")
    return run.done(result, lines or [nothing])
