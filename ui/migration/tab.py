"""The Migration tab: a stepper inside the tab, so that the world stays in sight."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QDesktopServices, QShowEvent
from PyQt6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.operation import Step
from core.text import Text, translate
from core.worker import Worker
from migration.operations import (
    Decision,
    ExportSince,
    Rehearse,
    RunMigration,
    Stand,
    Undo,
    decide,
    plan_undo,
)
from migration.run.models import (
    MigrationResult,
    PreflightResult,
    RehearsalResult,
    UndoPlan,
)
from migration.run.standing import Standing
from ui.checks import CheckLine, ChecksView
from ui.format import duration_text
from ui.language import say
from ui.migration.asking import ask_to_run, ask_to_undo
from ui.migration.review import Review, summary
from ui.migration.stages import Progress, Stage
from ui.migration.stepper import Stepper
from ui.rollback.steps import StepsView
from ui.session import Ended, Session
from ui.shown_error import Banner
from ui.slots import while_there
from ui.theme import Theme, restyle
from ui.theme.palette import ink_of


class MigrationTab(QWidget):
    """Carries out what the operator asks for; what it knows lies in `Progress`."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._session, self._theme = session, theme
        self.progress = Progress()
        self._checking: Worker | None = None
        self._banner = Banner(theme, self)
        self.stepper = Stepper(theme, self)
        self._title = QLabel(self)
        self._title.setObjectName("title")
        self._below = QLabel(self)
        self._below.setObjectName("faint")
        self._below.setWordWrap(True)
        self._pages = QStackedWidget(self)
        self._checks = ChecksView(theme, self)
        self.steps = StepsView(ink_of(theme.tokens), self)
        self.review = Review(theme, self)
        self._buttons = self._make_buttons()
        self._lay_out()
        session.stepped.connect(self._stepped)
        session.ended.connect(self._ended)
        session.started.connect(while_there(self, lambda _: self._dress()))
        session.idle.connect(self._dress)
        self.review.decided.connect(self._decide)
        theme.changed.connect(while_there(self, lambda: self.steps.set_ink(ink_of(theme.tokens))))
        self._dress()

    # ---- layout --------------------------------------------------------------------------

    def _make_buttons(self) -> dict[str, QPushButton]:
        found: dict[str, QPushButton] = {}
        texts: dict[str, Text] = {
            "back": translate("migrating", "&Back"),
            "again": translate("migrating", "Check a&gain"),
            "rehearse": translate("migrating", "&Rehearse on a copy"),
            "run": translate("migrating", "Stop the program and &migrate"),
            "report": translate("migrating", "&Open the report"),
            "undo": translate("migrating", "&Undo this migration…"),
        }
        does = {
            "back": lambda: self.check(resume=False),
            "again": lambda: self.check(resume=False),
            "rehearse": self.rehearse,
            "run": self._ask_to_run,
            "report": self._open_report,
            "undo": self._plan_undo,
        }
        for key, text in texts.items():
            button = QPushButton(say(text), self)
            button.clicked.connect(does[key])
            found[key] = button
        found["rehearse"].setObjectName("primary")
        found["run"].setObjectName("danger")
        return found

    def _lay_out(self) -> None:
        steps = QFrame(self)
        steps.setObjectName("card")
        within = QVBoxLayout(steps)
        within.setContentsMargins(24, 24, 24, 24)
        within.addWidget(self.steps)
        within.addStretch(1)
        for page in (self._checks, steps, self.review):
            self._pages.addWidget(page)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._below)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addLayout(words, 1)
        for button in self._buttons.values():
            head.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        right = QVBoxLayout()
        right.setSpacing(16)
        right.addLayout(head)
        right.addWidget(self._pages, 1)
        parts = QHBoxLayout()
        parts.setSpacing(16)
        self.stepper.setFixedWidth(34 * self.fontMetrics().horizontalAdvance("0"))
        parts.addWidget(self.stepper)
        parts.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addWidget(self._banner)
        column.addLayout(parts, 1)

    # ---- what is shown -------------------------------------------------------------------

    def showEvent(self, event: QShowEvent | None) -> None:
        """Check when it is looked at first."""
        super().showEvent(event)
        if self.progress.preflight is None and self._checking is None:
            self.check()

    def settled(self) -> bool:
        """Whether no check is under way."""
        return self._checking is None

    def _become(self, progress: Progress) -> None:
        self.progress = progress
        self._dress()

    def _dress(self) -> None:
        progress = self.progress
        self.stepper.show_progress(progress)
        free = not self._session.blocked
        buttons = self._buttons
        stage = progress.stage
        buttons["back"].setVisible(stage is Stage.REVIEW)
        buttons["back"].setEnabled(free)
        # After a run that failed or was cancelled, looking again is the way on.
        ended = not progress.running and stage in {Stage.EXECUTE, Stage.VALIDATE, Stage.CUT_OVER}
        buttons["again"].setVisible(stage is Stage.PREFLIGHT or ended)
        buttons["again"].setEnabled(free and self._checking is None)
        buttons["rehearse"].setVisible(stage in {Stage.PREFLIGHT, Stage.REHEARSAL, Stage.REVIEW})
        buttons["rehearse"].setEnabled(free and progress.may_rehearse)
        # Once it went well the primary action is the run.
        name = "" if progress.may_run else "primary"
        if buttons["rehearse"].objectName() != name:
            buttons["rehearse"].setObjectName(name)
            restyle(buttons["rehearse"])
        buttons["run"].setVisible(stage is Stage.REVIEW)
        buttons["run"].setEnabled(free and progress.may_run)
        reported = stage is Stage.REPORT
        buttons["report"].setVisible(reported)
        buttons["undo"].setVisible(reported)
        buttons["undo"].setEnabled(free)
        title, below = self._words()
        self._title.setText(title)
        self._below.setText(below)

    def _words(self) -> tuple[str, str]:
        progress = self.progress
        match progress.stage:
            case Stage.PREFLIGHT:
                found = progress.preflight
                if found is None:
                    return say(translate("migrating", "Looking at everything…")), ""
                if found.ok:
                    title = translate("migrating", "Nothing stands in the way")
                else:
                    title = translate("migrating", "Not ready to migrate")
                below = progress.hint or translate(
                    "migrating", "A rehearsal works on a copy, while the program runs on."
                )
                return say(title), say(below)
            case Stage.REHEARSAL:
                return say(translate("migrating", "Rehearsing on a copy")), ""
            case Stage.REVIEW if progress.rehearsal is not None:
                time = duration_text(progress.rehearsal.seconds)
                title = translate("migrating", "Rehearsed in {time}", time=time)
                below_it = summary(progress.rehearsal.outcome)
                return say(title), say(progress.hint) if progress.hint else below_it
            case Stage.REPORT if progress.result is not None:
                time = duration_text(progress.result.downtime_seconds or 0)
                title = translate("migrating", "Migrated; {time} of downtime", time=time)
                return say(title), summary(progress.result.outcome)
            case _:
                below = translate(
                    "migrating", "If anything fails, the former state comes back by itself."
                )
                return say(translate("migrating", "Migrating")), say(below)

    def _show_checks(self, found: PreflightResult) -> None:
        signs = {True: ("check", "good"), False: ("cross", "danger"), None: ("info", "faint")}
        self._checks.show_lines(
            [CheckLine(*signs[check.ok], say(check.what)) for check in found.checks]
        )

    # ---- stages --------------------------------------------------------------------------

    def check(self, *, resume: bool = True) -> None:
        """Look where everything stands; *resume* goes on at the step that was reached before."""
        if self._checking is not None:
            return
        settings = self._session.settings
        self._checking = self._session.look(
            Stand(settings).run, lambda found: self._checked(found, resume), self._check_failed
        )
        self._checking.finished.connect(self._check_over)
        self._become(Progress())

    def _check_over(self) -> None:
        self._checking = None
        self._dress()

    def _checked(self, found: Standing, resume: bool) -> None:
        self._show_checks(found.preflight)
        self.review.show_decisions(found.decisions)
        self._pages.setCurrentIndex(0)
        self._become(
            Progress(
                preflight=found.preflight, failed=not found.preflight.ok, hint=_hint(found)
            )
        )  # fmt: skip
        if found.migrated is not None:
            self._reported(found.migrated)
        elif (
            resume and found.rehearsal is not None and found.outdated is None
            and found.preflight.ok and found.preflight.pending
        ):  # fmt: skip
            self._rehearsed(found.rehearsal.result)

    def _check_failed(self, error: Exception) -> None:
        self._banner.show_error(error)
        self._become(Progress(failed=True))

    def rehearse(self) -> None:
        """Begin the rehearsal."""
        if self._session.start(Rehearse(self._session.settings)):
            self._banner.hide()
            self.steps.show_steps(())
            self._pages.setCurrentIndex(1)
            self._become(replace(self.progress, stage=Stage.REHEARSAL, running=True, failed=False))

    def _ask_to_run(self) -> None:
        look = self._session.last
        ask_to_run(self, look.status.program if look is not None else None, self.run)

    def run(self) -> None:
        """Begin the real run."""
        if self._session.start(RunMigration(self._session.settings)):
            self._banner.hide()
            self.steps.show_steps(())
            self._pages.setCurrentIndex(1)
            self._become(replace(self.progress, stage=Stage.EXECUTE, running=True, failed=False))

    def _stepped(self, steps: tuple[Step, ...]) -> None:
        if self._session.busy in {"migrate rehearse", "migrate run"}:
            self.steps.show_steps(steps)
            if self._session.busy == "migrate run":
                self._become(self.progress.reached(steps))

    def _ended(self, ended: Ended) -> None:
        if not ended.operation.startswith("migrate "):
            if ended.operation in {"rollback", "recover"} and self.isVisible():
                self.check()
            return
        if isinstance(ended.result, RehearsalResult):
            self._rehearsed(ended.result)
        elif isinstance(ended.result, MigrationResult):
            self._reported(ended.result)
        elif ended.operation == "migrate undo" and ended.error is None:
            self.check(resume=False)
        else:
            if ended.error is not None:
                self._banner.show_error(ended.error)
            self._become(replace(self.progress, running=False, failed=True))
            if ended.operation == "migrate rehearse":
                self._become(replace(self.progress, stage=Stage.PREFLIGHT))

    def _rehearsed(self, result: RehearsalResult) -> None:
        self.review.show_outcome(result.outcome)
        self._pages.setCurrentIndex(2)
        self._become(
            replace(
                self.progress, stage=Stage.REVIEW, running=False, rehearsal=result,
                failed=not result.ok, hint=None,
            )
        )  # fmt: skip

    def _reported(self, result: MigrationResult) -> None:
        self.review.show_outcome(result.outcome)
        self._pages.setCurrentIndex(2)
        self._become(
            replace(self.progress, stage=Stage.REPORT, running=False, failed=False, result=result)
        )

    def _decide(self, decision: Decision) -> None:
        settings = self._session.settings
        self._session.look(
            lambda _: decide(settings, decision), self._decided, self._banner.show_error
        )

    def _decided(self, kept: tuple[Decision, ...]) -> None:
        self.review.show_decisions(kept)
        if self.progress.stage is Stage.REVIEW:
            hint = translate(
                "migrating", "Your decisions are kept. Rehearse again to see what they do."
            )
            self._become(replace(self.progress, hint=hint))

    # ---- afterwards ----------------------------------------------------------------------

    def _open_report(self) -> None:
        if self.progress.result is not None:
            page = Path(self.progress.result.report) / "report.html"
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(page)))

    def _plan_undo(self) -> None:
        settings = self._session.settings
        self._session.look(
            lambda context: plan_undo(context, settings), self._ask_to_undo, self._banner.show_error
        )

    def _ask_to_undo(self, plan: UndoPlan) -> None:
        ask_to_undo(self, plan, self._undo, self._export)

    def _undo(self) -> None:
        self._session.start(Undo(self._session.settings))

    def _export(self) -> None:
        title = say(translate("migrating", "Where to"))
        folder = QFileDialog.getExistingDirectory(self, title, str(Path.home()))
        if folder:
            work = ExportSince(self._session.settings, Path(folder)).run
            self._session.look(work, lambda _: self._plan_undo(), self._banner.show_error)


def _hint(found: Standing) -> Text | None:
    """Return what the operator should know of what was before."""
    if found.interrupted is not None:
        return translate(
            "migrating",
            "The last attempt was cut off. The data is whole, and nothing of it is left over.",
        )
    return found.outdated
