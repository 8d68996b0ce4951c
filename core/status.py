"""Everything that the status strip shows, in one look."""

from __future__ import annotations

from datetime import UTC, datetime

from core.backup.catalogue import Catalogue, Listing
from core.backup.coverage import good_points
from core.backup.order import is_from_future, state_of
from core.base.config.models import Settings
from core.base.databases import DatabaseState, Examiner
from core.base.lock import LockHolder, lock_holder
from core.base.model import Model
from core.program.find import ProcessTracker, find_program
from core.program.models import RunningProgram
from core.promote.condition import is_whole, waiting_intents
from core.switchover.obstacles import Obstacle, obstacles


class Status(Model):
    """The state of the workspace at one moment."""

    program: RunningProgram | None
    files: tuple[DatabaseState, ...]
    newest_good: str | None
    """The newest good restore point that holds every database, if there is one."""
    newest_good_at: datetime | None
    """The moment of its state, as the clock had it then."""
    points: int
    damaged_points: int
    future_points: int
    """Restore points dated later than now: a clock was wrong then, or is wrong now."""
    lock: LockHolder | None
    interrupted: bool
    """Whether a change of the live files lies unfinished, so that `recover` is due."""
    parked: int
    """Former sets that wait to become restore points."""
    obstacles: tuple[Obstacle, ...] = ()
    """What keeps files from being swapped: of these one cannot go back."""


def read_status(
    settings: Settings,
    listing: Listing | None = None,
    follower: ProcessTracker | None = None,
    examiner: Examiner | None = None,
) -> Status:
    """Look at the workspace, read-only; safe in the console's own process.

    *listing* spares reading the restore points again, *follower* looking for the program,
    *examiner* asking SQLite each time.
    """
    if listing is None:
        listing = Catalogue(settings.store).read()
    good = next(iter(good_points(settings, listing.points)), None)
    now = datetime.now(UTC)
    program = find_program(settings) if follower is None else follower.find()
    return Status(
        program=RunningProgram.of(program) if program else None,
        files=tuple((examiner or Examiner()).examine(file) for file in settings.files),
        newest_good=good.point.id if good else None,
        newest_good_at=state_of(good) if good else None,
        points=len(listing.points),
        damaged_points=len(listing.damaged),
        future_points=sum(is_from_future(point, now) for point in listing.points),
        lock=lock_holder(settings),
        interrupted=not is_whole(settings),
        parked=len(waiting_intents(settings)),
        obstacles=obstacles(settings),
    )
