"""What makes a folder a store: its marker.

``STORE.json`` says what the folder is and, by an id, which one.  It is the first file that comes
into a new store; a folder that holds anything and no marker is somebody else's, and nothing is
written, locked or swept there.  Stores of earlier versions have a marker without an id; they get
one when they are written to next.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.files import half_written_of, is_own_folder, private_folder, read_regular, write_durably
from core.folders import is_system_folder
from core.operation import OperationError
from core.text import Text, translate

VERSION = 1
FILE = "STORE.json"
WHAT = "restore points of Upbit Ops Console"
LOCK = "store.lock"
MAX_BYTES = 64 * 1024


class Marker(BaseModel):
    """What a marker says; keys that this console does not know are left to those that do."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: int
    what: str
    id: str | None = Field(default=None, pattern=r"^[0-9a-f]{32}$")
    """Tells this store from every other one; None in those of earlier versions."""


def read_marker(root: Path) -> Marker | None:
    """Return the marker of the store at *root*; None where there is none, or none that is sound."""
    try:
        marker = Marker.model_validate_json(read_regular(root / FILE, MAX_BYTES))
    except (OSError, ValidationError):
        return None
    return marker if marker.what == WHAT else None


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
        if path.name == LOCK or half_written_of(path) == FILE:
            continue
        empty = is_own_folder(path) and not any(path.iterdir())
        if path.name not in {"points", "packs"} or not empty:
            return False
    return True


def make_marker(root: Path) -> Marker:
    """Make *root* a store, or give the one that is there an id; raises `OperationError`."""
    if (root / FILE).exists() or (root / FILE).is_symlink():
        marker = require_known(root)
        if marker.id is not None:
            return marker
    else:
        require_free(root)
    private_folder(root)
    marker = Marker(format=VERSION, what=WHAT, id=secrets.token_hex(16))
    write_durably(root / FILE, json.dumps(marker.model_dump()).encode())
    return marker


def _refused(happened: Text) -> OperationError:
    return OperationError(
        happened,
        data_state=translate("snapshot", "Nothing was written."),
        to_do=translate("snapshot", "Name an empty folder, or one that does not exist yet."),
    )
