"""Rehearses a deployment: all of it, in a scratch root, with a copy of the data.

The copy holds no key of the exchange (the files paired with the databases stay behind, and so
does every variable that looks like a secret), so the rehearsed program cannot trade.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from core.backup.create import create_restore_point_from
from core.backup.materialise import materialise_all
from core.backup.models import Reason
from core.backup.store import Store
from core.base.cleanup import attempt, cleaning_up, remove_tree
from core.base.config.models import GuardedFile, Settings
from core.base.files import nearest_folder, private_folder
from core.base.operation import Context, Kind, OperationError
from core.base.process import run_in_process
from core.base.text import translate
from core.program.runs import release_program
from core.release.checks import FIXED, MB
from core.release.config import DeploymentConfig, load_config
from core.release.log import keep_record
from core.release.models import DeployResult, Hooks, RecordKind, RehearsalResult
from core.release.plan import check_names
from core.release.recovery import end_rehearsed, recover_deployment, rehearsals, sweep_rehearsals
from core.release.run import RecordDraft, deploy

SECRET = re.compile(r"KEY|SECRET|TOKEN|PASSW|CREDENTIAL|WEBHOOK", re.IGNORECASE)
SOAK_SECONDS = 10.0
"""A rehearsal does not soak for longer than this."""
REASON = "rehearsal"


@dataclass(frozen=True)
class DeployRehearse:
    """Do everything that a deployment does, beside production; its times are the estimate."""

    settings: Settings
    hooks: Hooks = field(default_factory=Hooks)
    kind: Kind = Kind.DEPLOY_REHEARSE

    def run(self, context: Context) -> RehearsalResult:
        """Return what it took; raises `OperationError` with production untouched."""
        settings = self.settings
        recover_deployment(context, settings)
        sweep_rehearsals(settings)
        config = load_config(settings)
        story = RecordDraft(RecordKind.REHEARSAL)
        root = private_folder(rehearsals(settings)) / story.deployment
        begun = time.monotonic()
        try:
            _require_room(settings, config)
            scratch, there = _scratch(settings, config, root)
            # Its lock lies in what is removed, and what is open is not removed on Windows.
            with cleaning_up(release_program, scratch):
                with context.step("copy", translate("deployment", "Copy the data")):
                    _copy_data(context, settings, scratch)
                result = deploy(context, scratch, there, self.hooks, _overrides(self.hooks), None)
        except OperationError as error:
            attempt(story.keep, context, settings, error)
            raise OperationError(
                translate("deployment", "The rehearsal failed: {why}", why=error.happened),
                data_state=translate("deployment", "Nothing in production was touched."),
                to_do=error.to_do,
            ) from error
        finally:
            attempt(end_rehearsed, root)
            attempt(remove_tree, root)
        return self._keep(context, story, result, time.monotonic() - begun)

    def _keep(
        self,
        context: Context,
        story: RecordDraft,
        result: DeployResult,
        total: float,
    ) -> RehearsalResult:
        story.artefact, story.version = result.artefact, result.version
        # In the scratch root every deployment is the first one.
        checks = tuple(check for check in result.checks if check.name != "way_back")
        story.checks, story.changes = checks, result.changes
        record = story.record(context, self.settings, None)
        record = record.model_copy(update={"downtime_seconds": result.downtime_seconds})
        keep_record(self.settings, record)
        return RehearsalResult(
            artefact=result.artefact,
            checks=checks,
            steps=tuple(context.steps),
            downtime_seconds=result.downtime_seconds,
            total_seconds=total,
            migrations=result.changes.migrations if result.changes else (),
        )


def _require_room(settings: Settings, config: DeploymentConfig) -> None:
    """Raise `OperationError` where copies of the data would fill the disk under the program."""
    size = sum(
        member.stat().st_size
        for file in settings.databases
        for member in (file.path, Path(f"{file.path}-wal"))
        if member.exists()
    )
    place = nearest_folder(rehearsals(settings))
    free = shutil.disk_usage(place).free
    # A restore point, the copy itself, and what a migration stages beside it.
    needed = 3 * size + config.checks.free_mb * MB
    if free < needed:
        raise OperationError(
            translate("deployment", "{path} has {free_bytes} free; {needed_bytes} are needed.",
                      path=place, free_bytes=free, needed_bytes=needed),
            data_state=translate("deployment", "Nothing in production was touched."),
            to_do=translate(
                "deployment", "Free some space, prune restore points, or lower free_mb."
            ),
        )  # fmt: skip


def _scratch(
    settings: Settings, config: DeploymentConfig, root: Path
) -> tuple[Settings, DeploymentConfig]:
    """Return settings and configuration under which everything happens below *root*."""
    app = private_folder(root / "app")
    data = private_folder(app / "data")
    files = tuple(
        GuardedFile(name=file.name, path=data / file.known_as.name, kind="database")
        for file in settings.databases
    )
    scratch = settings.model_copy(
        update={"app": app, "home": root / "home", "store": root / "store", "files": files}
    )
    if (settings.app / "config").is_dir():
        shutil.copytree(
            settings.app / "config", app / "config", ignore=shutil.ignore_patterns("secure")
        )
    blank = {name: "" for name in os.environ if SECRET.search(name)}
    kept = {name: value for name, value in config.environment.items() if not SECRET.search(name)}
    there = config.model_copy(
        update={
            "releases": root / "releases",
            "data": data,
            "logs": app / "logs",
            "directories": (),
            "stage": "testing",
            "environment": blank | kept,
            "verify": config.verify.model_copy(
                update={"soak_seconds": min(config.verify.soak_seconds, SOAK_SECONDS)}
            ),
        }
    )
    return scratch, there


def _copy_data(context: Context, settings: Settings, scratch: Settings) -> None:
    """Copy the live databases, as of one moment, without the keys that go with them."""
    present = [file for file in settings.databases if file.path.is_file()]
    point = create_restore_point_from(context, scratch, present, Reason.MANUAL)
    listed = Store(scratch.store).get(point.id)
    destinations = {
        file.name: Path(f"{scratch.file(base).path}{file.name[len(base) :]}")
        for file in listed.point.files
        for base in (file.name.removesuffix("-wal"),)
    }
    run_in_process(materialise_all, context, scratch.store, listed, destinations)


def _overrides(hooks: Hooks) -> dict[str, str]:
    """Return a reason for every check that may fail: nothing real happens in a rehearsal."""
    return {name: REASON for name in check_names(hooks) if name not in FIXED}
