"""What a deployment would do, and whether it may: every check, and nothing touched."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from core.base.config.models import Settings
from core.base.operation import Context, Kind, OperationError, Step
from core.base.process import run_in_process
from core.base.text import translate
from core.program.control import launch_of
from core.program.find import find_programs
from core.program.release import read_pointer
from core.release import checks as of_release
from core.release.artefact import Found, open_artefact
from core.release.checks import Check, Subject, found_wrong, named, override
from core.release.checks_live import LIVE, RETURN, way_back
from core.release.config import DeploymentConfig, load_config
from core.release.environment import Interpreter, find_interpreter
from core.release.log import LogDamaged, read_log
from core.release.models import (
    CheckResult,
    CheckState,
    DeployPlanResult,
    Ending,
    Hooks,
    Record,
    RecordKind,
)
from core.release.watch import ObservedDatabase, look
from core.switchover.intent import read_intent

CHECKS: dict[str, Check] = {
    "artefact": of_release.artefact,
    "python": of_release.python,
    "dependencies": of_release.dependencies,
    "migrations": of_release.migrations,
    "tests": of_release.tests,
    "sqlite": of_release.sqlite,
    "directories": of_release.directories,
    "disk_space": of_release.disk_space,
    **LIVE,
}
DOWN = ("stop", "save", "catch_up", "promote", "switch", "start")
"""The steps during which the program does not serve."""


@dataclass(frozen=True)
class DeployPlan:
    """Look at everything that a deployment needs; nothing is touched."""

    settings: Settings
    hooks: Hooks = field(default_factory=Hooks)
    overrides: Mapping[str, str] = field(default_factory=dict)
    """Reasons, by the names of the checks that may fail."""
    now: datetime | None = None
    kind: Kind = Kind.DEPLOY_PLAN

    def run(self, context: Context) -> DeployPlanResult:
        """Return the plan; raises `OperationError` where the configuration itself is wrong."""
        config = load_config(self.settings)
        moment = self.now or datetime.now(UTC)
        with examined(context, self.settings, config, self.hooks, moment) as subject:
            return plan_of(context, subject, self.hooks, self.overrides)


@contextmanager
def examined(
    context: Context, settings: Settings, config: DeploymentConfig, hooks: Hooks, now: datetime
) -> Iterator[Subject]:
    """Look at what the checks judge; a failure to look is one of the things that are found."""
    with contextlib.ExitStack() as stack:
        found: Found | OperationError
        try:
            found = stack.enter_context(open_artefact(context, settings, config))
        except OperationError as error:
            found = error
        interpreter: Interpreter | OperationError
        try:
            interpreter = find_interpreter(context, config)
        except OperationError as error:
            interpreter = error
        live: tuple[ObservedDatabase, ...] | OperationError
        try:
            live = run_in_process(
                look, context, settings.databases,
                config.checks.quick_check_max_mb * 1024 * 1024,
            )  # fmt: skip
        except OperationError as error:
            live = error
        pending: tuple[str, ...] | OperationError | None = None
        if hooks.migrations is not None:
            try:
                pending = hooks.migrations.pending(context, settings)
            except OperationError as error:
                pending = error
        programs = find_programs(settings)
        yield Subject(
            settings=settings, config=config, now=now, found=found, interpreter=interpreter,
            live=live, pending=pending, pointer=read_pointer(settings),
            launch=launch_of(settings, programs[0] if programs else None),
        )  # fmt: skip


def plan_of(
    context: Context, subject: Subject, hooks: Hooks, overrides: Mapping[str, str]
) -> DeployPlanResult:
    """Run every check and return the plan."""
    results = [
        *checked(context, subject, CHECKS),
        *hooks.check(context, subject),
        *checked(context, subject, RETURN),
        named("log", _unfinished(subject.settings)),
    ]
    checks = override(results, overrides)
    found = subject.found
    artefact = None if isinstance(found, OperationError) else found.artefact
    steps, downtime = estimate(subject.settings, artefact.digest if artefact else None)
    pending = subject.pending if isinstance(subject.pending, tuple) else ()
    return DeployPlanResult(
        artefact=artefact,
        current=subject.pointer,
        checks=checks,
        ready=all(check.state is not CheckState.FAILED for check in checks),
        migrations=pending if subject.config.migrate else (),
        way_back=way_back(context, subject).evidence,
        estimate=steps,
        estimated_downtime_seconds=downtime,
    )


def checked(
    context: Context, subject: Subject, checks: Mapping[str, Check]
) -> Iterator[CheckResult]:
    """Make *checks*, and yield what each found under its name."""
    for name, check in checks.items():
        context.check()
        try:
            result = check(context, subject)
        except OSError as error:
            result = found_wrong(
                translate("deployment", "It cannot be looked at: {why}", why=str(error)),
                translate("deployment", "Remove the cause, then look again."),
            )
        yield named(name, result)


def check_names(hooks: Hooks) -> frozenset[str]:
    """Return the names of all checks that look at something."""
    own = hooks.checks.names if hooks.checks is not None else {}
    return frozenset(CHECKS.keys() | own.keys() | RETURN.keys())


def _unfinished(settings: Settings) -> CheckResult:
    """Whether the log is whole and no deployment lies unfinished."""
    try:
        entries = read_log(settings)
        intent = read_intent(settings)
    except OperationError as error:
        return found_wrong(error.happened, error.to_do)
    if intent is not None and intent.switches_release:
        return found_wrong(
            translate("deployment", "The deployment {id} was cut off.", id=intent.id),
            translate("deployment", "Any changing command brings back the former state first; "
                                    "'recover' does nothing else."),
            CheckState.WARNING,
        )  # fmt: skip
    whole = translate(
        "deployment", "The deployment log is whole: {count} entries.", count=len(entries)
    )
    return of_release.passed(whole)


def estimate(settings: Settings, digest: str | None) -> tuple[tuple[Step, ...], float | None]:
    """Return the steps that this artefact took last time, in a rehearsal if in nothing else.

    Where it was never tried, those of the newest that went well; none where there is none.
    """
    try:
        entries = [entry.record for entry in read_log(settings)]
    except LogDamaged:
        return (), None
    good = [
        one
        for one in reversed(entries)
        if one.kind in {RecordKind.DEPLOY, RecordKind.REHEARSAL} and one.ending is Ending.DONE
    ]
    best = next((one for one in good if one.artefact == digest), good[0] if good else None)
    return (best.steps, downtime_of(best)) if best else ((), None)


def downtime_of(record: Record) -> float:
    """Return how long the program did not serve, or would not have."""
    if record.downtime_seconds is not None:
        return record.downtime_seconds
    return sum(step.seconds or 0.0 for step in record.steps if step.name in DOWN)
