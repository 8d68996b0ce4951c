"""All checks of the way back, in one list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.backup.models import ListedPoint
from core.base.config.models import Settings
from core.base.operation import Context
from core.base.placement import check_placement
from core.base.text import Finding, translate
from core.program.find import find_programs
from core.program.models import Program
from core.switchover.obstacles import Obstacle, obstacles
from core.switchover.way_back.holding import check_holders
from core.switchover.way_back.room import Need, check_room, needs_of_return
from core.switchover.way_back.start import check_start
from core.switchover.way_back.stop import check_stop
from core.switchover.way_back.trial import try_way_back


def check_way_back(
    context: Context,
    settings: Settings,
    point: ListedPoint | None,
    names: Iterable[str] | None = None,
    *,
    programs: Sequence[Program] | None = None,
    more: Sequence[Need] = (),
) -> list[Finding]:
    """Return what would fail, and what was tried, of going back to *point*.

    *names* are the guarded files that would be swapped, all of them if None; *more* is what else
    takes room before one goes back.  Without a *point* a small set is swapped in its place, for
    callers that ask often.  Raises `Cancelled`; nothing is left, and the program is not disturbed.
    """
    wanted = {file.name for file in settings.files} if names is None else set(names)
    files = [file for file in settings.files if file.name in wanted]
    running = find_programs(settings) if programs is None else programs
    in_the_way = obstacles(settings, wanted)
    found = [*_swappable(in_the_way), *check_placement(settings.data_folder)]
    found.append(check_holders(context, settings, running))
    needs = [*needs_of_return(settings, point, files), *more]
    room = check_room(needs)
    found += room
    context.check()
    # Where one could not be swapped anyway, or a disk would be filled, the rest is still tried.
    barred = {one.name for one in in_the_way}
    free = [file for file in files if file.name not in barred]
    fits = all(one.state != "failed" for one in room)
    if free:
        found += try_way_back(context, settings, free, point if fits else None)
    context.check()
    return [*found, check_stop(running), check_start(context, settings, running)]


def check_swappable(settings: Settings, names: Iterable[str] | None = None) -> Finding:
    """Whether every guarded file (of those called *names*) can be swapped; the first that not."""
    return _swappable(obstacles(settings, names))[0]


def _swappable(in_the_way: Sequence[Obstacle]) -> list[Finding]:
    text = translate("verification", "Every guarded file can be swapped.")
    return [
        Finding(name="swappable", state="failed", evidence=one.what, to_do=one.to_do)
        for one in in_the_way
    ] or [Finding(name="swappable", state="ok", evidence=text)]
