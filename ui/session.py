"""What the window knows of the workspace, and how everything in it is run.

Views never touch a file or a database: they are told what there is by signals, and ask the
session to run what the operator wants.  One changing operation runs at a time; looks (lists,
comparisons) run beside it, each in a thread of its own.  What the schedule starts yields: it is
cancelled as soon as the operator wants something.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from core.backup.catalogue import Catalogue, Listing
from core.backup.scheduled import scheduled_operation
from core.backup.store import Store
from core.base.config.models import Settings
from core.base.databases import Examiner
from core.base.journal import Entry, Outcome, entries
from core.base.operation import Context, Kind, Operation, Progress
from core.base.worker import Worker
from core.daemons.scheduler import BY, RETRY_AFTER, SchedulerRole
from core.program.find import ProcessTracker
from core.runner.run import Recover, needs_recovery, run_operation
from core.status import Status, read_status

Found = TypeVar("Found")

REFRESH_MS = 2_000
WAIT_SECONDS = 5.0
"""How long an operation of the window waits for a command that holds the lock."""
JOURNAL_ENTRIES = 500


@dataclass(frozen=True)
class Look:
    """The workspace at one moment."""

    status: Status
    listing: Listing
    journal: tuple[Entry, ...]
    store_bytes: int
    at: datetime


@dataclass(frozen=True)
class Ended:
    """How an operation ended; *error* is an `OperationError`, or a bug."""

    operation: Kind
    outcome: Outcome
    result: object = None
    error: Exception | None = None


class Session(QObject):
    """One workspace, as the window works with it."""

    looked = pyqtSignal(object)
    """`Look`, whenever something in it changed."""
    troubled = pyqtSignal(object)
    """The exception with which a look failed."""
    started = pyqtSignal(object)
    """The `Kind` of an operation that begins."""
    progressed = pyqtSignal(object)
    stepped = pyqtSignal(object)
    ended = pyqtSignal(object)
    """`Ended`."""
    idle = pyqtSignal()
    """The thread of an operation has ended, too."""

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.last: Look | None = None
        self._catalogue = Catalogue(settings.store)
        self._follower = ProcessTracker(settings)
        self._examiner = Examiner()
        self._keeper = SchedulerRole(settings)
        self._operation: Worker | None = None
        self._kind: Kind | None = None
        self._scheduled = False
        self._wanted: tuple[Operation[object], str] | None = None
        self._failed_at: datetime | None = None
        self._looks: set[Worker] = set()
        self._looking = False
        self._again = False
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.refresh)

    def begin(self) -> None:
        """Look at the workspace from now on, and recover it where that is due."""
        self._timer.start()
        self.refresh()
        settings = self.settings
        self.look(lambda _: needs_recovery(settings), self._recover)

    def _recover(self, due: bool) -> None:
        if due:
            self.start(Recover(self.settings))

    # ---- operations ----------------------------------------------------------------------

    @property
    def busy(self) -> Kind | None:
        """The kind of the operation under way."""
        return self._kind if self._operation is not None else None

    @property
    def blocked(self) -> bool:
        """Whether the operator has to wait: what the schedule started yields and blocks nobody."""
        return self._operation is not None and not self._scheduled

    def start(self, operation: Operation[object], by: str = "window") -> bool:
        """Run *operation*; return False, and do nothing, while another one of the operator runs."""
        if self.blocked:
            return False
        if self._operation is not None:
            self._wanted = (operation, by)
            self._operation.cancel()
            return True
        self._start(operation, by)
        return True

    def _start(self, operation: Operation[object], by: str) -> None:
        settings = self.settings
        self._scheduled = by == BY

        def work(context: Context) -> object:
            return run_operation(settings, operation, context, by, WAIT_SECONDS)

        worker = Worker(work, self)
        self._operation, self._kind = worker, operation.kind
        kind = operation.kind
        worker.progressed.connect(self.progressed)
        worker.stepped.connect(self.stepped)
        worker.succeeded.connect(
            lambda result: self.ended.emit(Ended(kind, Outcome.OK, result=result))
        )
        worker.failed.connect(lambda error: self._fail(kind, error))
        worker.cancelled.connect(lambda: self.ended.emit(Ended(kind, Outcome.CANCELLED)))
        worker.finished.connect(self._over)
        self.started.emit(kind)
        worker.start()

    def _fail(self, kind: Kind, error: Exception) -> None:
        if self._scheduled:
            self._failed_at = datetime.now(UTC)
        self.ended.emit(Ended(kind, Outcome.FAILED, error=error))

    def cancel(self) -> None:
        """Ask the operation under way to stop."""
        if self._operation is not None:
            self._operation.cancel()

    def _over(self) -> None:
        if self._operation is not None:
            self._operation.deleteLater()
        self._operation = None
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self._start(*wanted)
            return
        self.refresh()
        self.idle.emit()

    def _keep_schedule(self, look: Look) -> None:
        """Begin what is due; after a failure not before `RETRY_AFTER`."""
        if self._closed or self._operation is not None or look.status.lock is not None:
            return
        if self._failed_at is not None and look.at - self._failed_at < RETRY_AFTER:
            return
        operation = scheduled_operation(self.settings, look.listing.points, look.at)
        if operation is not None and self._keeper.take():
            self._start(operation, BY)

    # ---- looks ---------------------------------------------------------------------------

    def look(
        self,
        work: Callable[[Context], Found],
        then: Callable[[Found], None],
        failed: Callable[[Exception], None] | None = None,
        progressed: Callable[[Progress], None] | None = None,
    ) -> Worker:
        """Run *work*, which changes nothing, and hand its result to *then* in this thread."""
        worker = Worker(work, self)
        self._looks.add(worker)
        worker.succeeded.connect(then)
        if failed is not None:
            worker.failed.connect(failed)
        if progressed is not None:
            worker.progressed.connect(progressed)
        worker.finished.connect(lambda: self._forget(worker))
        worker.start()
        return worker

    def _forget(self, worker: Worker) -> None:
        self._looks.discard(worker)
        worker.deleteLater()

    def refresh(self) -> None:
        """Look at the workspace again, soon; a look under way is not overtaken."""
        if self._closed:
            return
        if self._looking:
            self._again = True
            return
        self._looking = True
        settings, catalogue = self.settings, self._catalogue
        follower, examiner = self._follower, self._examiner

        def work(_: Context) -> Look:
            listing = catalogue.read()
            return Look(
                status=read_status(settings, listing, follower, examiner),
                listing=listing,
                journal=entries(settings, JOURNAL_ENTRIES),
                store_bytes=Store(settings.store).size(),
                at=datetime.now(UTC),
            )

        worker = self.look(work, self._seen, self.troubled.emit)
        worker.finished.connect(self._looked)

    def _seen(self, look: Look) -> None:
        if self._closed:
            return  # it came too late: who hears of it would begin other looks
        self.last = look
        self.looked.emit(look)
        self._keep_schedule(look)

    def _looked(self) -> None:
        self._looking = False
        if self._again:
            self._again = False
            self.refresh()

    def close(self, seconds: float = 10.0) -> None:
        """Stop looking and wait for what is still running; no thread survives."""
        self._closed = True
        self._timer.stop()
        self._wanted = None
        self.cancel()
        workers = [*self._looks, *([self._operation] if self._operation else [])]
        for worker in workers:
            worker.cancel()
        for worker in workers:
            worker.wait(seconds)
        self._keeper.release()
