"""The way back: data, release and program as they were, from wherever a switchover had come.

Safe to begin again after any interruption: what is done already is seen and left.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import NamedTuple

from core.backup.store import Store
from core.base.cleanup import attempt, cleaning_up
from core.base.config.models import Settings
from core.base.operation import Context, OperationError
from core.base.text import Text, translate
from core.program.control import stop_program
from core.program.find import find_programs
from core.program.models import Program
from core.program.release import read_pointer, write_pointer
from core.promote.condition import is_whole, stopped_by_system
from core.promote.engine import (
    Fingerprint,
    Replacement,
    discard_staged,
    fingerprint_of,
    promote,
    promote_parked,
)
from core.promote.parked import Parked, discard_parked, list_parked
from core.promote.recovery import recover
from core.promote.swap import with_kept_aside
from core.switchover.intent import Intent, Phase, read_intent, write_intent
from core.switchover.keep import keep_step
from core.switchover.staging import stage_point

log = logging.getLogger(__name__)


class Back(NamedTuple):
    """How it is after going back."""

    changed: bool
    """Whether there was anything to put back."""
    state: Text
    """One sentence for the operator."""
    program: Program | None = None
    problem: OperationError | None = None
    """Why the former state is not back: the intent stays on disk, for another try."""
    not_started: OperationError | None = None
    """Why the program does not run on the former state."""
    kept_point: str | None = None
    """The restore point of what was written meanwhile."""
    strays: tuple[str, ...] = ()
    """Files that stood in the way, each kept under the path given here."""


class _Returned(NamedTuple):
    """What was live before the former state was put back."""

    changed: bool
    displaced: Parked | None = None
    worthless: bool = False
    """Whether it is what had been staged: nobody had written to it."""
    strays: tuple[str, ...] = ()


def go_back(
    context: Context,
    settings: Settings,
    start: Callable[[], Program | None],
    clean: Fingerprint | None = None,
) -> Back:
    """Put data and release back as the intent on disk says, and *start* the program.

    *clean* is what the live files were like before anybody wrote to them; None: not known.  It is
    not cancelled half-way, and does not raise `OperationError`: what went wrong is said.  The
    intent stays where the way back could not be finished.
    """
    try:
        intent = read_intent(settings)
        if intent is None:
            raise ValueError("what is under way is written down until it is over")
        returned = _return_state(context, settings, intent, clean)
    except (OperationError, OSError) as error:
        log.exception("putting the former state back")
        known = error if isinstance(error, OperationError) else stopped_by_system(settings, error)
        return Back(True, known.data_state, problem=known)
    program, not_started = None, None
    try:
        program = start()
    except OperationError as error:
        log.exception("starting the program on the former state")
        not_started = error
    if not is_still_owed(not_started):
        attempt(write_intent, settings, None)
    strays, kept_point = returned.strays, None
    if returned.displaced is not None:
        strays = (*strays, *map(str, returned.displaced.strays))
        if returned.worthless:
            attempt(discard_parked, settings, returned.displaced.id)
        else:
            kept_point = keep_step(context, settings, returned.displaced).point_id
    return Back(
        changed=returned.changed,
        state=with_kept_aside(_how_it_runs(program, not_started), strays),
        program=program, not_started=not_started, kept_point=kept_point, strays=strays,
    )  # fmt: skip


def is_still_owed(not_started: OperationError | None) -> bool:
    """Whether a start that failed is to be tried again: the system did not let it begin.

    A program that does not start is told of, and not tried at every look.
    """
    return not_started is not None and isinstance(not_started.__cause__, OSError)


def _how_it_runs(program: Program | None, not_started: OperationError | None) -> Text:
    if not_started is not None:
        return translate(
            "rollback", "The former state is back, but the program does not run: {why}",
            why=not_started.happened,
        )  # fmt: skip
    if program is None:
        return translate("rollback", "The former state is back; no program ran before.")
    return translate("rollback", "The former state is back and the program runs on it.")


def _return_state(
    context: Context, settings: Settings, intent: Intent, clean: Fingerprint | None
) -> _Returned:
    """Make data and release what they were; afterwards nobody runs where anything had changed."""
    strays: tuple[str, ...] = ()
    if not is_whole(settings):
        strays = tuple(path for swap in recover(settings) for path in swap.stray)
    if intent.phase is Phase.RETURNED or not _is_changed(settings, intent):
        return _Returned(False, strays=strays)
    with context.step("put_back", translate("rollback", "Put the former state back")):
        intent = intent.model_copy(update={"phase": Phase.BACK})
        write_intent(settings, intent)
        stop_program(Context(), settings, find_programs(settings))
        recover(settings)
        present = fingerprint_of(settings)
        displaced = _return_data(settings, intent, present)
        intent = intent.model_copy(update={"fingerprint": fingerprint_of(settings)})
        if intent.switches_release:
            write_intent(settings, intent)
            write_pointer(settings, intent.before.pointer)
        write_intent(settings, intent.model_copy(update={"phase": Phase.RETURNED}))
    return _Returned(True, displaced, present == clean, strays)


def _is_changed(settings: Settings, intent: Intent) -> bool:
    if intent.phase is Phase.BACK or _parked_by(settings, intent) is not None:
        return True
    if not intent.switches_release or intent.phase is Phase.STOPPING:
        return False
    return (
        read_pointer(settings) != intent.before.pointer
        or intent.phase is Phase.STARTED
        or _is_written(intent, fingerprint_of(settings))
    )


def _parked_by(settings: Settings, intent: Intent) -> Parked | None:
    """Return the former data where other data was swapped in and is not back yet."""
    return next((set_ for set_ in list_parked(settings) if set_.id == intent.promote_id), None)


def _is_written(intent: Intent, present: Fingerprint) -> bool:
    """Whether the data that was to stay as it is did not."""
    return intent.promote_id is None and intent.fingerprint not in {None, present}


def _return_data(settings: Settings, intent: Intent, present: Fingerprint) -> Parked | None:
    """Make the former data live and return what it displaced, None where nothing had changed."""
    back_id = f"back-{secrets.token_hex(6)}"
    parked = _parked_by(settings, intent)
    if parked is not None:
        return promote_parked(settings, parked, back_id, present)
    if not _is_written(intent, present) or intent.restore_point is None:
        return None
    listed = Store(settings.store).get(intent.restore_point)
    with cleaning_up(discard_staged, settings, [file.path for file in settings.files], back_id):
        replacements = stage_point(Context(), settings, listed, back_id)
        named = {replacement.name for replacement in replacements}
        known = {path for path, *_ in intent.fingerprint or ()}
        made_since = [
            Replacement(name=file.name, live=file.path, suffixes=())
            for file in settings.files
            if file.name not in named and file.path.is_file() and str(file.path) not in known
        ]
        return promote(settings, back_id, [*replacements, *made_since], present, goes_back=True)
