"""Runs an operation in a thread of its own (QtCore only: no widget is needed).

The operation lives in the thread, the caller in its own; what is heard of it arrives through
queued signals as frozen models, progress at most 20 times a second.  A thread is never
terminated: `cancel` asks, and `finished` comes when it is over.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from PyQt6.QtCore import QObject, QThread, pyqtSignal

from core.base.operation import Cancelled, Context, OperationError, Progress, Step

PROGRESS_SECONDS = 0.05

log = logging.getLogger(__name__)


class _Listened(Context):
    """A context whose reports become signals."""

    def __init__(self, worker: Worker) -> None:
        super().__init__()
        self._worker = worker
        self._told = 0.0

    def on_progress(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._told >= PROGRESS_SECONDS or progress.done == progress.total:
            self._told = now
            self._worker.progressed.emit(progress)

    def on_step(self, step: Step) -> None:
        self._worker.stepped.emit(tuple(self.steps))


class Worker(QObject):
    """One piece of long work in its own thread."""

    progressed = pyqtSignal(object)
    """`Progress`."""
    stepped = pyqtSignal(object)
    """All steps so far, a tuple of `Step`."""
    succeeded = pyqtSignal(object)
    """What the work returned."""
    failed = pyqtSignal(object)
    """`OperationError`, or another exception, which is a bug."""
    cancelled = pyqtSignal()
    finished = pyqtSignal()
    """The thread has ended; after one of the three above."""

    def __init__(self, work: Callable[[Context], object], parent: QObject | None = None) -> None:
        """Prepare to run *work*; it may use no widget and no object of another thread."""
        super().__init__(parent)
        self._runner = _Runner(work, self)
        self._context = self._runner.context
        self._thread = QThread(self)
        self._runner.moveToThread(self._thread)
        self._thread.started.connect(self._runner.run)
        self._thread.finished.connect(self.finished)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def cancel(self) -> None:
        """Ask the work to stop at its next safe point."""
        self._context.cancel()

    @property
    def running(self) -> bool:
        """Whether the thread has not ended yet."""
        return self._thread.isRunning()

    def wait(self, seconds: float) -> bool:
        """Wait for the end, for programs without an event loop; return whether it came."""
        return self._thread.wait(round(seconds * 1000))


class _Runner(QObject):
    """The half of a worker that lives in the thread."""

    def __init__(self, work: Callable[[Context], object], worker: Worker) -> None:
        super().__init__()
        self._work = work
        self._worker = worker
        self.context = _Listened(worker)

    def run(self) -> None:
        """Do the work and tell what became of it."""
        try:
            result = self._work(self.context)
        except Cancelled:
            self._worker.cancelled.emit()
        except OperationError as error:
            log.info("%s", error)
            self._worker.failed.emit(error)
        except Exception as error:  # a bug: it must reach the operator and the log, not Qt
            log.exception("the work ended by a bug")
            self._worker.failed.emit(error)
        else:
            self._worker.succeeded.emit(result)
        finally:
            # Not by a signal: whoever waits for the thread may not be processing events.
            thread = QThread.currentThread()
            if thread is not None:
                thread.quit()
