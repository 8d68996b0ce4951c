"""What is in production, and what is about to be: two small files, each replaced whole.

The pointer, ``deployment/current.json``, names the release and the restore point of its data.
The intent, ``deployment/under_way.json``, is written before each step from which there is
something to go back to, and is what recovery goes by.  It lies there twice: where it could not be
read, nobody would know how to go back.
"""

from __future__ import annotations

import os
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError

from core.config.models import Settings
from core.deployment.models import Kind, Origin, Pointer, Release
from core.files import fsync_directory, private_folder, write_durably
from core.model import Strict
from core.operation import OperationError
from core.promote import describe_live
from core.sealed import seal, unseal
from core.services.models import MARK, Launch
from core.text import translate
from core.twofold import is_there, read_sound, remove_both, write_twice

FOLDER = "deployment"
POINTER = "current.json"
INTENT = "under_way.json"
MANIFEST = "release.json"
OURS = ("OPS_CONSOLE_", "PYTHON", "VIRTUAL_ENV", "UV_", "PYTEST_")
"""Beginnings of the names of variables that are the console's own surroundings."""


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
    kind: Kind
    begun: datetime
    phase: Phase
    before: Origin
    after: Pointer | None
    """None: back to the program as it was before the first deployment."""
    restore_point: str | None = None
    fingerprint: tuple[tuple[str, int, int, int], ...] | None = None
    """Of the live files once the restore point was made."""
    artefact: str | None = None


def home(settings: Settings) -> Path:
    """Return the folder of pointer, intent, log and reports."""
    return settings.app / FOLDER


def read_pointer(settings: Settings) -> Pointer | None:
    """Return what is in production; raises `OperationError` when the file is damaged."""
    path = home(settings) / POINTER
    try:
        return Pointer.model_validate_json(unseal(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _damaged(path, error, settings) from error


def write_pointer(settings: Settings, pointer: Pointer | None) -> None:
    """Make *pointer* what is in production, atomically; None: no release is."""
    path = private_folder(home(settings)) / POINTER
    if pointer is None:
        path.unlink(missing_ok=True)
        fsync_directory(path.parent)
    else:
        write_durably(path, seal(pointer.model_dump_json().encode()))


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
        raise _damaged(path, error, settings) from error


def _parse_intent(content: bytes) -> Intent:
    return Intent.model_validate_json(unseal(content))


def write_intent(settings: Settings, intent: Intent | None) -> None:
    """Write down what is under way; None: nothing is any more."""
    path = private_folder(home(settings)) / INTENT
    if intent is None:
        remove_both(path)
    else:
        write_twice(path, seal(intent.model_dump_json().encode()))


def read_release(folder: Path) -> Release:
    """Return what lies in *folder*; raises `OperationError` unless it is a complete release."""
    path = folder / MANIFEST
    try:
        release = Release.model_validate_json(unseal(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from error
    if release.folder != folder:
        raise _damaged(path, ValueError("it was made for another folder"))
    return release


def launch_of_release(settings: Settings, release: Release) -> Launch:
    """Return how *release* is started."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return Launch(
        command=release.command,
        cwd=release.cwd,
        environment=inherited | release.environment | {MARK: str(settings.app)},
    )


def current_launch(settings: Settings) -> Launch | None:
    """Return how the release in production is started, None where none is."""
    pointer = read_pointer(settings)
    if pointer is None:
        return None
    return launch_of_release(settings, read_release(pointer.folder))


def _damaged(path: Path, error: Exception, settings: Settings | None = None) -> OperationError:
    why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
    return OperationError(
        translate("deployment", "{path} cannot be used: {why}", path=path, why=why),
        data_state=translate("deployment", "Reading it changed nothing.")
        if settings is None
        else describe_live(settings),
        to_do=translate(
            "deployment", "Put the file back from a copy, or deploy a release anew without it."
        ),
    )
