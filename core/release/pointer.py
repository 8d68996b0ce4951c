"""What is in production, and what is about to be: two small files, each replaced whole.

The pointer, ``deployment/current.json``, names the release and the restore point of its data.
The intent, ``deployment/under_way.json``, is written before each step from which there is
something to go back to, and is what recovery goes by.  It lies there twice: where it could not be
read, nobody would know how to go back.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from core.base.config.models import Settings
from core.base.files import private_folder
from core.base.model import Strict
from core.base.sealed import seal, unseal
from core.base.twofold import is_there, read_sound, remove_both, write_twice
from core.program.release import Pointer, damaged, home
from core.promote import Fingerprint
from core.release.models import Origin, RecordKind

INTENT = "under_way.json"


class Phase(StrEnum):
    """How far a deployment had come when it was last written down."""

    DRAIN = "drain"
    """The program is being asked to stop; data and pointer are as they were."""
    SAVED = "saved"
    """The data has a restore point; pointer and data are as they were."""
    MIGRATE = "migrate"
    """The data may have been changed; the pointer is as it was."""
    SWITCHED = "switched"
    """The pointer names the new release; it was not started."""
    STARTED = "started"
    """The new release was started, and may have written."""
    BACK = "back"
    """Going back is under way."""
    RETURNED = "returned"
    """Data and pointer are as they were; the program may have to be started."""


class Intent(Strict):
    """A deployment under way."""

    deployment: str
    kind: RecordKind
    begun: datetime
    phase: Phase
    before: Origin
    after: Pointer | None
    """None: back to the program as it was before the first deployment."""
    restore_point: str | None = None
    fingerprint: Fingerprint | None = None
    """Of the live files once the restore point was made."""
    artefact: str | None = None


def deployment_is_cut_off(settings: Settings) -> bool:
    """Whether a deployment is under way or was cut off, be its record readable or not."""
    return is_there(home(settings) / INTENT)


def read_intent(settings: Settings) -> Intent | None:
    """Return the deployment that is under way or was cut off, None where none is.

    Raises `OperationError` where no copy of its record is sound.
    """
    path = home(settings) / INTENT
    try:
        return read_sound(path, _parse_intent)[0]
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise damaged(path, error, settings) from error


def _parse_intent(content: bytes) -> Intent:
    return Intent.model_validate_json(unseal(content))


def write_intent(settings: Settings, intent: Intent | None) -> None:
    """Write down what is under way; None: nothing is any more."""
    path = private_folder(home(settings)) / INTENT
    if intent is None:
        remove_both(path)
    else:
        write_twice(path, seal(intent.model_dump_json().encode()))
