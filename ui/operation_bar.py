"""The bar below the tabs: what runs, how far it is, how fast, how long it will still take."""

from __future__ import annotations

import time
from typing import NamedTuple

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from core.base.journal import Outcome
from core.base.operation import OperationError, Progress, Step, Unit
from core.base.text import translate
from ui.kit.parts import lay
from ui.language import bytes_text, count_text, duration_text, operation_name, outcome_text, say
from ui.session import Ended, Session
from ui.theme import restyle

FIRST_PART = 0.02
"""Before this part of the work is done nothing is said about the time left."""
SMOOTHING_SECONDS = 3.0
"""The pace is an exponential mean over about this time."""


class Rate(NamedTuple):
    """Units a second, and seconds left; None while it cannot be told."""

    per_second: float
    seconds_left: float | None


class Pace:
    """Follows one piece of work; a new one begins when its total changes."""

    def __init__(self) -> None:
        self._total: int | None = None
        self._begun = 0.0
        self._last = (0.0, 0)
        self._rate = 0.0

    def seen(self, progress: Progress, now: float) -> Rate:
        """Take *progress*, seen at *now* (monotonic seconds), and return the pace."""
        at, done = self._last
        if progress.total != self._total or progress.done < done:
            self._total, self._begun, self._rate = progress.total, now, 0.0
            self._last = (now, progress.done)
            return Rate(0.0, None)
        spent = now - at
        if spent <= 0:
            return self._told(progress)
        fresh = (progress.done - done) / spent
        # A young mean weighs what it has; an old one forgets what is past.
        weight = min(1.0, spent / min(max(now - self._begun, spent), SMOOTHING_SECONDS))
        self._rate += (fresh - self._rate) * weight
        self._last = (now, progress.done)
        return self._told(progress)

    def _told(self, progress: Progress) -> Rate:
        if not progress.total or self._rate <= 0 or progress.done < progress.total * FIRST_PART:
            return Rate(self._rate, None)
        return Rate(self._rate, (progress.total - progress.done) / self._rate)


BAR_STEPS = 1_000
WARNED = 60
"""Characters of a warning that the bar shows."""


class OperationBar(QFrame):
    """Fed by the session's signals."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("operation")
        self._session = session
        self._pace = Pace()
        self._begun = 0.0
        self._warnings: list[str] = []
        self._step = ""
        self._what = QLabel(say(translate("operation", "Ready")), self)
        self._amount = QLabel(self)
        self._amount.setObjectName("small")
        self._amount.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(say(translate("operation", "Progress")))
        self._cancel = QPushButton(say(translate("operation", "Cancel")), self)
        self._cancel.setShortcut("Esc")
        self._cancel.clicked.connect(self._stop)
        lay(
            QHBoxLayout(self),
            (self._what, 3),
            (self._bar, 2),
            (self._amount, 2),
            self._cancel,
            spacing=16,
            margins=(16, 6, 16, 6),
        )
        height = self._cancel.sizeHint().height() + 12
        self.setFixedHeight(height)
        self._show_running(running=False)
        session.started.connect(self._start)
        session.progressed.connect(self._progress)
        session.stepped.connect(self._steps)
        session.ended.connect(self._end)

    def _show_running(self, *, running: bool) -> None:
        self._bar.setVisible(running)
        self._cancel.setVisible(running)
        self._amount.setVisible(running)

    def _start(self, name: str) -> None:
        self._pace = Pace()
        self._begun = time.monotonic()
        self._warnings = []
        self._step = operation_name(name)
        self._what.setObjectName("")
        restyle(self._what)
        self._what.setText(self._step)
        self._amount.clear()
        self._bar.setRange(0, 0)
        self._cancel.setEnabled(True)
        self._show_running(running=True)

    def _stop(self) -> None:
        self._cancel.setEnabled(False)
        self._what.setText(say(translate("operation", "Cancelling…")))
        self._session.cancel()

    def _steps(self, steps: tuple[Step, ...]) -> None:
        self._warnings = [say(step.what) for step in steps if step.warning]
        running = [step for step in steps if step.seconds is None]
        if running and self._cancel.isEnabled():
            self._step = say(running[-1].what)
            self._what.setText(self._step)
            self._pace = Pace()
            self._amount.clear()
            self._bar.setRange(0, 0)

    def _progress(self, progress: Progress) -> None:
        if not self._cancel.isEnabled():
            return
        self._what.setText(say(progress.what))
        pace = self._pace.seen(progress, time.monotonic())
        text = bytes_text if progress.unit is Unit.BYTES else count_text
        parts = [text(progress.done)] if progress.done else []
        if progress.total:
            parts = [f"{text(progress.done)} / {text(progress.total)}"]
            self._bar.setRange(0, BAR_STEPS)
            self._bar.setValue(round(progress.done / progress.total * BAR_STEPS))
        else:
            self._bar.setRange(0, 0)
        if pace.per_second:
            parts.append(f"{text(round(pace.per_second))}/s")
        seconds_left = pace.seconds_left
        if progress.seconds_left is not None:
            seconds_left = progress.seconds_left  # of the whole, as it was rehearsed
        if seconds_left is not None:
            left = duration_text(round(seconds_left))
            parts.append(say(translate("operation", "{time} left", time=left)))
        self._amount.setText(" · ".join(parts))

    def _end(self, ended: Ended) -> None:
        self._show_running(running=False)
        spent = duration_text(time.monotonic() - self._begun)
        if ended.outcome is Outcome.FAILED:
            self._what.setObjectName("alarm")
            error = ended.error
            what = say(error.happened) if isinstance(error, OperationError) else str(error)
            text = f"✗ {operation_name(ended.operation)}: {what}"
        else:
            self._what.setObjectName("")
            sign = "✓" if ended.outcome is Outcome.OK else "–"
            name, outcome = operation_name(ended.operation), outcome_text(ended.outcome)
            text = f"{sign} {name} {outcome} · {spent}"
        whole = " ".join([text, *(f"! {warning}" for warning in self._warnings)])
        # A label as wide as its text would widen the window; Activity tells all of it.
        self._what.setText(f"{text} ! {self._warnings[0][:WARNED]}…" if self._warnings else text)
        self._what.setToolTip(whole)
        restyle(self._what)
