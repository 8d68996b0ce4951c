"""The steps that every change of the live files shares: stop, start, put back, keep.

Rolling back, migrating and deploying differ in what they stage; from the request to stop the
program until it runs again they are the same, and so is what happens when it does not.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from core.config.models import GuardedFile, Settings
from core.operation import Cancelled, Context, OperationError
from core.promote import Parked, discard_parked, list_parked, promote_parked
from core.services.control import (
    launch_of,
    start_program,
    stop_program,
    verify_answers,
    wait_until_gone,
)
from core.services.find import find_programs
from core.services.hold import hold_program, release_program
from core.services.models import Launch, Program
from core.services.owed import owing_a_start
from core.snapshot.models import Reason
from core.snapshot.take import take_from
from core.text import Text, translate

MIGRATION = "migration-"
"""How the id of a promote begins that was made by a migration."""


log = logging.getLogger(__name__)


class ChangedOver(NamedTuple):
    """What a change of the live files left behind; durations in seconds."""

    parked: Parked
    program: Program | None
    downtime: float
    """From the request to stop until the program was verified; 0 where none ran."""
    data: float
    """Of these, the time that the data took."""


def change_over(
    context: Context,
    settings: Settings,
    promote_id: str,
    swap: Callable[[], Parked],
    undone: Callable[[Text], Text],
    verify: Callable[[], None] | None = None,
) -> ChangedOver:
    """Stop the program, *swap* the files, start and *verify* it; else put everything back.

    *undone* makes the sentence that says what was undone from the reason.  Raises what *swap*
    raises, the program running on the untouched data, and `OperationError` with the former
    state back in place.
    """
    # Before it is looked whether the program runs: no supervisor starts it from here on.
    hold_program(settings, context)
    programs = find_programs(settings)
    launch = launch_of(settings, programs[0]) if programs else None
    with owing_a_start(settings, launch):
        return _change_over(context, settings, promote_id, swap, undone, verify, programs, launch)


def _change_over(
    context: Context,
    settings: Settings,
    promote_id: str,
    swap: Callable[[], Parked],
    undone: Callable[[Text], Text],
    verify: Callable[[], None] | None,
    programs: tuple[Program, ...],
    launch: Launch | None,
) -> ChangedOver:
    begun = time.monotonic()
    stop(context, settings, programs, launch)
    data_begun = time.monotonic()
    try:
        parked = swap()
        data = time.monotonic() - data_begun
        program = start(context, settings, launch)
        downtime = time.monotonic() - begun if programs else 0.0
        if verify is not None:
            verify()
    except BaseException as error:
        # What lies parked tells whether the files were swapped, whoever failed and where.
        former = next((one for one in list_parked(settings) if one.id == promote_id), None)
        if former is None:
            start(Context(), settings, launch)
            raise
        known = error if isinstance(error, OperationError) else _unexpected(error)
        raise put_back(context, settings, former, launch, known, undone(known.happened)) from error
    return ChangedOver(parked, program, downtime, data)


def _unexpected(error: BaseException) -> OperationError:
    log.error("after the swap", exc_info=error)
    return OperationError(
        translate("rollback", "An unexpected error: {why}", why=str(error)),
        data_state=translate("rollback", "The new files are in place."),
        to_do=translate("rollback", "Look into the log."),
    )


def stop(
    context: Context,
    settings: Settings,
    programs: tuple[Program, ...],
    launch: Launch | None,
) -> None:
    """Stop *programs*; when that fails or is cancelled, see to it that the program runs.

    From here on nobody else starts it, until the operation is over or has swapped the files.
    """
    hold_program(settings, context)
    what = translate("rollback", "Stop the trading program")
    if not programs:
        context.skipped("stop", what, translate("rollback", "It is not running."))
        return
    try:
        with context.step("stop", what):
            stop_program(context, settings, programs)
    except BaseException as error:
        if isinstance(error, Cancelled):
            # A request to close cannot be taken back: it may follow late, and would stay closed.
            with suppress(OperationError):
                wait_until_gone(Context(), settings, programs)
        # Cancelled or too slow: if it is gone by now, it is started again.
        if not find_programs(settings):
            start(Context(), settings, launch)
        raise


def start(context: Context, settings: Settings, launch: Launch | None) -> Program | None:
    """Start the program as *launch* says and verify it; None where none ran before."""
    what = translate("rollback", "Start the trading program and verify it")
    if launch is None:
        context.skipped("start", what, translate("rollback", "It was not running before."))
        verify_answers(settings)
        return None
    with context.step("start", what):
        # Past the swap nothing is cancelled half-way.
        return start_program(Context(), settings, launch)


def put_back(
    context: Context,
    settings: Settings,
    parked: Parked,
    launch: Launch | None,
    error: OperationError,
    undone: Text,
) -> OperationError:
    """Put the former state back, start the program on it, and return what to raise.

    *undone* is the sentence that says what was undone, and why.
    """
    with context.step("put_back", translate("rollback", "Put the former state back")):
        stop_program(Context(), settings, find_programs(settings))
        back_id = f"putback-{secrets.token_hex(6)}"
        promote_parked(settings, parked, back_id)
        discard_parked(settings, back_id)
        try:
            start(context, settings, launch)
            running = translate("rollback", "The former state is back and the program runs on it.")
        except OperationError:
            running = translate(
                "rollback", "The former state is back, but the program does not run."
            )
    return OperationError(undone, data_state=running, to_do=error.to_do)


def ingest(context: Context, settings: Settings, parked: Parked) -> str:
    """Make a parked set a restore point, let its files go, and return the point's id.

    A migration parks databases alone; the files paired with them did not change, and go with
    them, because one without the other may be worth nothing.
    """
    # The files are whole and the program runs on them: from here on it may be restarted.
    release_program(settings)
    files = [
        GuardedFile(name=name, path=path, kind=settings.file(name).kind)
        for name, path in parked.files.items()
    ]
    migrated = parked.id.startswith(MIGRATION)
    if migrated:
        files += [
            file
            for file in settings.files
            if file.kind == "paired" and file.name not in parked.files and file.path.exists()
        ]
    reason = Reason.BEFORE_MIGRATION if migrated else Reason.BEFORE_ROLLBACK
    point = take_from(context, settings, files, reason)
    discard_parked(settings, parked.id)
    return point.id
