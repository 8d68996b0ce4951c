"""The steps that every change of the live files shares: stop, start, put back, keep.

Rolling back, migrating and deploying differ in what they stage; from the request to stop the
program until it runs again they are the same, and so is what happens when it does not.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from core.backup.create import create_restore_point_from
from core.backup.models import Reason
from core.base.cleanup import attempt
from core.base.config.models import GuardedFile, Settings
from core.base.kind import Kind
from core.base.operation import Cancelled, Context, OperationError
from core.base.text import Text, joined, translate
from core.program.control import (
    launch_of,
    start_program,
    stop_program,
    verify_answers,
    wait_until_gone,
)
from core.program.find import find_programs
from core.program.hold import hold_program, release_program
from core.program.models import Launch, Program
from core.program.pending_restart import promise_restart
from core.promote import (
    Fingerprint,
    Parked,
    describe_live,
    discard_parked,
    fingerprint,
    fingerprint_of,
    is_whole,
    keep_parked,
    list_parked,
    promote_parked,
    recover,
    require_unheld,
    with_kept_aside,
)

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
    swap: Callable[[Fingerprint], Parked],
    undone: Callable[[Text], Text],
    verify: Callable[[], None] | None = None,
) -> ChangedOver:
    """Stop the program, *swap* the files, start and *verify* it; else put everything back.

    *swap* is given what the live files were like once the program was gone.
    *undone* makes the sentence that says what was undone from the reason.  Raises what *swap*
    raises, the program running on the untouched data, and `OperationError` with the former
    state back in place.
    """
    # Before it is looked whether the program runs: no supervisor starts it from here on.
    hold_program(settings, context)
    programs = find_programs(settings)
    launch = launch_of(settings, programs[0]) if programs else None
    with promise_restart(settings, launch):
        return _change_over(context, settings, promote_id, swap, undone, verify, programs, launch)


def _change_over(
    context: Context,
    settings: Settings,
    promote_id: str,
    swap: Callable[[Fingerprint], Parked],
    undone: Callable[[Text], Text],
    verify: Callable[[], None] | None,
    programs: tuple[Program, ...],
    launch: Launch | None,
) -> ChangedOver:
    begun = time.monotonic()
    stop(context, settings, programs, launch)
    data_begun = time.monotonic()
    try:
        # Whatever is written from here on makes the swap refuse itself.
        parked = swap(fingerprint_of(settings))
        data = time.monotonic() - data_begun
        program = start(context, settings, launch)
        downtime = time.monotonic() - begun if programs else 0.0
        if verify is not None:
            verify()
    except BaseException as failed:
        try:
            error = _made_whole(settings, failed)
            # What lies parked tells whether the files were swapped, whoever failed and where.
            former = next((one for one in list_parked(settings) if one.id == promote_id), None)
            whole = is_whole(settings)
        except OSError:
            log.exception("looking after a swap that failed")
            raise _not_to_be_seen(settings, failed) from failed
        if former is not None:
            known = error if isinstance(error, OperationError) else _unexpected(settings, error)
            raise put_back(
                context, settings, former, launch, known, undone(known.happened)
            ) from failed
        second = _start_again(context, settings, launch, error) if whole else None
        if second is not None:
            raise second from failed
        if error is not failed:
            raise error from failed
        raise
    return ChangedOver(parked, program, downtime, data)


def _made_whole(settings: Settings, error: BaseException) -> BaseException:
    """Try once more to finish or undo a swap that failed; return *error* with what is so then.

    What cannot be made whole waits for `recover`.
    """
    if is_whole(settings):
        return error
    try:
        recovered = recover(settings)
    except Exception:
        log.exception("making the live files whole")
        recovered = ()
    if not isinstance(error, OperationError) or not is_whole(settings):
        return error
    aside = [path for one in recovered for path in one.stray]
    return OperationError(
        error.happened,
        data_state=with_kept_aside(describe_live(settings), aside),
        to_do=translate("promote", "Remove the cause, then try again."),
    )


def _not_to_be_seen(settings: Settings, error: BaseException) -> OperationError:
    """Return what to raise where *error* is followed by a disk that cannot be read."""
    known = error if isinstance(error, OperationError) else _unexpected(settings, error)
    return OperationError(
        known.happened,
        data_state=translate("rollback", "{state} The program was not started.",
                             state=describe_live(settings)),
        to_do=translate(
            "promote", "Remove the cause, then run 'recover' before starting the trading program."
        ),
    )  # fmt: skip


def _unexpected(settings: Settings, error: BaseException) -> OperationError:
    log.error("after the swap", exc_info=error)
    return OperationError(
        translate("rollback", "An unexpected error: {why}", why=str(error)),
        data_state=describe_live(settings),
        to_do=translate("rollback", "Look into the log."),
    )


def _start_again(
    context: Context, settings: Settings, launch: Launch | None, error: BaseException
) -> OperationError | None:
    """Start the program on the former files; return what to raise where it does not come up.

    That is told together with the first *error*, not instead of it.
    """
    try:
        start(context, settings, launch)
    except OperationError as second:
        log.exception("starting the program again")
        if not isinstance(error, OperationError):
            return second
        return OperationError(
            error.happened,
            data_state=translate("rollback", "{state} The program does not run: {why}",
                                 state=error.data_state, why=second.happened),
            to_do=error.to_do,
        )  # fmt: skip
    return None


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
            attempt(wait_until_gone, Context(), settings, programs)
        # Cancelled or too slow: if it is gone by now, it is started again.
        if not find_programs(settings):
            second = _start_again(Context(), settings, launch, error)
            if second is not None:
                raise second from error
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
    try:
        with context.step("put_back", translate("rollback", "Put the former state back")):
            stop_program(Context(), settings, find_programs(settings))
            back_id = f"putback-{secrets.token_hex(6)}"
            displaced = promote_parked(settings, parked, back_id, fingerprint_of(settings))
    except (OperationError, OSError) as second:
        log.exception("putting %s back", parked.id)
        return _not_put_back(settings, error, second)
    try:
        discard_parked(settings, back_id)
    except (OperationError, OSError):
        log.exception("what was put back stays parked as %s", back_id)
    try:
        start(context, settings, launch)
        running = translate("rollback", "The former state is back and the program runs on it.")
        if launch is None:
            running = translate("rollback", "The former state is back; no program ran before.")
    except OperationError as second:
        log.exception("starting the program on the former state")
        running = translate(
            "rollback", "The former state is back, but the program does not run: {why}",
            why=second.happened,
        )  # fmt: skip
    state = with_kept_aside(running, (*parked.strays, *displaced.strays))
    return OperationError(undone, data_state=state, to_do=error.to_do)


def _not_put_back(
    settings: Settings, error: OperationError, second: OperationError | OSError
) -> OperationError:
    why = second.happened if isinstance(second, OperationError) else str(second)
    return OperationError(
        translate("rollback", "{first} Putting the former state back failed too: {second}",
                  first=error.happened, second=why),
        data_state=translate("rollback", "{state} The program was not started.",
                             state=describe_live(settings)),
        to_do=second.to_do if isinstance(second, OperationError)
        else translate("rollback", "Remove the cause, then run 'recover'."),
    )  # fmt: skip


class Kept(NamedTuple):
    """What became of a set that was replaced."""

    point_id: str | None
    """The restore point that holds it; None: it stays parked, or nothing was there."""
    warning: Text | None = None
    """What the operator is to know of it."""


def keep(context: Context, settings: Settings, parked: Parked) -> Kept:
    """Make a parked set a restore point and let its files go; they stay where that fails.

    A migration parks databases alone; the files paired with them did not change, and go with
    them, because one without the other may be worth nothing.  That it cannot be kept in the store
    is no failure: the files were swapped, and what they replaced lies safe where it is parked.
    """
    # The files are whole and the program runs on them: from here on it may be restarted.
    release_program(settings)
    try:
        if parked.missing:
            raise _incomplete(settings, parked)
        point_id = _ingest(context, settings, parked) if parked.files else None
    except (OperationError, OSError, Cancelled) as error:
        log.exception("%s stays parked", parked.id)
        with suppress(OSError, OperationError):
            keep_parked(settings, parked.id)
        return Kept(None, _together((_stays_parked(settings, parked, error), *_strays(parked))))
    return Kept(point_id, _let_go(settings, parked, point_id))


def _incomplete(settings: Settings, parked: Parked) -> OperationError:
    return OperationError(
        translate("rollback", "Of {names} not everything lies there that was parked.",
                  names=", ".join(parked.missing)),
        data_state=describe_live(settings),
        to_do=translate("rollback", "Look into the folders '.ops_console' beside the files."),
    )  # fmt: skip


def _stays_parked(settings: Settings, parked: Parked, error: BaseException) -> Text:
    folder = next(iter(parked.files.values())).parent if parked.files else settings.home
    if isinstance(error, Cancelled):
        why: Text | str = translate("rollback", "it was cancelled")
    else:
        why = error.happened if isinstance(error, OperationError) else str(error)
    return translate(
        "rollback", "What was replaced is not a restore point yet and stays safe in {folder}: "
        "{why} It becomes one with the next operation or with 'recover'.", folder=folder, why=why,
    )  # fmt: skip


def _let_go(settings: Settings, parked: Parked, point_id: str | None) -> Text | None:
    """Remove a parked set that is a restore point now; return what the operator is to know."""
    warnings = _strays(parked)
    if parked.written:
        written = translate(
            "rollback", "Somebody wrote to {names} after they had been replaced. Those rows are in "
            "restore point {id}: compare it with the live data to take them over.",
            names=", ".join(parked.written), id=point_id or "–",
        )  # fmt: skip
        warnings = (written, *warnings)
    try:
        discard_parked(settings, parked.id)
    except (OperationError, OSError):
        log.exception("what is left of %s goes with the next recovery", parked.id)
    return _together(warnings)


def _strays(parked: Parked) -> tuple[Text, ...]:
    if not parked.strays:
        return ()
    return (
        translate(
            "rollback", "Files were made in the way of the swap and are kept: {paths}",
            paths=", ".join(str(path) for path in parked.strays),
        ),
    )  # fmt: skip


def _together(warnings: Sequence[Text]) -> Text | None:
    """Return all of *warnings* as one, so that none hides another; None where there is none."""
    if len(warnings) < 2:
        return warnings[0] if warnings else None
    return joined(warnings, " ")


def _ingest(context: Context, settings: Settings, parked: Parked) -> str:
    """Make a parked set a restore point and return its id.

    Raises `OperationError` while somebody has one of its files open: what he writes there would
    be in no restore point.
    """
    files = [
        GuardedFile(name=name, path=path, kind=settings.file(name).kind)
        for name, path in parked.files.items()
    ]
    migrated = parked.kind is Kind.MIGRATE_RUN
    if migrated:
        files += [
            file
            for file in settings.files
            if file.kind == "paired" and file.name not in parked.files and file.path.is_file()
        ]
    reason = Reason.BEFORE_MIGRATION if migrated else Reason.BEFORE_ROLLBACK
    require_unheld(list(parked.files.values()))
    before = fingerprint(list(parked.files.values()))
    point = create_restore_point_from(context, settings, files, reason)
    require_unheld(list(parked.files.values()))
    if fingerprint(list(parked.files.values())) != before:
        raise OperationError(
            translate("rollback", "Somebody wrote to what was replaced while it was saved."),
            data_state=describe_live(settings),
            to_do=translate("rollback", "Run 'recover'."),
        )
    return point.id


def keep_all(context: Context, settings: Settings) -> tuple[Kept, ...]:
    """Make restore points of the sets that lie parked, as far as there is room for them."""
    return tuple(keep(context, settings, parked) for parked in list_parked(settings))
