"""Records that what decides a move, a removal or a start is read from: proven, and kept twice.

Sealed: ``{"digest": …, "record": …}``; the digest is BLAKE3 of the record as canonical JSON.  A
record without one is as an earlier console wrote it, and is taken as it stands.

Twice: ``<name>.json`` is written first and removed last, ``<name>.copy`` follows it.  Where both
are sound the first is never the older one, and a removal that was cut off leaves what was there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from blake3 import blake3

from core.base.files import fsync_directory, read_regular, write_durably

KEYS = frozenset({"digest", "record"})


def seal(record: bytes) -> bytes:
    """Return the JSON *record* with its digest."""
    body = json.loads(record)
    digest = blake3(_canonical(body)).hexdigest()
    return json.dumps({"digest": digest, "record": body}, ensure_ascii=False, indent=1).encode()


def unseal(content: bytes) -> bytes:
    """Return the JSON of the record in *content*; raises `ValueError` when it was changed."""
    try:
        found = json.loads(content)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    # One of the two names may be what was changed.
    if not isinstance(found, dict) or not KEYS & found.keys():
        return content
    body = _canonical(found.get("record"))
    if found.keys() != KEYS or blake3(body).hexdigest() != found["digest"]:
        raise ValueError("it does not match its digest")
    return body


def _canonical(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


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
