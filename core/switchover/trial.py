"""A rollback that is only planned, and tried on copies beside the live files."""

from __future__ import annotations

from dataclasses import dataclass

from core.base.config.models import Settings
from core.base.kind import Kind
from core.base.operation import Context
from core.base.text import Finding
from core.diff import Compare
from core.switchover.plan import RollbackPlan, plan_rollback
from core.switchover.way_back import check_way_back


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
