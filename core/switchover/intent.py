"""What is being switched over, written down before the program is asked to stop.

``switchover.json`` lies in the console's own folder while a rollback, a migration or a deployment
has the program stopped, and is what recovery goes by.  It carries a digest and lies there twice:
where it could not be read, nobody would know how to go back, nor how the program is started.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from core.base.config.models import Settings
from core.base.files import replace
from core.base.folders import make_home
from core.base.model import Strict
from core.base.operation import Kind, OperationError
from core.base.sealed import copies, is_there, read_sound, remove_both, seal, unseal, write_twice
from core.base.text import translate
from core.program.models import Launch, User
from core.program.release import Pointer, launch_of_release, read_pointer, read_release
from core.promote.condition import describe_live
from core.promote.engine import Fingerprint

FILE = "switchover.json"


class Phase(StrEnum):
    """How far a switchover had come when it was last written down."""

    STOPPING = "stopping"
    """The program is being asked to stop.  Without a release this stays so until the end: whether
    the data was swapped is known to its promote."""
    STOPPED = "stopped"
    """Nobody runs; a release is to be switched, and the data may have been swapped."""
    SWITCHED = "switched"
    """The pointer may name the new release; it was not started."""
    STARTED = "started"
    """The new release was started, and may have written."""
    BACK = "back"
    """Going back is under way."""
    RETURNED = "returned"
    """Data and release are as they were; the program may have to be started."""


class SavedLaunch(Strict):
    """How the program was started, without the secrets of its surroundings."""

    command: tuple[str, ...]
    cwd: Path
    environment: dict[str, str]
    user: User | None = None

    @classmethod
    def of(cls, launch: Launch, names: Collection[str]) -> SavedLaunch:
        """Return what may be written down of *launch*: what the program reads, its *names*.

        Other variables may hold secrets.
        """
        kept = {name: value for name, value in launch.environment.items() if name in names}
        return cls(
            command=launch.command, cwd=launch.cwd, environment=kept, user=launch.user
        )  # fmt: skip


class Before(Strict):
    """What was in production, and what going back means."""

    pointer: Pointer | None
    """The release; None: none was, or another one is not what this is about."""
    running: bool
    launch: SavedLaunch | None
    """How it was started, or would have been."""

    @property
    def command(self) -> tuple[str, ...] | None:
        """How the program was started where no release was in production."""
        return self.launch.command if self.launch and self.pointer is None else None


class Intent(Strict):
    """A switchover under way."""

    id: str
    kind: Kind
    begun: datetime
    phase: Phase
    before: Before
    after: Pointer | None = None
    """The release that is to be in production; None: the program as it was before the first."""
    switches_release: bool = False
    promote_id: str | None = None
    """The promote that makes the staged data live; None: the data stays as it is."""
    restore_point: str | None = None
    """The data before: as it was once the program had stopped, where it stays as it is; else as
    it was shortly before, since the very files are parked."""
    fingerprint: Fingerprint | None = None
    """Of the live files when nobody ran any more, where the data stays as it is."""
    artefact: str | None = None
    """The digest of what is deployed."""


class IntentDamagedError(OperationError):
    """No copy of the record is sound."""


def switchover_is_cut_off(settings: Settings) -> bool:
    """Whether a switchover is under way or was cut off, be its record readable or not."""
    return is_there(settings.home / FILE)


def read_intent(settings: Settings) -> Intent | None:
    """Return the switchover that is under way or was cut off, None where none is.

    Raises `IntentDamagedError`, and `OSError` where it cannot be read just now.
    """
    path = settings.home / FILE
    try:
        return read_sound(path, lambda content: Intent.model_validate_json(unseal(content)))[0]
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise IntentDamagedError(
            translate("deployment", "{path} cannot be used: {why}", path=path, why=str(error)),
            data_state=describe_live(settings),
            to_do=translate("core", "Run 'recover'."),
        ) from error


def write_intent(settings: Settings, intent: Intent | None) -> None:
    """Write down what is under way, durably; None: nothing is any more."""
    path = make_home(settings.home) / FILE
    if intent is None:
        remove_both(path)
    else:
        write_twice(path, seal(intent.model_dump_json().encode()))


def set_aside(settings: Settings) -> tuple[Path, ...]:
    """Give the copies of a record that nobody can read other names, and return these."""
    aside = []
    for path in copies(settings.home / FILE):
        if path.exists():
            kept = path.with_name(f"damaged-{path.name}")
            replace(path, kept)
            aside.append(kept)
    return tuple(aside)


def launch_before(settings: Settings, intent: Intent) -> Launch | None:
    """Return how what ran before is started again: its release, or as it was written down.

    Raises `OperationError` where the release cannot be read.
    """
    saved = intent.before.launch
    if not intent.before.running or saved is None:
        return None
    pointer = intent.before.pointer if intent.switches_release else _pointer_now(settings)
    if pointer is not None:
        release = launch_of_release(settings, read_release(pointer.folder))
        return release.model_copy(update={"user": saved.user})
    environment = {**os.environ, **saved.environment, **settings.program.environment}
    return Launch(
        command=saved.command, cwd=saved.cwd, environment=environment, user=saved.user
    )  # fmt: skip


def _pointer_now(settings: Settings) -> Pointer | None:
    try:
        return read_pointer(settings)
    except OperationError:
        return None  # a damaged record is no reason to leave stopped what ran
