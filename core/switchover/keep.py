"""Makes a restore point of what a switchover replaced, as soon as the program runs again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from core.backup.create import create_restore_point_from
from core.backup.models import Reason
from core.base.config.models import GuardedFile, Settings
from core.base.operation import Cancelled, Context, Kind, OperationError
from core.base.text import Text, joined, translate
from core.program.runs import release_program
from core.promote.condition import Parked, describe_live, discard_parked, keep_parked, list_parked
from core.promote.engine import fingerprint
from core.promote.swap import require_unheld

log = logging.getLogger(__name__)


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


def keep_step(context: Context, settings: Settings, parked: Parked | None) -> Kept:
    """Keep what was replaced as a step of *context*; what the operator is to know is its warning.

    What was cancelled before does not keep it from being kept.
    """
    if parked is None:
        return Kept(None)
    with context.step("keep", translate("rollback", "Keep what was replaced")):
        kept = keep(Context() if context.cancelled else context, settings, parked)
        if kept.warning is not None:
            context.warn(kept.warning)
    return kept


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
