"""The commands ``deploy plan|rehearse|run|status|history|rollback``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.base.config.models import Settings
from core.base.model import Model
from core.base.text import Text, joined, translate
from core.release.config import DeployInit, config_path
from core.release.log import (
    ENDINGS,
    KINDS,
    changes_lines,
    check_words,
    history_as_it_is,
    report_path,
)
from core.release.models import CheckResult, CheckState, DeployPlanResult, Record
from core.release.plan import DeployPlan
from core.release.rehearse import DeployRehearse
from core.release.releases import deploy_status
from core.release.rollback import DeployRollback
from core.release.run import DeployRun
from migration.deploying import hooks_of
from ui.cli.grammar import Subparsers, add_command, add_flag, add_group
from ui.cli.migrate import confirmed
from ui.cli.run import Exit, Line, Run
from ui.language import duration_text, say
from ui.points.messages import exact_time

SIGNS = {
    CheckState.OK: "✓",
    CheckState.WARNING: "!",
    CheckState.FAILED: "✗",
    CheckState.SKIPPED: "–",
    CheckState.OVERRIDDEN: "!",
}


class History(Model):
    """The newest entries of the deployment log, newest first."""

    records: tuple[Record, ...]
    log_problem: Text | None = None
    """What is wrong with the log; the entries before that are shown."""


class Written(Model):
    """Where the commented default lies now."""

    path: Path


def register(commands: Subparsers) -> None:
    """Add the commands."""
    group = add_group(commands, "deploy", translate("cli", "Put a release into production"))
    add_command(
        group, "init", translate("cli", "Write a commented configuration to begin with"), _init
    )
    plan = add_command(group, "plan", translate("cli", "Every check; nothing is touched"), _plan)
    add_command(group, "rehearse", translate("cli", "All of it beside production"), _rehearse)
    run = add_command(group, "run", translate("cli", "Deploy, or leave all as it was"), _run)
    add_flag(run, "--yes", translate("cli", "do not ask"))
    for parser in (plan, run):
        parser.add_argument(
            "--override",
            action="append",
            default=[],
            type=_override,
            metavar="CHECK=REASON",
            help=say(translate("cli", "go on although this check fails; the reason is journalled")),
        )
    add_command(group, "status", translate("cli", "What is in production"), _status)
    listed = add_command(
        group, "history", translate("cli", "What was deployed, and when"), _history
    )
    listed.add_argument("--limit", type=int, default=20, metavar="N")
    back = add_command(
        group, "rollback", translate("cli", "Back to the former release and its data"), _rollback
    )
    back.add_argument(
        "--to",
        metavar="ID",
        help=say(translate("cli", "a deployment, a release, or 'before-first'")),
    )
    add_flag(back, "--yes", translate("cli", "do not ask"))


def _override(text: str) -> tuple[str, str]:
    check, _, reason = text.partition("=")
    if not check or len(reason.strip()) < 3:
        raise argparse.ArgumentTypeError(f"{text!r}: CHECK=REASON")
    return check, reason.strip()


def _check_line(check: CheckResult) -> str:
    remedy = f" → {say(check.remedy)}" if check.open and check.remedy is not None else ""
    reason = f" ({check.reason})" if check.reason else ""
    return f"{SIGNS[check.state]} {say(check_words(check))}: {say(check.evidence)}{reason}{remedy}"


def _plan_lines(plan: DeployPlanResult) -> list[Line]:
    lines: list[Line] = [_check_line(check) for check in plan.checks]
    lines += [f"→ {name}" for name in plan.migrations]
    lines.append(translate("cli", "Way back: {what}", what=plan.way_back))
    if plan.estimated_downtime_seconds is not None:
        time = duration_text(plan.estimated_downtime_seconds)
        lines.append(translate("cli", "Estimated downtime: {time}", time=time))
    return lines


def _init(run: Run) -> int:
    path = run.change(DeployInit(run.settings))
    text = translate(
        "cli", "{path} is written. Say in it what is to be deployed, then run 'deploy plan'.",
        path=path,
    )  # fmt: skip
    return run.done(Written(path=path), [text])


def _plan(run: Run) -> int:
    plan = run.look(DeployPlan(run.settings, hooks_of(run.settings), dict(run.args.override)))
    return run.done(plan, _plan_lines(plan), ok=plan.ready)


def _rehearse(run: Run) -> int:
    result = run.change(DeployRehearse(run.settings, hooks_of(run.settings)))
    text = translate(
        "cli",
        "Rehearsed in {total}; the program would be down for about {time}.",
        total=duration_text(result.total_seconds),
        time=duration_text(result.downtime_seconds),
    )
    return run.done(result, [*map(_check_line, result.checks), text])


def _run(run: Run) -> int:
    question = translate(
        "cli", "The program is stopped, the release and its data are switched, and it is started."
    )
    overrides = dict(run.args.override)
    expected = None
    if not run.args.yes and not run.output.as_json and config_path(run.settings).exists():
        # Who is asked sees first what it is about, and gets that very release or none.
        plan = run.look(DeployPlan(run.settings, hooks_of(run.settings), overrides))
        for line in _plan_lines(plan):
            run.output.line(line)
        if not plan.ready:
            return Exit.DAMAGED
        expected = plan.artefact.digest if plan.artefact else None
    if not confirmed(run, question):
        return Exit.USAGE
    result = run.change(
        DeployRun(run.settings, hooks_of(run.settings), overrides, expected=expected)
    )
    text = translate(
        "cli",
        "{version} is in production; the program was down for {time}. Report: {path}",
        version=result.version or "–",
        time=duration_text(result.downtime_seconds),
        path=str(result.report or "–"),
    )
    return run.done(result, [text])


def _status(run: Run) -> int:
    found = deploy_status(run.settings)
    lines: list[Line] = []
    if found.pointer is None:
        lines.append(translate("cli", "No release was deployed yet."))
    else:
        lines.append(
            translate(
                "cli",
                "{version} since {time} (release {release}, data {point}).",
                version=found.pointer.version,
                time=exact_time(found.pointer.since),
                release=found.pointer.release,
                point=found.pointer.restore_point,
            )
        )
    if found.log_problem is not None:
        lines.append(f"! {say(found.log_problem)}")
    if found.interrupted:
        lines.append(translate("cli", "A deployment was cut off: run 'recover'."))
    return run.done(found, lines, ok=found.log_problem is None)


def _history(run: Run) -> int:
    records, problem = history_as_it_is(run.settings, run.args.limit)
    lines: list[Line] = [f"! {say(problem)}"] if problem is not None else []
    for record in records:
        lines += _record_lines(run.settings, record)
    nothing = translate("cli", "Nothing was deployed yet.")
    return run.done(
        History(records=records, log_problem=problem), lines or [nothing], ok=problem is None
    )


def _record_lines(settings: Settings, record: Record) -> list[str]:
    down = duration_text(record.downtime_seconds) if record.downtime_seconds else "–"
    lines = [
        f"{record.number:>4}  {exact_time(record.begun)}  {say(KINDS[record.kind])}  "
        f"{say(ENDINGS[record.ending])}  {record.version or '–'}  {down}  {record.by}",
        f"      {record.deployment}",
    ]
    if record.failure is not None:
        lines.append(f"      {say(record.failure)}")
    if record.changes is not None:
        lines += [f"      {say(line)}" for line in changes_lines(record.changes)]
    lines += [
        f"      {say(check_words(check))}: {check.reason}"
        for check in record.checks
        if check.reason
    ]
    report = report_path(settings, record.deployment, record.number)
    if report.exists():
        lines.append(f"      {report}")
    return lines


def _rollback(run: Run) -> int:
    operation = DeployRollback(run.settings, run.args.to, hooks_of(run.settings))
    way = operation.plan()
    version = way.pointer.version if way.pointer else "–"
    question = joined(
        [translate("cli", "Back to {version}.", version=version), *way.sentences], " "
    )
    if not confirmed(run, question):
        return Exit.USAGE
    result = run.change(operation)
    text = translate(
        "cli",
        "Back; the program was down for {time}.",
        time=duration_text(result.downtime_seconds),
    )
    return run.done(result, [text])
