"""The release in production: what the program is started from once one was deployed.

The pointer, ``deployment/current.json``, names the release and the restore point of its data; it
is replaced whole.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from core.base.config.models import Settings
from core.base.files import fsync_directory, private_folder, write_durably
from core.base.model import Strict
from core.base.operation import OperationError
from core.base.sealed import seal, unseal
from core.base.text import translate
from core.program.models import MARK, Launch
from core.promote.condition import describe_live

FOLDER = "deployment"
POINTER = "current.json"
MANIFEST = "release.json"
OURS = ("OPS_CONSOLE_", "PYTHON", "VIRTUAL_ENV", "UV_", "PYTEST_")
"""Beginnings of the names of variables that are the console's own surroundings."""


class Artefact(Strict):
    """What is to be deployed, as it was found."""

    kind: Literal["folder", "package", "git"]
    source: str
    version: str
    digest: str
    """SHA-256 of the file, of the folder's files, or of the tag's files."""
    commit: str | None = None
    size: int
    unpacked: int | None = None
    """What a package says that it takes once it is installed; None: as much as it is long."""


class Release(Strict):
    """A staged release: complete once this lies in its folder."""

    id: str
    made: datetime
    folder: Path
    version: str
    artefact: Artefact
    python_version: str
    tool: str
    """What made its environment, with its version."""
    packages: tuple[str, ...]
    """``name==version`` of everything installed in it."""
    command: tuple[str, ...]
    cwd: Path
    environment: dict[str, str] = Field(repr=False)
    """What is set over the environment of whoever starts it."""
    files: dict[str, str] = Field(repr=False)
    """SHA-256 of every file of the artefact by its path."""


class Pointer(Strict):
    """What is in production: a release and the data it began with, as a pair."""

    deployment: str
    release: str
    folder: Path
    version: str
    restore_point: str
    """The data as it was before this release first ran."""
    since: datetime


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
        raise damaged(path, error, settings) from error


def write_pointer(settings: Settings, pointer: Pointer | None) -> None:
    """Make *pointer* what is in production, atomically; None: no release is."""
    path = private_folder(home(settings)) / POINTER
    if pointer is None:
        path.unlink(missing_ok=True)
        fsync_directory(path.parent)
    else:
        write_durably(path, seal(pointer.model_dump_json().encode()))


def read_release(folder: Path) -> Release:
    """Return what lies in *folder*; raises `OperationError` unless it is a complete release."""
    path = folder / MANIFEST
    try:
        release = Release.model_validate_json(unseal(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise damaged(path, error) from error
    if release.folder != folder:
        raise damaged(path, ValueError("it was made for another folder"))
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


def damaged(path: Path, error: Exception, settings: Settings | None = None) -> OperationError:
    """Return the failure of reading the record at *path*."""
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
