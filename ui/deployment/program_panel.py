"""The trading program as a service: how it is run, start, stop, restart, and what it prints.

Beside it what was deployed: one entry for each line of the log, with what it changed.
"""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QIcon, QShowEvent
from PyQt6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from core.base.operation import Context, Kind, Operation, Tab
from core.base.text import Text, translate
from core.base.worker import Worker
from core.program.control import ServiceRestart, ServiceStart, ServiceStop
from core.program.runs import Phase
from core.program.unit import ServiceStatus, service_status, status_of
from core.release.log import ENDINGS, KINDS, changes_lines
from core.release.models import Ending, Record
from ui.deployment.log_tail import LogTail
from ui.kit.parts import Answer, Banner, Card, Header, Sign, ask, icon, label, lay, make_buttons
from ui.kit.rows import Column, RowsModel
from ui.kit.table import Table
from ui.language import duration_text, say
from ui.points.messages import exact_time
from ui.session import Ended, Look, Session
from ui.theme import Theme


class ProgramPanel(Card):
    """Fed by the session's looks; asks before it stops what may hold a position."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=12)
        self._session = session
        self._status: ServiceStatus | None = None
        self._unit: str | None = None
        self._looking: Worker | None = None
        self._sign = Sign(theme, self)
        self._banner = Banner(theme, self)
        self.log = LogTail(session, theme, self)
        self.buttons = make_buttons(
            self,
            {
                "start": (translate("service", "&Start"), self._start),
                "restart": (translate("service", "Res&tart…"), self._ask_restart),
                "stop": (translate("service", "St&op…"), self._ask_stop),
            },
        )
        self.fold = QToolButton(self)
        self.fold.setCheckable(True)
        self.fold.setChecked(True)
        self.fold.setText(say(translate("service", "&Log")))
        self.fold.setToolTip(say(translate("service", "Show or hide what the program prints")))
        self.fold.toggled.connect(self._folded)
        right = (self.fold, *self.buttons.values())
        self._head = Header(self, *right, look="subtitle", sign=self._sign)
        for part in (self._head, self._banner):
            self.column.addWidget(part)
        self.column.addWidget(self.log, 1)
        session.looked.connect(self._looked)
        session.started.connect(self._started)
        session.ended.connect(self._ended)
        session.idle.connect(self._dress)
        self._dress()

    def _folded(self, shown: bool) -> None:
        """Leave the room to what stands above where the log is not wanted."""
        self.log.setVisible(shown)
        policy = QSizePolicy.Policy.Preferred if shown else QSizePolicy.Policy.Maximum
        self.setSizePolicy(QSizePolicy.Policy.Preferred, policy)

    # ---- what there is to know -----------------------------------------------------------

    def showEvent(self, event: QShowEvent | None) -> None:
        """Look for the unit, too, when it is looked at."""
        super().showEvent(event)
        self._look(whole=True)

    def settled(self) -> bool:
        """Whether it shows how things are; what is not seen need not."""
        return not self.isVisible() or (
            self._status is not None and (self.log.settled() or not self.log.isVisible())
        )

    def _looked(self, look: Look) -> None:
        if self.isVisible():
            self._look(look)

    def _look(self, look: Look | None = None, *, whole: bool = False) -> None:
        if self._looking is not None:
            return
        settings, unit = self._session.settings, self._unit
        program = look.status.program if look is not None else None

        def work(_: Context) -> ServiceStatus:
            return service_status(settings) if whole else status_of(settings, program, unit)

        self._looking = self._session.look(work, self._found, self._banner.show_error)
        self._looking.finished.connect(self._look_over)

    def _look_over(self) -> None:
        self._looking = None

    def _found(self, status: ServiceStatus) -> None:
        self._status, self._unit = status, status.unit
        self._dress()

    def _dress(self) -> None:
        status = self._status
        free = not self._session.blocked and status is not None
        running = status is not None and status.running
        self.buttons["start"].setVisible(not running)
        self.buttons["restart"].setVisible(running)
        self.buttons["stop"].setVisible(running)
        for button in self.buttons.values():
            button.setEnabled(free)
        sign, colour, title = _headline(status)
        self._sign.show_sign(sign, colour)
        self._head.show_texts(say(title), " · ".join(say(fact) for fact in _facts(status)))

    # ---- what the operator does ----------------------------------------------------------

    def _start(self) -> None:
        self._session.start(ServiceStart(self._session.settings))

    def _ask_stop(self) -> None:
        settings = self._session.settings
        self._ask(
            ServiceStop(settings),
            translate("service", "Stop the trading program?"),
            translate(
                "service",
                "It is asked to close, never killed. It stays stopped until it is started again, "
                "and a supervisor leaves it so.",
            ),
            translate("service", "Stop the program"),
        )

    def _ask_restart(self) -> None:
        settings = self._session.settings
        self._ask(
            ServiceRestart(settings),
            translate("service", "Restart the trading program?"),
            translate("service", "It is asked to close, never killed, and started again at once."),
            translate("service", "Restart the program"),
        )

    def _ask(self, operation: Operation[object], question: Text, more: Text, answer: Text) -> None:
        go = Answer(answer, lambda: self._session.start(operation))
        ask(self, question, say(more), go)

    def _started(self, kind: Kind) -> None:
        if kind.tab is Tab.PROGRAM:
            self._banner.hide()
        self._dress()

    def _ended(self, ended: Ended) -> None:
        if ended.operation.tab is not Tab.PROGRAM:
            return
        if ended.error is not None:
            self._banner.show_error(ended.error)
        self._look(whole=True)


def _headline(status: ServiceStatus | None) -> tuple[str, str, Text]:
    """Return sign, colour and title: what the eye is to find first."""
    if status is None:
        return "unknown", "faint", translate("service", "Looking for the trading program…")
    if status.program is not None:
        text = translate(
            "service", "The trading program is running (process {pid})",
            pid=str(status.program.pid),
        )  # fmt: skip
        return "play", "good", text
    phase = status.supervisor.phase if status.supervisor is not None else None
    if phase is Phase.GIVEN_UP:
        return "cross", "danger", translate("service", "The supervisor gave up")
    if phase is Phase.WAITING:
        return "clock", "warn", translate("service", "The supervisor is about to start it again")
    if status.wanted == "stopped":
        return "stop", "faint", translate("service", "The trading program was stopped")
    return "stop", "warn", translate("service", "The trading program is not running")


def _facts(status: ServiceStatus | None) -> list[Text]:
    if status is None:
        return []
    facts = []
    if status.program is not None:
        since = exact_time(status.program.started)
        facts.append(translate("service", "since {since}", since=since))
    how = {
        "unit": translate("service", "supervised, by {unit}", unit=status.unit or "–"),
        "supervised": translate("service", "supervised"),
        "detached": translate("service", "started by the console, not supervised"),
        "by_hand": translate("service", "started by hand, not supervised"),
    }
    if status.how is not None:
        facts.append(how[status.how])
    if status.restarts:
        facts.append(translate("service", "restarted {count} times", count=status.restarts))
    supervisor = status.supervisor
    if not status.running and supervisor is not None and supervisor.what is not None:
        facts.append(supervisor.what)
    elif status.last_ended is not None:
        code = "–" if status.last_exit_code is None else str(status.last_exit_code)
        facts.append(translate("service", "last exit code {code}", code=code))
    return facts


SIGNS = {Ending.DONE: ("check", "good"), Ending.UNTOUCHED: ("ahead", "faint")}


class Past(QWidget):
    """The entries of the log, newest first; one that is opened shows its report."""

    opened = pyqtSignal(Record)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        text = Column[Record]("", entry_text, icon=self._icon, tip=entry_text)
        self.model = RowsModel((text,), lambda record: (record.deployment, record.number), self)
        name = translate("deploying", "What was deployed")
        self.table = Table(self.model, name, self, tall=True)
        self.table.setAccessibleDescription(say(translate("deploying", "Enter opens the report")))
        self.table.opened.connect(self.opened)
        self._trouble = label(self, "alarm", wrap=True)
        nothing = translate("deploying", "Nothing was deployed yet.")
        self._nothing = label(self, "faint", nothing)
        self._list = self.table.with_filter()
        lay(
            QVBoxLayout(self),
            label(self, "subtitle", name),
            self._trouble,
            self._nothing,
            (self._list, 1),
            margins=0,
        )
        self.show_records((), None)

    def show_records(self, records: Sequence[Record], problem: Text | None) -> None:
        """Show *records*, newest first, and what is wrong with the log."""
        self._trouble.setText(say(problem) if problem is not None else "")
        self._trouble.setVisible(problem is not None)
        self._nothing.setVisible(not records and problem is None)
        self._list.setVisible(bool(records))
        self.model.show(records)

    def _icon(self, record: Record) -> QIcon:
        sign, colour = SIGNS.get(record.ending, ("cross", "danger"))
        return icon(sign, self._theme.colour(colour))


def entry_text(record: Record) -> str:
    """Return what is to be said of an entry, a line each."""
    head = " ".join(part for part in (say(KINDS[record.kind]), record.version) if part)
    lines = [f"{head} · {say(ENDINGS[record.ending])}", exact_time(record.begun)]
    if record.downtime_seconds:
        time = duration_text(record.downtime_seconds)
        lines.append(say(translate("deploying", "{time} of downtime", time=time)))
    if record.changes is not None:
        lines += map(say, changes_lines(record.changes))
    if record.failure is not None:
        lines.append(say(record.failure))
    return "\n".join(lines)
