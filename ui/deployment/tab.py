"""The Deployment tab: checks, steps as they run, what was deployed, and one button back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QDesktopServices, QShowEvent
from PyQt6.QtWidgets import QInputDialog, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from core.base.operation import Context, Kind, OperationError, Step, Tab
from core.base.text import Text, translate
from core.base.worker import Worker
from core.release.config import DeployInit, config_path
from core.release.log import check_words, history_as_it_is, report_path
from core.release.models import (
    CheckResult,
    CheckState,
    DeployPlanResult,
    DeployResult,
    DeployStatus,
    Record,
)
from core.release.plan import DeployPlan
from core.release.rehearse import DeployRehearse
from core.release.releases import deploy_status
from core.release.rollback import DeployRollback, WayBack
from core.release.run import DeployRun
from core.runner.run import RecoverResult
from migration.deploying import hooks_of
from ui.deployment.program_panel import Past, ProgramPanel
from ui.kit.parts import (
    Answer,
    Banner,
    Card,
    CheckLine,
    ChecksView,
    EmptyState,
    Header,
    Page,
    Stretch,
    ask,
    beside,
    lay,
    make_buttons,
    scrolled,
)
from ui.kit.steps import StepsView
from ui.language import duration_text, operation_name, say
from ui.session import Ended, Session
from ui.theme import Theme


def ask_to_deploy(parent: QWidget, plan: DeployPlanResult, go: Callable[[], object]) -> None:
    """Ask whether what *plan* found is to go into production, and *go* where it is."""
    version = plan.artefact.version if plan.artefact is not None else "–"
    text = translate(
        "deploying",
        "The release is made in a folder of its own first. Then the program is asked to stop, "
        "the data is saved, release and data are switched, and the program is started and "
        "watched. If anything fails, both come back by themselves.",
    )
    answer = translate("deploying", "Stop the program and deploy {version}", version=version)
    ask(
        parent,
        translate("deploying", "Put {version} into production?", version=version),
        f"{say(text)}\n\n{say(translate('deploying', 'Way back: {what}', what=plan.way_back))}",
        Answer(answer, go),
    )


def ask_to_go_back(parent: QWidget, way: WayBack, go: Callable[[], object]) -> None:
    """Ask whether to go back to *way*, and *go* where one is to."""
    question = (
        translate("deploying", "Back to {version}?", version=way.pointer.version)
        if way.pointer is not None
        else translate("deploying", "Back to the program as it was before the first deployment?")
    )
    told = "\n\n".join(say(sentence) for sentence in way.sentences)
    ask(parent, question, told, Answer(translate("deploying", "Go back"), go))


def ask_reasons(parent: QWidget, checks: Sequence[CheckResult]) -> dict[str, str]:
    """Ask for a reason to go on although each of *checks* failed; return those that were typed."""
    reasons = {}
    for check in checks:
        question = say(
            translate("deploying", "{what}\n\nWhy go on? It is journalled.", what=check.evidence)
        )
        reason, given = QInputDialog.getText(parent, say(check_words(check)), question)
        if given and reason.strip():
            reasons[check.name] = reason.strip()
    return reasons


class DeploymentTab(QWidget):
    """What is in production, whether the next release may go there, and the way back."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._looking: Worker | None = None
        self._plan: DeployPlanResult | None = None
        self._status: DeployStatus | None = None
        self._reasons: dict[str, str] = {}
        self._banner = Banner(theme, self)
        self.checks = ChecksView(theme, self)
        self.steps = StepsView(theme, self)
        self.past = Past(theme, self)
        self.past.opened.connect(self._open_report)
        self._buttons = make_buttons(
            self,
            {
                "check": (translate("deploying", "&Check again"), self._check_again),
                "override": (translate("deploying", "Go on &although…"), self._ask_reason),
                "rehearse": (translate("deploying", "&Rehearse"), self._rehearse),
                "back": (translate("deploying", "&Back to the former release…"), self._plan_back),
                "deploy": (translate("deploying", "&Deploy…"), self._ask_to_deploy),
            },
        )
        self._buttons["deploy"].setObjectName("danger")
        self._head = Header(self, *self._buttons.values())
        self.program = ProgramPanel(session, theme, self)
        self._lay_out()
        session.stepped.connect(self._stepped)
        session.ended.connect(self._ended)
        session.started.connect(self._started)
        session.idle.connect(self._dress)
        self._dress()

    # ---- layout --------------------------------------------------------------------------

    def _lay_out(self) -> None:
        card = Card(self, margin=24)
        card.column.addWidget(self.steps)
        card.column.addStretch(1)
        steps = scrolled(self, card)
        bar = steps.verticalScrollBar()
        if bar is not None:
            # The step under way is the last one: it stays in sight.
            bar.rangeChanged.connect(
                lambda _, end: bar.setValue(end) if self._is_under_way() else None
            )
        self._left = QStackedWidget(self)
        self._left.addWidget(self.checks)
        self._left.addWidget(steps)
        parts = beside(self, self._left, self.past)
        self.past.setMinimumWidth(40 * self.fontMetrics().horizontalAdvance("0"))
        self.past.setMaximumWidth(52 * self.fontMetrics().horizontalAdvance("0"))
        full = QWidget(self)
        lay(QVBoxLayout(full), self._head, (parts, 1), spacing=16, margins=0)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(full)
        self._stack.addWidget(self._make_empty())
        page = Page(self, self._banner, self._stack, self.program)
        page.setStretch(1, 3)
        page.setStretch(2, 2)

    def _make_empty(self) -> QWidget:
        page = QWidget(self)
        path = config_path(self._session.settings)
        empty = EmptyState(
            translate("deploying", "No deployment is configured"),
            translate(
                "deploying",
                "A release is deployed by what {path} says. A commented file to begin with "
                "changes nothing by itself.",
                path=path,
            ),
            page,
        )
        make = QPushButton(say(translate("deploying", "&Make the commented file")), page)
        make.setObjectName("primary")
        make.clicked.connect(self._make_config)
        lay(QVBoxLayout(page), (empty, 3), (make, 0, Qt.AlignmentFlag.AlignHCenter), Stretch(2))
        return page

    # ---- looking -------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent | None) -> None:
        """Look when it is looked at."""
        super().showEvent(event)
        if self._status is None:
            self.look()

    def _check_again(self) -> None:
        self._left.setCurrentIndex(0)
        self.look()

    def settled(self) -> bool:
        """Whether no look is under way."""
        return self._looking is None and self.program.settled()

    def look(self) -> None:
        """Make every check anew; nothing is touched."""
        if self._looking is not None:
            return
        settings, reasons = self._session.settings, dict(self._reasons)

        def work(context: Context) -> Found:
            status = deploy_status(settings)
            plan = (
                DeployPlan(settings, hooks_of(settings), reasons).run(context)
                if status.configured
                else None
            )
            return status, plan, *history_as_it_is(settings)

        self._looking = self._session.look(work, self._found, self._banner.show_error)
        self._looking.finished.connect(self._look_over)
        self._dress()

    def _look_over(self) -> None:
        self._looking = None
        self._dress()

    def _found(self, found: Found) -> None:
        self._status, self._plan, records, problem = found
        self._stack.setCurrentIndex(0 if self._status.configured else 1)
        if self._plan is not None:
            # What has to be done is seen without scrolling; within that the order stays.
            checks = sorted(self._plan.checks, key=lambda check: check_rank(check.state))
            self.checks.show_lines([_line(check) for check in checks])
        self.past.show_records(records, problem)
        self._dress()

    def _dress(self) -> None:
        plan, status = self._plan, self._status
        free = not self._session.blocked and self._looking is None
        may = plan is not None and plan.ready and free
        self._buttons["check"].setEnabled(free)
        self._buttons["rehearse"].setEnabled(
            plan is not None and plan.artefact is not None and free
        )
        self._buttons["deploy"].setEnabled(may)
        self._buttons["override"].setVisible(bool(self._overridable()))
        self._buttons["override"].setEnabled(free)
        self._buttons["back"].setVisible(status is not None and status.pointer is not None)
        self._buttons["back"].setEnabled(free)
        if self._looking is not None:
            self._head.title.setText(say(translate("deploying", "Looking at everything…")))
            return
        if (kind := self._session.busy) is not None and self._is_under_way():
            what = operation_name(kind)
            self._head.title.setText(say(translate("deploying", "{what} under way", what=what)))
            return
        if plan is None:
            self._head.title.setText("")
            return
        if plan.ready:
            version = plan.artefact.version if plan.artefact else "–"
            title = translate("deploying", "{version} may go into production", version=version)
        else:
            failed = sum(check.state is CheckState.FAILED for check in plan.checks)
            title = translate(
                "deploying",
                "Not ready: {count} of {all} checks failed",
                count=failed,
                all=len(plan.checks),
            )
        self._head.title.setText(say(title))
        now = status.pointer if status is not None else None
        parts = [
            say(translate("deploying", "In production: {version}", version=now.version))
            if now is not None
            else say(translate("deploying", "No release was deployed yet")),
            say(translate("deploying", "Way back: {what}", what=plan.way_back)),
        ]
        if plan.estimated_downtime_seconds is not None:
            time = duration_text(plan.estimated_downtime_seconds)
            parts.append(say(translate("deploying", "about {time} of downtime", time=time)))
        self._head.below.setText(" · ".join(parts))

    def _overridable(self) -> list[CheckResult]:
        checks = self._plan.checks if self._plan is not None else ()
        return [check for check in checks if check.state is CheckState.FAILED and check.overridable]

    # ---- what the operator does ----------------------------------------------------------

    def _make_config(self) -> None:
        self._session.start(DeployInit(self._session.settings))

    def _ask_reason(self) -> None:
        self._reasons |= ask_reasons(self, self._overridable())
        self._check_again()

    def _rehearse(self) -> None:
        self._session.start(
            DeployRehearse(self._session.settings, hooks_of(self._session.settings))
        )

    def _ask_to_deploy(self) -> None:
        plan = self._plan
        if plan is None or plan.artefact is None:
            return
        run = DeployRun(
            self._session.settings,
            hooks_of(self._session.settings),
            dict(self._reasons),
            expected=plan.artefact.digest,
        )
        ask_to_deploy(self, plan, lambda: self._start(run))

    def _start(self, operation: DeployRun | DeployRollback) -> None:
        self._session.start(operation)

    def _plan_back(self) -> None:
        operation = DeployRollback(self._session.settings, hooks=hooks_of(self._session.settings))
        self._session.look(
            lambda _: operation.plan(),
            lambda way: ask_to_go_back(self, way, lambda: self._start(operation)),
            self._banner.show_error,
        )

    def _open_report(self, record: Record) -> None:
        path = report_path(self._session.settings, record.deployment, record.number)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    # ---- while it runs -------------------------------------------------------------------

    def _is_under_way(self) -> bool:
        kind = self._session.busy
        return kind is not None and kind.tab is Tab.DEPLOYMENT

    def _started(self, kind: Kind) -> None:
        if kind.tab is Tab.DEPLOYMENT and kind is not Kind.DEPLOY_INIT:
            self._banner.hide()
            self.steps.show_steps(())
            self._left.setCurrentIndex(1)
        self._dress()

    def _stepped(self, steps: tuple[Step, ...]) -> None:
        if self._is_under_way():
            self.steps.show_steps(steps)

    def _ended(self, ended: Ended) -> None:
        if ended.operation is Kind.RECOVER and isinstance(ended.result, RecoverResult):
            self._tell_of(ended.result)
        elif ended.operation.tab is not Tab.DEPLOYMENT:
            return
        if ended.error is not None:
            self._banner.show_error(ended.error)
        elif isinstance(ended.result, DeployResult):
            self._reasons.clear()
        self._status = None
        if self.isVisible():
            self.look()

    def _tell_of(self, result: RecoverResult) -> None:
        """Say what became of a deployment that the console's death cut off."""
        if result.deployment.deployment is None:
            return
        self._banner.show_error(
            OperationError(
                result.deployment.what,
                data_state=translate("deploying", "Release and data belong together."),
                to_do=translate("deploying", "Look at its entry in the list on the right."),
            )
        )


Found = tuple[DeployStatus, DeployPlanResult | None, tuple[Record, ...], Text | None]


def _line(check: CheckResult) -> CheckLine:
    sign, colour = check_sign(check.state)
    text = f"{say(check_words(check))} — {say(check.evidence)}"
    if check.reason:
        text += f" ({check.reason})"
    remedy = say(check.remedy) if check.open and check.remedy is not None else ""
    return CheckLine(sign, colour, text, remedy)


def check_sign(state: CheckState) -> tuple[str, str]:
    """Return the icon of a check's state and the theme's name of its colour."""
    return {
        CheckState.OK: ("check", "good"),
        CheckState.WARNING: ("warning", "warn"),
        CheckState.FAILED: ("cross", "danger"),
        CheckState.SKIPPED: ("ahead", "faint"),
        CheckState.OVERRIDDEN: ("warning", "warn"),
    }[state]


def check_rank(state: CheckState) -> int:
    """Return how soon a check has to be seen: what stands in the way first."""
    order = (CheckState.FAILED, CheckState.OVERRIDDEN, CheckState.WARNING)
    return order.index(state) if state in order else len(order)
