"""Which restore points hold the whole guarded set.

A migration replaces some of the databases, and what it replaced is kept as a restore point of
these alone.  One can go back to it, but it is no state of all: neither its age nor its being there
says that the others are saved.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.backup.models import ListedPoint
from core.backup.order import newest_state_first
from core.base.config.models import Settings


def holds_all(settings: Settings, listed: ListedPoint) -> bool:
    """Whether *listed* holds every guarded database that there is now."""
    held = {file.name for file in listed.point.files}
    return all(file.name in held or not file.path.is_file() for file in settings.databases)


def good_points(settings: Settings, points: Iterable[ListedPoint]) -> list[ListedPoint]:
    """Return the good ones that hold everything, all good ones where none does.

    The newest state stands first, by the order of making.
    """
    good = [listed for listed in newest_state_first(points) if listed.good]
    return [listed for listed in good if holds_all(settings, listed)] or good
