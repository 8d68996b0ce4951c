"""Makes a staged set live, or puts a parked one back.  The invariants stand in the package."""

from __future__ import annotations

import errno
import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from core.base.cleanup import attempt
from core.base.config.models import Settings
from core.base.files import fsync_directory, fsync_file, private_folder
from core.base.folders import AREA
from core.base.model import Strict
from core.base.open_files import SUFFIXES, holders
from core.base.operation import Kind, OperationError
from core.base.rights import give, rights_beside, rights_of
from core.base.text import Text, translate
from core.promote.condition import (
    Parked,
    describe_live,
    discard_parked,
    is_whole,
    parked_intent,
    remove,
    remove_if_empty,
    remove_tree,
)
from core.promote.intent import (
    SCRATCH,
    DamagedIntent,
    FileFacts,
    Intent,
    Member,
    State,
    advance,
    area,
    intent_exists,
    observe,
    read_intent,
    write_intent,
)
from core.promote.locks import locked, still_held, until_free
from core.promote.swap import (
    Side,
    held_by,
    is_made_live,
    keep_written,
    kept_aside,
    lives_of,
    make_live,
    park,
    require_unheld,
    with_kept_aside,
)

log = logging.getLogger(__name__)

Fingerprint = tuple[tuple[str, int, int, int], ...]
"""Path, inode, size in bytes and time of change (ns) of every file of a set that exists."""


class Replacement(Strict):
    """A live file and the suffixes under which its successor lies in the staging folder.

    An empty ``suffixes`` takes the live file away.
    """

    name: str
    live: Path
    suffixes: tuple[str, ...] = ("",)


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


def fingerprint_of(settings: Settings) -> Fingerprint:
    """Return the fingerprint of all guarded files."""
    return fingerprint([file.path for file in settings.files])


def narrowed(whole: Fingerprint, lives: Sequence[Path]) -> Fingerprint:
    """Return what *whole* says of *lives* and the files beside them."""
    paths = {f"{live}{suffix}" for live in lives for suffix in SUFFIXES}
    return tuple(entry for entry in whole if entry[0] in paths)


def staging_folder(live: Path, promote_id: str) -> Path:
    """Make and return the folder in which the successor of *live* is to be staged."""
    return private_folder(area(live, promote_id) / "staged")


def discard_staged(settings: Settings, lives: Sequence[Path], promote_id: str) -> None:
    """Remove what was staged for a promote that was never begun; else do nothing.

    What cannot be removed stays for the recovery: it never hides why nothing was begun.
    """
    if intent_exists(settings, promote_id):
        return
    for live in lives:
        shutil.rmtree(area(live, promote_id), ignore_errors=True)
        remove_if_empty(live.parent / AREA)


def promote(
    settings: Settings,
    promote_id: str,
    replacements: Sequence[Replacement],
    expected: Fingerprint,
    *,
    kind: Kind | None = None,
    goes_back: bool = False,
) -> Parked:
    """Make the staged files live and return the former ones, parked.

    *expected* is the fingerprint of the live files, or of more than these, as the caller last saw
    them: once the program was gone.  *kind* is of what operation this is part.  *goes_back*: what
    is staged was live before the operation began, and is told as that.  Raises
    `OperationError` when anything forbids it or goes wrong: the live set is then as it was, or,
    where putting it back failed too, incomplete with an intent from which `recover` makes it
    whole.  Which of them is looked up and said.
    """
    draft = _draft(promote_id, replacements).model_copy(
        update={"kind": kind, "goes_back": goes_back}
    )
    return _promote(settings, draft, replacements, expected)


def promote_parked(
    settings: Settings, parked: Parked, promote_id: str, expected: Fingerprint
) -> Parked:
    """Put a parked set back and return what it displaced, parked in turn.

    *expected* and what is raised: as `promote`.
    """
    former = parked_intent(settings, parked.id)
    replacements = [
        Replacement(name=member.name, live=member.live, suffixes=tuple(member.parked))
        for member in former.members
    ]
    draft = _draft(promote_id, replacements).model_copy(
        update={"returns": parked.id, "goes_back": True}
    )
    return _promote(settings, draft, replacements, expected)


def _draft(promote_id: str, replacements: Sequence[Replacement]) -> Intent:
    """Return an intent that does not say yet what lies there."""
    members = tuple(
        Member(name=one.name, live=one.live.absolute(), staged={}) for one in replacements
    )
    return Intent(id=promote_id, begun=datetime.now(UTC), state=State.PARKING, members=members)


def _promote(
    settings: Settings, draft: Intent, replacements: Sequence[Replacement], expected: Fingerprint
) -> Parked:
    lives = [replacement.live for replacement in replacements]
    databases = {file.path for file in settings.databases}
    with _alone([live for live in lives if live in databases]):
        require_unheld(lives)
        if fingerprint(lives) != narrowed(expected, lives):
            raise _refusal(
                translate("promote", "The live files changed after they had been saved."),
                translate("promote", "Begin again, so that the newest state is saved."),
            )
        intent = _observe_all(draft, replacements)
        _swap(settings, intent)
    if intent.returns is not None:
        _let_go(settings, intent.returns)
    return Parked.of(intent)


@contextmanager
def _alone(databases: Sequence[Path]) -> Iterator[None]:
    """Hold the locks of *databases* meanwhile; raises `OperationError` when somebody has them."""
    with ExitStack() as stack:

        def taken() -> bool:
            try:
                stack.enter_context(locked(databases))
            except BlockingIOError:
                return True
            return False

        try:
            blocked = until_free(taken)
        except OSError as error:
            raise _refusal(
                translate("promote", "The live files could not be locked: {why}", why=str(error)),
                translate("promote", "Remove the cause, then try again."),
            ) from error
        if blocked:
            raise held_by(holders(databases, helpers=True))
        yield


def _observe_all(draft: Intent, replacements: Sequence[Replacement]) -> Intent:
    """Return *draft* with what lies there; raises `OperationError` where something does not."""
    members = []
    for member, replacement in zip(draft.members, replacements, strict=True):
        if member.live.is_symlink():
            raise _refusal(
                translate("promote", "{path} is a symbolic link.", path=member.live),
                translate("promote", "Name the real file in ops_console.yaml."),
            )
        staged = {suffix: draft.staged_path(member, suffix) for suffix in replacement.suffixes}
        parked = {
            suffix: member.live_path(suffix)
            for suffix in SUFFIXES
            if suffix != SCRATCH and member.live_path(suffix).exists()
        }
        members.append(
            member.model_copy(update={"staged": _observed(staged), "parked": _observed(parked)})
        )
    return draft.model_copy(update={"members": tuple(members)})


def _observed(paths: dict[str, Path]) -> dict[str, FileFacts]:
    found = {}
    for suffix, path in paths.items():
        try:
            if not path.is_file() or path.is_symlink():
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
            found[suffix] = observe(path)
        except FileNotFoundError as error:
            raise _refusal(
                translate("promote", "The file {path} is not there, or is no regular file.",
                          path=path),
                translate("promote", "Begin again."),
            ) from error  # fmt: skip
        except OSError as error:
            raise _refusal(
                translate("promote", "{path} cannot be read: {why}", path=path, why=str(error)),
                translate("promote", "Remove the cause, then try again."),
            ) from error
    return found


def _swap(settings: Settings, intent: Intent) -> None:
    """Move the files, all of them or none; raises `OperationError`."""
    try:
        # Everything that the moves rely on is durable before the first of them.
        for member in intent.members:
            private_folder(area(member.live, intent.id) / "parked")
        _keep_rights(settings, intent)
        for member in intent.members:
            for suffix in member.staged:
                fsync_directory(intent.staged_path(member, suffix).parent)
        write_intent(settings, intent)
        park(intent)
        _require_nobody_followed(intent)
        committed = advance(settings, intent, State.COMMITTED)
        make_live(committed, Side.NEW)
    except (OSError, OperationError) as error:
        # What could not be undone need not be where the new set is live, all of it.
        if _undone(settings, intent) or not is_made_live(intent, Side.NEW):
            raise _not_swapped(settings, intent, error) from error
        return
    try:
        advance(settings, committed, State.DONE)
    except OSError:
        # The new set is live, all of it: the recovery finds just that, and writes it down.
        log.exception("the record of promote %s cannot be written", intent.id)
    for member in intent.members:
        # Only names; what cannot be removed goes with the parked set.
        attempt(remove_tree, area(member.live, intent.id) / "staged")


def _require_nobody_followed(intent: Intent) -> None:
    """Raise `OperationError` when somebody opened a file before its name was taken away.

    From here on nobody can open it; who did before would write into what is parked, and make
    the ``-wal`` of a database that is gone beside the one that takes its place.
    """
    held = still_held([intent.parked_path(member, "") for member in intent.members])
    if held:
        raise held_by(held)


def _undone(settings: Settings, intent: Intent) -> bool:
    """Put the former files back, and return whether that went well."""
    try:
        _undo(settings, intent)
    except (OSError, OperationError, DamagedIntent):
        log.exception("undoing promote %s", intent.id)
        return False
    return True


def _not_swapped(settings: Settings, intent: Intent, error: Exception) -> OperationError:
    """Return what to raise because of *error*: with what is so now."""
    known = error.happened if isinstance(error, OperationError) else None
    happened = known or translate(
        "promote", "The live files could not be swapped: {why}", why=str(error)
    )
    to_do = error.to_do if isinstance(error, OperationError) else None
    state = with_kept_aside(describe_live(settings), kept_aside(intent))
    if is_whole(settings):
        to_do = to_do or translate("promote", "Remove the cause, then try again.")
    else:
        to_do = translate(
            "promote", "Remove the cause, then run 'recover' before starting the trading program."
        )
    return OperationError(happened, data_state=state, to_do=to_do)


def _undo(settings: Settings, intent: Intent) -> None:
    """Put the former files back, as far as *intent* had come."""
    if not intent_exists(settings, intent.id):
        discard_staged(settings, [member.live for member in intent.members], intent.id)
        return
    try:
        latest = read_intent(settings, intent.id)
    except DamagedIntent:
        latest = intent  # the first record of it, cut off: nothing was moved
    # Who has opened a new file already would write into one that is taken away.
    require_unheld(lives_of(latest, Side.NEW))
    try:
        latest = advance(settings, latest, State.UNDOING)
    except OSError:
        log.exception("the record of promote %s cannot be written", intent.id)
        latest = read_intent(settings, intent.id)
        if latest.state is State.COMMITTED:
            raise  # what the record says is what the recovery does
    make_live(latest, Side.FORMER)
    keep_written(latest)
    try:
        latest = advance(settings, latest, State.REMOVING)
    except OSError:
        log.exception("the record of promote %s cannot be written", intent.id)
    remove(settings, latest)


def _let_go(settings: Settings, promote_id: str) -> None:
    """Forget a parked set that is live again; what is left of it goes with the next recovery."""
    try:
        discard_parked(settings, promote_id)
    except (OSError, OperationError):
        log.exception("letting go of %s", promote_id)


def _keep_rights(settings: Settings, intent: Intent) -> None:
    """Let every staged file belong to whom, and be for whom, the file in its place is.

    One that replaces nothing is given the rights of its neighbours, or those of its folder.
    """
    neighbours = [file.path for file in settings.databases]
    for member in intent.members:
        rights = (
            rights_of(member.live)
            if "" in member.parked
            else rights_beside(member.live, neighbours)
        )
        for suffix in member.staged:
            staged = intent.staged_path(member, suffix)
            give(staged, rights)
            fsync_file(staged)


def _refusal(happened: Text, to_do: Text) -> OperationError:
    return OperationError(
        happened,
        data_state=translate("promote", "The live files are as they were."),
        to_do=to_do,
    )
