"""What is written down of a migration: what the operator decided, what a rehearsal found, the mark
that a run leaves for the next console, and the report.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from itertools import takewhile
from pathlib import Path

import apsw
from pydantic import TypeAdapter, ValidationError

from core.backup.models import Reason
from core.backup.store import Store
from core.base.config.models import GuardedFile, Settings
from core.base.files import private_folder, write_durably
from core.base.model import Model, Strict
from core.base.operation import Context, OperationError
from core.base.process import run_in_process
from core.base.sealed import read_sound, remove_both, seal, unseal, write_twice
from core.base.sqlite import quote
from core.base.text import Text, translate
from core.base.text import render as render_page
from core.promote.condition import list_parked
from migration.adapter import ScriptSet
from migration.engine.history import Tampered, read_history
from migration.engine.plan import plan_database
from migration.models import validator_words
from migration.run.models import Decision, MigrationResult, Part, RehearsalResult
from migration.run.stage import each_live
from migration.sql import number, rows

log = logging.getLogger(__name__)

_ALL = TypeAdapter(tuple[Decision, ...])


def folder_of(settings: Settings) -> Path:
    """Return the console's folder for migrations."""
    return settings.home / "migration"


def read_decisions(settings: Settings) -> tuple[Decision, ...]:
    """Return what was decided; raises `OperationError` when the file is damaged."""
    path = folder_of(settings) / "decisions.json"
    try:
        return _ALL.validate_json(unseal(path.read_bytes()))
    except FileNotFoundError:
        return ()
    except ValueError as error:
        raise OperationError(
            translate("migration", "The decisions in {path} are damaged.", path=path),
            data_state=translate("migration", "Nothing was touched."),
            to_do=translate("migration", "Remove the file and decide again."),
        ) from error


def write_decisions(settings: Settings, decisions: Sequence[Decision]) -> None:
    """Keep *decisions*, the last one of each row or part; they are made durable."""
    newest = {_place(one): one for one in decisions}
    private_folder(folder_of(settings))
    content = seal(_ALL.dump_json(tuple(newest.values())))
    write_durably(folder_of(settings) / "decisions.json", content)


def in_force(decisions: Iterable[Decision]) -> frozenset[Decision]:
    """Return those of *decisions* that change what a run makes.

    A row that is left in review would be there anyway, unless its whole table was decided.
    """
    found = frozenset(decisions)
    whole = {(one.database, one.table.lower()) for one in found if one.row is None}
    return frozenset(
        one
        for one in found
        if not one.leave or (one.row is not None and (one.database, one.table.lower()) in whole)
    )


def decide(settings: Settings, decision: Decision) -> tuple[Decision, ...]:
    """Add one decision to those that are kept and return them all."""
    return decide_all(settings, (decision,))


def decide_all(settings: Settings, decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """Add *decisions* to those that are kept and return them all."""
    write_decisions(settings, [*read_decisions(settings), *decisions])
    return read_decisions(settings)


def withdraw(settings: Settings, decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """Take *decisions* back, by their rows and parts, and return those that are left."""
    gone = {_place(one) for one in decisions}
    kept = [one for one in read_decisions(settings) if _place(one) not in gone]
    write_decisions(settings, kept)
    return tuple(kept)


def _place(decision: Decision) -> tuple[str, str, int | None, str]:
    return decision.database, decision.table.lower(), decision.row, decision.part


class ReportPlace(Model):
    """Where a report lies, and what it says."""

    html: Path
    json_file: Path
    result: MigrationResult


def write_report(settings: Settings, result: MigrationResult) -> MigrationResult:
    """Write the report of *result* durably and return the result with its place."""
    reports = folder_of(settings) / "reports"
    stamp = result.moment.replace(":", "").replace("+0000", "Z")
    folder = private_folder(private_folder(reports) / f"{stamp}-{result.id}")
    placed = result.model_copy(update={"report": str(folder)})
    write_durably(folder / "report.json", placed.model_dump_json(indent=1).encode())
    write_durably(folder / "report.html", render(placed, settings.language).encode())
    return placed


def render(result: MigrationResult, language: str = "en") -> str:
    """Return *result* as a page: no script, no other file, whatever a name holds."""
    good = result.outcome.ok
    return render_page(
        "migration.html",
        language=language,
        width="wide",
        title=translate("report", "Migration report"),
        subject=result.id,
        badge=translate("report", "✓ proven lossless")
        if good
        else translate("report", "✗ not proven"),
        colour="good" if good else "bad",
        result=result,
        as_json=lambda evidence: json.dumps(evidence, ensure_ascii=False, indent=1),
        validator_words=validator_words,
    )


def newest_report(settings: Settings) -> ReportPlace | None:
    """Return the newest report that can be read, None where there is none."""
    reports = folder_of(settings) / "reports"
    for folder in sorted(reports.iterdir(), reverse=True) if reports.is_dir() else ():
        path = folder / "report.json"
        try:
            result = MigrationResult.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            continue  # cut off while it was written; the one before stands
        return ReportPlace(html=folder / "report.html", json_file=path, result=result)
    return None


FILE = "rehearsal.json"


class Basis(Strict):
    """What a rehearsal rests on."""

    scripts: dict[str, str]
    """SHA-256 of every pending script by name."""
    schemas: dict[str, str]
    """SHA-256 of each database's schema."""
    legacy_rows: dict[str, int]
    """Rows of the legacy tables by ``database.table``."""
    decisions: tuple[Decision, ...]


class RehearsalRecord(Strict):
    """A rehearsal as it is kept."""

    at: str
    """When it ended, ISO 8601 in UTC."""
    basis: Basis
    result: RehearsalResult
    parts: tuple[Part, ...]


def read_basis(context: Context, scripts: ScriptSet, files: tuple[GuardedFile, ...]) -> Basis:
    """Return what a rehearsal of the live *files* rests on but for the decisions, read-only."""
    known = scripts.read()
    waiting: dict[str, str] = {}
    schemas: dict[str, str] = {}
    legacy: dict[str, int] = {}

    def ask(file: GuardedFile, connection: apsw.Connection) -> None:
        context.check()
        pending = {script.version for script in plan_database(connection, file.name, known).pending}
        for script in known:
            if script.database == file.name and script.version in pending:
                waiting[script.name] = script.sha256
        schema = rows(
            connection,
            "SELECT type, name, tbl_name, sql FROM sqlite_schema "
            "WHERE name NOT LIKE 'sqlite_stat%' ORDER BY type, name",
        )
        schemas[file.name] = hashlib.sha256(repr(schema).encode()).hexdigest()
        for one in scripts.conversions.detect(connection, {file.name: "main"}):
            legacy[f"{file.name}.{one.table}"] = number(
                connection, f"SELECT count(*) FROM main.{quote(one.table)}"
            )

    each_live(files, ask)
    return Basis(scripts=waiting, schemas=schemas, legacy_rows=legacy, decisions=())


def with_decisions(basis: Basis, settings: Settings) -> Basis:
    """Return *basis* with what was decided by now."""
    return basis.model_copy(update={"decisions": read_decisions(settings)})


def keep(settings: Settings, kept: RehearsalRecord) -> None:
    """Keep *kept* durably in place of the one before."""
    private_folder(folder_of(settings))
    content = seal(kept.model_dump_json().encode())
    write_durably(folder_of(settings) / FILE, content)


def read_rehearsal_record(settings: Settings) -> RehearsalRecord | None:
    """Return the newest rehearsal, None where there is none that this console can read."""
    return _read(settings)[0]


def unusable_rehearsal(settings: Settings) -> Text | None:
    """Return what is wrong with the record of the newest rehearsal; None where nothing is."""
    return _read(settings)[1]


def _read(settings: Settings) -> tuple[RehearsalRecord | None, Text | None]:
    path = folder_of(settings) / FILE
    try:
        return RehearsalRecord.model_validate_json(unseal(path.read_bytes())), None
    except FileNotFoundError:
        return None, None
    except (OSError, ValueError):
        # It was changed on the disk, or a console wrote it that kept it otherwise.
        return None, translate(
            "migration", "The record of the newest rehearsal cannot be used; rehearse again: "
            "{path}", path=path,
        )  # fmt: skip


def outdated(kept: RehearsalRecord, now: Basis) -> Text | None:
    """Return why *kept* does not count any more; None while it does."""
    if (why := moved_on(kept, now)) is not None:
        return why
    if in_force(kept.basis.decisions) != in_force(now.decisions):
        return translate("migration", "Decisions were made since the rehearsal.")
    return None


def moved_on(kept: RehearsalRecord, now: Basis) -> Text | None:
    """Return why what *kept* found is not what is there now; what was decided does not matter."""
    was = kept.basis
    if was.scripts != now.scripts:
        return translate("migration", "The scripts have changed since the rehearsal.")
    if was.schemas != now.schemas:
        return translate("migration", "The tables have changed since the rehearsal.")
    if was.legacy_rows != now.legacy_rows:
        return translate("migration", "Rows of the old tables came or went since the rehearsal.")
    return None


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
