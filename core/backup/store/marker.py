"""What makes a folder a store: its marker.

``STORE.json`` says what the folder is and, by an id, which one.  It is the first file that comes
into a new store; a folder that holds anything and no marker is somebody else's, and nothing is
written, locked or swept there.  Stores of earlier versions have a marker without an id; they get
one when they are written to next.

The marker carries a digest and lies there twice, in ``STORE.copy``, too: one changed byte neither
makes the store another one nor closes it.  Where no copy is sound, a folder is a store by a sound
restore point in it, and gets a new marker when it is written to next.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from core.backup.store.format import VERSION, WHAT, Damage, Marker
from core.backup.store.points import point_ids, read_point
from core.base.cleanup import attempt
from core.base.files import half_written_of, is_own_folder, is_regular, private_folder
from core.base.folders import is_system_folder
from core.base.operation import OperationError
from core.base.sealed import copies, is_there, read_sound, seal, unseal, write_twice
from core.base.text import Text, translate

FILE = "STORE.json"
FILES = frozenset(path.name for path in copies(Path(FILE)))
LOCK = "store.lock"
MAX_BYTES = 64 * 1024


def has_marker(root: Path) -> bool:
    """Whether a copy of a marker lies in *root*, be it sound or not."""
    return any(is_regular(path) for path in copies(root / FILE))


def marker_is_damaged(root: Path) -> bool:
    """Whether a copy of the marker that lies in *root* is not what was written."""
    try:
        sound = len(read_sound(root / FILE, _sound, MAX_BYTES))
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True
    return sound < sum(path.exists() for path in copies(root / FILE))


def read_marker(root: Path) -> Marker | None:
    """Return the marker of the store at *root*; None where there is none.

    Where it is damaged, what lies in the folder tells whether it is one; its id is then unknown.
    """
    try:
        return _parse(read_sound(root / FILE, _sound, MAX_BYTES)[0])
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return Marker(format=VERSION, what=WHAT) if _holds_a_point(root) else None


def _sound(content: bytes) -> bytes:
    _parse(content)
    return content


def _parse(content: bytes) -> Marker:
    marker = Marker.model_validate_json(unseal(content))
    if marker.what != WHAT:
        raise ValueError("it is of something else")
    return marker


def _holds_a_point(root: Path) -> bool:
    """Whether a restore point of this format lies in *root*: its manifest matches its digest."""
    points = root / "points"
    if not (has_marker(root) and is_own_folder(points) and is_own_folder(root / "packs")):
        return False
    for point_id in point_ids(points):
        try:
            read_point(points, point_id)
        except Damage:
            continue
        return True
    return False


def require_known(root: Path) -> Marker:
    """Return the marker; raises `OperationError` where *root* is no store this console knows."""
    marker = read_marker(root)
    if marker is None or marker.format != VERSION:
        raise OperationError(
            translate("snapshot", "The store {path} is of an unknown format.", path=root),
            data_state=translate("snapshot", "Nothing was changed."),
            to_do=translate("snapshot", "Open it with the console version that made it."),
        )
    return marker


def require_free(root: Path) -> None:
    """Raise `OperationError` where no store may be made at *root*."""
    if is_system_folder(root):
        raise _refused(
            translate("snapshot", "{path} is a folder of the system, not one for restore points.",
                      path=root)
        )  # fmt: skip
    try:
        taken = root.exists() and not (root.is_dir() and _holds_nothing(root))
    except OSError as error:
        raise _refused(
            translate("snapshot", "{path} cannot be read: {why}", path=root, why=str(error))
        ) from error
    if taken:
        raise _refused(
            translate("snapshot", "{path} holds files, but it is no store of restore points.",
                      path=root)
        )  # fmt: skip


def _holds_nothing(root: Path) -> bool:
    """Whether *root* is empty, or holds only what the making of a store left that was cut off."""
    for path in root.iterdir():
        if path.name == LOCK or half_written_of(path) in FILES:
            continue
        empty = is_own_folder(path) and not any(path.iterdir())
        if path.name not in {"points", "packs"} or not empty:
            return False
    return True


def make_marker(root: Path) -> Marker:
    """Make *root* a store, or make the marker of the one that is there whole, and return it.

    Raises `OperationError` where *root* is something else.
    """
    if is_there(root / FILE):
        marker = require_known(root)
        if marker.id is not None:
            # Without its second copy it is a store as before.
            attempt(_complete, root)
            return marker
    else:
        require_free(root)
    private_folder(root)
    marker = Marker(format=VERSION, what=WHAT, id=secrets.token_hex(16))
    write_twice(root / FILE, seal(marker.model_dump_json().encode()))
    return marker


def _complete(root: Path) -> None:
    """Write the marker anew where its copies are not both there, sound and the same."""
    found = read_sound(root / FILE, _sound, MAX_BYTES)
    if len(found) == 1 or found[0] != found[1]:
        write_twice(root / FILE, seal(unseal(found[0])))


def _refused(happened: Text) -> OperationError:
    return OperationError(
        happened,
        data_state=translate("snapshot", "Nothing was written."),
        to_do=translate("snapshot", "Name an empty folder, or one that does not exist yet."),
    )
