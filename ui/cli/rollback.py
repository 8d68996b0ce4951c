"""The command ``rollback``."""

from __future__ import annotations

from datetime import UTC, datetime

from core.backup.store import Store
from core.base.journal import entries
from core.base.operation import OperationError
from core.base.text import translate
from core.switchover.plan import RollbackPlan, plan_rollback, sentences
from core.switchover.rollback import Rollback, RollbackDryRun
from ui.cli.grammar import Subparsers, add_command, add_flag, moment
from ui.cli.run import Exit, Line, Run
from ui.cli.verify import finding_line
from ui.language import bytes_text, duration_text, say
from ui.points.messages import as_of, changes, choose, condition, exact_time, when


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(
        commands, "rollback", translate("cli", "Go back to a restore point"), _rollback
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--to",
        metavar="ID",
        help=say(translate("cli", "default: the newest good one from before the last change")),
    )
    which.add_argument(
        "--at",
        type=moment,
        metavar="TIME",
        help=say(translate("cli", "the newest good state of this time or before, such as 14:31")),
    )
    add_flag(parser, "--dry-run", translate("cli", "only say what would happen"))
    add_flag(parser, "--yes", translate("cli", "do not ask"))


def _rollback(run: Run) -> int:
    point_id = run.args.to or _chosen(run)
    if run.args.dry_run:
        tried = run.look(RollbackDryRun(run.settings, point_id))
        lines = [*_plan_lines(tried), *(finding_line(check) for check in tried.checks)]
        return run.done(tried, lines, ok=tried.ok)
    plan = plan_rollback(run.settings, point_id)
    prompt = translate("cli", "Type 'rollback' to go back: ")
    if not run.args.yes and not run.output.confirms(_plan_lines(plan), prompt, "rollback"):
        return Exit.USAGE
    result = run.change(Rollback(run.settings, plan.point.point.id, plan))
    live = translate(
        "cli",
        "The state of {time} is live. The program was down for {duration}.",
        time=exact_time(when(plan.point)),
        duration=duration_text(result.downtime_seconds),
    )
    before = translate("cli", "There was no live file before.")
    if result.parked_point_id is not None:
        before = translate(
            "cli", "What was live before is restore point {id}.", id=result.parked_point_id
        )
    return run.done(result, [live, before])


def _chosen(run: Run) -> str:
    listed = Store(run.settings.store).listed()
    missing = [file.name for file in run.settings.databases if not file.path.is_file()]
    if run.args.at is not None:
        found = as_of(listed, run.args.at, missing)
    else:
        choice = choose(listed, changes(entries(run.settings)), datetime.now(UTC), missing)
        found = choice.listed if choice is not None else None
    if found is None:
        raise OperationError(
            translate("cli", "There is no good restore point to go back to."),
            data_state=translate("cli", "Nothing was changed."),
            to_do=translate(
                "cli", "Make one with 'backup create', or bring one in by 'backup import'."
            ),
        )
    return found.point.id


def _plan_lines(plan: RollbackPlan) -> list[Line]:
    point = plan.point
    lines: list[Line] = [
        translate(
            "cli",
            "Going back to {id}: the state of {time} ({size}).",
            id=point.point.id,
            time=exact_time(when(point)),
            size=bytes_text(plan.size),
        ),
        condition(point),
        *sentences(plan),
    ]
    if plan.problem is not None:
        lines.append(plan.problem)
        lines += [plan.to_do] if plan.to_do is not None else []
    return lines
