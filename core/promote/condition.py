"""What state the live set is in now: looked up, never assumed."""

from __future__ import annotations

from core.base.config.models import Settings
from core.base.operation import OperationError
from core.base.text import Text, translate
from core.promote.intent import (
    PENDING,
    DamagedIntent,
    Intent,
    area,
    intent_ids,
    read_intent,
)
from core.promote.swap import Side, is_made_live, is_placeholder, missing_of, side_of


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
