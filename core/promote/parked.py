"""Former live sets that wait beside the live one, until they are safe elsewhere."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from core.base.config.models import Settings
from core.base.files import fsync_directory
from core.base.folders import AREA
from core.base.model import Strict
from core.base.operation import Kind, OperationError
from core.base.text import Text, translate
from core.promote.condition import describe_live
from core.promote.intent import (
    WAITING,
    DamagedIntent,
    Intent,
    State,
    advance,
    area,
    intent_ids,
    read_intent,
    remove_intent,
    untouched,
)
from core.promote.swap import kept_aside


class Parked(Strict):
    """A former live set, waiting beside the live one."""

    id: str
    begun: datetime
    kind: Kind | None = None
    """Of what operation it is part that they were replaced."""
    files: dict[str, Path]
    """Main files by name; what SQLite kept beside them lies beside them."""
    absent: tuple[str, ...] = ()
    """Names of files that were not there before."""
    strays: tuple[Path, ...] = ()
    """Files that were made in the way of the swap, each kept under the path given here."""
    missing: tuple[str, ...] = ()
    """Names of files of which not everything lies there that was parked."""
    written: tuple[str, ...] = ()
    """Names of files that somebody wrote to after they had been parked."""

    @classmethod
    def of(cls, intent: Intent) -> Parked:
        """Return the set that *intent* parked, with what became of it since."""
        missing, written = [], []
        for member in intent.members:
            paths = {suffix: intent.parked_path(member, suffix) for suffix in member.parked}
            gone = {one for one, path in paths.items() if not path.is_file() or path.is_symlink()}
            changed = {
                one for one in {*paths} - gone if not untouched(paths[one], member.parked[one])
            }
            if changed:
                written.append(member.name)
            # Whoever closes a database takes its -wal over into the main file, and removes it.
            if "" in gone or (gone and "" not in changed):
                missing.append(member.name)
        return cls(
            id=intent.id,
            begun=intent.begun,
            kind=intent.kind,
            files={
                member.name: intent.parked_path(member, "")
                for member in intent.members
                if "" in member.parked
            },
            absent=tuple(member.name for member in intent.members if "" not in member.parked),
            strays=kept_aside(intent),
            missing=tuple(missing),
            written=tuple(written),
        )


def waiting_intents(settings: Settings) -> tuple[Intent, ...]:
    """Return the finished promotes whose former sets lie parked, oldest first.

    One that was put back is none of them: its files are the live ones.  A record that cannot be
    read is left out.
    """
    found = []
    for promote_id in intent_ids(settings):
        try:
            found.append(read_intent(settings, promote_id))
        except DamagedIntent:
            continue
    returned = {intent.returns for intent in found if intent.state in {*WAITING, State.REMOVING}}
    waiting = [one for one in found if one.state in WAITING and one.id not in returned]
    return tuple(sorted(waiting, key=lambda intent: intent.begun))


def list_parked(settings: Settings) -> tuple[Parked, ...]:
    """Return the parked sets of finished promotes, oldest first."""
    return tuple(Parked.of(intent) for intent in waiting_intents(settings))


def parked_intent(settings: Settings, promote_id: str) -> Intent:
    """Return the intent that parked a set; raises `OperationError` where there is none."""
    intent = _read(settings, promote_id)
    if intent.state not in WAITING:
        raise _refusal(
            settings,
            translate("promote", "This promote is still under way."),
            translate("promote", "Run 'recover' first."),
        )
    return intent


def _read(settings: Settings, promote_id: str) -> Intent:
    try:
        return read_intent(settings, promote_id)
    except DamagedIntent as error:
        raise _refusal(
            settings,
            translate("promote", "There is no parked set {id}: {why}", id=promote_id,
                      why=str(error)),
            translate("promote", "Choose a restore point instead."),
        ) from error  # fmt: skip


def keep_parked(settings: Settings, promote_id: str) -> None:
    """Write down that a parked set is kept where it lies; raises `OSError`."""
    intent = parked_intent(settings, promote_id)
    if intent.state is not State.KEPT:
        advance(settings, intent, State.KEPT)


def discard_parked(settings: Settings, promote_id: str) -> None:
    """Remove a parked set that is safe elsewhere, and then the intent that knew it.

    That it is to go is written down first: from then on nobody takes what is left of it for a
    former state, and the removal may be cut off and begun again.  Raises `OSError`, and
    `OperationError` where a record of it cannot be read: then all of it stays.
    """
    intent = parked_intent(settings, promote_id)
    if intent.returns is not None and intent.returns in intent_ids(settings):
        # Known by this intent alone as no former state any more: its files are the live ones.
        returned = _read(settings, intent.returns)
        remove(settings, advance(settings, returned, State.REMOVING))
    remove(settings, advance(settings, intent, State.REMOVING))


def remove(settings: Settings, intent: Intent) -> None:
    """Remove what is left of *intent*, itself at last; raises `OSError`."""
    for member in intent.members:
        remove_tree(area(member.live, intent.id))
        remove_if_empty(member.live.parent / AREA)
    remove_intent(settings, intent)


def remove_tree(folder: Path) -> None:
    """Remove *folder* and what is in it, each step durable before the next.

    Harmless where there is none; raises `OSError`.
    """
    if folder.is_symlink() or not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            remove_tree(path)
        else:
            path.unlink(missing_ok=True)
    fsync_directory(folder)
    folder.rmdir()
    fsync_directory(folder.parent)


def remove_if_empty(folder: Path) -> None:
    """Remove *folder* where nothing lies in it."""
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        fsync_directory(folder.parent)


def _refusal(settings: Settings, happened: Text, to_do: Text) -> OperationError:
    return OperationError(happened, data_state=describe_live(settings), to_do=to_do)
