"""Commands about health: ``health``, ``health history``, ``alerts``, ``monitor``."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.base.config.models import Settings
from core.base.files import temporary_folder
from core.base.journal import Entry, Outcome, entries
from core.base.model import Model
from core.base.operation import Context, OperationError
from core.base.text import translate
from core.daemons.monitor import RunMonitor
from core.daemons.scheduler import ScheduledRun
from core.monitoring.alerts.incidents import (
    acknowledge,
    list_incidents,
    list_silences,
    silence,
    unsilence,
)
from core.monitoring.alerts.models import Incident, Notice, Silence, title_of
from core.monitoring.history.query import ExportHistory
from core.monitoring.models import State
from core.monitoring.probes.guard import changes_program
from core.monitoring.report import read_health, watch_health
from core.monitoring.verdict import Judgement, Verdict, what_changed
from core.monitoring.view import HealthReport
from core.monitoring.watch import WatchResult
from migration.deploying import hooks_of
from ui.cli.grammar import Subparsers, add_command, add_flag, add_group, moment
from ui.cli.run import Exit, Line, Run, cancelled_by_signals
from ui.health.messages import name_text, state_text, value_text
from ui.language import duration_text, operation_name, outcome_text, say
from ui.points.messages import exact_time

JUDGED = {
    Judgement.WORSE: "✗", Judgement.BETTER: "✓", Judgement.CHANGED: "~", Judgement.SAME: "=",
}  # fmt: skip
SIGNS = {"ok": "✓", "warning": "!", "critical": "✗", "unknown": "?"}


class Alerts(Model):
    """The incidents, newest first, and what is silent."""

    incidents: tuple[Incident, ...]
    silences: tuple[Silence, ...]


def register(commands: Subparsers) -> None:
    """Add the commands."""
    health = add_command(commands, "health", translate("cli", "How well everything is"), _health)
    add_flag(health, "--watch", translate("cli", "go on until Ctrl+C"))
    health.set_defaults(failed=State.UNKNOWN.exit_code)
    below = health.add_subparsers(dest="health_command", metavar="COMMAND", required=False)
    history = add_command(below, "history", translate("cli", "What was sampled, as CSV"), _history)
    day = datetime.now(UTC) - timedelta(days=1)
    history.add_argument("--from", dest="start", type=moment, default=day, metavar="TIME")
    history.add_argument("--to", dest="end", type=moment, default=None, metavar="TIME")
    history.add_argument(
        "--csv",
        type=Path,
        required=True,
        metavar="FILE",
        help=say(translate("cli", "where to; - is standard output")),
    )
    history.add_argument("--metric", action="append", default=[], metavar="KEY")
    history.set_defaults(failed=Exit.FAILED)
    changed = add_command(
        below, "changed", translate("cli", "Health before and after an operation"), _changed
    )
    changed.add_argument(
        "id",
        type=int,
        nargs="?",
        metavar="ID",
        help=say(translate("cli", "its number in the journal; none: the newest that changed data")),
    )
    changed.set_defaults(failed=Exit.FAILED)
    alerts = add_group(commands, "alerts", translate("cli", "What went wrong, and who knows"))
    listed = add_command(alerts, "list", translate("cli", "List the incidents"), _list)
    add_flag(listed, "--active", translate("cli", "only those that are going on"))
    ack = add_command(alerts, "ack", translate("cli", "Say that you know of an incident"), _ack)
    ack.add_argument("id", type=int)
    quiet = add_command(alerts, "silence", translate("cli", "Tell nothing of a rule"), _silence)
    quiet.add_argument("rule")
    quiet.add_argument("--metric", default="")
    quiet.add_argument("--until", type=moment, default=None, metavar="TIME")
    add_flag(quiet, "--end", translate("cli", "tell of it again"))
    monitor = add_command(
        commands, "monitor", translate("cli", "Sample and alert without a window"), _monitor
    )
    monitor.add_argument("--seconds", type=float, default=None)
    add_flag(
        monitor, "--no-schedule", translate("cli", "make no scheduled backups and restore drills")
    )


def _health(run: Run) -> int:
    if not run.args.watch:
        report = read_health(run.settings)
        _show(run, report)
        return report.exit_code
    context = Context()

    def each(report: HealthReport) -> None:
        try:
            if run.output.as_json:
                run.output.record(report)
            else:
                run.output.line(_line(report))
        except BrokenPipeError:
            context.cancel()  # whoever read it has gone

    with cancelled_by_signals(context):
        return watch_health(run.settings, context, each).exit_code


def _line(report: HealthReport) -> str:
    worst = [field for field in report.fields if field.state is report.state]
    told = ", ".join(f"{name_text(one.key)} {value_text(one.key, one.value)}" for one in worst[:3])
    bad = f"  {told}" if report.exit_code in {1, 2} else ""
    return (
        f"{report.at.astimezone():%H:%M:%S}  {SIGNS[report.state]} {state_text(report.state)}{bad}"
    )


def _show(run: Run, report: HealthReport) -> None:
    if run.output.as_json:
        run.output.result(report)
        return
    run.output.line(f"{SIGNS[report.state]} {state_text(report.state)}")
    run.output.table(
        ["", say(translate("cli", "What")), say(translate("cli", "Value"))],
        [
            [SIGNS[field.state], name_text(field.key), value_text(field.key, field.value)]
            for field in report.fields
        ],
        right={2},
    )
    for fact in report.facts:
        advice = f" — {say(fact.advice)}" if fact.advice is not None else ""
        run.output.line(f"{SIGNS[fact.state]} {say(fact.name)}: {fact.value}{advice}")
    for problem in report.problems:
        run.output.line(f"! {say(problem.what)}")


def _history(run: Run) -> int:
    end = run.args.end or datetime.now(UTC)
    keys = tuple(run.args.metric)
    if str(run.args.csv) == "-":
        with temporary_folder("ops-console-history-") as folder:
            path = folder / "history.csv"
            run.look(ExportHistory(run.settings, run.args.start, end, path, keys))
            with path.open(encoding="utf-8") as file:
                shutil.copyfileobj(file, sys.stdout)
        return Exit.OK
    operation = ExportHistory(run.settings, run.args.start, end, run.args.csv.resolve(), keys)
    result = run.look(operation)
    text = translate("cli", "{rows} rows in {path}", rows=result.rows, path=run.args.csv)
    return run.done(result, [text])


def _changed(run: Run) -> int:
    entry = _entry(run.settings, run.args.id)
    verdict = what_changed(run.settings, entry, datetime.now(UTC))
    return run.done(verdict, _changed_lines(entry, verdict))


def _entry(settings: Settings, number: int | None) -> Entry:
    for entry in entries(settings, limit=10_000):
        if entry.id == number or (number is None and changes_program(entry.operation)):
            return entry
    raise OperationError(
        translate("cli", "There is no such operation in the journal."),
        data_state=translate("cli", "Nothing was touched."),
        to_do=translate("cli", "'journal' lists the operations with their numbers."),
    )


def _changed_lines(entry: Entry, verdict: Verdict) -> list[Line]:
    head = f"{operation_name(entry.operation)} · {exact_time(entry.begun)}"
    lines: list[Line] = [head, verdict.text]
    return lines + [
        f"{JUDGED[comparison.judgement]} {say(comparison.name)}: {say(comparison.text)}"
        for comparison in verdict.comparisons
        if comparison.judgement is not Judgement.UNKNOWN
    ]


def _list(run: Run) -> int:
    found = Alerts(
        incidents=list_incidents(run.settings, active_only=run.args.active),
        silences=list_silences(run.settings),
    )
    if run.output.as_json:
        return run.done(found)
    if not found.incidents:
        run.output.line(translate("cli", "There is no incident."))
    for incident in found.incidents:
        run.output.line(_incident_line(run, incident))
    for quiet in found.silences:
        until = exact_time(quiet.until) if quiet.until else say(translate("cli", "until resolved"))
        run.output.line(f"– {quiet.rule} {quiet.metric}  {until}  {quiet.by}")
    return Exit.OK


def _incident_line(run: Run, incident: Incident) -> str:
    title = say(title_of(incident.rule, run.settings.health.rules.get(incident.rule)))
    worst = value_text(incident.metric, incident.worst)
    length = duration_text(incident.length_seconds)
    sign = SIGNS[incident.severity] if incident.active else "✓"
    known = f"  ({incident.acknowledged_by})" if incident.acknowledged_by else ""
    if incident.silenced:
        known += f"  {say(translate('health', 'silenced'))}"
    return (
        f"{incident.id:>4}  {sign} {exact_time(incident.begun)}  {title}: "
        f"{name_text(incident.metric)} {worst}  {length}{known}"
    )


def _ack(run: Run) -> int:
    incident = acknowledge(run.settings, run.args.id)
    return run.done(incident, [_incident_line(run, incident)])


def _silence(run: Run) -> int:
    if run.args.end:
        unsilence(run.settings, run.args.rule, run.args.metric)
        told = translate("cli", "'{rule}' is told of again.", rule=run.args.rule)
        return run.done(Alerts(incidents=(), silences=list_silences(run.settings)), [told])
    made = silence(run.settings, run.args.rule, run.args.until, run.args.metric)
    text = translate("cli", "'{rule}' is silent.", rule=made.rule)
    return run.done(made, [text])


def _monitor(run: Run) -> int:
    def tell(at: datetime, text: str) -> None:
        run.output.line(f"{at.astimezone():%H:%M:%S}  {text}")

    def noticed(notice: Notice) -> None:
        tell(notice.at, f"{say(notice.title)} {say(notice.text)}")

    def watched(result: WatchResult) -> None:
        name = operation_name(result.operation)
        text = translate("cli", "After '{operation}' health is as before.", operation=name)
        if result.worse:
            text = translate("health", "Since '{operation}' health is worse.", operation=name)
        reasons = "; ".join(say(reason) for reason in result.reasons)
        tell(datetime.now(UTC), f"{say(text)} {reasons}".strip())

    def kept(one: ScheduledRun) -> None:
        outcome = Outcome.OK if one.error is None else Outcome.FAILED
        why = f" {one.error}" if one.error is not None else ""
        if isinstance(one.error, OperationError):
            why = f" {say(one.error.happened)}"
        tell(datetime.now(UTC), f"{operation_name(one.operation)}: {outcome_text(outcome)}{why}")

    def role(recording: bool) -> None:
        text = translate("cli", "This monitor records and alerts.")
        if not recording:
            text = translate("cli", "Another console records and alerts; this one only looks on.")
        tell(datetime.now(UTC), say(text))

    context = Context()
    with cancelled_by_signals(context):
        result = RunMonitor(
            run.settings, run.args.seconds, noticed, watched, kept, role,
            keep_schedule=not run.args.no_schedule, hooks=hooks_of(run.settings),
        ).run(context)  # fmt: skip
    text = translate(
        "cli",
        "{ticks} samples, {incidents} incidents, {missed} missed.",
        ticks=result.ticks,
        incidents=result.incidents,
        missed=result.missed,
    )
    return run.done(result, [text])
