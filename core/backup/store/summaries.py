"""What the manifests of a store say, without the facts of tables, remembered beside them.

A manifest of 240 tables takes milliseconds to read, and a list of restore points asks for none of
them.  What is remembered counts for a manifest of the same size and time, follows a line with
its digest, and may be lost: then the manifests are read again.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from core.backup.models import RestorePoint
from core.backup.store.format import Damage, digest_of
from core.backup.store.points import manifest_path, read_point, require_possible
from core.base.cleanup import attempt
from core.base.files import read_regular, write_durably
from core.base.model import Strict

log = logging.getLogger(__name__)
NAME = "summaries"
WORTH_KEEPING = 16
"""So many manifests are read before what they say is written down."""
MOST_BYTES = 256 * 1024 * 1024


class _Kept(Strict):
    """What is remembered of one manifest, and its size and time (bytes, nanoseconds)."""

    size: int
    changed: int
    point: RestorePoint


class _File(Strict):
    """The file in which it is remembered, by id."""

    points: dict[str, _Kept]


class Reading(NamedTuple):
    """The restore points that were asked for, summarised, and why others cannot be read."""

    points: tuple[RestorePoint, ...]
    damaged: dict[str, str]


class Summaries:
    """Reads restore points as they are listed; one thread at a time may ask."""

    def __init__(self, root: Path) -> None:
        """Name the store at *root*; nothing is read."""
        self._path = root / NAME
        self._folder = root / "points"
        self._kept: dict[str, _Kept] | None = None
        self._damaged: dict[str, tuple[int, int, str]] = {}

    def read(self, ids: list[str], *, fresh: bool = False) -> Reading:
        """Return the restore points *ids*, those whose manifests are as they were from memory.

        *fresh*: nothing from memory.
        """
        if self._kept is None:
            self._kept = {} if fresh else self._load()
        former, self._kept = ({} if fresh else self._kept), {}
        new = 0
        damaged: dict[str, str] = {}
        for point_id in ids:
            try:
                found, was_read = self._one(point_id, former.get(point_id))
            except FileNotFoundError:
                continue  # removed meanwhile
            except (Damage, OSError) as error:
                damaged[point_id] = str(error)
                continue
            self._kept[point_id] = found
            new += was_read
        if new >= WORTH_KEEPING:
            attempt(self._write)
        return Reading(tuple(kept.point for kept in self._kept.values()), damaged)

    def _one(self, point_id: str, known: _Kept | None) -> tuple[_Kept, bool]:
        status = manifest_path(self._folder, point_id).lstat()
        size, changed = status.st_size, status.st_mtime_ns
        if known is not None and (known.size, known.changed) == (size, changed):
            return known, False
        point = read_point(self._folder, point_id).summarised()
        return _Kept(size=size, changed=changed, point=point), True

    def _load(self) -> dict[str, _Kept]:
        try:
            digest, _, body = read_regular(self._path, MOST_BYTES).partition(b"\n")
            if digest != digest_of(body).hex().encode():
                raise ValueError("it does not match its digest")
            kept = _File.model_validate_json(body).points
            for point_id, known in kept.items():
                require_possible(known.point, point_id)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, ValidationError, Damage) as error:
            log.info("%s is read anew: %s", self._path, error)
            return {}
        return kept

    def _write(self) -> None:
        body = _File(points=self._kept or {}).model_dump_json().encode()
        write_durably(self._path, b"%s\n%s" % (digest_of(body).hex().encode(), body))
