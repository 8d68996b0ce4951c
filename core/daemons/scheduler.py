"""Keeps the schedule: which console does, and how one without a window does.

Of several consoles at work on one workspace the one that holds `schedule.lock` (an OS lock, so
that it dies with its process) keeps the schedule; another steps in when it is gone.  So a
backup that is due is made once, whether a window is open, a headless monitor runs, or both.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import NamedTuple

from filelock import FileLock, Timeout

from core.backup.catalogue import Catalogue
from core.backup.scheduled import scheduled_operation
from core.base.config.models import Settings
from core.base.folders import make_home
from core.base.lock import Locked
from core.base.operation import Cancelled, Context, Operation, OperationError
from core.runner.run import run_operation

BY = "schedule"
"""Who these operations are by, in the journal."""
LOOK_SECONDS = 5.0
RETRY_AFTER = timedelta(minutes=5)
"""How long the schedule leaves alone what failed."""

log = logging.getLogger(__name__)


class SchedulerRole:
    """The right to keep the schedule of a workspace; held until `release`."""

    def __init__(self, settings: Settings) -> None:
        self._home = settings.home
        # Taken on one thread and given back on another.
        self._lock = FileLock(self._home / "schedule.lock", mode=0o600, thread_local=False)
        self._told = False

    def take(self) -> bool:
        """Return whether this one keeps the schedule; never waits."""
        if self._lock.is_locked:
            return True
        try:
            make_home(self._home)
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except OSError as error:
            if not self._told:  # asked again every few seconds
                log.error("schedule.lock cannot be taken: %s", error)
            self._told = True
            return False
        return True

    def release(self) -> None:
        """Let another one keep it."""
        self._lock.release()


class ScheduledRun(NamedTuple):
    """A scheduled operation that ended."""

    operation: str
    error: Exception | None
    """`OperationError`, or a bug; None: it went well."""


class Scheduler:
    """Runs what is due in a thread of its own; `step`, `give_way` and `stop` by one caller."""

    def __init__(
        self, settings: Settings, on_kept: Callable[[ScheduledRun], None] | None = None
    ) -> None:
        """Tell *on_kept*, on the operation's thread, how each ended that was not cancelled."""
        self._settings = settings
        self._on_kept = on_kept
        self._role = SchedulerRole(settings)
        self._catalogue = Catalogue(settings.store)
        self._next_look = float("-inf")
        self._failed_at: datetime | None = None
        self._context = Context()
        self._thread: Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether an operation is under way."""
        return self._thread is not None and self._thread.is_alive()

    def step(self, monotonic: float, now: datetime | None = None) -> None:
        """Begin what is due at *now* (UTC), looking every few seconds of *monotonic* time."""
        if self.busy or monotonic < self._next_look:
            return
        self._next_look = monotonic + LOOK_SECONDS
        now = now or datetime.now(UTC)
        if self._failed_at is not None and timedelta(0) <= now - self._failed_at < RETRY_AFTER:
            return
        if not self._role.take():
            return
        operation = scheduled_operation(self._settings, self._catalogue.read().points, now)
        if operation is not None:
            self._context = Context()
            self._thread = Thread(target=self._run, args=(operation, now), name="schedule")
            self._thread.start()

    def _run(self, operation: Operation[object], now: datetime) -> None:
        error: Exception | None = None
        try:
            run_operation(self._settings, operation, self._context, BY)
        except (Cancelled, Locked):
            return  # due still, and made up for at a later look
        except OperationError as failure:
            error = failure
            log.error("'%s' of the schedule failed: %s", operation.kind, failure)
        except Exception as bug:
            log.exception("'%s' of the schedule ended by a bug", operation.kind)
            error = bug
        self._failed_at = now if error is not None else None
        if self._on_kept is not None:
            self._on_kept(ScheduledRun(operation.kind, error))

    def give_way(self) -> None:
        """Cancel what is under way and wait until it has gone: something else has precedence."""
        self._context.cancel()
        if self._thread is not None:
            self._thread.join()

    def stop(self) -> None:
        """End, and let another console keep the schedule."""
        self.give_way()
        self._role.release()
