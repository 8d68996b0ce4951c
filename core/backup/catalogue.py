"""The restore points of a store, read again only where something changed.

A manifest, summarised, and annotations are read anew when their file is.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from core.backup.models import Annotations, ListedPoint
from core.backup.order import newest_first, newest_good
from core.backup.store.marker import read_marker
from core.backup.store.points import (
    listed_as,
    notes_path,
    point_ids,
    read_annotations,
)
from core.backup.store.summaries import Summaries
from core.base.model import Model


class Listing(Model):
    """All restore points, what was made last first, and the damaged ones with the reason."""

    points: tuple[ListedPoint, ...] = ()
    damaged: dict[str, str] = Field(default_factory=dict)

    @property
    def newest_good(self) -> ListedPoint | None:
        """The newest state that one can go back to."""
        return newest_good(self.points)


class Catalogue:
    """Remembers what it read; one thread at a time may ask."""

    def __init__(self, store_root: Path) -> None:
        """Name the store; nothing is read."""
        self._root = store_root
        self._folder = store_root / "points"
        self._summaries = Summaries(store_root)
        self._notes: dict[str, tuple[int, Annotations]] = {}

    def read(self) -> Listing:
        """Return the restore points as they are now."""
        marker = read_marker(self._root)
        points, damaged = self._summaries.read(point_ids(self._folder))
        found = [listed_as(point, self._annotations(point.id), marker) for point in points]
        return Listing(points=tuple(newest_first(found)), damaged=damaged)

    def _annotations(self, point_id: str) -> Annotations:
        try:
            changed = notes_path(self._folder, point_id).stat().st_mtime_ns
        except FileNotFoundError:
            return Annotations()
        known = self._notes.get(point_id)
        if known is None or known[0] != changed:
            known = (changed, read_annotations(self._folder, point_id))
            self._notes[point_id] = known
        return known[1]
