"""Goes back from a restore point to a running, verified program, or only tries that on copies.

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

from core.backup.models import Reason
from core.base.cleanup import cleaning_up
from core.base.config.models import Settings
from core.base.model import Model
from core.base.operation import Context, Kind, OperationError, Step
from core.base.text import Finding, Text, translate
from core.diff.operation import Compare
from core.promote.condition import Parked
from core.promote.engine import Fingerprint, Replacement, discard_staged, promote
from core.switchover.engine import Change, DataChange, Saved, Switched, save_present, switch_over
from core.switchover.keep import keep_all, keep_step
from core.switchover.plan import RollbackPlan, main_names, plan_rollback, stage_point
from core.switchover.way_back.checks import check_way_back


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
            saved = save_present(context, settings, Reason.BEFORE_ROLLBACK)
            return self._swap(context, promote_id, replacements, saved)

    def _swap(
        self, context: Context, promote_id: str, replacements: list[Replacement], saved: Saved
    ) -> RollbackResult:
        settings = self.settings

        def swap(stopped: Fingerprint) -> Parked:
            with context.step("promote", translate("rollback", "Swap the files")):
                return promote(settings, promote_id, replacements, stopped, kind=self.kind)

        def undone(why: Text) -> Text:
            return translate("rollback", "The rollback was undone: {why}", why=why)

        change = Change(
            id=promote_id, kind=self.kind, saved=saved, undone=undone,
            data=DataChange(promote_id, swap),
        )  # fmt: skip
        switched = Switched()
        switch_over(context, settings, change, switched)
        kept = keep_step(context, settings, switched.parked)
        return RollbackResult(
            point_id=self.point_id,
            safety_point_id=saved.point_id,
            parked_point_id=kept.point_id,
            downtime_seconds=switched.downtime,
            data_seconds=switched.data_seconds,
            program_pid=switched.program.pid if switched.program else None,
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


class TriedPlan(RollbackPlan):
    """What a rollback would do, and what came of trying it."""

    checks: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is known that would make it fail."""
        return self.problem is None and all(one.state != "failed" for one in self.checks)


@dataclass(frozen=True)
class RollbackDryRun:
    """Say what `Rollback` would do, and try it."""

    settings: Settings
    point_id: str
    kind: Kind = Kind.ROLLBACK_PLAN

    def run(self, context: Context) -> TriedPlan:
        """Return the plan and what was tried; nothing is touched, nothing is left."""
        plan = plan_rollback(self.settings, self.point_id)
        point = plan.point if plan.point.good else None
        if point is not None:
            plan = plan.with_changes(Compare(self.settings, self.point_id).run(context))
        names = {file.name for file in plan.point.point.files}
        checks = check_way_back(context, self.settings, point, names)
        return TriedPlan(**dict(plan), checks=tuple(checks))
