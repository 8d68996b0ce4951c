"""What a migration does in processes of its own: copy, migrate, validate, look.

Each function takes picklable arguments and is called through `core.base.process.run_in_process`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

import apsw

from core.backup.capture import CapturedFile, Moved, capture
from core.base.cleanup import attempt, concluding
from core.base.config.models import GuardedFile, Settings
from core.base.files import fsync_directory, private_folder
from core.base.operation import Context, OperationError, Unit
from core.base.sqlite import CUT_OFF, is_hot, open_quietly, quote
from core.base.text import Text, translate
from core.diff.sql import fold
from migration.adapter import ScriptSet, script_set
from migration.engine import plan as planning
from migration.engine.apply import AppliedScript, Staged, apply, failed, open_staged, settle_copy
from migration.engine.history import Tampered, current, read_history
from migration.engine.lint import confined, lint, only_reads, schema_of
from migration.engine.plan import DatabasePlan, ScriptState, plan_database
from migration.engine.scripts import (
    Deployment,
    NotVerified,
    Script,
    StatementFailed,
    statements,
)
from migration.models import ValidationResult, why
from migration.run.models import Decision, PlanResult, SourceTable
from migration.sql import number, rows
from migration.validation.validate import validate

BLOCK = 1 << 20
TRIES = 3


def migrated_files(settings: Settings) -> tuple[GuardedFile, ...]:
    """Return the live databases that scripts change, as far as they exist.

    What holds the new schema comes first.
    """
    scripts = script_set(settings)
    named = {script.database for script in scripts.read()}
    found = [file for file in settings.databases if file.name in named and file.path.is_file()]
    return tuple(sorted(found, key=lambda file: file.name != scripts.conversions.holder))


def deployment_of(
    context: Context, moment: str, names: tuple[str, ...], decisions: tuple[Decision, ...]
) -> Deployment:
    """Return what the scripts of one run may know."""
    return Deployment(
        context=context,
        moment=moment,
        others=frozenset(names),
        decisions=tuple(decision.model_dump() for decision in decisions),
    )


def copy_live(context: Context, files: tuple[GuardedFile, ...], folder: Path) -> dict[str, Path]:
    """Copy live databases into *folder*, as of one moment; raises `OperationError`."""
    private_folder(folder)
    for _ in range(TRIES):
        found: dict[str, Path] = {}
        try:
            with capture(context, files, scratch=folder) as frozen:
                total = sum(file.size for file in frozen.files)
                done = 0
                for file in frozen.files:
                    # A file without a byte is a database without a table to SQLite.
                    if not file.is_database and (file.size or file.name.endswith("-wal")):
                        raise _not_a_database(file.name)
                    done = _write(context, file, folder / file.name, done, total)
                    found[file.name] = folder / file.name
        except Moved:
            continue
        except OSError as error:
            raise _no_copy(str(error)) from error
        return found
    raise _no_copy(translate("migration", "a file that nobody seemed to write kept changing"))


def _write(context: Context, file: CapturedFile, target: Path, done: int, total: int) -> int:
    what = translate("migration", "Copying {name}", name=file.name)
    with target.open("wb") as out:
        for offset in range(0, file.size, BLOCK):
            context.check()
            done += out.write(file.read(offset, BLOCK))
            context.progress(done, total, Unit.BYTES, what)
        out.truncate(file.size)
    return done


def _not_a_database(name: str) -> OperationError:
    return _no_copy(
        translate(
            "migration", "{name} is no database that can be read",
            name=name.removesuffix("-wal"),
        )
    )  # fmt: skip


def _no_copy(why: Text | str) -> OperationError:
    return OperationError(
        translate("migration", "The databases could not be copied: {why}", why=why),
        data_state=translate("migration", "The trading program's data was only read."),
        to_do=translate("migration", "Remove the cause, then try again."),
    )


def migrate_copies(
    context: Context,
    scripts: ScriptSet,
    sources: dict[str, Path],
    targets: dict[str, Path],
    moment: str,
    decisions: tuple[Decision, ...],
) -> tuple[AppliedScript, ...]:
    """Copy *sources* to *targets* and migrate those; *sources* stay as they are."""
    deployment = deployment_of(context, moment, tuple(sources), decisions)
    to_run = scripts.read()
    done: list[AppliedScript] = []
    for name, target in targets.items():
        context.check()
        try:
            shutil.copyfile(sources[name], target)
        except OSError as error:
            raise _no_copy(str(error)) from error
        done += apply(Staged(name, target, sources), to_run, deployment)
        fsync_directory(target.parent)
    return tuple(done)


def change_histories(
    context: Context,
    scripts: ScriptSet,
    files: tuple[GuardedFile, ...],
    folder: Path,
    targets: dict[str, Path],
    moment: str,
    baseline_version: int | None,
) -> tuple[dict[str, Path], tuple[ScriptState, ...]]:
    """Copy live databases to *targets* and repair their histories, or give them a baseline.

    Returns where copies of them as they were lie in *folder*, and what was written.
    """
    known = scripts.read()
    sources = copy_live(context, files, folder)
    done: list[ScriptState] = []
    for name, target in targets.items():
        context.check()
        shutil.copyfile(sources[name], target)
        connection = open_staged(Staged(name, target, {}))
        try:
            with connection:
                if baseline_version is None:
                    done += planning.repair(connection, name, known, moment)
                else:
                    done += planning.baseline(connection, name, known, baseline_version, moment)
            settle_copy(connection, target, sources[name])
        except apsw.Error as error:
            raise failed(name, error) from error
        finally:
            attempt(connection.close)
        fsync_directory(target.parent)
    return sources, tuple(done)


def validate_copies(
    context: Context,
    scripts: ScriptSet,
    sources: dict[str, Path],
    targets: dict[str, Path],
    moment: str,
    decisions: tuple[Decision, ...],
    scratch: Path,
    live: Mapping[str, Path],
) -> ValidationResult:
    """Validate migrated copies against what they were made from; *live* is where all lie."""
    staged = [Staged(name, path, sources) for name, path in targets.items()]
    deployment = deployment_of(context, moment, tuple(sources), decisions)
    try:
        return validate(staged, scripts.read(), deployment, scratch, live, scripts.conversions)
    except (apsw.Error, OSError) as error:
        context.check()  # see `apply`
        raise failed(", ".join(targets), error) from error


def each_live(
    files: tuple[GuardedFile, ...], ask: Callable[[GuardedFile, apsw.Connection], None]
) -> None:
    """Call *ask* with each live database, read-only; raises `OperationError`."""
    for file in files:
        try:
            connection = open_quietly(file.path)
            with concluding(connection.close):
                ask(file, connection)
        except (apsw.Error, OSError) as error:
            hot = isinstance(error, apsw.Error) and is_hot(error)
            raise _no_copy(f"{file.name}: {CUT_OFF if hot else error}") from error


def read_plans(
    context: Context, scripts: ScriptSet, files: tuple[GuardedFile, ...]
) -> tuple[DatabasePlan, ...]:
    """Return what is to be done to each live database, read-only."""
    known = scripts.read()
    found: list[DatabasePlan] = []

    def ask(file: GuardedFile, connection: apsw.Connection) -> None:
        context.check()
        found.append(plan_database(connection, file.name, known))

    each_live(files, ask)
    return tuple(found)


def read_plan(context: Context, scripts: ScriptSet, files: tuple[GuardedFile, ...]) -> PlanResult:
    """Return what a run would do, read-only."""
    known, conversions = scripts.read(), scripts.conversions
    sources: list[SourceTable] = []
    left: list[str] = []
    doubts: list[Text] = []
    lints: list[Text] = []

    def ask(file: GuardedFile, connection: apsw.Connection) -> None:
        context.check()
        schemas = {file.name: "main"}
        for one in conversions.detect(connection, schemas):
            sources.append(
                SourceTable(
                    database=one.database, table=one.table, shape=str(one.shape),
                    kind=str(one.kind),
                    rows=number(connection, f"SELECT count(*) FROM {one.rows_sql}"),
                )
            )  # fmt: skip
        left.extend(conversions.leftovers(connection, schemas))
        doubts.extend(conversions.doubtful(connection, schemas))
        waiting = {one.version for one in plan_database(connection, file.name, known).pending}
        pending = [one for one in known if one.database == file.name and one.version in waiting]
        lints.extend(_lints(file.name, pending, schema_of(connection)))

    plans = read_plans(context, scripts, files)
    each_live(files, ask)
    return PlanResult(
        plans=plans, sources=tuple(sources), leftovers=tuple(left), doubts=tuple(doubts),
        lint=tuple(lints),
    )  # fmt: skip


def _lints(database: str, scripts: list[Script], schema: list[str]) -> Iterator[Text]:
    """Yield what *scripts* would destroy, and where one of them cannot run or would leave.

    After a script in Python the schema that the next one finds is not known.
    """
    for script in scripts:
        if script.sql is None:
            return
        try:
            yield from (finding.what for finding in lint(script, schema))
        except (StatementFailed, NotVerified, apsw.Error) as error:
            yield _wrong(database, why(error))
            return
        schema = [*schema, *statements(script.sql)]


def verify_live(
    context: Context, scripts: ScriptSet, files: tuple[GuardedFile, ...], scratch: Path
) -> tuple[tuple[str, ...], tuple[Text, ...]]:
    """Run every script's verify step on a copy of the live databases; return done and wrong."""
    copies = copy_live(context, files, scratch)
    known = scripts.read()
    checked: list[str] = []
    wrong: list[Text] = []
    deployment = deployment_of(context, "", tuple(copies), ())
    for name, path in copies.items():
        try:
            connection = open_staged(Staged(name, path, copies))
        except apsw.Error as error:
            wrong.append(_wrong(name, why(error)))
            continue
        with concluding(connection.close):
            try:
                done = current(read_history(connection))
            except Tampered as error:
                wrong.append(_wrong(name, why(error)))
                continue
            lines = rows(connection, "PRAGMA main.integrity_check(5)")
            if lines != [("ok",)]:
                wrong.append(_wrong(name, str(lines[0][0])))
            for script in known:
                if script.database == name and script.version in done:
                    context.check()
                    checked.append(f"{name}: {script.name}")
                    try:
                        with confined(connection, only_reads):
                            script.verify(connection, deployment)
                    except (StatementFailed, NotVerified, apsw.Error) as error:
                        wrong.append(_wrong(name, why(error)))
            wrong += scripts.conversions.wrong(connection, name, done)
    return tuple(checked), tuple(wrong)


def _wrong(name: str, what: Text | str) -> Text:
    return translate("migration", "{name}: {what}", name=name, what=what)


def live_counts(context: Context, files: tuple[GuardedFile, ...]) -> dict[str, dict[str, int]]:
    """Return the rows of every table of the live databases, read-only."""
    found: dict[str, dict[str, int]] = {}

    def ask(file: GuardedFile, connection: apsw.Connection) -> None:
        context.check()
        found[file.name] = table_counts(connection)

    each_live(files, ask)
    return found


def table_counts(
    connection: apsw.Connection, chosen: Collection[str] | None = None
) -> dict[str, int]:
    """Return the rows of every table but SQLite's own, or of those *chosen* by folded name."""
    return {
        str(name): number(connection, f"SELECT count(*) FROM main.{quote(str(name))}")
        for _, name, kind, *_ in rows(connection, "PRAGMA main.table_list")
        if kind == "table"
        and not str(name).startswith("sqlite_")
        and (chosen is None or fold(str(name)) in chosen)
    }


def free_bytes(folder: Path) -> int:
    """Return the free bytes of the disk on which *folder* is or will be."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
