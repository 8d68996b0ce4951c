"""Goes back from a restore point to a running, verified program.

Order: stage the restore point while the program still runs, with every byte compared; save the
present; stop the program; swap; start; verify.  The swap parks the exact files of the present,
rows in a ``-wal`` included, so the program is down for some renames however large the data is;
the parked set becomes a restore point once the program runs again.  When the program does not
come up well, the parked set goes back and the program is started on it.  Where no guarded file
is there at all, as on a new machine, there is nothing to save and nothing to park.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from core.cleanup import cleaning_up
from core.config.models import Settings
from core.cutover import change_over, keep, keep_all
from core.operation import Context, Effect, OperationError, Step
from core.promote import (
    Parked,
    Replacement,
    discard_staged,
    fingerprint,
    promote,
)
from core.services.control import launch_of
from core.services.find import find_programs
from core.services.models import Program
from core.snapshot.models import ListedPoint, Reason
from core.snapshot.store import Store
from core.snapshot.take import take
from core.staging import main_names, stage_point
from core.swappable import obstacles
from core.text import Text, translate


class Frozen(BaseModel):
    """A value."""

    model_config = ConfigDict(frozen=True)


class RollbackPlan(Frozen):
    """What a rollback would do; sizes in bytes."""

    point: ListedPoint
    files: tuple[str, ...]
    untouched: tuple[str, ...]
    """Guarded files that the restore point does not hold; they stay as they are."""
    size: int
    program: Program | None
    start: tuple[str, ...] | None
    problem: Text | None
    """Why it would not be done; None: nothing is in the way."""
    to_do: Text | None = None
    """What to do about the problem."""


class RollbackResult(Frozen):
    """A rollback that went well; durations in seconds."""

    point_id: str
    safety_point_id: str | None
    """What was live before; None where no guarded file was there."""
    parked_point_id: str | None
    """What was live at the stop; None: it stays parked, and a warning says why."""
    downtime_seconds: float
    """From the request to stop until the program was verified; 0 where none ran."""
    data_seconds: float
    """Of these, the time that the swap took."""
    program_pid: int | None
    steps: tuple[Step, ...]
    warnings: tuple[Text, ...] = ()
    """What the operator is to know although it went well."""


def plan_rollback(settings: Settings, point_id: str) -> RollbackPlan:
    """Return what `Rollback` would do; nothing is touched.

    Raises `OperationError` when there is no such restore point.
    """
    listed = Store(settings.store).get(point_id)
    held = {file.name for file in listed.point.files}
    programs = find_programs(settings)
    launch = problem = to_do = None
    try:
        launch = launch_of(settings, programs[0]) if programs else None
    except OperationError as error:
        problem, to_do = error.happened, error.to_do
    in_the_way = obstacles(settings, held)
    if not listed.good:
        problem = translate("rollback", "This restore point is damaged.")
        to_do = translate("rollback", "Choose another restore point.")
    elif in_the_way:
        problem, to_do = in_the_way[0].what, in_the_way[0].to_do
    return RollbackPlan(
        point=listed,
        files=tuple(sorted(held)),
        untouched=tuple(file.name for file in settings.files if file.name not in held),
        size=listed.point.size,
        program=programs[0] if programs else None,
        start=launch.command if launch else None,
        problem=problem,
        to_do=to_do,
    )


@dataclass(frozen=True)
class Rollback:
    """Go back to a restore point."""

    settings: Settings
    point_id: str
    name: str = "rollback"
    effect: Effect = Effect.CHANGE

    def run(self, context: Context) -> RollbackResult:
        """Return what was done; raises `OperationError` with the former state back in place."""
        settings = self.settings
        keep_all(context, settings)
        plan = plan_rollback(settings, self.point_id)
        if plan.problem is not None:
            raise OperationError(
                plan.problem,
                data_state=translate("rollback", "Nothing was touched."),
                to_do=plan.to_do or translate("rollback", "Choose another restore point."),
            )
        promote_id = f"rollback-{secrets.token_hex(6)}"
        lives = [settings.file(name).path for name in main_names(plan.point)]
        with cleaning_up(discard_staged, settings, lives, promote_id):
            with context.step("stage", translate("rollback", "Stage the restore point")):
                replacements = stage_point(context, settings, plan.point, promote_id)
            safety = _save_present(context, settings)
            return self._swap(context, plan, promote_id, replacements, safety)

    def _swap(
        self,
        context: Context,
        plan: RollbackPlan,
        promote_id: str,
        replacements: list[Replacement],
        safety_id: str | None,
    ) -> RollbackResult:
        settings = self.settings

        def swap() -> Parked:
            with context.step("promote", translate("rollback", "Swap the files")):
                lives = [replacement.live for replacement in replacements]
                return promote(settings, promote_id, replacements, fingerprint(lives))

        def undone(why: Text) -> Text:
            return translate("rollback", "The rollback was undone: {why}", why=why)

        done = change_over(context, settings, promote_id, swap, undone)
        with context.step("keep", translate("rollback", "Keep what was replaced")):
            kept = keep(context, settings, done.parked)
            if kept.warning is not None:
                context.warn(kept.warning)
        return RollbackResult(
            point_id=self.point_id,
            safety_point_id=safety_id,
            parked_point_id=kept.point_id,
            downtime_seconds=done.downtime,
            data_seconds=done.data,
            program_pid=done.program.pid if done.program else None,
            steps=tuple(context.steps),
            warnings=(kept.warning,) if kept.warning is not None else (),
        )


def _save_present(context: Context, settings: Settings) -> str | None:
    """Take a restore point of what is live and return its id; None where nothing is."""
    what = translate("rollback", "Save the present")
    if not any(file.path.is_file() for file in settings.files):
        context.skipped("safety", what, translate("rollback", "No guarded file is there."))
        return None
    with context.step("safety", what):
        return take(context, settings, Reason.BEFORE_ROLLBACK).id
