"""Commands about health: ``health``, ``health history``, ``alerts``, ``monitor``."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from core.health.alerts.incidents import acknowledge, list_incidents, list_silences, silence
from core.health.alerts.models import Incident, Notice, Silence
from core.health.alerts.wording import title_of
from core.health.history.export import ExportHistory
from core.health.report import RunMonitor, read_health, watch_health
from core.health.view import HealthReport
from core.operation import Context
from core.text import translate
from ui.cli.parser import Subparsers, add_command, add_flag, add_group
from ui.cli.run import Exit, Run, cancelled_by_signals
from ui.format import duration_text
from ui.health.wording import name_text, state_text, value_text
from ui.language import say
from ui.points.wording import exact_time

SIGNS = {"ok": "✓", "warning": "!", "critical": "✗", "unknown": "?"}


class Alerts(BaseModel):
    """The incidents, newest first, and what is silent."""

    model_config = ConfigDict(frozen=True)

    incidents: tuple[Incident, ...]
    silences: tuple[Silence, ...]


def register(commands: Subparsers) -> None:
    """Add the commands."""
    health = add_command(commands, "health", translate("cli", "How well everything is"), _health)
    add_flag(health, "--watch", translate("cli", "go on until Ctrl+C"))
    below = health.add_subparsers(dest="health_command", metavar="COMMAND", required=False)
    history = add_command(below, "history", translate("cli", "What was sampled, as CSV"), _history)
    day = datetime.now(UTC) - timedelta(days=1)
    history.add_argument("--from", dest="start", type=_moment, default=day, metavar="TIME")
    history.add_argument("--to", dest="end", type=_moment, default=None, metavar="TIME")
    history.add_argument("--csv", type=Path, required=True, metavar="FILE")
    history.add_argument("--metric", action="append", default=[], metavar="KEY")
    alerts = add_group(commands, "alerts", translate("cli", "What went wrong, and who knows"))
    listed = add_command(alerts, "list", translate("cli", "List the incidents"), _list)
    add_flag(listed, "--active", translate("cli", "only those that are going on"))
    ack = add_command(alerts, "ack", translate("cli", "Say that you know of an incident"), _ack)
    ack.add_argument("id", type=int)
    quiet = add_command(alerts, "silence", translate("cli", "Tell nothing of a rule"), _silence)
    quiet.add_argument("rule")
    quiet.add_argument("--metric", default="")
    quiet.add_argument("--until", type=_moment, default=None, metavar="TIME")
    monitor = add_command(
        commands, "monitor", translate("cli", "Sample and alert without a window"), _monitor
    )
    monitor.add_argument("--seconds", type=float, default=None)


def _moment(text: str) -> datetime:
    """Read a time in ISO 8601; without a zone it is local time."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: 2026-11-23T14:00") from error


def _health(run: Run) -> int:
    if not run.args.watch:
        report = read_health(run.settings)
        _show(run, report)
        return report.exit_code
    context = Context()

    def each(report: HealthReport) -> None:
        try:
            if run.output.as_json:
                sys.stdout.write(f"{report.model_dump_json()}\n")
                sys.stdout.flush()
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
    operation = ExportHistory(
        run.settings, run.args.start, end, run.args.csv.resolve(), tuple(run.args.metric)
    )
    result = run.look(operation)
    text = translate("cli", "{rows} rows in {path}", rows=result.rows, path=run.args.csv)
    run.output.result(result, [say(text)])
    return Exit.OK


def _list(run: Run) -> int:
    found = Alerts(
        incidents=list_incidents(run.settings, active_only=run.args.active),
        silences=list_silences(run.settings),
    )
    if run.output.as_json:
        run.output.result(found)
        return Exit.OK
    if not found.incidents:
        run.output.tell(translate("cli", "There is no incident."))
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
    return (
        f"{incident.id:>4}  {sign} {exact_time(incident.begun)}  {title}: "
        f"{name_text(incident.metric)} {worst}  {length}{known}"
    )


def _ack(run: Run) -> int:
    incident = acknowledge(run.settings, run.args.id)
    run.output.result(incident, [_incident_line(run, incident)])
    return Exit.OK


def _silence(run: Run) -> int:
    made = silence(run.settings, run.args.rule, run.args.until, run.args.metric)
    text = translate("cli", "'{rule}' is silent.", rule=made.rule)
    run.output.result(made, [say(text)])
    return Exit.OK


def _monitor(run: Run) -> int:
    def tell(notice: Notice) -> None:
        run.output.line(
            f"{notice.at.astimezone():%H:%M:%S}  {say(notice.title)} {say(notice.text)}"
        )

    context = Context()
    with cancelled_by_signals(context):
        result = RunMonitor(run.settings, run.args.seconds, tell).run(context)
    text = translate(
        "cli",
        "{ticks} samples, {incidents} incidents, {missed} missed.",
        ticks=result.ticks,
        incidents=result.incidents,
        missed=result.missed,
    )
    run.output.result(result, [say(text)])
    return Exit.OK
