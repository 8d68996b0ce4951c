"""Keeps the plan of going back to the restore point that is chosen, as the workspace is now."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal

from core.backup.models import ListedPoint
from core.base.databases import Condition
from core.base.operation import OperationError
from core.diff import Comparison
from core.switchover.plan import RollbackPlan, plan_rollback
from ui.session import Look, Session


class Planning(QObject):
    """Plans anew, in a thread of the session's, whenever something changes that a plan goes by."""

    changed = pyqtSignal()
    """There is another plan, or none any more."""
    failed = pyqtSignal(object)
    """The exception of a mistake in planning."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._chosen: ListedPoint | None = None
        self._plan: RollbackPlan | None = None
        self._found: Comparison | None = None
        self._planned: tuple[object, ...] = ()

    @property
    def plan(self) -> RollbackPlan | None:
        """What going back would do; None: not known."""
        if self._plan is None or self._found is None:
            return self._plan
        return self._plan.with_changes(self._found)

    def choose(self) -> None:
        """Another restore point is chosen: what was known of the former one is forgotten."""
        self.forget()
        self._plan = None

    def forget(self) -> None:
        """Take nothing for known any more: the live files have changed."""
        self._planned, self._found = (), None

    def add(self, found: Comparison) -> None:
        """Let the plan tell of the rows that were found to differ."""
        self._found = found

    def keep_up(self, listed: ListedPoint | None, look: Look | None) -> None:
        """Plan going back to *listed* anew where *look* shows what the plan does not go by yet."""
        self._chosen = listed
        if listed is None or look is None:
            return
        status = look.status
        by = (
            listed, status.program, status.obstacles, status.interrupted,
            tuple((file.name, file.condition is Condition.MISSING) for file in status.files),
        )  # fmt: skip
        if by == self._planned:
            return
        self._planned = by
        settings, point_id = self._session.settings, listed.point.id
        self._session.look(
            lambda _: plan_rollback(settings, point_id), self._take, self._not_planned
        )

    def _take(self, plan: RollbackPlan) -> None:
        if self._chosen is not None and plan.point.point.id == self._chosen.point.id:
            self._plan = plan
            self.changed.emit()

    def _not_planned(self, error: Exception) -> None:
        self._planned = ()
        if isinstance(error, OperationError):
            self._plan = None  # it is not there any more: another one is chosen at the next look
            self.changed.emit()
        else:
            self.failed.emit(error)
