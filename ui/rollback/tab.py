"""The Rollback tab: when to go back to, what would change, and the one button that does it."""

from __future__ import annotations

from datetime import UTC, datetime

from PyQt6.QtCore import QModelIndex, Qt, QTimer
from PyQt6.QtGui import QHideEvent, QShowEvent
from PyQt6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from core.backup.models import ListedPoint
from core.base.databases import Condition
from core.base.operation import Kind, OperationError, Progress, Step
from core.base.text import translate
from core.base.worker import Worker
from core.diff.models import RowKind, Status
from core.switchover.plan import RollbackPlan, row_changes
from core.switchover.rollback import Rollback, RollbackResult
from ui.compare.difference import Difference, PageView, TableLine, compare, read_page
from ui.compare.view import CompareView
from ui.kit.parts import (
    Banner,
    Card,
    EmptyState,
    Header,
    Page,
    Stretch,
    beside,
    label,
    lay,
    scrolled,
)
from ui.kit.steps import StepsView
from ui.language import count_text, duration_text, say
from ui.points.messages import Why, ago, changes, choose, clock, condition, reason_name, when
from ui.points.table import PointsModel, PointsTable
from ui.rollback.confirm import Confirmation, Planning, button_text
from ui.rollback.timeline import Timeline
from ui.rollback.timeline_layout import flags
from ui.session import Ended, Look, Session
from ui.theme import Theme

SETTLE_MS = 250
"""A comparison begins when the choice has stood for so long."""


class RollbackTab(QWidget):
    """Fed by the session; whatever takes time runs there."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._listed: ListedPoint | None = None
        self._own_choice = False
        self._planning = Planning(session, self)
        self._comparison: Worker | None = None
        self._compared = ""
        self._pages = 0
        self._look: Look | None = None
        self._banner = Banner(theme, self)
        self.go = QPushButton(self)
        self.go.setObjectName("danger")
        self.go.clicked.connect(self._ask)
        self._head = Header(self, self.go)
        self.timeline = Timeline(theme, self)
        self.model = PointsModel(self)
        self.table = PointsTable(self.model, theme, self)
        self.compare = CompareView(theme, self)
        self._steps = StepsView(theme)
        self._outcome = label(self, "subtitle", wrap=True)
        self._steps_card = self._make_steps()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._compare)
        self._lay_out()
        self._connect()

    # ---- layout --------------------------------------------------------------------------

    def _make_steps(self) -> Card:
        card = Card(self, margin=24, spacing=16)
        back = QPushButton(say(translate("rollback", "Show what would change")), card)
        back.clicked.connect(lambda: self._right.setCurrentWidget(self.compare))
        within = QWidget(card)
        lay(QVBoxLayout(within), self._steps, Stretch(), margins=0)
        scroll = scrolled(card, within)
        for behind in (scroll.viewport(), within):
            if behind is not None:
                behind.setAutoFillBackground(False)  # the card's own shows through
        bar = scroll.verticalScrollBar()
        if bar is not None:
            # What came last is the newest, and a warning comes last: it stays in sight.
            bar.rangeChanged.connect(lambda _, end: bar.setValue(end))
        card.column.addWidget(self._outcome)
        card.column.addWidget(scroll, 1)
        card.column.addWidget(back, 0, Qt.AlignmentFlag.AlignRight)
        return card

    def _lay_out(self) -> None:
        self._right = QStackedWidget(self)
        self._right.addWidget(self.compare)
        self._right.addWidget(self._steps_card)
        below = beside(self, self.table.with_filter(), self._right)
        below.setStretchFactor(1, 1)
        below.setSizes([600, 600])
        card = Card(self)
        card.column.setContentsMargins(8, 8, 8, 4)
        card.column.addWidget(self.timeline)
        full = QWidget(self)
        lay(QVBoxLayout(full), self._head, card, (below, 1), spacing=16, margins=0)
        empty = EmptyState(
            translate("rollback", "There is no state to go back to yet"),
            translate(
                "rollback",
                "Make a restore point in the Backup tab; from then on going back is one click.",
            ),
            self,
        )
        self._stack = QStackedWidget(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(full)
        Page(self, self._banner, self._stack)

    def _connect(self) -> None:
        session = self._session
        session.looked.connect(self._show)
        session.started.connect(self._begin)
        session.stepped.connect(self._show_steps)
        session.ended.connect(self._end)
        session.idle.connect(self._dress_button)
        self._planning.changed.connect(self._show_plan)
        self._planning.failed.connect(self._banner.show_error)
        self.timeline.selected.connect(self._chosen_by_operator)
        self.timeline.activated.connect(lambda _: self.go.click())
        selection = self.table.selectionModel()
        if selection is not None:
            selection.currentRowChanged.connect(self._row_chosen)
        self.compare.cancel_wanted.connect(self._cancel_comparison)
        self.compare.again_wanted.connect(self._compare)
        self.compare.page_wanted.connect(self._want_page)

    # ---- the choice ----------------------------------------------------------------------

    def _show(self, look: Look) -> None:
        self._look = look
        points = look.listing.points
        self._stack.setCurrentIndex(1 if points else 0)
        self.model.show_points(points, look.at)
        known = self.timeline.chosen
        self.timeline.set_points(points)
        self.timeline.set_flags(flags(look.journal))
        self.timeline.set_now(look.at)
        still_there = known is not None and self.model.get(known) is not None
        if not self._own_choice or not still_there:
            missing = [one.name for one in look.status.files if one.condition is Condition.MISSING]
            databases = {file.name for file in self._session.settings.databases}
            choice = choose(points, changes(look.journal), look.at, databases.intersection(missing))
            if choice is not None:
                self._take(choice.listed, choice.why)
        elif known is not None:
            self._listed = self.model.get(known)
            self._dress_button()
        self._planning.keep_up(self._listed, look)

    def choose(self, point_id: str) -> None:
        """Choose a restore point for the operator, who asked for it elsewhere."""
        self._chosen_by_operator(point_id)

    def _row_chosen(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            point_id = self.model.row(current.row()).point.id
            if self._listed is None or point_id != self._listed.point.id:
                self._chosen_by_operator(point_id)

    def _chosen_by_operator(self, point_id: str) -> None:
        listed = self.model.get(point_id)
        if listed is not None:
            self._own_choice = True
            self._take(listed, None)

    def _take(self, listed: ListedPoint, why: Why | None) -> None:
        before = self._listed
        self._listed = listed
        self.timeline.select(listed.point.id)
        self._say_why(listed, why)
        if before is None or before.point.id != listed.point.id:
            self._planning.choose()
            self.table.choose(listed.point.id)
            self._cancel_comparison()
            if not self._session.blocked:
                self._right.setCurrentWidget(self.compare)
            self._settle.start()
        self._planning.keep_up(listed, self._look)
        self._dress_button()

    def _say_why(self, listed: ListedPoint, why: Why | None) -> None:
        now = self._now()
        time = clock(when(listed), now, exact=self._crowded(listed))
        self._head.title.setText(
            say(translate("rollback", "Back to the state of {time}", time=time))
        )
        words = {
            Why.BEFORE_CHANGE: say(
                translate("rollback", "Chosen: the newest good state before the last change")
            ),
            Why.NEWEST_GOOD: say(translate("rollback", "Chosen: the newest good state")),
        }
        parts = [words[why]] if why is not None else []
        parts += [ago(when(listed), now), reason_name(listed.point.reason), condition(listed)]
        self._head.below.setText(" · ".join(parts))

    def _crowded(self, listed: ListedPoint) -> bool:
        minute = when(listed).timestamp() // 60
        points = self._look.listing.points if self._look is not None else ()
        return sum(when(point).timestamp() // 60 == minute for point in points) > 1

    def _now(self) -> datetime:
        return self._look.at if self._look is not None else datetime.now(UTC)

    # ---- what would change ---------------------------------------------------------------

    def showEvent(self, event: QShowEvent | None) -> None:
        """Compare only what is looked at."""
        super().showEvent(event)
        if self._listed is not None and self._compared != self._listed.point.id:
            self._settle.start()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Stop comparing what nobody looks at."""
        super().hideEvent(event)
        self._cancel_comparison()

    def _compare(self) -> None:
        listed = self._listed
        if listed is None or not self.isVisible() or self._session.blocked:
            return
        self._cancel_comparison()
        self._compared = listed.point.id
        if not listed.good:
            self.compare.show_message(condition(listed))
            return
        self.compare.show_progress(None)
        self._comparison = self._session.look(
            compare(self._session.settings, listed.point.id, None),
            self._show_difference,
            self._comparison_failed,
            self._comparison_progressed,
        )

    def settled(self) -> bool:
        """Whether the comparison that is looked at is there."""
        return self._comparison is None and not self._settle.isActive() and not self._pages

    def _cancel_comparison(self) -> None:
        self._settle.stop()
        if self._comparison is not None:
            self._comparison.cancel()
            self._comparison = None
            self._compared = ""
            self.compare.show_cancelled()

    def _comparison_progressed(self, progress: Progress) -> None:
        if self._comparison is not None:
            self.compare.show_progress(progress)

    def _comparison_failed(self, error: Exception) -> None:
        if self._comparison is None:
            return
        self._comparison = None
        if isinstance(error, OperationError):
            self.compare.show_failure(error)
        else:
            self._banner.show_error(error)

    def _show_difference(self, difference: Difference) -> None:
        listed = self._listed
        if self._comparison is None or listed is None or difference.left != listed.point.id:
            return
        self._comparison = None
        # What the restore point does not hold stays as it is, and is told below the rest.
        changing = [line for line in difference.lines if line.status is not Status.NOT_HELD]
        self._planning.add(difference.found)
        rows = row_changes(difference.found).rows
        at = f"{difference.at.astimezone():%H:%M:%S}"
        if changing:
            heading = translate(
                "rollback",
                "What going back would change: {rows} rows in {tables} tables (as of {at})",
                rows=count_text(rows),
                tables=count_text(len(changing)),
                at=at,
            )
        else:
            heading = translate(
                "rollback", "Nothing differs from the live data (as of {at})", at=at
            )
        self.compare.show_result(say(heading), difference.lines)
        self._dress_button()

    def _want_page(self, line: TableLine, kind: RowKind | None, first: int) -> None:
        listed = self._listed
        if listed is None:
            return

        def show(page: PageView) -> None:
            self.compare.show_page(line, page, first)

        self._pages += 1
        worker = self._session.look(
            read_page(self._session.settings, listed.point.id, None, line, kind, first),
            show,
            self._banner.show_error,
        )
        worker.finished.connect(self._page_over)

    def _page_over(self) -> None:
        self._pages -= 1

    # ---- going back ----------------------------------------------------------------------

    @property
    def plan(self) -> RollbackPlan | None:
        """What going back to the chosen restore point would do, as it is shown; None: not known."""
        return self._planning.plan

    def _show_plan(self) -> None:
        plan = self.plan
        if plan is not None and plan.problem is not None:
            told = (plan.problem, plan.to_do)
            self._head.below.setText(" ".join(say(one) for one in told if one is not None))
        self._dress_button()

    def _dress_button(self) -> None:
        plan = self.plan
        self.go.setVisible(plan is not None)
        if plan is not None:
            exact = self._crowded(plan.point)
            self.go.setText(button_text(plan, self._now(), exact=exact))
            self.go.setEnabled(plan.problem is None and not self._session.blocked)

    def _ask(self) -> None:
        plan = self.plan
        if plan is None:
            return
        exact = self._crowded(plan.point)
        question = Confirmation(plan, self._now(), exact=exact, parent=self)
        question.accepted.connect(lambda: self._roll_back(plan))
        question.open()

    def _roll_back(self, plan: RollbackPlan) -> None:
        self._cancel_comparison()
        self._banner.hide()
        self._session.start(Rollback(self._session.settings, plan.point.point.id, plan))

    def _begin(self, name: str) -> None:
        self._dress_button()
        if name == "rollback":
            self._steps.show_steps(())
            self._outcome.setText(say(translate("rollback", "Going back…")))
            self._right.setCurrentWidget(self._steps_card)

    def _show_steps(self, steps: tuple[Step, ...]) -> None:
        if self._session.busy is Kind.ROLLBACK:
            self._steps.show_steps(steps)

    def _end(self, ended: Ended) -> None:
        self._compared = ""
        # What was planned and compared was of what is not live any more.
        self._planning.forget()
        if ended.operation is not Kind.ROLLBACK:
            return
        self._own_choice = False
        if ended.error is not None:
            self._banner.show_error(ended.error)
            self._outcome.setText(say(translate("rollback", "The rollback did not go through")))
        elif isinstance(ended.result, RollbackResult):
            result = ended.result
            self._steps.show_steps(result.steps)
            if result.program_pid is None:
                text = translate("rollback", "Done. No program was running, so none was down.")
            else:
                text = translate(
                    "rollback",
                    "Done. The program was down for {duration} and runs again.",
                    duration=duration_text(result.downtime_seconds),
                )
            self._outcome.setText(say(text))
        else:
            self._outcome.setText(say(translate("rollback", "Cancelled: nothing was changed")))
