"""Deploys: checks, stages beside what runs, and then changes over, or back."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from core.base.cleanup import attempt, remove_tree
from core.base.config.models import Settings
from core.base.kind import Kind
from core.base.operation import Cancelled, Context, OperationError
from core.base.owner import user_at_host
from core.base.process import run_in_process
from core.base.text import Text, translate
from core.program.release import Artefact, Release, launch_of_release, read_pointer, read_release
from core.promote import Fingerprint
from core.release.artefact import refused
from core.release.change import Changed, Target, change, origin_of
from core.release.checks import Subject, override
from core.release.checks_live import holders, orders, positions, volatility, window
from core.release.config import DeploymentConfig, load_config
from core.release.hooks import Hooks
from core.release.models import (
    Changes,
    CheckResult,
    CheckState,
    DeployPlanResult,
    DeployResult,
    Ending,
    Record,
    RecordKind,
)
from core.release.observe import look
from core.release.plan import examined, plan_of
from core.release.recovery import recover_deployment
from core.release.releases import (
    changes_between,
    make_directories,
    prune_releases,
    stage_release,
    sweep_releases,
)
from core.release.writing import keep_record, new_deployment_id
from core.switchover.engine import keep_all

log = logging.getLogger(__name__)
AGAIN = (holders, window, positions, orders, volatility)
"""Checks that are made once more right before the program is asked to stop."""


@dataclass
class RecordDraft:
    """What is known of a deployment while it happens; the log is written from it."""

    kind: RecordKind
    deployment: str = field(default_factory=new_deployment_id)
    begun: datetime = field(default_factory=lambda: datetime.now(UTC))
    artefact: Artefact | None = None
    version: str | None = None
    checks: tuple[CheckResult, ...] = ()
    changed: Changed | None = None
    changes: Changes | None = None

    def record(self, context: Context, settings: Settings, error: BaseException | None) -> Record:
        """Return the entry of the log; *error* None: it went well."""
        changed = self.changed
        before = changed.before.pointer if changed else read_pointer(settings)
        return Record(
            number=0,
            kind=self.kind,
            deployment=self.deployment,
            begun=self.begun,
            ended=datetime.now(UTC),
            ending=_ending(changed, error),
            by=user_at_host(),
            artefact=self.artefact.digest if self.artefact else None,
            version=self.version,
            before=before,
            before_command=changed.before.command if changed else None,
            after=changed.after if changed else before,
            restore_point=changed.restore_point if changed else None,
            kept_point=changed.kept_point if changed else None,
            downtime_seconds=changed.downtime if changed and error is None else None,
            checks=self.checks,
            changes=self.changes,
            steps=tuple(context.steps),
            failure=_failure(error),
            previous_hash="",
        )

    def keep(self, context: Context, settings: Settings, error: BaseException) -> None:
        """Write down a deployment that *error* ended."""
        keep_record(settings, self.record(context, settings, error))


def _ending(changed: Changed | None, error: BaseException | None) -> Ending:
    if error is None:
        return Ending.DONE
    if changed is None or not changed.undone:
        return Ending.UNTOUCHED
    return Ending.STUCK if changed.stuck else Ending.UNDONE


def _failure(error: BaseException | None) -> Text | None:
    if error is None:
        return None
    if isinstance(error, OperationError):
        return error.happened
    if isinstance(error, Cancelled):
        return translate("deployment", "The operator cancelled it.")
    return translate("deployment", "An unexpected error: {why}", why=str(error))


@dataclass(frozen=True)
class DeployRun:
    """Put the configured release into production, or leave everything as it was."""

    settings: Settings
    hooks: Hooks = field(default_factory=Hooks)
    overrides: Mapping[str, str] = field(default_factory=dict)
    """Typed reasons, by the names of the checks that may fail."""
    now: datetime | None = None
    expected: str | None = None
    """The digest of the release that the operator was shown; another one is refused."""
    kind: Kind = Kind.DEPLOY_RUN

    def run(self, context: Context) -> DeployResult:
        """Return what was done; raises `OperationError` with the former pair back and running."""
        recover_deployment(context, self.settings)
        keep_all(context, self.settings)
        config = load_config(self.settings)
        return deploy(
            context, self.settings, config, self.hooks, self.overrides, self.now, self.expected
        )


def deploy(
    context: Context,
    settings: Settings,
    config: DeploymentConfig,
    hooks: Hooks,
    overrides: Mapping[str, str],
    now: datetime | None,
    expected: str | None = None,
) -> DeployResult:
    """Deploy what *config* names; the same in a rehearsal as in earnest."""
    story = RecordDraft(RecordKind.DEPLOY)
    release: Release | None = None
    try:
        sweep_releases(config)
        moment = now or datetime.now(UTC)
        with (
            context.step("check", translate("deployment", "Look at everything")),
            examined(context, settings, config, hooks, moment) as subject,
        ):
            plan = plan_of(context, subject, overrides)
            failed = [check for check in plan.checks if check.state is CheckState.FAILED]
            if failed:
                context.fail(failed[0].evidence)
        story.checks, story.artefact = plan.checks, plan.artefact
        _note_overrides(context, plan.checks)
        require_ready(plan)
        if expected is not None and (plan.artefact is None or plan.artefact.digest != expected):
            raise refused(translate("deployment", "The release changed since it was checked."))
        release = stage_release(context, settings, config, plan.artefact)
        story.version = release.version
        with context.step("prepare", translate("deployment", "Make the folders")):
            make_directories(config)
        with context.step("recheck", translate("deployment", "Look once more at the window")):
            _require_still(context, replace(subject, now=now or datetime.now(UTC)), overrides)
        _go(context, settings, config, hooks, story, plan, release)
    except BaseException as error:
        attempt(_discard, settings, release)
        attempt(story.keep, context, settings, error)
        raise
    return finished(context, settings, config, story)


def _go(
    context: Context,
    settings: Settings,
    config: DeploymentConfig,
    hooks: Hooks,
    story: RecordDraft,
    plan: DeployPlanResult,
    release: Release,
) -> None:
    before, old = origin_of(settings)
    former = read_release(before.pointer.folder) if before.pointer else None
    story.changes = changes_between(former, release, plan.migrations)
    story.changed = Changed(before=before, begun=story.begun)
    migrations = hooks.migrations

    def migrate(inner: Context, _: Fingerprint) -> None:
        if migrations is None:
            raise ValueError("a plan with migrations comes from somebody who can migrate")
        migrations.run(inner, settings)

    goal = Target(
        kind=RecordKind.DEPLOY,
        deployment=story.deployment,
        release=release,
        launch=launch_of_release(settings, release),
        change_data=migrate if plan.migrations else None,
        artefact=release.artefact.digest,
    )
    change(context, settings, config, hooks, goal, story.changed, old)


def finished(
    context: Context, settings: Settings, config: DeploymentConfig, story: RecordDraft
) -> DeployResult:
    """Write down a deployment that went well, prune old releases, and return the result."""
    changed = story.changed
    if changed is None:
        raise ValueError("a deployment that went well changed something")
    before, after = changed.before.pointer, changed.after
    report = keep_record(settings, story.record(context, settings, None))
    try:
        prune_releases(settings, config, [before.release] if before else [])
    except (OperationError, OSError):
        # What is done is done: an old release that cannot be removed does not undo it.
        log.exception("old releases of %s", settings.app)
    return DeployResult(
        deployment=story.deployment,
        artefact=story.artefact,
        release=after.release if after else None,
        version=after.version if after else None,
        restore_point=changed.restore_point,
        kept_point=changed.kept_point,
        program_pid=changed.program.pid if changed.program else None,
        downtime_seconds=changed.downtime,
        checks=story.checks,
        changes=story.changes,
        steps=tuple(context.steps),
        report=report,
    )


def _note_overrides(context: Context, checks: tuple[CheckResult, ...]) -> None:
    """Write each reason down as a step: so the journal holds it, too, however this ends."""
    for check in checks:
        if check.state is CheckState.OVERRIDDEN:
            context.skipped(
                "override",
                translate("deployment", "Go on although the check '{name}' failed",
                          name=check.name),
                Text(context="", template="{reason}", values={"reason": check.reason or ""}),
            )  # fmt: skip


def require_ready(plan: DeployPlanResult) -> None:
    """Raise `OperationError` that names what failed."""
    failed = [check for check in plan.checks if check.state is CheckState.FAILED]
    if failed:
        raise OperationError(
            translate("deployment", "{count} checks failed: {names}. {first}", count=len(failed),
                      names=", ".join(check.name for check in failed), first=failed[0].evidence),
            data_state=translate("deployment", "Nothing was touched: what ran, runs."),
            to_do=failed[0].remedy
            or translate("deployment", "Look at 'deploy plan'."),
        )  # fmt: skip


def _require_still(context: Context, subject: Subject, overrides: Mapping[str, str]) -> None:
    window = subject.config.window
    live = run_in_process(
        look, context, subject.settings.databases, 0, window.markets, window.volatility_minutes
    )
    subject = replace(subject, live=live)
    results = [check(context, subject) for check in AGAIN]
    names = {check.name for check in results}
    reasons = {name: reason for name, reason in overrides.items() if name in names}
    for check in override(results, reasons):
        if check.state is CheckState.FAILED:
            raise OperationError(
                translate("deployment", "Meanwhile it is not the time any more: {why}",
                          why=check.evidence),
                data_state=translate("deployment", "Nothing was touched: what ran, runs."),
                to_do=check.remedy or translate("deployment", "Try again later."),
            )  # fmt: skip


def _discard(settings: Settings, release: Release | None) -> None:
    """Remove a release that did not go into production; one that is pointed at stays."""
    if release is None:
        return
    try:
        pointer = read_pointer(settings)
    except OperationError:
        return
    if pointer is None or pointer.release != release.id:
        remove_tree(release.folder)
