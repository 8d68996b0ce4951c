"""Makes a complete, verified, staged set of files the live one: all of them or none.

Invariants
----------
1. At every instant the live set is entirely the former one, entirely the new one, or is
   incomplete with an intent on disk from which `recover` makes it one of the two.  There is
   no instant at which a file of one set stands beside a file of the other and SQLite could
   open it: a name is free before another file takes it.
2. A database's main file, ``-wal``, ``-shm`` and ``-journal`` move together.  No stale one ever
   stands beside a promoted file, and rows that lay only in a ``-wal`` are in the parked set.
3. Nothing is deleted.  The former set is parked beside the live one under its own names, until
   `discard_parked` is told that it is not needed any more.
4. Nothing is moved while another process holds a file of the set open, or when a file is not
   as it was when the caller last looked.
5. `recover` may die at any of its steps and be called again, with the same outcome.

Steps: intent (parking) · every live file aside · intent (committed) · every staged file in ·
intent (done).  Each is durable, directories included, before the next begins.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from core.config.models import Settings
from core.files import fsync_directory, private_folder
from core.holders import SUFFIXES, holders
from core.operation import OperationError
from core.promote.intent import (
    AREA,
    Frozen,
    Intent,
    Member,
    area,
    intent_path,
    read_intents,
    write_intent,
)
from core.text import Text, translate

__all__ = [
    "Fingerprint",
    "Parked",
    "Recovery",
    "Replacement",
    "discard_parked",
    "discard_staged",
    "fingerprint",
    "list_parked",
    "promote",
    "promote_parked",
    "recover",
    "staging_folder",
]

Fingerprint = tuple[tuple[str, int, int, int], ...]
"""Path, inode, size in bytes and time of change of every file of a set that exists."""

NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS})
"""What file systems without hard links (FAT, some network disks) answer."""
RENAME_TRIES = 40
RENAME_PAUSE_SECONDS = 0.05


class Replacement(Frozen):
    """A live file and the suffixes under which its successor lies in the staging folder.

    An empty ``suffixes`` takes the live file away.
    """

    name: str
    live: Path
    suffixes: tuple[str, ...] = ("",)


class Parked(Frozen):
    """A former live set, waiting beside the live one."""

    id: str
    begun: datetime
    files: dict[str, Path]
    """Main files by name; what SQLite kept beside them lies beside them."""
    absent: tuple[str, ...] = ()
    """Names of files that were not there before."""


class Recovery(Frozen):
    """What was found under way at the start, and what became of it."""

    id: str
    outcome: Literal["undone", "finished"]
    what: Text
    stray: tuple[str, ...] = ()
    """Files that stood in the way, each kept under the path given here."""


def fingerprint(paths: Sequence[Path]) -> Fingerprint:
    """Return what tells whether any file of the sets of *paths* was written or replaced.

    The ``-shm`` is left out: it is SQLite's scratch pad and holds nothing.
    """
    found = []
    for path in sorted(paths):
        for suffix in ("", "-wal", "-journal"):
            member = Path(f"{path}{suffix}")
            if member.exists():
                status = member.stat()
                found.append((str(member), status.st_ino, status.st_size, status.st_mtime_ns))
    return tuple(found)


def staging_folder(live: Path, promote_id: str) -> Path:
    """Make and return the folder in which the successor of *live* is to be staged."""
    return private_folder(area(live, promote_id) / "staged")


def promote(
    settings: Settings,
    promote_id: str,
    replacements: Sequence[Replacement],
    expected: Fingerprint | None = None,
) -> Parked:
    """Make the staged files live and return the former ones, parked.

    *expected* is the fingerprint of the live set that the caller has safe.  Raises
    `OperationError` with the live set as it was when anything forbids it or goes wrong.
    """
    lives = [replacement.live for replacement in replacements]
    _require_unheld(lives)
    if expected is not None and fingerprint(lives) != expected:
        raise _refusal(
            translate("promote", "The live files changed after they had been saved."),
            translate("promote", "Begin again, so that the newest state is saved."),
        )
    members = tuple(_member(replacement, promote_id) for replacement in replacements)
    intent = Intent(id=promote_id, begun=datetime.now(UTC), state="parking", members=members)
    try:
        for member in members:
            private_folder(area(member.live, promote_id) / "parked")
        write_intent(settings.home, intent)
        _park(intent)
        _keep_permissions(intent)
        intent = intent.model_copy(update={"state": "committed"})
        write_intent(settings.home, intent)
    except OSError as error:
        _undo(settings, intent)
        raise _refusal(
            translate("promote", "The live files could not be moved aside: {why}", why=str(error)),
            translate("promote", "Remove the cause, then try again."),
        ) from error
    try:
        _finish(settings, intent)
    except OSError as error:
        raise OperationError(
            translate(
                "promote", "The new files could not all be put in place: {why}", why=str(error)
            ),
            data_state=translate(
                "promote",
                "Both the former and the new files are safe on disk; "
                "the live set is incomplete until it is recovered.",
            ),
            to_do=translate(
                "promote",
                "Remove the cause, then run 'recover' before starting the trading program.",
            ),
        ) from error
    return _parked(intent)


def promote_parked(settings: Settings, parked: Parked, promote_id: str) -> Parked:
    """Put a parked set back and return what it displaced, parked in turn."""
    intent = _intent(settings, parked.id)
    replacements = []
    for member in intent.members:
        folder = staging_folder(member.live, promote_id)
        for suffix in member.parked:
            _rename(member.parked_path(parked.id, suffix), folder / f"{member.live.name}{suffix}")
        replacements.append(Replacement(name=member.name, live=member.live, suffixes=member.parked))
    back = promote(settings, promote_id, replacements)
    discard_parked(settings, parked.id)
    return back


def list_parked(settings: Settings) -> tuple[Parked, ...]:
    """Return the parked sets of finished promotes, oldest first."""
    return tuple(_parked(intent) for intent in _intents(settings) if intent.state == "done")


def discard_parked(settings: Settings, promote_id: str) -> None:
    """Remove a parked set that is safe elsewhere, and the intent that knew it."""
    intent = _intent(settings, promote_id)
    if intent.state != "done":
        raise _refusal(
            translate("promote", "This promote is still under way."),
            translate("promote", "Run 'recover' first."),
        )
    _remove_areas(intent)
    intent_path(settings.home, promote_id).unlink()


def discard_staged(settings: Settings, lives: Sequence[Path], promote_id: str) -> None:
    """Remove what was staged for a promote that was never begun; else do nothing."""
    if intent_path(settings.home, promote_id).exists():
        return
    for live in lives:
        shutil.rmtree(area(live, promote_id), ignore_errors=True)
        _remove_if_empty(live.parent / AREA)


def recover(settings: Settings) -> tuple[Recovery, ...]:
    """Finish or undo every promote that was under way, and say what was done.

    What was staged for a promote that never began is removed.  Call it under the console's lock.
    Raises `OperationError` when a process holds a file that would have to be moved, or when an
    intent is not sound; nothing is moved then.
    """
    done = []
    for intent in _intents(settings):
        if intent.state == "done":
            continue
        stray: list[Path] = []
        if not _complete(intent):
            _require_unheld([member.live for member in intent.members])
            stray = _move_strays(intent)
        if intent.state == "committed":
            _finish(settings, intent)
            what = translate(
                "promote",
                "A change of the live files was interrupted; it was "
                "finished: the new files are live.",
            )
        else:
            _undo(settings, intent)
            what = translate(
                "promote",
                "A change of the live files was interrupted; it was "
                "undone: the former files are live.",
            )
        outcome: Literal["finished", "undone"] = (
            "finished" if intent.state == "committed" else "undone"
        )
        done.append(
            Recovery(
                id=intent.id, outcome=outcome, what=what, stray=tuple(str(path) for path in stray)
            )
        )
    _sweep_unknown(settings)
    return tuple(done)


def _sweep_unknown(settings: Settings) -> None:
    known = {intent.id for intent in _intents(settings)}
    for folder in {file.path.parent / AREA for file in settings.files}:
        for found in folder.iterdir() if folder.is_dir() else ():
            parked = found / "parked"
            # Without an intent nothing was parked; should something be, it stays.
            if found.name not in known and not (parked.is_dir() and any(parked.iterdir())):
                shutil.rmtree(found)
        _remove_if_empty(folder)
    for path in (settings.home / "promote").glob(".*.new"):
        path.unlink()


def _member(replacement: Replacement, promote_id: str) -> Member:
    member = Member(
        name=replacement.name,
        live=replacement.live.absolute(),
        staged=replacement.suffixes,
        parked=tuple(suffix for suffix in SUFFIXES if Path(f"{replacement.live}{suffix}").exists()),
    )
    for suffix in member.staged:
        staged = member.staged_path(promote_id, suffix)
        if not staged.is_file() or staged.is_symlink():
            raise _refusal(
                translate("promote", "The staged file {path} is not there.", path=staged),
                translate("promote", "Begin again."),
            )
    if replacement.live.is_symlink():
        raise _refusal(
            translate("promote", "{path} is a symbolic link.", path=replacement.live),
            translate("promote", "Name the real file in ops_console.yaml."),
        )
    return member


def _require_unheld(lives: Sequence[Path]) -> None:
    held = holders(lives)
    if held:
        names = ", ".join(f"{holder.name} ({holder.pid})" for holder in held)
        raise _refusal(
            translate("promote", "The files are still open in: {who}.", who=names),
            translate("promote", "Close these programs, then try again."),
        )


def _park(intent: Intent) -> None:
    """Give every live file its second name in the parked folder, then take the first away.

    Two names first, because SQLite deletes a ``-wal`` that it finds beside a database without a
    page: a program started between two renames would make such a database.
    """
    for member in intent.members:
        for suffix in member.parked:
            _place(member.live_path(suffix), member.parked_path(intent.id, suffix))
        fsync_directory(area(member.live, intent.id) / "parked")
    for member in intent.members:
        for suffix in member.parked:
            member.live_path(suffix).unlink(missing_ok=True)
        fsync_directory(member.live.parent)


def _keep_permissions(intent: Intent) -> None:
    for member in intent.members:
        former = member.parked_path(intent.id, "")
        if not former.exists():
            continue
        status = former.stat()
        for suffix in member.staged:
            staged = member.staged_path(intent.id, suffix)
            staged.chmod(status.st_mode & 0o777)
            if hasattr(os, "chown") and os.geteuid() == 0:
                os.chown(staged, status.st_uid, status.st_gid)


def _finish(settings: Settings, intent: Intent) -> None:
    for member in intent.members:
        # The -wal before its main file: a main file alone must never be opened without it.
        for suffix in sorted(member.staged, reverse=True):
            staged = member.staged_path(intent.id, suffix)
            if staged.exists() and not _same(staged, member.live_path(suffix)):
                _place(staged, member.live_path(suffix))
        fsync_directory(member.live.parent)
    write_intent(settings.home, intent.model_copy(update={"state": "done"}))
    for member in intent.members:
        shutil.rmtree(area(member.live, intent.id) / "staged", ignore_errors=True)


def _undo(settings: Settings, intent: Intent) -> None:
    for member in intent.members:
        for suffix in sorted(member.parked, reverse=True):
            parked = member.parked_path(intent.id, suffix)
            if parked.exists() and not _same(parked, member.live_path(suffix)):
                _place(parked, member.live_path(suffix))
        fsync_directory(member.live.parent)
    _remove_areas(intent)
    intent_path(settings.home, intent.id).unlink(missing_ok=True)


def _move_strays(intent: Intent) -> list[Path]:
    """Move files aside that came to be while a promote lay unfinished.

    A program that was started meanwhile makes an empty database where it finds none.
    """
    moved = []
    for member in intent.members:
        for suffix in _strays(intent, member):
            live = member.live_path(suffix)
            folder = private_folder(live.parent / f"{AREA}-stray" / intent.id)
            _rename(live, folder / live.name)
            moved.append(folder / live.name)
    return moved


def _strays(intent: Intent, member: Member) -> list[str]:
    """Return the suffixes under which something lives that is of neither set."""
    if intent.state == "parking":
        home, ours = member.parked_path, member.parked
    else:
        home, ours = member.staged_path, member.staged
    waiting = [suffix for suffix in ours if home(intent.id, suffix).exists()]
    main_is_stray = (
        "" in waiting
        and member.live_path("").exists()
        and not _same(home(intent.id, ""), member.live_path(""))
    )
    return [
        suffix
        for suffix in SUFFIXES
        if member.live_path(suffix).exists()
        and (
            not _same(home(intent.id, suffix), member.live_path(suffix))
            if suffix in waiting
            else main_is_stray
        )
    ]


def _complete(intent: Intent) -> bool:
    """Whether every staged file is live already and only the record lags behind."""
    return intent.state == "committed" and all(
        _same(member.staged_path(intent.id, suffix), member.live_path(suffix))
        or not member.staged_path(intent.id, suffix).exists()
        for member in intent.members
        for suffix in member.staged
    )


def _remove_areas(intent: Intent) -> None:
    for member in intent.members:
        shutil.rmtree(area(member.live, intent.id), ignore_errors=True)
        _remove_if_empty(member.live.parent / AREA)


def _remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _same(one: Path, other: Path) -> bool:
    """Whether both names exist and are the same file."""
    return one.exists() and other.exists() and one.samefile(other)


def _place(source: Path, target: Path) -> None:
    """Give *source* the name *target* too, or instead where a file has only one name."""
    try:
        target.hardlink_to(source)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        _rename(source, target)


def _rename(source: Path, target: Path) -> None:
    """Move *source*; a virus scanner on Windows may hold it for a moment (WinError 32)."""
    for attempt in range(RENAME_TRIES):
        try:
            source.replace(target)
        except PermissionError:
            if os.name != "nt" or attempt == RENAME_TRIES - 1:
                raise
            time.sleep(RENAME_PAUSE_SECONDS)
        else:
            return


def _intents(settings: Settings) -> tuple[Intent, ...]:
    try:
        return read_intents(settings.home)
    except ValueError as error:
        raise OperationError(
            translate(
                "promote", "A record of a change under way is damaged: {why}", why=str(error)
            ),
            data_state=translate("promote", "Nothing was moved."),
            to_do=translate(
                "promote",
                "Keep the trading program stopped and look into the "
                "folder 'promote' of the console.",
            ),
        ) from error


def _intent(settings: Settings, promote_id: str) -> Intent:
    for intent in _intents(settings):
        if intent.id == promote_id:
            return intent
    raise _refusal(
        translate("promote", "There is no parked set {id}.", id=promote_id),
        translate("promote", "Choose a restore point instead."),
    )


def _parked(intent: Intent) -> Parked:
    return Parked(
        id=intent.id,
        begun=intent.begun,
        files={
            member.name: member.parked_path(intent.id, "")
            for member in intent.members
            if "" in member.parked
        },
        absent=tuple(member.name for member in intent.members if "" not in member.parked),
    )


def _refusal(happened: Text, to_do: Text) -> OperationError:
    return OperationError(
        happened,
        data_state=translate("promote", "The live files are as they were."),
        to_do=to_do,
    )
