"""What a promote is about to do, written down before it does it."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from core.files import write_durably
from core.holders import SUFFIXES

ID = re.compile(r"[0-9a-zA-Z-]{8,60}")
AREA = ".ops_console"


class Frozen(BaseModel):
    """A value."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Member(Frozen):
    """One guarded file: where it lives, and what its staged and parked folders are.

    ``staged`` lists the suffixes (``""``, ``"-wal"``) that are to become live; an empty list
    means that the file is to be absent afterwards.
    """

    name: str
    live: Path
    staged: tuple[str, ...]
    parked: tuple[str, ...] = ()
    """The suffixes that were live and are being moved aside."""

    def staged_path(self, promote_id: str, suffix: str) -> Path:
        """Return where the staged file lies."""
        return area(self.live, promote_id) / "staged" / f"{self.live.name}{suffix}"

    def parked_path(self, promote_id: str, suffix: str) -> Path:
        """Return where the former live file lies afterwards."""
        return area(self.live, promote_id) / "parked" / f"{self.live.name}{suffix}"

    def live_path(self, suffix: str) -> Path:
        """Return the live path with *suffix*."""
        return Path(f"{self.live}{suffix}")


class Intent(Frozen):
    """A promote under way.

    ``committed`` is the point of no return: before it recovery undoes, after it recovery
    finishes.
    """

    id: str
    begun: datetime
    state: Literal["parking", "committed", "done"]
    members: tuple[Member, ...]

    @model_validator(mode="after")
    def _sane(self) -> Intent:
        if not ID.fullmatch(self.id):
            raise ValueError("not an id")
        for member in self.members:
            if not member.live.is_absolute() or ".." in member.live.parts:
                raise ValueError(f"{member.live} is not a plain path")
            if not set(member.staged) | set(member.parked) <= set(SUFFIXES):
                raise ValueError(f"{member.name} has a suffix that SQLite does not use")
        return self


def area(live: Path, promote_id: str) -> Path:
    """Return the folder beside *live* in which its staged and parked files lie.

    The same folder means the same file system, so that moving is a rename.
    """
    return live.parent / AREA / promote_id


def intent_path(home: Path, promote_id: str) -> Path:
    """Return where the intent lies."""
    return home / "promote" / f"{promote_id}.json"


def write_intent(home: Path, intent: Intent) -> None:
    """Make *intent* durable."""
    folder = home / "promote"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_durably(intent_path(home, intent.id), intent.model_dump_json(indent=1).encode())


def read_intents(home: Path) -> tuple[Intent, ...]:
    """Return all intents, oldest first; raises `ValueError` for one that is not sound."""
    found = []
    for path in sorted((home / "promote").glob("*.json")):
        try:
            intent = Intent.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise ValueError(f"{path.name}: {error.errors()[0]['msg']}") from error
        if intent.id != path.stem:
            raise ValueError(f"{path.name}: it names another promote")
        found.append(intent)
    return tuple(sorted(found, key=lambda intent: intent.begun))
