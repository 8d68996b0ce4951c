"""One writer: the lock that a second console or command meets.

The lock is the operating system's (through `filelock`), so it dies with its process; beside
it lies who holds it, for the sentence that the other one shows.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import ValidationError

from core.base.cleanup import attempt, cleaning_up
from core.base.config.models import Settings
from core.base.files import write_durably
from core.base.folders import make_home
from core.base.model import Model
from core.base.operation import OperationError
from core.base.owner import user_name
from core.base.text import translate


class LockHolder(Model):
    """Who holds the lock."""

    pid: int
    user: str
    host: str
    since: datetime
    what: str


class Locked(OperationError):  # noqa: N818 (a state of affairs, told to the operator)
    """Another console or command holds the lock."""


@contextmanager
def console_lock(settings: Settings, what: str, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the lock of this workspace while doing *what*.

    Raises `Locked`, naming the holder, when it is not free within *wait_seconds*.
    """
    home = make_home(settings.home)
    lock = FileLock(home / "console.lock", mode=0o600)
    try:
        lock.acquire(timeout=wait_seconds)
    except Timeout as error:
        raise _locked(settings) from error
    about = home / "console.lock.json"
    with cleaning_up(lock.release), cleaning_up(about.unlink, missing_ok=True):
        # The lock holds without the note, which a full disk does not take.
        attempt(_note_holder, about, what)
        yield


def _note_holder(about: Path, what: str) -> None:
    holder = LockHolder(
        pid=os.getpid(),
        user=user_name(),
        host=socket.gethostname(),
        since=datetime.now(UTC),
        what=what,
    )
    write_durably(about, holder.model_dump_json().encode())


def lock_holder(settings: Settings) -> LockHolder | None:
    """Return who holds the lock, as far as it is written down; None when it is free."""
    lock = FileLock(settings.home / "console.lock", mode=0o600)
    if not settings.home.exists():
        return None
    try:
        lock.acquire(timeout=0)
    except Timeout:
        try:
            text = (settings.home / "console.lock.json").read_bytes()
            return LockHolder.model_validate_json(text)
        except (OSError, ValidationError):
            return LockHolder(
                pid=0, user="?", host=socket.gethostname(), since=datetime.now(UTC), what="?"
            )
    lock.release()
    return None


def _locked(settings: Settings) -> Locked:
    holder = lock_holder(settings)
    if holder is None:
        happened = translate("core", "Another console was at work a moment ago.")
    else:
        happened = translate(
            "core", "Another console is at work: {what} (process {pid}, {user}, since {since}).",
            what=holder.what, pid=str(holder.pid), user=holder.user,
            since=f"{holder.since.astimezone():%H:%M:%S}",
        )  # fmt: skip
    return Locked(
        happened,
        data_state=translate("core", "Nothing was touched."),
        to_do=translate("core", "Wait until it has finished, then try again."),
    )
