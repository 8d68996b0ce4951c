"""The migration on copies, what rehearsal and real run have in common, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import apsw

from core.backup.create import live_bytes
from core.base.cleanup import attempt
from core.base.config.models import GuardedFile, Settings
from core.base.files import private_folder
from core.base.folders import Use, scratch_folder
from core.base.operation import Context, Kind, OperationError
from core.base.process import run_in_process
from core.base.sqlite import open_immutable
from core.base.text import Text, translate
from migration.adapter import Conversions, ScriptSet, script_set
from migration.engine.apply import AppliedScript
from migration.engine.history import read_history
from migration.engine.plan import DatabasePlan, refusal, require_runnable
from migration.models import (
    Described,
    ValidatorResult,
)
from migration.run.models import (
    Decision,
    Outcome,
    RanScript,
    RehearsalResult,
    SchemaChange,
)
from migration.run.records import (
    Basis,
    RehearsalRecord,
    keep,
    read_basis,
    read_decisions,
    read_rehearsal_record,
)
from migration.run.stage import (
    copy_live,
    free_bytes,
    migrate_copies,
    migrated_files,
    read_plans,
    table_counts,
    validate_copies,
)
from migration.run.timing import Recorded, Timed
from migration.validation.expected import schema_rows

COPIES = 3
"""Of the databases: as they were, staged, and migrated once more to compare with."""
GROWTH = 4.5
"""What is made, at most, against the size of what it is made from (measured: 4.4)."""
BYTES_A_ROW = 20_000
"""What is made of one legacy row, at most, unless it is very large (measured: 1,850)."""
SPARE_BYTES = 32 * 1024 * 1024


class Work(NamedTuple):
    """What is migrated, where its untouched copies lie, and where the staged ones."""

    files: tuple[GuardedFile, ...]
    sources: dict[str, Path]
    targets: dict[str, Path]


@contextmanager
def work_folder(settings: Settings) -> Iterator[Path]:
    """Make a folder for copies that is gone at the end."""
    with scratch_folder(settings, Use.MIGRATION) as folder:
        yield folder


def now() -> str:
    """Return the moment that everything written by a run bears."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def require_pending(plans: tuple[DatabasePlan, ...]) -> None:
    """Raise `OperationError` when a run is refused or there is nothing to do."""
    for plan in plans:
        require_runnable(plan)
    if not plans:
        raise refusal(
            translate("migration", "None of the databases to migrate exists."),
            translate("migration", "Name them in ops_console.yaml."),
        )
    if not any(plan.pending for plan in plans):
        raise refusal(
            translate("migration", "Everything is migrated already."),
            translate("migration", "There is nothing to do."),
        )


def needed_bytes(
    context: Context,
    settings: Settings,
    files: tuple[GuardedFile, ...],
    basis: Basis | None = None,
) -> int:
    """Return about how many bytes a migration of the live *files* needs for its copies.

    *basis* is what it rests on, where that is known already.
    """
    size = live_bytes(files)
    basis = basis or run_in_process(read_basis, context, script_set(settings), files)
    legacy = sum(basis.legacy_rows.values())
    # What is made lies in the staged copies and in those that they are compared with.
    made = min(GROWTH * size, BYTES_A_ROW * legacy)
    return SPARE_BYTES + round(COPIES * size + 2 * made)


def require_space(context: Context, settings: Settings, files: tuple[GuardedFile, ...]) -> None:
    """Raise `OperationError` when there is no room for the copies."""
    needed, free = needed_bytes(context, settings, files), free_bytes(settings.home)
    if free < needed:
        raise refusal(
            translate(
                "migration",
                "Not enough free space: about {needed_bytes} are needed, {free_bytes} are free.",
                needed_bytes=needed, free_bytes=free,
            ),
            translate("migration", "Free some space, then try again."),
        )  # fmt: skip


class Made(NamedTuple):
    """Migrated copies and what they are like."""

    work: Work
    outcome: Outcome


def make_copies(
    context: Context,
    settings: Settings,
    files: tuple[GuardedFile, ...],
    folder: Path,
    targets: dict[str, Path] | None,
    moment: str,
    decisions: tuple[Decision, ...],
) -> Made:
    """Copy the live databases as of one moment, migrate and validate, in a process of its own.

    *targets* says where the migrated copies are to lie; None: in *folder*, like all others.
    """
    return run_in_process(
        _make_copies, Recorded(context), script_set(settings), files, folder, targets, moment,
        decisions, {file.name: file.path for file in settings.databases},
    )  # fmt: skip


def _make_copies(
    context: Context,
    scripts: ScriptSet,
    files: tuple[GuardedFile, ...],
    folder: Path,
    targets: dict[str, Path] | None,
    moment: str,
    decisions: tuple[Decision, ...],
    live: Mapping[str, Path],
) -> Made:
    with context.step("stage", translate("migration", "Copy the databases")):
        sources = copy_live(context, files, folder / "before")
    staged = private_folder(folder / "staged")
    work = Work(files, sources, targets or {name: staged / name for name in sources})
    with context.step("migrate", translate("migration", "Migrate the copies")):
        ran = migrate_copies(context, scripts, sources, work.targets, moment, decisions)
    with context.step("validate", translate("migration", "Validate the result")):
        validation = validate_copies(
            context, scripts, sources, work.targets, moment, decisions, folder, live
        )
        if not validation.ok:
            context.fail(next(iter(validation.problems), None))
    with context.step("describe", translate("migration", "Compare before and after")):
        outcome = describe(
            context, sources, work.targets, ran, validation.validators, scripts.conversions
        )
    return Made(work, outcome)


def require_valid(outcome: Outcome) -> None:
    """Raise `OperationError` when validation found anything wrong."""
    if not outcome.ok:
        raise OperationError(
            translate(
                "migration", "Validation found {count} problems, the first: {what}",
                count=len(outcome.problems), what=outcome.problems[0],
            ),
            data_state=translate("migration", "The live data was not touched."),
            to_do=translate("migration", "Do not migrate; look at the evidence of a rehearsal."),
        )  # fmt: skip


@dataclass(frozen=True)
class Rehearse:
    """Migrate a copy while the program runs, validate it, and throw it away."""

    settings: Settings
    kind: Kind = Kind.MIGRATE_REHEARSE

    def run(self, context: Context) -> RehearsalResult:
        """Return what a run would do and whether it would be right; nothing is changed."""
        begun = time.monotonic()
        settings = self.settings
        former = read_rehearsal_record(settings)
        timed = Timed(context, former.parts if former else ())
        files, scripts = migrated_files(settings), script_set(settings)
        decisions = read_decisions(settings)
        require_pending(run_in_process(read_plans, context, scripts, files))
        require_space(context, settings, files)
        # Read before the copies are made: what changes from here on makes the result outdated.
        basis = run_in_process(read_basis, context, scripts, files)
        with work_folder(settings) as folder:
            made = make_copies(timed, settings, files, folder, None, now(), decisions)
        result = RehearsalResult(
            ok=made.outcome.ok,
            validators=made.outcome.validators,
            outcome=made.outcome,
            steps=tuple(context.steps),
            seconds=time.monotonic() - begun,
            decisions=decisions,
        )
        basis = basis.model_copy(update={"decisions": decisions})
        keep(
            settings,
            RehearsalRecord(at=now(), basis=basis, result=result, parts=tuple(timed.parts)),
        )
        return result


def describe(
    context: Context,
    sources: dict[str, Path],
    targets: dict[str, Path],
    scripts: tuple[AppliedScript, ...],
    validators: tuple[ValidatorResult, ...],
    conversions: Conversions,
) -> Outcome:
    """Return what the copies *targets*, made from *sources*, are like."""
    described: list[Described] = []
    changes: list[SchemaChange] = []
    heads: dict[str, str] = {}
    counts: dict[str, dict[str, int]] = {}
    left: list[str] = []
    doubts: list[Text] = []
    for name, path in targets.items():
        context.check()
        connection, was = open_immutable(path), open_immutable(sources[name])
        try:
            counts[name] = table_counts(connection)
            changes += _schema_changes(name, was, connection)
            left += conversions.leftovers(was, {name: "main"})
            doubts += conversions.doubtful(was, {name: "main"})
            history = read_history(connection)
            if history:
                heads[name] = history[-1].hash
            described.append(conversions.describe(connection, counts[name]))
        finally:
            attempt(connection.close)
            attempt(was.close)
    return Outcome(
        scripts=tuple(RanScript(**script._asdict()) for script in scripts),
        validators=validators,
        tables=tuple(table for part in described for table in part.tables),
        schema_changes=tuple(changes),
        setting_changes=tuple(change for part in described for change in part.setting_changes),
        setting_remarks=tuple(remark for part in described for remark in part.setting_remarks),
        review=tuple(one for part in described for one in part.review),
        review_total=sum(part.review_total for part in described),
        choices=tuple(choice for part in described for choice in part.choices),
        leftovers=tuple(left),
        doubts=tuple(doubts),
        heads=heads,
        counts=counts,
        size=sum(path.stat().st_size for path in sources.values()),
    )


def _schema_changes(
    database: str, was: apsw.Connection, now: apsw.Connection
) -> list[SchemaChange]:
    before = {(kind, name): sql for kind, name, sql in schema_rows(was, "main")}
    after = {(kind, name): sql for kind, name, sql in schema_rows(now, "main")}
    found = []
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) == after.get(key):
            continue
        change = "new" if key not in before else "gone" if key not in after else "changed"
        found.append(
            SchemaChange.model_validate(
                {"database": database, "change": change, "type": key[0], "name": key[1],
                 "sql": after.get(key, before.get(key, ""))}
            )
        )  # fmt: skip
    return found
