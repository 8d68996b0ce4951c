"""Keeps what the operator decides, one change after the other and off the window's thread.

Each change reads the file of decisions and writes it anew: two at once would lose one of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from PyQt6.QtCore import QObject, pyqtSignal

from core.base.config.models import Settings
from core.base.worker import Worker
from migration.operations import Decision, decide_all, withdraw
from ui.session import Session

Change = Callable[[Settings, Sequence[Decision]], tuple[Decision, ...]]


class Keeping(QObject):
    """A queue of changes."""

    changed = pyqtSignal(object)
    """All decisions that are kept by now."""
    failed = pyqtSignal(object)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._queue: deque[tuple[Change, Sequence[Decision]]] = deque()
        self._worker: Worker | None = None

    @property
    def busy(self) -> bool:
        """Whether a change has still to be written."""
        return self._worker is not None or bool(self._queue)

    def keep(self, decisions: Sequence[Decision]) -> None:
        """Add *decisions* to those that are kept."""
        self._queue.append((decide_all, decisions))
        self._go_on()

    def withdraw(self, decisions: Sequence[Decision]) -> None:
        """Take *decisions* back."""
        self._queue.append((withdraw, decisions))
        self._go_on()

    def _go_on(self) -> None:
        if self._worker is not None or not self._queue:
            return
        change, decisions = self._queue.popleft()
        settings = self._session.settings
        self._worker = self._session.look(
            lambda _: change(settings, decisions), self.changed.emit, self.failed.emit
        )
        self._worker.finished.connect(self._over)

    def _over(self) -> None:
        self._worker = None
        self._go_on()
