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

from core.backup.create import create_restore_point
from core.backup.models import Reason
from core.base.cleanup import cleaning_up
from core.base.config.models import Settings
from core.base.kind import Kind
from core.base.model import Model
from core.base.operation import Context, OperationError, Step
from core.base.text import Text, translate
from core.promote import (
    Fingerprint,
    Parked,
    Replacement,
    discard_staged,
    promote,
)
from core.switchover.engine import change_over, keep, keep_all
from core.switchover.plan import RollbackPlan, plan_rollback
from core.switchover.staging import main_names, stage_point


class RollbackResult(Model):
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


@dataclass(frozen=True)
class Rollback:
    """Go back to a restore point."""

    settings: Settings
    point_id: str
    shown: RollbackPlan | None = None
    """What the operator agreed to; None: whatever is so now."""
    kind: Kind = Kind.ROLLBACK

    def run(self, context: Context) -> RollbackResult:
        """Return what was done; raises `OperationError` with the former state back in place.

        Nothing is touched where it would not be what was shown.
        """
        settings = self.settings
        plan = plan_rollback(settings, self.point_id)
        if plan.problem is not None:
            raise OperationError(
                plan.problem,
                data_state=translate("rollback", "Nothing was touched."),
                to_do=plan.to_do or translate("rollback", "Choose another restore point."),
            )
        if self.shown is not None:
            _require_as_shown(self.shown, plan)
        keep_all(context, settings)
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

        def swap(stopped: Fingerprint) -> Parked:
            with context.step("promote", translate("rollback", "Swap the files")):
                return promote(settings, promote_id, replacements, stopped, kind=self.kind)

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


def _require_as_shown(shown: RollbackPlan, now: RollbackPlan) -> None:
    what = shown.differs_from(now)
    if what is not None:
        raise OperationError(
            translate("rollback", "It would not be what was shown any more: {what}", what=what),
            data_state=translate("rollback", "Nothing was touched."),
            to_do=translate("rollback", "Look at what would happen now, then decide again."),
        )


def _save_present(context: Context, settings: Settings) -> str | None:
    """Take a restore point of what is live and return its id; None where nothing is."""
    what = translate("rollback", "Save the present")
    if not any(file.path.is_file() for file in settings.files):
        context.skipped("safety", what, translate("rollback", "No guarded file is there."))
        return None
    with context.step("safety", what):
        return create_restore_point(context, settings, Reason.BEFORE_ROLLBACK).id
