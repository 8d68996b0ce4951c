"""The steps of an operation as they happen: sign, sentence, time; and how it ended.

Steps that do not apply are shown too, with the reason.  A running step counts its seconds.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from enum import StrEnum

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PyQt6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PyQt6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from core.base.operation import Step
from core.base.text import Text, translate
from ui.kit.parts import label, paint_check, paint_cross
from ui.language import duration_text, say
from ui.theme import Theme

TICK_MS = 100
"""How often a running step's seconds move on."""


class StepState(StrEnum):
    """How a step stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    AHEAD = "ahead"
    WARNING = "warning"


def step_state(step: Step) -> StepState:
    """Return how *step* stands; `Context.skipped` leaves steps without an outcome but with a
    length of 0."""
    if step.warning:
        return StepState.WARNING
    if step.ok is None:
        return StepState.RUNNING if step.seconds is None else StepState.SKIPPED
    return StepState.DONE if step.ok else StepState.FAILED


STATES: dict[StepState, Text] = {
    StepState.RUNNING: translate("rollback", "running"),
    StepState.DONE: translate("rollback", "done"),
    StepState.FAILED: translate("rollback", "failed"),
    StepState.SKIPPED: translate("rollback", "skipped"),
    StepState.AHEAD: translate("rollback", "to come"),
    StepState.WARNING: translate("rollback", "warning"),
}


class StepSign(QWidget):
    """The sign before a step: check, cross, dash, or an arc that turns."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state = StepState.RUNNING
        self._turn = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return a square as high as a line of text."""
        side = round(self.fontMetrics().height() * 1.25)
        return QSize(side, side)

    def show_state(self, state: StepState) -> None:
        """Show *state*; each call turns the arc of a running step on."""
        self._state = state
        self._turn = (self._turn + 36) % 360
        self.setAccessibleName(say(STATES[state]))
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Paint the sign."""
        ink = self._theme.ink
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centre = QPointF(self.width() / 2, self.height() / 2)
        radius = min(self.width(), self.height()) * 0.42
        ring = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        match self._state:
            case StepState.DONE | StepState.FAILED:
                good = self._state is StepState.DONE
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(ink.good if good else ink.danger)
                painter.drawEllipse(centre, radius, radius)
                paint = paint_check if good else paint_cross
                paint(painter, centre, radius * (0.5 if good else 0.36), ink.surface)
            case StepState.SKIPPED:
                painter.setPen(QPen(ink.faint, 1.4, Qt.PenStyle.DotLine))
                painter.drawEllipse(centre, radius, radius)
                painter.setPen(QPen(ink.faint, 1.8))
                half = QPointF(radius * 0.45, 0)
                painter.drawLine(centre - half, centre + half)
            case StepState.WARNING:
                painter.setPen(QPen(ink.text, 1.8))
                painter.drawEllipse(centre, radius, radius)
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "!")
            case StepState.AHEAD:
                painter.setPen(QPen(ink.faint, 1.4))
                painter.drawEllipse(centre, radius, radius)
            case StepState.RUNNING:
                painter.setPen(QPen(ink.line, 2.4))
                painter.drawEllipse(ring)
                painter.setPen(QPen(ink.accent, 2.4))
                painter.drawArc(ring, -self._turn * 16, 100 * 16)
        painter.end()


class _Row:
    """The widgets of one step."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        self.sign = StepSign(theme, parent)
        self.what = label(parent)
        self.note = label(parent, "faint", wrap=True)
        self.seconds = label(parent)
        self.seconds.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.begun: float | None = None

    def widgets(self) -> tuple[QWidget, ...]:
        return (self.sign, self.what, self.note, self.seconds)


class StepsView(QWidget):
    """Shows the steps of an operation while they happen, and keeps them afterwards."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._steps: tuple[Step, ...] = ()
        self._ahead: tuple[Text, ...] = ()
        self._rows: list[_Row] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._refresh)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that are shown."""
        return self._steps

    def show_steps(self, steps: Sequence[Step], ahead: Sequence[Text] = ()) -> None:
        """Show *steps*: those known already are brought up to date, new ones added.

        *ahead* says what is still to come.
        """
        self._steps, self._ahead = tuple(steps), tuple(ahead)
        wanted = len(self._steps) + len(self._ahead)
        while len(self._rows) > wanted:
            for widget in self._rows.pop().widgets():
                self._grid.removeWidget(widget)
                widget.hide()  # at once: it goes for good only when nothing else happens
                widget.deleteLater()
        while len(self._rows) < wanted:
            row = _Row(self._theme, self)
            place = len(self._rows) * 2
            middle = Qt.AlignmentFlag.AlignVCenter
            self._grid.addWidget(row.sign, place, 0, middle)
            self._grid.addWidget(row.what, place, 1, middle)
            self._grid.addWidget(row.seconds, place, 2, middle)
            self._grid.addWidget(row.note, place + 1, 1, 1, 2)
            self._rows.append(row)
        self._refresh()

    def _refresh(self) -> None:
        running = False
        for row, what in zip(self._rows[len(self._steps) :], self._ahead, strict=True):
            row.sign.show_state(StepState.AHEAD)
            row.what.setText(say(what))
            row.what.setEnabled(False)
            row.note.setVisible(False)
            row.seconds.clear()
            row.begun = None
        for row, step in zip(self._rows[: len(self._steps)], self._steps, strict=True):
            row.begun = time.monotonic() if row.begun is None else row.begun
            state = step_state(step)
            running = running or state is StepState.RUNNING
            row.sign.show_state(state)
            # What was found is a sentence or two: it stands where lines wrap.
            warned = state is StepState.WARNING
            row.what.setText(say(STATES[state]) if warned else say(step.what))
            note = step.what if warned else step.note
            row.note.setText("" if note is None else say(note))
            row.note.setVisible(note is not None)
            if warned:
                row.seconds.clear()
            elif state is StepState.SKIPPED:
                row.seconds.setText(say(STATES[state]))
            else:
                spent = time.monotonic() - row.begun if step.seconds is None else step.seconds
                row.seconds.setText(duration_text(spent))
            row.what.setEnabled(state is not StepState.SKIPPED)
        if running and self.isVisible():
            if not self._timer.isActive():
                self._timer.start()
        else:
            self._timer.stop()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Go on counting."""
        super().showEvent(event)
        self._refresh()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Draw nothing that is hidden."""
        super().hideEvent(event)
        self._timer.stop()
