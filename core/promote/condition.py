"""What state the live set is in, looked up and never assumed, and what waits parked beside it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from core.base.config.models import Settings
from core.base.files import fsync_directory
from core.base.folders import AREA
from core.base.model import Strict
from core.base.operation import Kind, OperationError
from core.base.text import Text, translate
from core.promote.intent import (
    PENDING,
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
from core.promote.swap import Side, is_made_live, is_placeholder, kept_aside, missing_of, side_of


def pending_promotes(settings: Settings) -> tuple[Intent, ...]:
    """Return the promotes that were neither finished nor undone; raises `DamagedIntent`."""
    found = (read_intent(settings, promote_id) for promote_id in intent_ids(settings))
    return tuple(intent for intent in found if intent.state in PENDING)


def is_whole(settings: Settings) -> bool:
    """Whether the live files are one set: no change of them lies unfinished half-way.

    A change of which only the record lags behind is none; the recovery sees the same.
    """
    try:
        return _is_seen_whole(settings)
    except OSError:
        return False


def _is_seen_whole(settings: Settings) -> bool:
    if any(is_placeholder(file.path) for file in settings.files):
        return False
    try:
        return all(is_made_live(intent, side_of(intent)) for intent in pending_promotes(settings))
    except DamagedIntent:
        return False


def require_whole(settings: Settings) -> None:
    """Raise `OperationError` where a change of the live files was neither finished nor undone.

    Nothing may be started on them until recovery has made them one set.  Where the system does not
    let that be seen, its `OSError` is the cause of what is raised.
    """
    try:
        whole = _is_seen_whole(settings)
    except OSError as error:
        raise start_refused(settings, error) from error
    if not whole:
        raise OperationError(
            translate("promote", "The trading program was not started, because a change of the "
                      "live files lies unfinished."),
            data_state=describe_live(settings),
            to_do=translate("promote", "Run 'recover', then start the program."),
        )  # fmt: skip


def start_refused(settings: Settings, error: OSError) -> OperationError:
    """Return what to raise where the system refused something before the program was started."""
    return OperationError(
        translate("services", "The trading program was not started: {why}", why=str(error)),
        data_state=describe_live(settings),
        to_do=translate("promote", "Remove the cause, then try again."),
    )


def describe_live(settings: Settings) -> Text:
    """Return one sentence about the live files as they are on disk at this moment."""
    try:
        return _described(settings)
    except OSError as error:
        return translate("promote", "What state the live files are in cannot be read: {why}",
                         why=str(error))  # fmt: skip


def _described(settings: Settings) -> Text:
    free = {file.name for file in settings.files if is_placeholder(file.path)}
    try:
        pending = pending_promotes(settings)
    except DamagedIntent as error:
        return _damaged(settings, error, free)
    for intent in pending:
        for made in (Side.FORMER, Side.NEW):
            if is_made_live(intent, made) and not free:
                return _live(intent, made)
        side = side_of(intent)
        names = free.union(missing_of(intent, side))
        return translate(
            "promote", "The live set is incomplete: {names} not in place. What was live is safe in "
            "{folder}.", names=", ".join(sorted(names)),
            folder=area(intent.members[0].live, intent.id) / "parked",
        )  # fmt: skip
    if free:
        return translate("promote", "The live set is incomplete: {names} not in place.",
                         names=", ".join(sorted(free)))  # fmt: skip
    return _at_rest(settings)


def _live(intent: Intent, made: Side) -> Text:
    """Return what is live once *made* is, by what the operation began with."""
    if intent.goes_back:
        if made is Side.NEW:
            return translate("promote", "The former files are live again, all of them.")
        # Not new ones for certain: they may have been undone before.
        return translate(
            "promote", "The files that were live before going back are live, all of them."
        )
    if made is Side.FORMER:
        return translate("promote", "The live files are as they were.")
    return translate("promote", "The new files are live, all of them.")


def _at_rest(settings: Settings) -> Text:
    missing = [file.name for file in settings.databases if not file.path.is_file()]
    if missing:
        return translate("promote", "No change of the live files is under way; {names} not there.",
                         names=", ".join(missing))  # fmt: skip
    return translate("promote", "The live files are all in place; no change of them is under way.")


def _damaged(settings: Settings, error: DamagedIntent, free: set[str]) -> Text:
    absent = {file.name for file in settings.databases if not file.path.is_file()}
    names = ", ".join(sorted(free | absent)) or "–"
    folder = settings.home / "promote"
    return translate(
        "promote", "The record {id} in {folder} of a change of the live files is damaged; not in "
        "place: {names}. What was live lies in the folders '.ops_console' beside the files.",
        id=error.promote_id, folder=folder, names=names,
    )  # fmt: skip


def stopped_by_system(settings: Settings, error: Exception) -> OperationError:
    """Return what the operator is told where the system refused something along the way."""
    return OperationError(
        translate("core", "The system stopped it: {why}", why=str(error)),
        data_state=describe_live(settings),
        to_do=translate("core", "Remove the cause, then try again."),
    )


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
