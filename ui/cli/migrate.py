"""The commands ``migrate …``: every stage of the wizard, and the care of the history."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from core.base.text import Text, translate
from migration.run.execute import Baseline, Repair, RunMigration
from migration.run.inspect import Plan, Report, Status, Verify
from migration.run.models import Outcome, UndoPlan
from migration.run.preflight import Preflight
from migration.run.rehearse import Rehearse
from migration.run.timing import estimate_text
from migration.run.undo import ExportSince, Undo, UndoPlanned
from ui.cli.grammar import Subparsers, add_command, add_flag, add_group
from ui.cli.run import Exit, Line, Run
from ui.cli.streams import one_line
from ui.language import count_text, duration_text, say
from ui.migration.messages import STATES, reason_text, validator_name


def register(commands: Subparsers) -> None:
    """Add the commands."""
    group = add_group(commands, "migrate", translate("cli", "Take the data to the new schema"))
    add_command(group, "status", translate("cli", "Which scripts ran, and which are due"), _status)
    add_command(group, "plan", translate("cli", "What a run would do"), _plan)
    add_command(group, "preflight", translate("cli", "What could stand in the way"), _preflight)
    add_command(group, "rehearse", translate("cli", "The whole migration on a copy"), _rehearse)
    run = add_command(group, "run", translate("cli", "Migrate, prove, and cut over"), _run)
    add_flag(run, "--yes", translate("cli", "do not ask"))
    add_command(group, "verify", translate("cli", "Check migrated databases"), _verify)
    add_command(group, "report", translate("cli", "Where the newest report lies"), _report)
    repair = add_command(group, "repair", translate("cli", "Accept the history as it is"), _repair)
    add_flag(repair, "--yes", translate("cli", "do not ask"))
    base = add_command(
        group, "baseline", translate("cli", "Count scripts as done that others ran"), _baseline
    )
    base.add_argument("version", type=int)
    add_flag(base, "--yes", translate("cli", "do not ask"))
    undo = add_command(
        group, "undo", translate("cli", "Go back to before the newest migration"), _undo
    )
    add_flag(undo, "--yes", translate("cli", "do not ask"))
    add_flag(undo, "--dry-run", translate("cli", "only say what would be lost"))
    undo.add_argument(
        "--export",
        type=Path,
        metavar="DIR",
        help=say(translate("cli", "write the rows written since to files first")),
    )


def confirmed(run: Run, question: Text) -> bool:
    """Ask for the word that starts it; without a terminal ``--yes`` is needed."""
    prompt = translate("cli", "Type 'yes' to go on: ")
    return run.args.yes or run.output.confirms([question], prompt, "yes")


def _status(run: Run) -> int:
    found = run.look(Status(run.settings))
    if run.output.as_json:
        return run.done(found)
    for plan in found.plans:
        run.output.line(plan.database)
        run.output.table(
            ["", say(translate("cli", "Script")), say(translate("cli", "When"))],
            [
                [say(STATES[script.state]), script.name, script.applied_at or "–"]
                for script in plan.scripts
            ],
            right=set(),
        )
        for problem in plan.problems:
            run.output.line(problem)
    if found.report:
        run.output.line(translate("cli", "Newest report: {path}", path=found.report))
    return Exit.OK


def _plan(run: Run) -> int:
    found = run.look(Plan(run.settings))
    if run.output.as_json:
        return run.done(found)
    for script in found.pending:
        run.output.line(f"→ {script.database}  {script.name}")
    run.output.table(
        [
            say(translate("cli", "Legacy table")),
            say(translate("cli", "Shape")),
            say(translate("cli", "Rows")),
        ],
        [
            [f"{source.database}.{source.table}", source.shape, count_text(source.rows)]
            for source in found.sources
        ],
        right={2},
    )
    for text in (*found.problems, *found.lint, *found.doubts):
        run.output.line(f"! {say(text)}")
    if not found.pending:
        run.output.line(translate("migration", "Everything is migrated already."))
    elif found.estimate is None:
        run.output.line(translate("cli", "How long it takes is known after `migrate rehearse`."))
    else:
        run.output.line(estimate_text(found.estimate))
    return Exit.DAMAGED if found.problems else Exit.OK


def _preflight(run: Run) -> int:
    found = run.look(Preflight(run.settings))
    signs = {True: "✓", False: "✗", None: "·"}
    return run.done(
        found, [f"{signs[check.ok]} {say(check.what)}" for check in found.checks], ok=found.ok
    )


def _rehearse(run: Run) -> int:
    result = run.change(Rehearse(run.settings))
    return run.done(result, _outcome_lines(result.outcome), ok=result.ok)


def _outcome_lines(outcome: Outcome) -> list[Line]:
    lines: list[Line] = [
        f"{'✓' if validator.ok else '✗'} {validator_name(validator.name)}"
        for validator in outcome.validators
    ]
    lines += [f"  {say(text)}" for text in outcome.problems]
    for table in outcome.tables:
        targets = ", ".join(f"{name} {count_text(n)}" for name, n in table.targets.items())
        review = f"  ({count_text(table.review)} ?)" if table.review else ""
        lines.append(f"{table.database}.{table.table} {count_text(table.rows)} → {targets}{review}")
    if outcome.review_total:
        lines.append(
            translate("cli", "{count} rows need manual review.", count=outcome.review_total)
        )
        reasons = Counter(reason_text(one) for one in outcome.review)
        lines += [f"  {why}: {count_text(n)}" for why, n in reasons.items()]
    lines += [f"  {say(one)}" for one in (*outcome.setting_remarks, *outcome.doubts)]
    return lines


def _run(run: Run) -> int:
    question = translate(
        "cli", "The program is stopped, its databases are migrated, and it is started again."
    )
    if not confirmed(run, question):
        return Exit.USAGE
    result = run.change(RunMigration(run.settings))
    text = translate(
        "cli",
        "Migrated; the program was down for {time}. To undo: restore point {id}. Report: {path}",
        time=duration_text(result.downtime_seconds or 0),
        id=result.restore_point,
        path=result.report,
    )
    return run.done(result, [*_outcome_lines(result.outcome), text])


def _verify(run: Run) -> int:
    found = run.look(Verify(run.settings))
    lines = [f"✓ {one}" for one in found.checked] + [
        f"✗ {say(problem)}" for problem in found.problems
    ]
    return run.done(found, lines, ok=found.ok)


def _report(run: Run) -> int:
    found = run.look(Report(run.settings))
    return run.done(found, [str(found.html), str(found.json_file)])


def _repair(run: Run) -> int:
    question = translate(
        "cli", "Edited, failed and missing scripts are accepted; the program is stopped briefly."
    )
    if not confirmed(run, question):
        return Exit.USAGE
    found = run.change(Repair(run.settings))
    return run.done(found, [f"{one.database}  {one.name}" for one in found.changed])


def _baseline(run: Run) -> int:
    question = translate(
        "cli", "Scripts up to {version} count as done.", version=str(run.args.version)
    )
    if not confirmed(run, question):
        return Exit.USAGE
    found = run.change(Baseline(run.settings, run.args.version))
    return run.done(found, [f"{one.database}  {one.name}" for one in found.changed])


def _undo(run: Run) -> int:
    plan = run.look(UndoPlanned(run.settings))
    template = (
        translate(
            "cli",
            "Back to {id}; {rows} rows written since then leave the live data and stay in a "
            "restore point of the present.",
            id=plan.restore_point, rows=plan.rows_lost,
        )
        if plan.exact
        else translate(
            "cli",
            "Back to {id}; at most {rows} rows written since then leave the live data and stay in "
            "a restore point of the present. The scripts have changed, so what the migration wrote "
            "itself may be counted, too.",
            id=plan.restore_point, rows=plan.rows_lost,
        )
    )  # fmt: skip
    if run.args.dry_run:
        return run.done(plan, [template, *_change_lines(plan)])
    if not run.output.as_json:
        for line in _change_lines(plan):
            run.output.line(line)
    if not confirmed(run, template):
        return Exit.USAGE
    if run.args.export is not None:
        for file in run.look(ExportSince(run.settings, run.args.export.resolve())):
            print(one_line(f"{file.file}  {count_text(file.rows)}"), file=sys.stderr)
    result = run.change(Undo(run.settings))
    text = translate(
        "cli", "Undone; the program was down for {time}.",
        time=duration_text(result.downtime_seconds),
    )  # fmt: skip
    return run.done(result, [text])


def _change_lines(plan: UndoPlan) -> list[str]:
    """Return what was written since, a line for each table: + added, ~ changed, − removed."""
    lines = [
        f"  {change.place}  +{count_text(change.added)} ~{count_text(change.changed)} "
        f"−{count_text(change.removed)}"
        for change in plan.changes
    ]
    for name in plan.files_changed:
        text = translate("cli", "The file {name} has changed since and goes back, too.", name=name)
        lines.append(f"  {say(text)}")
    return lines
