"""A record that lies on disk twice, so that one changed byte loses nothing.

For what decides whether something is moved, removed or started.  ``<name>.json`` is written first
and removed last, ``<name>.copy`` follows it: where both are sound the first is never the older
one, and a removal that was cut off leaves what was there.  How a copy tells that it was changed is
up to its record (see `core.base.sealed`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from core.base.files import fsync_directory, read_regular, write_durably

Record = TypeVar("Record")
COPY = ".copy"


def copies(path: Path) -> tuple[Path, Path]:
    """Return where the record at *path* lies, in the order of writing."""
    return path, path.with_suffix(COPY)


def is_there(path: Path) -> bool:
    """Whether anything is written down at *path*, be it readable or not."""
    return any(one.exists() or one.is_symlink() for one in copies(path))


def write_twice(path: Path, content: bytes) -> None:
    """Make *content* durable at *path*, one copy after the other; raises `OSError`."""
    for one in copies(path):
        write_durably(one, content)


def read_sound(
    path: Path, parse: Callable[[bytes], Record], limit: int | None = None
) -> tuple[Record, ...]:
    """Return what *parse* makes of the sound copies at *path*, the one written first first.

    *parse* raises `ValueError` for what was changed.  Where no copy is sound, raises what is wrong
    with the first that is there, `OSError` or `ValueError`; `FileNotFoundError` where none is.
    """
    found: list[Record] = []
    wrong: OSError | ValueError | None = None
    for one in copies(path):
        try:
            found.append(parse(read_regular(one, limit)))
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            wrong = wrong or error
    if not found:
        raise wrong or FileNotFoundError(path)
    return tuple(found)


def remove_both(path: Path) -> None:
    """Remove the record at *path*, durably; raises `OSError`."""
    for one in reversed(copies(path)):
        one.unlink(missing_ok=True)
    if path.parent.is_dir():
        fsync_directory(path.parent)
