"""``backup_manifest.json``: what lies in a folder of exported files.

``timestamp``, ``backup_type`` and ``files`` have the layout that earlier backup scripts of the
trading program wrote; the other keys are the console's.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field, ValidationError

from core.backup.models import Reason, RestorePoint
from core.base.files import read_regular
from core.base.model import Model
from core.base.text import decode

FILE = "backup_manifest.json"
STAMP = "%Y%m%d_%H%M%S"
MAX_BYTES = 1024 * 1024

_TYPES = {
    Reason.BEFORE_MIGRATION: "migration",
    Reason.BEFORE_ROLLBACK: "rollback",
    Reason.BEFORE_DEPLOYMENT: "deployment",
}


class Manifest(Model):
    """What a manifest says; keys that the console does not know are left alone."""

    timestamp: str = Field(pattern=r"^\d{8}_\d{6}$")
    """Local time, ``YYYYMMDD_HHMMSS``."""
    backup_type: str = Field(default="", max_length=200)
    files: dict[str, str] = Field(min_length=1)
    """Where each file lies; only the last part of a path counts."""
    sizes: dict[str, int] = Field(default_factory=dict)
    sha256: dict[str, str] = Field(default_factory=dict)
    """Hexadecimal, of the file itself without a ``-wal`` beside it."""
    created: datetime | None = None
    restore_point: str | None = None
    note: str = ""
    left_out: tuple[str, ...] = ()
    """Files of the restore point that were not exported because they hold secrets."""

    @property
    def moment(self) -> datetime:
        """The moment of the state, UTC; raises `ValueError` for a time that does not exist."""
        stamped = moment_of(self.timestamp)
        exact = self.created
        return exact.astimezone(UTC) if exact is not None and exact.tzinfo else stamped


def moment_of(stamp: str) -> datetime:
    """Return the moment that *stamp* names in local time; raises `ValueError`."""
    return datetime.strptime(stamp, STAMP).astimezone(UTC)


def stamp_of(moment: datetime) -> str:
    """Return *moment* in local time as ``YYYYMMDD_HHMMSS``."""
    return f"{moment.astimezone():{STAMP}}"


def type_of(point: RestorePoint) -> str:
    """Return the ``backup_type`` of *point*."""
    return _TYPES.get(point.reason, point.reason.value)


def read_manifest(path: Path) -> Manifest:
    """Return the manifest at *path*; raises `ValueError` with a reason in one line."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError("it is larger than 1 MB")
        text = decode(read_regular(path, MAX_BYTES))
        manifest = Manifest.model_validate(json.loads(text))
        _ = manifest.moment
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])[:80]
        raise ValueError(f"{key or 'the document'}: {first['msg']}") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except (OSError, OverflowError) as error:
        raise ValueError(str(error)) from error
    return manifest
