"""The Deployment tab: checks, steps as they run, what was deployed, and one button back."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QDesktopServices, QShowEvent
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.deployment.config import config_path
from core.deployment.operations import (
    CheckResult,
    CheckState,
    DeployPlan,
    DeployPlanResult,
    DeployRehearse,
    DeployResult,
    DeployRollback,
    DeployRun,
    DeployStatus,
    Record,
    WayBack,
    deploy_status,
    history,
    report_path,
)
from core.files import private_folder, write_durably
from core.operation import Context, Step
from core.text import Text, translate
from core.worker import Worker
from migration.deploying import HOOKS
from ui.checks import CheckLine, ChecksView
from ui.deployment.program_panel import ProgramPanel
from ui.deployment.wording import check_name, check_sign, ending_text, kind_text
from ui.empty import EmptyState
from ui.format import duration_text
from ui.icons import icon
from ui.language import say
from ui.points.wording import exact_time
from ui.rollback.steps import StepsView
from ui.session import Ended, Session
from ui.shown_error import Banner
from ui.theme import Theme
from ui.theme.palette import ink_of

EXAMPLE = (
    Path(__file__).resolve().parents[2] / "resources" / "deployment" / "production_config.yaml"
)
MINE = ("deploy ",)


class DeploymentTab(QWidget):
    """What is in production, whether the next release may go there, and the way back."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._session, self._theme = session, theme
        self._looking: Worker | None = None
        self._plan: DeployPlanResult | None = None
        self._status: DeployStatus | None = None
        self._reasons: dict[str, str] = {}
        self._records: tuple[Record, ...] = ()
        self._banner = Banner(theme, self)
        self._title = QLabel(self)
        self._title.setObjectName("title")
        self._below = QLabel(self)
        self._below.setObjectName("faint")
        self._below.setWordWrap(True)
        self.checks = ChecksView(theme, self)
        self.steps = StepsView(ink_of(theme.tokens), self)
        self._history = QListWidget(self)
        self._buttons = self._make_buttons()
        self.program = ProgramPanel(session, theme, self)
        self._lay_out()
        session.stepped.connect(self._stepped)
        session.ended.connect(self._ended)
        session.started.connect(self._started)
        session.idle.connect(self._dress)
        theme.changed.connect(lambda: self.steps.set_ink(ink_of(theme.tokens)))
        self._dress()

    # ---- layout --------------------------------------------------------------------------

    def _make_buttons(self) -> dict[str, QPushButton]:
        texts: dict[str, Text] = {
            "check": translate("deploying", "&Check again"),
            "override": translate("deploying", "Go on &although…"),
            "rehearse": translate("deploying", "&Rehearse"),
            "back": translate("deploying", "&Back to the former release…"),
            "deploy": translate("deploying", "&Deploy…"),
        }
        does = {
            "check": self.look,
            "override": self._ask_reason,
            "rehearse": self._rehearse,
            "back": self._plan_back,
            "deploy": self._ask_to_deploy,
        }
        found: dict[str, QPushButton] = {}
        for key, text in texts.items():
            button = QPushButton(say(text), self)
            button.clicked.connect(does[key])
            found[key] = button
        found["deploy"].setObjectName("danger")
        return found

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._below)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addLayout(words, 1)
        for button in self._buttons.values():
            head.addWidget(button)
        steps = QFrame(self)
        steps.setObjectName("card")
        within = QVBoxLayout(steps)
        within.setContentsMargins(24, 24, 24, 24)
        within.addWidget(self.steps)
        within.addStretch(1)
        self._left = QStackedWidget(self)
        self._left.addWidget(self.checks)
        self._left.addWidget(steps)
        right = QWidget(self)
        beside = QVBoxLayout(right)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(8)
        title = QLabel(say(translate("deploying", "What was deployed")), right)
        title.setObjectName("subtitle")
        self._history.setWordWrap(True)
        self._history.setAccessibleName(title.text())
        self._history.itemActivated.connect(self._open_report)
        beside.addWidget(title)
        beside.addWidget(self._history, 1)
        parts = QSplitter(Qt.Orientation.Horizontal, self)
        parts.setChildrenCollapsible(False)
        parts.setHandleWidth(16)
        parts.addWidget(self._left)
        parts.addWidget(right)
        right.setMaximumWidth(52 * self.fontMetrics().horizontalAdvance("0"))
        parts.setStretchFactor(0, 1)
        full = QWidget(self)
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addLayout(head)
        column.addWidget(parts, 1)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(full)
        self._stack.addWidget(self._make_empty())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 16, 16, 16)
        whole.setSpacing(16)
        whole.addWidget(self._banner)
        whole.addWidget(self._stack, 3)
        whole.addWidget(self.program, 2)

    def _make_empty(self) -> QWidget:
        page = QWidget(self)
        path = config_path(self._session.settings)
        empty = EmptyState(
            say(translate("deploying", "No deployment is configured")),
            say(
                translate(
                    "deploying",
                    "A release is deployed by what {path} says. A commented file to begin with "
                    "changes nothing by itself.",
                    path=path,
                )
            ),
            page,
        )
        make = QPushButton(say(translate("deploying", "&Make the commented file")), page)
        make.setObjectName("primary")
        make.clicked.connect(self._make_config)
        column = QVBoxLayout(page)
        column.addWidget(empty, 3)
        column.addWidget(make, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        return page

    # ---- looking -------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent | None) -> None:
        """Look when it is looked at."""
        super().showEvent(event)
        if self._status is None:
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
            plan = DeployPlan(settings, HOOKS, reasons).run(context) if status.configured else None
            return status, plan, history(settings)

        self._looking = self._session.look(work, self._found, self._banner.show_error)
        self._looking.finished.connect(self._look_over)
        self._dress()

    def _look_over(self) -> None:
        self._looking = None
        self._dress()

    def _found(self, found: Found) -> None:
        self._status, self._plan, self._records = found
        self._stack.setCurrentIndex(0 if self._status.configured else 1)
        if self._plan is not None:
            self.checks.show_lines([_line(check) for check in self._plan.checks])
        self._show_history()
        self._dress()

    def _show_history(self) -> None:
        self._history.clear()
        for record in self._records:
            lines = [
                f"{kind_text(record.kind)} {record.version or ''} · {ending_text(record.ending)}",
                exact_time(record.begun),
            ]
            if record.downtime_seconds:
                time = duration_text(record.downtime_seconds)
                lines.append(say(translate("deploying", "{time} of downtime", time=time)))
            if record.changes is not None:
                lines.append(
                    say(
                        translate(
                            "deploying",
                            "files: {added} new, {changed} changed, {removed} gone",
                            added=record.changes.added,
                            changed=record.changes.changed,
                            removed=record.changes.removed,
                        )
                    )
                )
            if record.failure is not None:
                lines.append(say(record.failure))
            item = QListWidgetItem("\n".join(lines))
            good = record.failure is None
            tokens = self._theme.tokens
            item.setIcon(icon("check" if good else "cross", tokens.good if good else tokens.danger))
            self._history.addItem(item)

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
            self._title.setText(say(translate("deploying", "Looking at everything…")))
            return
        if plan is None:
            self._title.setText("")
            return
        if plan.ready:
            version = plan.artefact.version if plan.artefact else "–"
            title = translate("deploying", "{version} may go into production", version=version)
        else:
            title = translate("deploying", "Not ready to deploy")
        self._title.setText(say(title))
        now = status.pointer if status is not None else None
        parts = [
            say(translate("deploying", "In production: {version}", version=now.version))
            if now is not None
            else say(translate("deploying", "No release was deployed yet")),
            say(plan.way_back),
        ]
        if plan.estimated_downtime_seconds is not None:
            time = duration_text(plan.estimated_downtime_seconds)
            parts.append(say(translate("deploying", "about {time} of downtime", time=time)))
        self._below.setText(" · ".join(parts))

    def _overridable(self) -> list[CheckResult]:
        checks = self._plan.checks if self._plan is not None else ()
        return [one for one in checks if one.state is CheckState.FAILED and one.overridable]

    # ---- what the operator does ----------------------------------------------------------

    def _make_config(self) -> None:
        settings = self._session.settings
        path = config_path(settings)

        def work(_: Context) -> None:
            private_folder(path.parent)
            if not path.exists():
                write_durably(path, EXAMPLE.read_bytes())

        self._session.look(work, lambda _: self.look(), self._banner.show_error)

    def _ask_reason(self) -> None:
        for check in self._overridable():
            title = check_name(check.name)
            question = say(
                translate(
                    "deploying", "{what}\n\nWhy go on? It is journalled.", what=check.evidence
                )
            )
            reason, given = QInputDialog.getText(self, title, question)
            if given and reason.strip():
                self._reasons[check.name] = reason.strip()
        self.look()

    def _rehearse(self) -> None:
        self._session.start(DeployRehearse(self._session.settings, HOOKS))

    def _ask_to_deploy(self) -> None:
        plan = self._plan
        if plan is None or plan.artefact is None:
            return
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Warning)
        version = plan.artefact.version
        box.setText(say(translate("deploying", "Put {version} into production?", version=version)))
        text = translate(
            "deploying",
            "The release is made in a folder of its own first. Then the program is asked to stop, "
            "the data is saved, release and data are switched, and the program is started and "
            "watched. If anything fails, both come back by themselves.",
        )
        box.setInformativeText(f"{say(text)}\n{say(plan.way_back)}")
        go = box.addButton(
            say(translate("deploying", "Stop the program and deploy {version}", version=version)),
            QMessageBox.ButtonRole.AcceptRole,
        )
        cancel = box.addButton(
            say(translate("deploying", "Cancel")), QMessageBox.ButtonRole.RejectRole
        )
        box.setDefaultButton(cancel)
        run = DeployRun(self._session.settings, HOOKS, dict(self._reasons))
        box.finished.connect(lambda _: self._start(run) if box.clickedButton() is go else None)
        box.open()

    def _start(self, operation: DeployRun | DeployRollback) -> None:
        self._session.start(operation)

    def _plan_back(self) -> None:
        operation = DeployRollback(self._session.settings, hooks=HOOKS)
        self._session.look(
            lambda _: operation.plan(),
            lambda way: self._ask_to_go_back(operation, way),
            self._banner.show_error,
        )

    def _ask_to_go_back(self, operation: DeployRollback, way: WayBack) -> None:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Warning)
        version = way.pointer.version if way.pointer else "–"
        box.setText(say(translate("deploying", "Back to {version}?", version=version)))
        text = translate(
            "deploying",
            "Its data of {time} comes back with it; what was written since stays in a restore "
            "point.",
            time=exact_time(way.point.point.created),
        )
        box.setInformativeText(say(text))
        go = box.addButton(
            say(translate("deploying", "Go back")), QMessageBox.ButtonRole.AcceptRole
        )
        cancel = box.addButton(
            say(translate("deploying", "Cancel")), QMessageBox.ButtonRole.RejectRole
        )
        box.setDefaultButton(cancel)
        box.finished.connect(
            lambda _: self._start(operation) if box.clickedButton() is go else None
        )
        box.open()

    def _open_report(self, item: QListWidgetItem) -> None:
        record = self._records[self._history.row(item)]
        path = report_path(self._session.settings, record.deployment, record.number)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    # ---- while it runs -------------------------------------------------------------------

    def _started(self, name: str) -> None:
        if name.startswith(MINE):
            self._banner.hide()
            self.steps.show_steps(())
            self._left.setCurrentIndex(1)
        self._dress()

    def _stepped(self, steps: tuple[Step, ...]) -> None:
        if self._session.busy.startswith(MINE):
            self.steps.show_steps(steps)

    def _ended(self, ended: Ended) -> None:
        if not ended.operation.startswith(MINE):
            return
        if ended.error is not None:
            self._banner.show_error(ended.error)
        elif isinstance(ended.result, DeployResult):
            self._reasons.clear()
        self._status = None
        if self.isVisible():
            self.look()


Found = tuple[DeployStatus, DeployPlanResult | None, tuple[Record, ...]]


def _line(check: CheckResult) -> CheckLine:
    sign, colour = check_sign(check.state)
    text = f"{check_name(check.name)} — {say(check.evidence)}"
    if check.reason:
        text += f" ({check.reason})"
    return CheckLine(sign, colour, text, say(check.remedy) if check.remedy is not None else "")
