"""Deploys: checks, stages beside what runs, and then changes over, or back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from core.backup.check import check_pending
from core.backup.models import Reason
from core.base.cleanup import attempt, remove_tree
from core.base.config.models import Settings
from core.base.operation import Cancelled, Context, Kind, OperationError
from core.base.owner import user_at_host
from core.base.text import Text, translate
from core.program.models import Launch, Program
from core.program.release import (
    Artefact,
    Pointer,
    Release,
    launch_of_release,
    read_pointer,
    read_release,
    write_pointer,
)
from core.release.artefact import refused
from core.release.checks import Subject, override
from core.release.checks_live import LIVE
from core.release.config import DeploymentConfig, load_config
from core.release.log import keep_record, new_deployment_id
from core.release.models import (
    Changes,
    CheckResult,
    CheckState,
    DeployPlanResult,
    DeployResult,
    Ending,
    Hooks,
    Record,
    RecordKind,
)
from core.release.plan import checked, examined, plan_of
from core.release.recovery import recover_deployment
from core.release.releases import (
    changes_between,
    make_directories,
    prune_releases,
    stage_release,
    sweep_releases,
)
from core.release.watch import LogErrors, soak, verify
from core.switchover.engine import (
    Change,
    DataChange,
    ReleaseChange,
    Saved,
    Switched,
    save_present,
    switch_over,
)
from core.switchover.keep import Kept, keep_all, keep_step

log = logging.getLogger(__name__)
AGAIN = {name: LIVE[name] for name in ("holders", "window")}
"""Checks that are made once more, with an adapter's own, before the program is asked to stop."""


@dataclass
class RecordDraft:
    """What is known of a deployment while it happens; the log is written from it."""

    kind: RecordKind
    deployment: str = field(default_factory=new_deployment_id)
    begun: datetime = field(default_factory=lambda: datetime.now(UTC))
    artefact: Artefact | None = None
    version: str | None = None
    checks: tuple[CheckResult, ...] = ()
    switched: Switched = field(default_factory=Switched)
    changes: Changes | None = None

    def record(self, context: Context, settings: Settings, error: BaseException | None) -> Record:
        """Return the entry of the log; *error* None: it went well."""
        switched, there = self.switched, self.switched.before
        before = there.pointer if there else read_pointer(settings)
        return Record(
            number=0,
            kind=self.kind,
            deployment=self.deployment,
            begun=self.begun,
            ended=datetime.now(UTC),
            ending=_ending(switched, error),
            by=user_at_host(),
            artefact=self.artefact.digest if self.artefact else None,
            version=self.version,
            before=before,
            before_command=there.command if there else None,
            after=switched.after if there else before,
            restore_point=switched.restore_point if there else None,
            kept_point=switched.kept_point,
            downtime_seconds=switched.downtime if there and error is None else None,
            checks=self.checks,
            changes=self.changes,
            steps=tuple(context.steps),
            failure=_failure(error),
            previous_hash="",
        )

    def keep(self, context: Context, settings: Settings, error: BaseException) -> None:
        """Write down a deployment that *error* ended."""
        keep_record(settings, self.record(context, settings, error))


def _ending(switched: Switched, error: BaseException | None) -> Ending:
    if error is None:
        return Ending.DONE
    if not switched.undone:
        return Ending.UNTOUCHED
    return Ending.STUCK if switched.stuck else Ending.UNDONE


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
            plan = plan_of(context, subject, hooks, overrides)
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
        pointer = read_pointer(settings)
        former = read_release(pointer.folder) if pointer else None
        story.changes = changes_between(former, release, plan.migrations)
        saved = save_present(context, settings, Reason.BEFORE_DEPLOYMENT, story.deployment)

        def require_still() -> None:
            with context.step("recheck", translate("deployment", "Look once more at the window")):
                again = replace(subject, now=now or datetime.now(UTC))
                _require_still(context, again, hooks, overrides)

        into = production_of(
            context, settings, config, hooks, story, release,
            launch=launch_of_release(settings, release),
        )  # fmt: skip
        if plan.migrations and hooks.migrations is not None:
            with hooks.migrations.staged(context, settings, saved) as staged:
                require_still()
                change = change_of(story, Kind.DEPLOY_RUN, saved, into, staged.data)
                switch_over(context, settings, change, story.switched)
            kept = keep_step(context, settings, story.switched.parked)
            staged.conclude(context, story.switched, kept)
            _point_at_data(settings, story.switched, kept)
        else:
            require_still()
            change = change_of(story, Kind.DEPLOY_RUN, saved, into, None)
            switch_over(context, settings, change, story.switched)
    except BaseException as error:
        attempt(_discard, settings, release)
        attempt(story.keep, context, settings, error)
        attempt(check_pending, Context(), settings)
        raise
    return finished(context, settings, config, story)


def production_of(
    context: Context,
    settings: Settings,
    config: DeploymentConfig,
    hooks: Hooks,
    story: RecordDraft,
    release: Release | None,
    *,
    launch: Launch | None,
    data: str | None = None,
) -> ReleaseChange:
    """Return how *release* comes into production; None: the program as before the first one.

    *launch*: how it is started; None: it is not.  *data*: the restore point that it belongs to;
    None: what is live before.
    """

    def pointer(before: str) -> Pointer | None:
        if release is None:
            return None
        return Pointer(
            deployment=story.deployment, release=release.id, folder=release.folder,
            version=release.version, restore_point=data or before, since=datetime.now(UTC),
        )  # fmt: skip

    def watch() -> Callable[[Program], None]:
        errors = LogErrors(*(folder for folder in (config.logs, settings.app / "logs") if folder))

        def prove(program: Program) -> None:
            verify(context, settings, config, hooks, release, program, errors)
            with context.step("soak", translate("deployment", "Watch the program")):
                soak(context, settings, config, program, errors)

        return prove

    artefact = release.artefact.digest if release else None
    return ReleaseChange(pointer=pointer, launch=launch, watch=watch, artefact=artefact)


def change_of(
    story: RecordDraft, kind: Kind, saved: Saved, release: ReleaseChange, data: DataChange | None
) -> Change:
    """Return what a deployment, or the return to an earlier one, changes."""

    def undone(why: Text) -> Text:
        return translate("deployment", "The deployment was undone: {why}", why=why)

    return Change(
        id=story.deployment, kind=kind, saved=saved, undone=undone, data=data, release=release,
        note=story.deployment,
    )  # fmt: skip


def _point_at_data(settings: Settings, switched: Switched, kept: Kept) -> None:
    """Let the pointer name the exact data before: known only once what was parked is kept."""
    if kept.point_id is None or switched.after is None:
        return  # what is still parked is not in the store yet: the point before it is
    switched.restore_point = kept.point_id
    switched.after = switched.after.model_copy(update={"restore_point": kept.point_id})
    write_pointer(settings, switched.after)


def finished(
    context: Context, settings: Settings, config: DeploymentConfig, story: RecordDraft
) -> DeployResult:
    """Write down a deployment that went well, prune old releases, and return the result."""
    with context.step("check_saved", translate("deployment", "Check what was saved")):
        unsound = [point.id for point in check_pending(context, settings) if not point.sound]
        if unsound:
            context.fail(
                translate("deployment", "SQLite found errors in the data that was saved: {ids}.",
                          ids=", ".join(unsound))
            )  # fmt: skip
    switched = story.switched
    before, after = switched.before and switched.before.pointer, switched.after
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
        restore_point=switched.restore_point,
        kept_point=switched.kept_point,
        program_pid=switched.program.pid if switched.program else None,
        downtime_seconds=switched.downtime,
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


def _require_still(
    context: Context, subject: Subject, hooks: Hooks, overrides: Mapping[str, str]
) -> None:
    results = [*checked(context, subject, AGAIN), *hooks.check(context, subject)]
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
