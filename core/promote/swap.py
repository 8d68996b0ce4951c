"""Moves the files of a promote: the live names come to be one of two sets, wholly.

Every step is the same whether a promote goes on, is undone or is recovered, and may be cut off
and begun again: what stands right already is left, what belongs to the other set goes to where
that set lies, and what belongs to neither is kept aside.

While a name is free of its database, a folder stands there.  No program can open it, so none is
started on half a set by anyone, and none makes an empty database where it finds nothing.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Sequence
from enum import Enum
from pathlib import Path

from core.base.files import fsync_directory, private_folder, replace, retried
from core.base.folders import AREA
from core.base.open_files import SUFFIXES, Holder
from core.base.operation import OperationError
from core.base.text import Text, translate
from core.promote.intent import (
    SCRATCH,
    FileFacts,
    Intent,
    Member,
    State,
    area,
    same_content,
    untouched,
)
from core.promote.locks import still_held

NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS})
"""What file systems without hard links (FAT, some network disks) answer."""


class Side(Enum):
    """One of the two sets of a promote."""

    NEW = "staged"
    FORMER = "parked"

    @property
    def other(self) -> Side:
        """The other one."""
        return Side.FORMER if self is Side.NEW else Side.NEW


class Incomplete(OperationError):  # noqa: N818 (a state of affairs, told to the operator)
    """The set that is to become live is not whole any more; nothing was moved."""


def side_of(intent: Intent) -> Side:
    """Return the side that is to become live as far as *intent* had come."""
    return Side.NEW if intent.state is State.COMMITTED else Side.FORMER


def home_of(intent: Intent, member: Member, side: Side, suffix: str) -> Path:
    """Return where a file of *side* lies while it is not live."""
    if side is Side.NEW:
        return intent.staged_path(member, suffix)
    return intent.parked_path(member, suffix)


def files_of(member: Member, side: Side) -> dict[str, FileFacts]:
    """Return what is known of the files of *side*, by suffix."""
    return member.staged if side is Side.NEW else member.parked


def is_placeholder(live: Path) -> bool:
    """Whether a folder keeps the name *live* free."""
    return live.is_dir() and not live.is_symlink()


def park(intent: Intent) -> None:
    """Give every live file its second name in the parked folder, then take the first away.

    Two names first, because SQLite deletes a ``-wal`` that it finds beside a database without a
    page: a program started between two moves would make such a database.  Raises `OSError`.
    """
    for member in intent.members:
        for suffix in member.parked:
            if not intent.parked_path(member, suffix).exists():
                _link(member.live_path(suffix), intent.parked_path(member, suffix))
        fsync_directory(area(member.live, intent.id) / "parked")
    for member in intent.members:
        _clear(intent, member, Side.NEW)


def make_live(intent: Intent, side: Side) -> None:
    """Make *side* the live set; what was in the way and of neither set is `kept_aside`.

    Raises `Incomplete` before anything was moved when a file of *side* is not what it was, and
    `OSError` between two steps.
    """
    _require_whole(intent, side)
    for member in intent.members:
        _clear(intent, member, side)
    for member in intent.members:
        # The -wal before its main file: a main file alone must never be opened without it.
        for suffix in sorted(files_of(member, side), reverse=True):
            live = member.live_path(suffix)
            if not _is_live(intent, member, side, suffix):
                if suffix == "":
                    _remove_placeholder(live)
                _link(home_of(intent, member, side, suffix), live)
        if "" not in files_of(member, side):
            _remove_placeholder(member.live)
        fsync_directory(member.live.parent)


def kept_aside(intent: Intent) -> tuple[Path, ...]:
    """Return where files are kept that were in the way of *intent* and of neither of its sets.

    Looked up, because one attempt may put them there and another one end the promote.
    """
    folders = {_aside(member.live, intent) for member in intent.members}
    found = (file for folder in folders for file in folder.rglob("*") if file.is_file())
    return tuple(sorted(found))


def with_kept_aside(told: Text, paths: Iterable[Path | str]) -> Text:
    """Return *told* and where what was made in the way is kept."""
    names = ", ".join(str(path) for path in paths)
    if not names:
        return told
    return translate(
        "promote", "{told} What was made in their place meanwhile is kept in {paths}.",
        told=told, paths=names,
    )  # fmt: skip


def is_made_live(intent: Intent, side: Side) -> bool:
    """Whether every file of *side* is live, and no name of its main files is taken otherwise."""
    return all(
        all(_is_live(intent, member, side, suffix) for suffix in files_of(member, side))
        and ("" in files_of(member, side) or not member.live.exists())
        for member in intent.members
    )


def missing_of(intent: Intent, side: Side) -> tuple[str, ...]:
    """Return the names of the files that keep *side* from being the live set now."""
    return tuple(
        member.name
        for member in intent.members
        if not all(_is_live(intent, member, side, suffix) for suffix in files_of(member, side))
        or ("" not in files_of(member, side) and member.live.exists())
    )


def lives_of(intent: Intent, side: Side) -> tuple[Path, ...]:
    """Return the main files of *side* that have their live names now."""
    return tuple(one.live for one in intent.members if _is_live(intent, one, side, ""))


def _was_written(intent: Intent, member: Member, side: Side, suffix: str) -> bool:
    """Whether a main file of the new set is live, and somebody wrote to it since.

    He opened it before all of the set was in: what he wrote is in neither set.
    """
    if side is not Side.NEW or suffix or not _is_live(intent, member, side, suffix):
        return False
    beside = (member.live_path(one) for one in ("-wal", "-journal"))
    facts = files_of(member, side)[suffix]
    known = {member.live_path(one) for one in files_of(member, side)}
    return not untouched(member.live, facts) or any(
        path not in known and path.exists() and path.stat().st_size for path in beside
    )


def _is_stray(intent: Intent, member: Member, side: Side, suffix: str) -> bool:
    live = member.live_path(suffix)
    if not live.exists() or is_placeholder(live):
        return False
    # A main file that is live as it should be owns what SQLite has made beside it since.
    if suffix and _is_live(intent, member, side, ""):
        return False
    return not any(_is_live(intent, member, one, suffix) for one in Side)


def _require_whole(intent: Intent, side: Side) -> None:
    for member in intent.members:
        for suffix, facts in files_of(member, side).items():
            home = home_of(intent, member, side, suffix)
            if not _is_live(intent, member, side, suffix) and not same_content(home, facts):
                raise Incomplete(
                    translate("promote", "{path} is not there any more, or not what it was.",
                              path=home),
                    data_state=translate("promote", "Nothing was moved."),
                    to_do=translate("promote", "Keep the trading program stopped and put the file "
                                    "back from a restore point."),
                )  # fmt: skip


def _is_live(intent: Intent, member: Member, side: Side, suffix: str) -> bool:
    """Whether the file of *side* is the one that has the live name."""
    facts = files_of(member, side).get(suffix)
    live = member.live_path(suffix)
    if facts is None or not live.is_file() or live.is_symlink():
        return False
    home = home_of(intent, member, side, suffix)
    if home.exists():
        return live.samefile(home)
    # Its other name is gone: moved where there are no links, or removed already.
    return live.stat().st_ino == facts.inode or same_content(live, facts)


def _clear(intent: Intent, member: Member, keep: Side) -> None:
    """Take away every live name of *member* that is not of the side to *keep*; durable.

    The main file goes first and leaves a folder, so that nothing can open what is beside it.
    """
    if _is_live(intent, member, keep, ""):
        return
    for suffix in ("", *(one for one in SUFFIXES if one)):
        live = member.live_path(suffix)
        if not _is_live(intent, member, keep, suffix):
            if suffix == SCRATCH:
                retried(lambda path=live: path.unlink(missing_ok=True))  # type: ignore[misc]
            elif _is_stray(intent, member, keep, suffix) or _was_written(
                intent, member, keep.other, suffix
            ):
                _keep_aside(intent, member, suffix)
            elif _is_live(intent, member, keep.other, suffix):
                _take_away(live, home_of(intent, member, keep.other, suffix))
        if suffix == "" and not is_placeholder(live):
            live.mkdir(mode=0o700)
    fsync_directory(member.live.parent)


def _take_away(live: Path, home: Path) -> None:
    """Remove a live name; the file keeps the name *home*, or gets it."""
    if home.exists():
        retried(live.unlink)
    else:
        private_folder(home.parent)
        replace(live, home)
        fsync_directory(home.parent)


def _aside(live: Path, intent: Intent) -> Path:
    return live.parent / f"{AREA}-stray" / intent.id


def keep_written(intent: Intent) -> None:
    """Keep aside what somebody wrote to a new file before it was taken away again.

    For when the former set is live, before what was staged is removed.  Raises `OperationError`
    while somebody has such a file open.
    """
    homes = {member.name: intent.staged_path(member, "") for member in intent.members}
    require_unheld([home for home in homes.values() if home.exists()])
    for member in intent.members:
        home, facts = homes[member.name], member.staged.get("")
        if facts is None or not home.exists() or untouched(home, facts):
            continue
        if not any(kept.samefile(home) for kept in kept_aside(intent)):
            _move_aside(intent, member, "", home)


def _keep_aside(intent: Intent, member: Member, suffix: str) -> None:
    """Move a file aside that came to be, or was written, while the promote lay unfinished.

    What SQLite keeps beside a main file goes where that went.  Raises `OperationError` while
    somebody has it open: what he wrote would go astray.
    """
    live = member.live_path(suffix)
    require_unheld([live])
    _move_aside(intent, member, suffix, live)


def _move_aside(intent: Intent, member: Member, suffix: str, path: Path) -> None:
    kept = _place_aside(intent, member, suffix) / member.live_path(suffix).name
    private_folder(kept.parent)
    replace(path, kept)
    fsync_directory(kept.parent)


def _place_aside(intent: Intent, member: Member, suffix: str) -> Path:
    """Return the folder for a file of *member*: that of its main file, or one of its own."""
    first = _aside(member.live, intent)
    names = {suffix: member.live_path(suffix).name for suffix in SUFFIXES}
    number, folder = 0, first
    while any((folder / name).exists() for name in names.values()):
        later = first / str(number + 1)
        follows = suffix and (folder / names[""]).exists() and not (folder / names[suffix]).exists()
        if follows and not any((later / name).exists() for name in names.values()):
            return folder
        number, folder = number + 1, later
    return folder


def _remove_placeholder(live: Path) -> None:
    if is_placeholder(live):
        retried(live.rmdir)


def _link(source: Path, target: Path) -> None:
    """Give *source* the name *target* too, or instead where a file has only one name."""
    try:
        retried(lambda: target.hardlink_to(source))
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if target.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from error
        replace(source, target)


def require_unheld(paths: Sequence[Path]) -> None:
    """Raise `OperationError`, naming who, while another process has one of *paths* open."""
    held = still_held(paths)
    if held:
        raise held_by(held)


def held_by(held: Sequence[Holder]) -> OperationError:
    """Return the refusal that names who has the files open."""
    names = ", ".join(f"{holder.name} ({holder.pid})" for holder in held) or "?"
    return OperationError(
        translate("promote", "The files are still open in: {who}.", who=names),
        data_state=translate("promote", "The live files are as they were."),
        to_do=translate("promote", "Close these programs, then try again."),
    )
