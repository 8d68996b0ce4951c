"""The plan of going back to a restore point, and the one question before it is carried out.

The focus stands on Cancel, so that neither Return nor Space pressed by habit starts anything.
"""

from __future__ import annotations

from datetime import datetime

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.backup.models import ListedPoint
from core.base.databases import Condition
from core.base.operation import OperationError
from core.base.text import translate
from core.diff.models import Comparison
from core.switchover.plan import RollbackPlan, plan_rollback, sentences
from ui.kit.parts import Stretch, lay
from ui.language import count_text, say
from ui.points.messages import clock, when
from ui.session import Look, Session


def databases_text(count: int) -> str:
    """Return *count* databases in words."""
    if count == 1:
        return say(translate("rollback", "1 database"))
    return say(translate("rollback", "{count} databases", count=count))


def button_text(plan: RollbackPlan, now: datetime, *, exact: bool) -> str:
    """Return what stands on the one button.

    *exact*: the time needs its seconds to be told from another restore point's.
    """
    time = clock(when(plan.point), now, exact=exact)
    databases = databases_text(plan.databases)
    if plan.changes is None:
        return say(
            translate(
                "rollback", "Roll back to {time} ({databases})", time=time, databases=databases
            )
        )
    if plan.changes.rows == 1:
        return say(
            translate(
                "rollback",
                "Roll back to {time} ({databases}, 1 row changes)",
                time=time,
                databases=databases,
            )
        )
    return say(
        translate(
            "rollback",
            "Roll back to {time} ({databases}, {rows} rows change)",
            time=time,
            databases=databases,
            rows=count_text(plan.changes.rows),
        )
    )


def question(plan: RollbackPlan, now: datetime, *, exact: bool) -> str:
    """Return the title of the confirmation."""
    time = clock(when(plan.point), now, exact=exact)
    return say(translate("rollback", "Roll back to the state of {time}?", time=time))


def confirm_text(plan: RollbackPlan, now: datetime, *, exact: bool) -> str:
    """Return what stands on the red button of the confirmation."""
    time = clock(when(plan.point), now, exact=exact)
    if plan.program is None:
        return say(translate("rollback", "Replace the files with {time}", time=time))
    return say(translate("rollback", "Stop the program and roll back to {time}", time=time))


class Confirmation(QDialog):
    """Asks once; `exec` and `open` end with Accepted only by the red button."""

    def __init__(
        self, plan: RollbackPlan, now: datetime, *, exact: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(say(translate("rollback", "Rollback")))
        self.setModal(True)
        title = QLabel(question(plan, now, exact=exact), self)
        title.setObjectName("title")
        title.setWordWrap(True)
        steps = QGridLayout()
        steps.setHorizontalSpacing(12)
        steps.setVerticalSpacing(8)
        steps.setColumnStretch(1, 1)
        self.sentences = tuple(say(sentence) for sentence in sentences(plan))
        top = Qt.AlignmentFlag.AlignTop
        for row, sentence in enumerate(self.sentences):
            number = QLabel(f"{row + 1}", self)
            number.setObjectName("faint")
            text = QLabel(sentence, self)
            text.setWordWrap(True)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            steps.addWidget(number, row, 0, top)
            steps.addWidget(text, row, 1, top)
        self.cancel = QPushButton(say(translate("rollback", "&Cancel")), self)
        self.go = QPushButton(confirm_text(plan, now, exact=exact), self)
        self.go.setObjectName("danger")
        self.go.setAutoDefault(False)
        self.cancel.setDefault(True)
        self.cancel.clicked.connect(self.reject)
        self.go.clicked.connect(self.accept)
        buttons = lay(QHBoxLayout(), Stretch(), self.cancel, self.go)
        lay(
            QVBoxLayout(self),
            title,
            steps,
            Stretch(),
            buttons,
            spacing=16,
            margins=(24, 24, 24, 16),
        )
        self.setMinimumWidth(72 * self.fontMetrics().horizontalAdvance("0"))
        self.setAccessibleDescription(" ".join(self.sentences))
        self.cancel.setFocus()


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
