"""Goes back to an earlier deployment: its release and the data as that release left it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from core.backup.models import ListedPoint, Reason
from core.backup.order import state_of
from core.backup.store import Store
from core.base.cleanup import attempt, cleaning_up
from core.base.config.models import Settings
from core.base.model import Strict
from core.base.operation import Context, Kind, OperationError
from core.base.text import Text, translate
from core.program.control import launch_of
from core.program.find import find_programs
from core.program.models import Launch
from core.program.release import Pointer, Release, launch_of_release, read_pointer, read_release
from core.promote.condition import Parked
from core.promote.engine import Fingerprint, discard_staged, promote
from core.release.config import DeploymentConfig, load_config
from core.release.log import read_log
from core.release.models import DeployResult, Ending, Hooks, Record, RecordKind
from core.release.recovery import recover_deployment
from core.release.releases import changes_between
from core.release.run import RecordDraft, change_of, finished, production_of
from core.switchover.engine import DataChange, save_present, switch_over
from core.switchover.keep import keep_all, keep_step
from core.switchover.obstacles import require_swappable
from core.switchover.plan import main_names, stage_point

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
    untouched: tuple[str, ...] = ()
    """Guarded files that are there and that the restore point does not hold: they stay."""

    @property
    def sentences(self) -> tuple[Text, ...]:
        """What becomes of the data, one sentence each."""
        told = [
            translate(
                "deployment",
                "Its data of {time} comes back with it; what was written since stays in a restore "
                "point.", time=state_of(self.point),
            )
        ]  # fmt: skip
        if self.untouched:
            told.append(
                translate("rollback", "Not in the restore point, stays as it is: {files}.",
                          files=", ".join(self.untouched))
            )  # fmt: skip
        return tuple(told)


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
                    command=record.before_command, untouched=_untouched(settings, point))
        )  # fmt: skip
    return tuple(found)


def _untouched(settings: Settings, listed: ListedPoint) -> tuple[str, ...]:
    held = set(main_names(listed))
    return tuple(
        file.name for file in settings.files if file.name not in held and file.path.is_file()
    )


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
        lives = [file.path for file in settings.files]
        try:
            with cleaning_up(discard_staged, settings, lives, promote_id):
                self._switch(context, config, story, way, promote_id)
        except BaseException as error:
            attempt(story.keep, context, settings, error)
            raise
        switched = story.switched
        switched.kept_point = keep_step(context, settings, switched.parked).point_id
        return finished(context, settings, config, story)

    def _switch(
        self,
        context: Context,
        config: DeploymentConfig,
        story: RecordDraft,
        way: WayBack,
        promote_id: str,
    ) -> None:
        settings = self.settings
        release = read_release(way.pointer.folder) if way.pointer else None
        story.version = release.version if release else None
        pointer = read_pointer(settings)
        former = read_release(pointer.folder) if pointer else None
        story.changes = changes_between(former, release, ())
        with context.step("stage", translate("deployment", "Stage the data")):
            replacements = stage_point(context, settings, way.point, promote_id)
        saved = save_present(context, settings, Reason.BEFORE_DEPLOYMENT, story.deployment)

        def swap(stopped: Fingerprint) -> Parked:
            with context.step("promote", _what(way)):
                return promote(settings, promote_id, replacements, stopped, kind=self.kind)

        into = production_of(
            context, settings, config, self.hooks, story, release,
            launch=_launch(settings, release, way) if find_programs(settings) else None,
            data=way.pointer.restore_point if way.pointer else None,
        )  # fmt: skip
        data = DataChange(promote_id, swap)
        switch_over(
            context, settings, change_of(story, self.kind, saved, into, data), story.switched
        )


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
