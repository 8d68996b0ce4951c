"""The Migration tab: a stepper inside the tab, so that the world stays in sight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QDesktopServices, QShowEvent
from PyQt6.QtWidgets import (
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.base.folders import user_home
from core.base.journal import Entry, Outcome
from core.base.operation import Kind, Step, Tab
from core.base.text import Text, translate
from core.base.worker import Worker
from migration.run.execute import RunMigration
from migration.run.inspect import ReadWizardState, WizardState
from migration.run.models import (
    Decision,
    MigrationResult,
    PreflightResult,
    RehearsalResult,
    UndoPlan,
)
from migration.run.records import in_force
from migration.run.rehearse import Rehearse
from migration.run.undo import ExportSince, Undo, plan_undo
from ui.kit.parts import (
    Banner,
    Card,
    CheckLine,
    ChecksView,
    Header,
    Page,
    Sign,
    Stretch,
    label,
    lay,
    make_buttons,
)
from ui.kit.steps import StepsView
from ui.language import say
from ui.migration.deciding import ask_to_run, ask_to_undo
from ui.migration.messages import HINTS, STAGES, Course, Progress, Stage, run_text, words
from ui.migration.review import Review
from ui.migration.review_model import Keeping
from ui.session import Ended, Session
from ui.theme import Theme, restyle, while_there


class Stepper(QFrame):
    """A column of stages with a sign, a name and a hint each."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._rows: dict[Stage, tuple[Sign, QLabel]] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 16, 16, 16)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        for stage in Stage:
            sign, name = Sign(theme, self), label(self, "", say(STAGES[stage]))
            hint = label(self, "small", say(HINTS[stage]), wrap=True)
            grid.addWidget(sign, 3 * stage, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(name, 3 * stage, 1)
            grid.addWidget(hint, 3 * stage + 1, 1)
            grid.setRowMinimumHeight(3 * stage + 2, 16)
            self._rows[stage] = (sign, name)
        grid.setRowStretch(3 * len(Stage), 1)
        self.show_progress(Progress())

    def show_progress(self, progress: Progress) -> None:
        """Show where it stands."""
        for stage, (sign, name) in self._rows.items():
            here = stage is progress.stage
            icon, colour = "ahead", "faint"
            if progress.done(stage):
                icon, colour = "check", "good"
            elif here and progress.failed:
                icon, colour = "cross", "danger"
            elif here:
                icon, colour = "play", "accent"
            sign.show_sign(icon, colour)
            font = name.font()
            font.setBold(here)
            name.setFont(font)
            name.setEnabled(here or progress.done(stage))


class MigrationTab(QWidget):
    """Carries out what the operator asks for; what it knows lies in `Progress`."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.progress = Progress()
        self._checking: Worker | None = None
        self._stale = False
        self._course = Course("")
        self._happened: tuple[Step, ...] = ()
        self._keeping = Keeping(session, self)
        self._banner = Banner(theme, self)
        self.stepper = Stepper(theme, self)
        self._pages = QStackedWidget(self)
        self._checks = ChecksView(theme, self)
        self.steps = StepsView(theme, self)
        self.review = Review(theme, self)
        self._buttons = make_buttons(
            self,
            {
                "back": (translate("migrating", "&Back"), lambda: self.check(resume=False)),
                # After a run or rehearsal that ended badly it leads on, to the review where it
                # counts.
                "again": (
                    translate("migrating", "Check a&gain"),
                    lambda: self.check(resume=self._ended_badly),
                ),
                "rehearse": (translate("migrating", "&Rehearse on a copy"), self.rehearse),
                "run": (run_text(self.progress), self._ask_to_run),
                "report": (translate("migrating", "&Open the report"), self._open_report),
                "undo": (translate("migrating", "&Undo this migration…"), self._plan_undo),
            },
        )
        self._buttons["rehearse"].setObjectName("primary")
        self._buttons["run"].setObjectName("danger")
        self._head = Header(self, *self._buttons.values())
        self._lay_out()
        session.stepped.connect(self._stepped)
        session.ended.connect(self._ended)
        session.started.connect(while_there(self, lambda _: self._dress()))
        session.idle.connect(self._dress)
        self.review.decided.connect(self._keeping.keep)
        self.review.withdrawn.connect(self._keeping.withdraw)
        self._keeping.changed.connect(self._decided)
        self._keeping.failed.connect(self._banner.show_error)
        self._dress()

    # ---- layout --------------------------------------------------------------------------

    def _lay_out(self) -> None:
        steps = Card(self, margin=24)
        # A step and its seconds stay in one glance, however wide the window is.
        self.steps.setMaximumWidth(96 * self.fontMetrics().horizontalAdvance("0"))
        across = lay(QHBoxLayout(), (self.steps, 1), Stretch(0))
        steps.column.addLayout(across)
        steps.column.addStretch(1)
        for page in (self._checks, steps, self.review):
            self._pages.addWidget(page)
        right = lay(QVBoxLayout(), self._head, (self._pages, 1), spacing=16)
        self.stepper.setFixedWidth(34 * self.fontMetrics().horizontalAdvance("0"))
        parts = lay(QHBoxLayout(), self.stepper, (right, 1), spacing=16)
        Page(self, self._banner).addLayout(parts, 1)

    # ---- what is shown -------------------------------------------------------------------

    def showEvent(self, event: QShowEvent | None) -> None:
        """Check when it is looked at first, or first after something else changed the data."""
        super().showEvent(event)
        if self._stale or (self.progress.preflight is None and self._checking is None):
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
        buttons["again"].setVisible(stage is Stage.PREFLIGHT or self._ended_badly)
        buttons["again"].setEnabled(free and self._checking is None)
        buttons["rehearse"].setVisible(
            stage in {Stage.PREFLIGHT, Stage.REHEARSAL, Stage.REVIEW} and not progress.nothing_to_do
        )
        buttons["rehearse"].setEnabled(free and progress.may_rehearse)
        # Once it went well the primary action is the run.
        name = "" if progress.may_run else "primary"
        if buttons["rehearse"].objectName() != name:
            buttons["rehearse"].setObjectName(name)
            restyle(buttons["rehearse"])
        buttons["run"].setVisible(stage is Stage.REVIEW)
        buttons["run"].setEnabled(free and progress.may_run)
        buttons["run"].setText(say(run_text(progress)))
        reported = stage is Stage.REPORT
        buttons["report"].setVisible(reported)
        buttons["undo"].setVisible(reported)
        buttons["undo"].setEnabled(free)
        self._head.show_texts(*words(progress))

    @property
    def _ended_badly(self) -> bool:
        working = {Stage.REHEARSAL, Stage.EXECUTE, Stage.VALIDATE, Stage.CUT_OVER}
        return not self.progress.running and self.progress.stage in working

    def _show_checks(self, found: PreflightResult) -> None:
        signs = {True: ("check", "good"), False: ("cross", "danger"), None: ("info", "faint")}
        self._checks.show_lines(
            [CheckLine(*signs[check.ok], say(check.what)) for check in found.checks]
        )

    # ---- stages --------------------------------------------------------------------------

    def check(self, *, resume: bool = True) -> None:
        """Look where everything stands; *resume* goes on at the step that was reached before."""
        if self._checking is not None:
            self._stale = True  # what is being looked at has changed meanwhile
            return
        self._stale = False
        settings = self._session.settings
        self._checking = self._session.look(
            ReadWizardState(settings).run,
            lambda found: self._checked(found, resume),
            self._check_failed,
        )
        self._checking.finished.connect(self._check_over)
        self._become(Progress())

    def _check_over(self) -> None:
        self._checking = None
        self._dress()
        if self._stale and self.isVisible():
            self.check()

    def _checked(self, found: WizardState, resume: bool) -> None:
        self._show_checks(found.preflight)
        self.review.show_decisions(found.decisions)
        self._pages.setCurrentIndex(0)
        hint = _hint(found.interrupted)
        self._become(
            Progress(
                preflight=found.preflight,
                failed=not found.preflight.ok,
                hint=hint or (found.outdated if found.preflight.pending else None),
                decisions=in_force(found.decisions),
            )
        )
        if found.migrated is not None:
            self._reported(found.migrated)
        elif (
            resume and found.rehearsal is not None and found.reviewable
            and found.preflight.ok and found.preflight.pending
        ):  # fmt: skip
            # Where decisions were made since, the review goes on: it says what is missing.
            self._rehearsed(found.rehearsal.result, found.rehearsal.basis.decisions, hint)

    def _check_failed(self, error: Exception) -> None:
        self._banner.show_error(error)
        self._become(Progress(failed=True))

    def rehearse(self) -> None:
        """Begin the rehearsal."""
        self._begin(Rehearse(self._session.settings), Stage.REHEARSAL)

    def _ask_to_run(self) -> None:
        look = self._session.last
        ask_to_run(self, look.status.program if look is not None else None, self.run)

    def run(self) -> None:
        """Begin the real run."""
        self._begin(RunMigration(self._session.settings), Stage.EXECUTE)

    def _begin(self, operation: Rehearse | RunMigration, stage: Stage) -> None:
        # What is decided is in the file before anything reads it.
        if self._keeping.busy or not self._session.start(operation):
            return
        self._banner.hide()
        self._course = Course(operation.kind)
        self.steps.show_steps(())
        self._show_steps(())
        self._pages.setCurrentIndex(1)
        self._become(
            replace(
                self.progress, stage=stage, running=True, failed=False, cancelled=False, hint=None
            )
        )

    def _show_steps(self, steps: Sequence[Step], *, over: bool = False) -> None:
        self._happened = tuple(steps)
        self.steps.show_steps(self._course.behind(steps, over=over), self._course.ahead(steps))

    def _stepped(self, steps: tuple[Step, ...]) -> None:
        if self._session.busy in {Kind.MIGRATE_REHEARSE, Kind.MIGRATE_RUN}:
            self._show_steps(steps)
            if self._session.busy is Kind.MIGRATE_RUN:
                self._become(self.progress.reached(steps))

    def _ended(self, ended: Ended) -> None:
        if ended.operation.tab is not Tab.MIGRATION:
            if ended.operation in {Kind.ROLLBACK, Kind.RECOVER}:
                self._stale = True
                if self.isVisible():
                    self.check()
            return
        if isinstance(ended.result, RehearsalResult):
            self._rehearsed(ended.result, ended.result.decisions)
        elif isinstance(ended.result, MigrationResult):
            self._reported(ended.result)
        elif ended.operation is Kind.MIGRATE_UNDO and ended.error is None:
            self.check(resume=False)
        else:
            if ended.error is not None:
                self._banner.show_error(ended.error)
            if ended.operation == self._course.operation:
                self._show_steps(self._happened, over=True)
            cancelled = ended.outcome is Outcome.CANCELLED
            self._become(
                replace(self.progress, running=False, failed=not cancelled, cancelled=cancelled)
            )

    def _rehearsed(
        self,
        result: RehearsalResult,
        decisions: tuple[Decision, ...],
        hint: Text | None = None,
    ) -> None:
        self.review.show_outcome(result.outcome, open_=True)
        self._pages.setCurrentIndex(2)
        self._become(
            replace(
                self.progress, stage=Stage.REVIEW, running=False, rehearsal=result,
                failed=not result.ok, hint=hint, rehearsed=in_force(decisions),
            )
        )  # fmt: skip

    def _reported(self, result: MigrationResult) -> None:
        self.review.show_outcome(result.outcome, open_=False)
        self._pages.setCurrentIndex(2)
        self._become(
            replace(self.progress, stage=Stage.REPORT, running=False, failed=False, result=result)
        )

    def _decided(self, kept: tuple[Decision, ...]) -> None:
        self.review.show_decisions(kept)
        self._become(replace(self.progress, decisions=in_force(kept)))

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
        folder = QFileDialog.getExistingDirectory(self, title, str(user_home()))
        if folder:
            work = ExportSince(self._session.settings, Path(folder)).run
            self._session.look(work, lambda _: self._plan_undo(), self._banner.show_error)


def _hint(interrupted: Entry | None) -> Text | None:
    """Return what became of an attempt that was cut off."""
    if interrupted is None:
        return None
    if interrupted.kind is Kind.MIGRATE_RUN:
        return translate(
            "migrating",
            "The last migration was cut off and has changed nothing: the former data is live and "
            "whole, and the program was started again if it had been stopped.",
        )
    return translate(
        "migrating",
        "The last rehearsal was cut off. The live data was only read, and nothing of it is left "
        "over.",
    )
