"""The newest rehearsal, kept beside the console's own files: what it found and how long it took.

It counts as long as what it rested on is the same: the scripts, the schema of the databases, the
rows of the legacy tables, and what the operator decided.  Rows of other tables, which a running
program writes all the time, do not matter to it.
"""

from __future__ import annotations

import hashlib

import apsw

from core.base.config.models import GuardedFile, Settings
from core.base.files import private_folder, write_durably
from core.base.model import Strict
from core.base.operation import Context
from core.base.sealed import seal, unseal
from core.base.sqlite import quote
from core.base.text import Text, translate
from migration.engine.plan import plan_database
from migration.engine.scripts import read_scripts
from migration.run.decisions import folder_of, in_force, read_decisions
from migration.run.models import Decision, RehearsalResult
from migration.run.stage import each_live
from migration.run.timing import Part
from migration.sources.detect import detect
from migration.sql import number, rows

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


def read_basis(context: Context, files: tuple[GuardedFile, ...]) -> Basis:
    """Return what a rehearsal of the live *files* rests on but for the decisions, read-only."""
    scripts = read_scripts()
    waiting: dict[str, str] = {}
    schemas: dict[str, str] = {}
    legacy: dict[str, int] = {}

    def ask(file: GuardedFile, connection: apsw.Connection) -> None:
        context.check()
        pending = {one.version for one in plan_database(connection, file.name, scripts).pending}
        for script in scripts:
            if script.database == file.name and script.version in pending:
                waiting[script.name] = script.sha256
        schema = rows(
            connection,
            "SELECT type, name, tbl_name, sql FROM sqlite_schema "
            "WHERE name NOT LIKE 'sqlite_stat%' ORDER BY type, name",
        )
        schemas[file.name] = hashlib.sha256(repr(schema).encode()).hexdigest()
        for one in detect(connection, {file.name: "main"}):
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
