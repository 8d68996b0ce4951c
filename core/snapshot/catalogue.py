"""The restore points of a store, read again only where something changed.

Manifests never change, so each is read once; annotations are read anew when their file is.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from core.snapshot.models import Annotations, ListedPoint, RestorePoint
from core.snapshot.store.format import Damage
from core.snapshot.store.points import notes_path, point_ids, read_annotations, read_point


class Listing(BaseModel):
    """All restore points, newest first, and the damaged ones with the reason."""

    model_config = ConfigDict(frozen=True)

    points: tuple[ListedPoint, ...] = ()
    damaged: dict[str, str] = {}

    @property
    def newest_good(self) -> ListedPoint | None:
        """The newest one that one can go back to."""
        return next((listed for listed in self.points if listed.good), None)


class Catalogue:
    """Remembers what it read; one thread at a time may ask."""

    def __init__(self, store_root: Path) -> None:
        """Name the store; nothing is read."""
        self._folder = store_root / "points"
        self._points: dict[str, RestorePoint | str] = {}
        self._notes: dict[str, tuple[int, Annotations]] = {}

    def read(self) -> Listing:
        """Return the restore points as they are now."""
        ids = point_ids(self._folder)
        self._points = {
            point_id: self._points[point_id] if point_id in self._points else self._read(point_id)
            for point_id in ids
        }
        found, damaged = [], {}
        for point_id in reversed(ids):
            point = self._points[point_id]
            if isinstance(point, str):
                damaged[point_id] = point
            else:
                found.append(ListedPoint(point=point, annotations=self._annotations(point_id)))
        return Listing(points=tuple(found), damaged=damaged)

    def _read(self, point_id: str) -> RestorePoint | str:
        try:
            return read_point(self._folder, point_id)
        except Damage as damage:
            return str(damage)

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
