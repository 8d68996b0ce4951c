"""A run that is under way, written down so that its report survives the death of the console.

What was proven lies on disk before the files are swapped.  When the console dies after the swap,
the recovery makes the swap whole, and the next console completes the report from here; when it
dies before, there is nothing to report.  It lies there twice, each time with its digest.
"""

from __future__ import annotations

import logging
from itertools import takewhile

import apsw

from core.backup.models import Reason
from core.backup.store import Store
from core.base.config.models import GuardedFile, Settings
from core.base.files import private_folder
from core.base.operation import Context
from core.base.process import run_in_process
from core.base.sealed import seal, unseal
from core.base.twofold import read_sound, remove_both, write_twice
from core.promote import list_parked
from migration.engine.history import Tampered, read_history
from migration.run.decisions import folder_of
from migration.run.models import MigrationResult
from migration.run.report import write_report
from migration.run.stage import each_live

log = logging.getLogger(__name__)
NAME = "underway.json"


def write_run_marker(settings: Settings, result: MigrationResult) -> None:
    """Write down durably what a run has proven, before it swaps anything."""
    private_folder(folder_of(settings))
    write_twice(folder_of(settings) / NAME, seal(result.model_dump_json().encode()))


def remove_run_marker(settings: Settings) -> None:
    """The run is over: it was reported, or it was undone."""
    remove_both(folder_of(settings) / NAME)


def finish_report(settings: Settings) -> MigrationResult | None:
    """Report the run that a dead console left, where it had swapped the files; call it alone.

    The caller holds the console's lock, or has seen that nobody does.  Returns the report, None
    where there was nothing to report, or where the recovery has still to be made.
    """
    path = folder_of(settings) / NAME
    try:
        left = read_sound(path, _parse)[0]
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        log.exception("%s is damaged: the migration that was cut off has no report", path)
        remove_run_marker(settings)
        return None
    if list_parked(settings):
        return None  # the set that was replaced is no restore point yet
    if not _is_live(settings, left):
        remove_run_marker(settings)
        return None
    # Newest first, in the order of making: whatever the clocks said meanwhile.
    since = takewhile(lambda one: one.point.id != left.safety_point, Store(settings.store).listed())
    replaced = [one.point.id for one in since if one.point.reason is Reason.BEFORE_MIGRATION]
    point = replaced[0] if replaced else left.safety_point
    placed = write_report(
        settings, left.model_copy(update={"restore_point": point, "interrupted": True})
    )
    remove_run_marker(settings)
    return placed


def _parse(content: bytes) -> MigrationResult:
    return MigrationResult.model_validate_json(unseal(content))


def _is_live(settings: Settings, left: MigrationResult) -> bool:
    heads = left.outcome.heads
    files = tuple(file for file in settings.databases if file.name in heads and file.path.is_file())
    return bool(heads) and run_in_process(read_heads, Context(), files) == heads


def read_heads(context: Context, files: tuple[GuardedFile, ...]) -> dict[str, str]:
    """Return the hash of the newest row of each live database's history, read-only."""
    found: dict[str, str] = {}

    def ask(file: GuardedFile, connection: apsw.Connection) -> None:
        context.check()
        try:
            history = read_history(connection)
        except Tampered:
            return
        if history:
            found[file.name] = history[-1].hash

    each_live(files, ask)
    return found
