"""Goes back to an earlier deployment: its release and the data as that release left it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from core.backup.models import ListedPoint
from core.backup.store import Store
from core.base.cleanup import attempt
from core.base.config.models import Settings
from core.base.kind import Kind
from core.base.model import Strict
from core.base.operation import Context, OperationError
from core.base.text import Text, translate
from core.program.control import launch_of
from core.program.models import Launch
from core.program.release import Pointer, Release, launch_of_release, read_pointer, read_release
from core.promote import Fingerprint, Parked
from core.release.back import keep_parked
from core.release.change import Changed, Target, change, origin_of
from core.release.config import load_config
from core.release.data import discard_data, stage_data, swap_data
from core.release.hooks import Hooks
from core.release.log import read_log
from core.release.models import DeployResult, Ending, Record, RecordKind
from core.release.recovery import recover_deployment
from core.release.releases import changes_between
from core.release.run import RecordDraft, finished
from core.switchover.engine import keep_all
from core.switchover.obstacles import require_swappable

BEFORE_FIRST = "before-first"
"""The name of the way back to the program as it was before the first deployment."""


class WayBack(Strict):
    """Where one can go back to: a release (None: before the first one) and its data."""

    pointer: Pointer | None
    point: ListedPoint
    deployment: str
    """The deployment that replaced it."""
    command: tuple[str, ...] | None = None
    """How the program was started before the first deployment."""


def ways_back(settings: Settings) -> tuple[WayBack, ...]:
    """Return every pair that can be gone back to, newest first; raises `LogDamaged`.

    One whose release or restore point was pruned is no way back.
    """
    store = Store(settings.store)
    points = {one.point.id: one for one in store.listed()}
    found = []
    for entry in reversed(read_log(settings)):
        record = entry.record
        point = points.get(record.restore_point or "")
        if not _replaced_something(record) or point is None or not point.good:
            continue
        if record.before is not None and not _is_there(record.before):
            continue
        found.append(
            WayBack(pointer=record.before, point=point, deployment=record.deployment,
                    command=record.before_command)
        )  # fmt: skip
    return tuple(found)


def _replaced_something(record: Record) -> bool:
    return record.ending is Ending.DONE and record.kind in {
        RecordKind.DEPLOY, RecordKind.ROLLBACK, RecordKind.RECOVERY,
    }  # fmt: skip


def _is_there(pointer: Pointer) -> bool:
    try:
        return read_release(pointer.folder).id == pointer.release
    except OperationError:
        return False


@dataclass(frozen=True)
class DeployRollback:
    """Go back to the release before this one, or to *to*, with the data as it left it."""

    settings: Settings
    to: str | None = None
    """A deployment, a release, or `BEFORE_FIRST`; None: what the current one replaced."""
    hooks: Hooks = field(default_factory=Hooks)
    kind: Kind = Kind.DEPLOY_ROLLBACK

    def plan(self) -> WayBack:
        """Return where this goes back to; raises `OperationError` where there is no way.

        Nor is there one where a file cannot be swapped.
        """
        found = ways_back(self.settings)
        current = read_pointer(self.settings)
        if self.to is None:
            mine = [one for one in found if current and one.deployment == current.deployment]
        else:
            mine = [
                one for one in found
                if self.to in _names(one)
            ]  # fmt: skip
        if mine:
            require_swappable(self.settings)
            return mine[0]
        known = [_names(one)[0] for one in found]
        raise OperationError(
            translate("deployment", "There is nothing to go back to.")
            if self.to is None
            else translate("deployment", "There is no way back to {to}.", to=self.to),
            data_state=translate("deployment", "Nothing was touched: what ran, runs."),
            to_do=translate("deployment", "Choose one of: {names}.",
                            names=", ".join(dict.fromkeys(known)) or "–"),
        )  # fmt: skip

    def run(self, context: Context) -> DeployResult:
        """Return what was done; raises `OperationError` with the former pair back and running."""
        settings = self.settings
        recover_deployment(context, settings)
        keep_all(context, settings)
        config = load_config(settings)
        way = self.plan()
        story = RecordDraft(RecordKind.ROLLBACK)
        promote_id = f"deploy-{secrets.token_hex(6)}"
        try:
            release = read_release(way.pointer.folder) if way.pointer else None
            story.version = release.version if release else None
            before, old = origin_of(settings)
            former = read_release(before.pointer.folder) if before.pointer else None
            story.changes = changes_between(former, release, ())
            story.changed = changed = Changed(before=before, begun=story.begun)
            with context.step("stage", translate("deployment", "Stage the data")):
                staged = stage_data(context, settings, way.point.point.id, promote_id)

            def swap(_: Context, saved: Fingerprint) -> Parked:
                return swap_data(settings, staged, saved)

            goal = Target(
                kind=RecordKind.ROLLBACK, deployment=story.deployment, release=release,
                launch=_launch(settings, release, way) if before.running else None,
                change_data=swap, what=_what(way),
                restore_point=way.pointer.restore_point if way.pointer else None,
                artefact=release.artefact.digest if release else None,
            )  # fmt: skip
            change(context, settings, config, self.hooks, goal, changed, old)
        except BaseException as error:
            attempt(story.keep, context, settings, error)
            raise
        finally:
            attempt(discard_data, settings, promote_id)
        if changed.parked is not None:
            changed.kept_point = keep_parked(context, settings, changed.parked)
        return finished(context, settings, config, story)


def _names(way: WayBack) -> tuple[str, ...]:
    if way.pointer is None:
        return (BEFORE_FIRST,)
    return (way.pointer.deployment, way.pointer.release)


def _what(way: WayBack) -> Text:
    return translate("deployment", "Swap in the data of {when}", when=way.point.point.created)


def _launch(settings: Settings, release: Release | None, way: WayBack) -> Launch | None:
    if release is not None:
        return launch_of_release(settings, release)
    if way.command is None:
        return launch_of(settings, None, deployed=False)
    program = settings.program.model_copy(update={"start": way.command})
    as_it_ran = settings.model_copy(update={"program": program})
    return launch_of(as_it_ran, None, deployed=False)
