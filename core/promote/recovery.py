"""Finishes or undoes every promote that was under way when its console died or a disk failed."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Literal

from core.base.config.models import Settings
from core.base.files import replace
from core.base.folders import AREA
from core.base.model import Strict
from core.base.operation import OperationError
from core.base.owner import owner_of
from core.base.sealed import copies
from core.base.text import Text, translate
from core.promote.condition import describe_live, is_whole, remove, remove_if_empty, remove_tree
from core.promote.intent import (
    FOLDER,
    PENDING,
    DamagedIntent,
    Intent,
    State,
    advance,
    intent_ids,
    read_intent,
)
from core.promote.swap import (
    Incomplete,
    Side,
    is_made_live,
    keep_written,
    kept_aside,
    make_live,
    require_unheld,
    side_of,
    with_kept_aside,
)

log = logging.getLogger(__name__)
DAMAGED = "damaged-"


class Recovery(Strict):
    """What was found under way at the start, and what became of it."""

    id: str
    outcome: Literal["undone", "finished", "set_aside"]
    what: Text
    stray: tuple[str, ...] = ()
    """Files that stood in the way, each kept under the path given here."""


def recover(settings: Settings) -> tuple[Recovery, ...]:
    """Finish or undo every promote that was under way, and say what was done.

    What is left of those that are over is removed, and what was staged for one that never began.
    Call it under the console's lock.  Raises `OperationError`, with what is so now, when a
    process holds a file that would have to be moved, when the system refuses, or when a file of
    the set is not what it was; nothing is lost then, and it may be tried again.
    """
    done = []
    for promote_id in intent_ids(settings):
        try:
            intent = read_intent(settings, promote_id)
        except DamagedIntent as error:
            done.append(_set_aside(settings, error))
            continue
        if intent.state not in PENDING:
            continue
        try:
            done.append(_recover(settings, intent))
        except OSError as error:
            raise OperationError(
                translate("promote", "A change of the live files that was interrupted can be "
                          "neither finished nor undone yet: {why}", why=str(error)),
                data_state=describe_live(settings),
                to_do=translate("promote", "Remove the cause, then run 'recover' before starting "
                                "the trading program."),
            ) from error  # fmt: skip
    _remove_leftovers(settings)
    return tuple(done)


def _recover(settings: Settings, intent: Intent) -> Recovery:
    side = side_of(intent)
    try:
        _bring_about(settings, intent, side)
    except Incomplete as error:
        log.exception("promote %s", intent.id)
        # The one set is not whole any more: the other one may be.
        side = side.other
        try:
            _bring_about(settings, intent, side)
        except Incomplete:
            raise _neither(settings, error) from error
    outcome: Literal["finished", "undone"] = "finished" if side is Side.NEW else "undone"
    aside = tuple(str(path) for path in kept_aside(intent))
    told = with_kept_aside(_told(intent, side), aside)
    return Recovery(id=intent.id, outcome=outcome, stray=aside, what=told)


def _told(intent: Intent, side: Side) -> Text:
    """Return what became of *intent*, *side* of which is live."""
    if intent.goes_back:
        if side is Side.NEW:
            return translate("promote", "Going back was interrupted; it was finished: the former "
                             "files are live again.")  # fmt: skip
        return translate("promote", "Going back was interrupted; it was undone: what was live "
                         "before it is live.")  # fmt: skip
    if side is Side.NEW:
        return translate("promote", "A change of the live files was interrupted; it was "
                         "finished: the new files are live.")  # fmt: skip
    return translate("promote", "A change of the live files was interrupted; it was "
                     "undone: the former files are live.")  # fmt: skip


def _bring_about(settings: Settings, intent: Intent, side: Side) -> None:
    if not is_made_live(intent, side):
        require_unheld([member.live for member in intent.members])
        make_live(intent, side)
    if side is Side.NEW:
        advance(settings, intent, State.DONE)
    else:
        keep_written(intent)
        remove(settings, advance(settings, intent, State.REMOVING))


def _neither(settings: Settings, error: OperationError) -> OperationError:
    return OperationError(
        error.happened,
        data_state=describe_live(settings),
        to_do=translate(
            "promote", "Keep the trading program stopped. Move every file of one set back to its "
            "place by hand, or remove the folders '.ops_console' beside the files and the folder "
            "{folder}, then go back to a restore point.", folder=settings.home / FOLDER,
        ),
    )  # fmt: skip


def _set_aside(settings: Settings, error: DamagedIntent) -> Recovery:
    """Put a record aside that nobody can read, where the live set is whole all the same.

    Every main file has its name only while the set is one (the package says why), so a
    free name tells that it is not: then a hand is needed, and nothing is moved.
    """
    absent = [file.name for file in settings.databases if not file.path.is_file()]
    if absent:
        raise OperationError(
            translate("promote", "A record of a change under way is damaged: {why}",
                      why=str(error)),
            data_state=describe_live(settings),
            to_do=translate(
                "promote", "Keep the trading program stopped. Move every file from the folder "
                "'.ops_console/{id}/parked' back to its place by hand, then remove {id} from the "
                "folder {folder}.", id=error.promote_id, folder=settings.home / FOLDER,
            ),
        ) from error  # fmt: skip
    for path in copies(settings.home / FOLDER / f"{error.promote_id}.json"):
        if path.exists():
            replace(path, path.with_name(f"{DAMAGED}{path.name}.txt"))
    return Recovery(
        id=error.promote_id, outcome="set_aside",
        what=translate(
            "promote", "A record of a change of the live files was damaged and was set aside; the "
            "live files are all in place. What was parked stays in the folders '.ops_console' "
            "beside them: {why}", why=str(error),
        ),
    )  # fmt: skip


def _remove_leftovers(settings: Settings) -> None:
    """Remove what is left of promotes that are over, and what was staged for none.

    What cannot be removed now is left for the next time: it is in nobody's way.
    """
    try:
        intents = [read_intent(settings, promote_id) for promote_id in intent_ids(settings)]
        returned = {one.returns for one in intents if one.state not in PENDING}
        for intent in intents:
            if intent.state is State.REMOVING:
                remove(settings, intent)
            elif intent.id in returned:
                remove(settings, advance(settings, intent, State.REMOVING))
        _remove_unknown(settings)
    except (OSError, DamagedIntent):
        log.exception("removing what is left of promotes")


def _remove_unknown(settings: Settings) -> None:
    known = set(intent_ids(settings))
    for folder in {file.path.parent / AREA for file in settings.files}:
        for found in folder.iterdir() if folder.is_dir() else ():
            # Without an intent nothing was parked; should something be, it stays.
            if found.name not in known and not _is_parked(found) and not _is_tried(found):
                remove_tree(found)
        remove_if_empty(folder)
    for path in (settings.home / FOLDER).glob(".*.new"):
        path.unlink()


def promote_needs_recovery(settings: Settings) -> bool:
    """Whether anything of a promote lies unfinished, or is left to be removed or kept.

    A set that is kept where it is parked, for want of room, is nothing unfinished.
    """
    kept: set[str] = set()
    for promote_id in intent_ids(settings):
        try:
            if read_intent(settings, promote_id).state is not State.KEPT:
                return True
        except DamagedIntent:
            return True
        kept.add(promote_id)
    if not is_whole(settings):
        return True
    for folder in {file.path.parent / AREA for file in settings.files}:
        for found in folder.iterdir() if folder.is_dir() else ():
            if found.name not in kept and not _is_parked(found) and not _is_tried(found):
                return True
    return False


def _is_parked(folder: Path) -> bool:
    """Whether former files lie in *folder*; without an intent they stay, for a hand to take."""
    parked = folder / "parked"
    return parked.is_dir() and any(parked.iterdir())


def _is_tried(folder: Path) -> bool:
    """Whether a process that still lives tries the way back in *folder*."""
    owner = owner_of(folder.name)
    return owner is not None and owner.alive
