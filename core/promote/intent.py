"""What a promote is about to do, written down before it does it.

An intent is data, too, and the one that decides what is deleted: it lies on disk twice, each
copy with a digest of its own, and names what was staged and what was parked by size and digest.
A copy that cannot be read counts for nothing; of two that can the later revision counts.
"""

from __future__ import annotations

import json
import os
import re
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from blake3 import blake3
from pydantic import Field, ValidationError, model_validator

from core.base.config.models import Settings
from core.base.files import file_of, private_folder
from core.base.folders import AREA
from core.base.model import Strict
from core.base.open_files import SUFFIXES
from core.base.operation import Kind
from core.base.sealed import COPY, is_there, read_sound, remove_both, write_twice

WHOLE_BYTES = 8 * 1024 * 1024
"""Files up to this size are hashed whole: a ``-wal`` is 4 MB as a rule."""
BLOCK_BYTES = 64 * 1024
BLOCKS = 16
"""Of a larger file so many blocks are hashed, first and last among them.

The program is down meanwhile, and that must not take longer the more data there is.  SQLite
changes the first page (https://www.sqlite.org/fileformat2.html#file_change_counter) or the
``-wal`` with every commit; whole content was proven when it was staged.
"""


class FileFacts(Strict):
    """Size in bytes, time of change in nanoseconds, inode, and BLAKE3 of the hashed parts."""

    size: int
    modified: int
    inode: int
    digest: str


def observe(path: Path) -> FileFacts:
    """Look at the file at *path*; raises `OSError` unless it is a regular file."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
    with file_of(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        hasher = blake3()
        if status.st_size <= WHOLE_BYTES:
            hasher.update(file.read())
        else:
            last = status.st_size - BLOCK_BYTES
            for number in range(BLOCKS):
                file.seek(last * number // (BLOCKS - 1))
                hasher.update(file.read(BLOCK_BYTES))
    return FileFacts(
        size=status.st_size,
        modified=status.st_mtime_ns,
        inode=status.st_ino,
        digest=hasher.hexdigest(),
    )


def same_content(path: Path, facts: FileFacts) -> bool:
    """Whether the file at *path* is there and holds what *facts* were taken of."""
    try:
        found = observe(path)
    except OSError:
        return False
    return (found.size, found.digest) == (facts.size, facts.digest)


def untouched(path: Path, facts: FileFacts) -> bool:
    """Whether nothing was written to the file at *path* since *facts* were taken of it."""
    try:
        return path.stat().st_mtime_ns == facts.modified and same_content(path, facts)
    except OSError:
        return False


ID = re.compile(r"[0-9a-zA-Z-]{8,60}")
FOLDER = "promote"
SCRATCH = "-shm"
"""SQLite's own index of the ``-wal``: it holds nothing and is made anew, so it is never parked."""


class State(StrEnum):
    """How far a promote had come when it was last written down."""

    PARKING = "parking"
    """The former files are being moved aside: recovery puts them back."""
    COMMITTED = "committed"
    """The former files are aside: recovery puts the new ones in."""
    UNDOING = "undoing"
    """It failed: recovery puts the former files back."""
    DONE = "done"
    """The new files are live; the former ones are parked and wait to become a restore point."""
    KEPT = "kept"
    """As done; there was no room for a restore point, so they are kept where they are parked."""
    REMOVING = "removing"
    """Nothing of it is needed any more: recovery removes what is left of it."""


PENDING = frozenset({State.PARKING, State.COMMITTED, State.UNDOING})
"""States in which the live set may be incomplete."""
WAITING = frozenset({State.DONE, State.KEPT})
"""States in which a former set lies parked."""


class Member(Strict):
    """One guarded file: where it lives, and what was staged and parked of it, by suffix.

    Nothing staged means that the file is to be absent afterwards.
    """

    name: str
    live: Path
    staged: dict[str, FileFacts]
    parked: dict[str, FileFacts] = Field(default_factory=dict)

    def live_path(self, suffix: str) -> Path:
        """Return the live path with *suffix*."""
        return Path(f"{self.live}{suffix}")


class Intent(Strict):
    """A promote under way."""

    id: str
    begun: datetime
    state: State
    members: tuple[Member, ...]
    returns: str | None = None
    """The promote whose parked set this one puts back: what is staged lies parked there."""
    kind: Kind | None = None
    """Of what operation it is part."""
    goes_back: bool = False
    """Whether what is staged was live before the operation began: new is then what is replaced."""
    revision: int = 1

    @model_validator(mode="after")
    def _sane(self) -> Intent:
        for promote_id in (self.id, self.returns):
            if promote_id is not None and not ID.fullmatch(promote_id):
                raise ValueError("not an id")
        for member in self.members:
            if not member.live.is_absolute() or ".." in member.live.parts:
                raise ValueError(f"{member.live} is not a plain path")
            if not {*member.staged, *member.parked} <= {*SUFFIXES} - {SCRATCH}:
                raise ValueError(f"{member.name} has a suffix that SQLite does not use")
        return self

    def staged_path(self, member: Member, suffix: str) -> Path:
        """Return where the successor of a file of *member* lies before it is live."""
        if self.returns is not None:
            return area(member.live, self.returns) / "parked" / f"{member.live.name}{suffix}"
        return area(member.live, self.id) / "staged" / f"{member.live.name}{suffix}"

    def parked_path(self, member: Member, suffix: str) -> Path:
        """Return where the former file of *member* is parked."""
        return area(member.live, self.id) / "parked" / f"{member.live.name}{suffix}"


class DamagedIntent(ValueError):  # noqa: N818 (a state of affairs)
    """No copy of an intent can be read, or it does not fit the configuration."""

    def __init__(self, promote_id: str, why: str) -> None:
        super().__init__(f"{promote_id}: {why}")
        self.promote_id = promote_id


def area(live: Path, promote_id: str) -> Path:
    """Return the folder beside *live* in which its staged and parked files lie.

    The same folder means the same file system, so that moving is a rename.
    """
    return live.parent / AREA / promote_id


def write_intent(settings: Settings, intent: Intent) -> None:
    """Make *intent* durable, one copy after the other; raises `OSError`."""
    private_folder(settings.home / FOLDER)
    body = intent.model_dump_json()
    digest = blake3(body.encode()).hexdigest()
    content = json.dumps({"digest": digest, "intent": body}).encode()
    write_twice(_path(settings, intent.id), content)


def advance(settings: Settings, intent: Intent, state: State) -> Intent:
    """Write down that *intent* has come to *state*, and return it so; raises `OSError`."""
    later = intent.model_copy(update={"state": state, "revision": intent.revision + 1})
    write_intent(settings, later)
    return later


def remove_intent(settings: Settings, intent: Intent) -> None:
    """Forget *intent*, durably: nothing else is left of it."""
    remove_both(_path(settings, intent.id))


def intent_exists(settings: Settings, promote_id: str) -> bool:
    """Whether anything is written down of a promote, be it readable or not."""
    return is_there(_path(settings, promote_id))


def intent_ids(settings: Settings) -> tuple[str, ...]:
    """Return the ids of all promotes of which anything is written down."""
    folder = settings.home / FOLDER
    return tuple(
        sorted(
            {path.stem for suffix in (".json", COPY) for path in folder.glob(f"*{suffix}")
             if not path.name.startswith(".")}
        )
    )  # fmt: skip


def read_intent(settings: Settings, promote_id: str) -> Intent:
    """Return the latest sound copy of an intent; raises `DamagedIntent`.

    Its members are those of the configuration: a path that only the record names is never moved.
    """
    try:
        sound = read_sound(_path(settings, promote_id), _parse)
    except FileNotFoundError as error:
        raise DamagedIntent(promote_id, "it is not there") from error
    except (OSError, ValueError) as error:
        raise DamagedIntent(promote_id, _first_line(error)) from error
    intent = max(sound, key=lambda one: one.revision)
    if intent.id != promote_id:
        raise DamagedIntent(promote_id, "it names another promote")
    configured = {file.name: file.path.absolute() for file in settings.files}
    for member in intent.members:
        if configured.get(member.name) != member.live:
            raise DamagedIntent(
                promote_id,
                f"it names {member.live} for {member.name}, "
                f"the configuration {configured.get(member.name, 'nothing')}",
            )
    return intent


def _path(settings: Settings, promote_id: str) -> Path:
    return settings.home / FOLDER / f"{promote_id}.json"


def _parse(content: bytes) -> Intent:
    try:
        outer = json.loads(content.decode())
        body, digest = outer["intent"], outer["digest"]
        if blake3(body.encode()).hexdigest() != digest:
            raise ValueError("its digest does not match")
        return Intent.model_validate_json(body)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("it is not a record of a change") from error


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return str(error.errors()[0]["msg"])
    return str(error).splitlines()[0]
