"""Which copies this console has made, so that one that is missing is not made anew.

Where a disk is not mounted, its mount point is a folder like any other.  What tells the two apart
is that a copy was there before: its id, by the path that it was reached at.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from core.base.config.models import Settings
from core.base.files import read_regular, write_durably
from core.base.folders import make_home

FILE = "copies.json"
MAX_BYTES = 1024 * 1024
_IDS = TypeAdapter(dict[str, str])


def known_target(settings: Settings, path: Path) -> str | None:
    """Return the id of the copy that was at *path*, None where none is known."""
    return _read(settings).get(str(path.absolute()))


def known_targets(settings: Settings) -> tuple[Path, ...]:
    """Return where copies were made, whether or not they are there now."""
    return tuple(Path(place) for place in _read(settings))


def remember_target(settings: Settings, path: Path, target_id: str) -> None:
    """Write down that the copy *target_id* is at *path*; the caller holds the console's lock."""
    known = _read(settings)
    if known.get(str(path.absolute())) == target_id:
        return
    known[str(path.absolute())] = target_id
    write_durably(make_home(settings.home) / FILE, _IDS.dump_json(known, indent=1))


def _read(settings: Settings) -> dict[str, str]:
    try:
        return _IDS.validate_json(read_regular(settings.home / FILE, MAX_BYTES))
    except (OSError, ValidationError):
        return {}  # with none known, a copy is made only where that is asked for
