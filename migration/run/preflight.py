"""Looks at everything that could stand in the way of a migration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw

from core import __version__
from core.backup.coverage import good_points
from core.backup.create import live_bytes
from core.backup.store import Store
from core.base.cleanup import attempt, concluding
from core.base.config.models import GuardedFile, Settings
from core.base.databases import Condition, condition_words, examine
from core.base.finding import told
from core.base.kind import Kind
from core.base.operation import Context, OperationError, Unit
from core.base.process import run_in_process
from core.base.sqlite import open_immutable, quote
from core.base.text import translate
from core.switchover.way_back import Need, check_way_back
from migration.engine.plan import DatabasePlan
from migration.engine.scripts import read_scripts
from migration.run.models import Check, PreflightResult
from migration.run.records import Basis, read_basis, read_decisions, unusable_rehearsal
from migration.run.rehearse import needed_bytes, work_folder
from migration.run.stage import (
    copy_live,
    each_live,
    free_bytes,
    live_counts,
    look,
    migrated_files,
    read_plans,
)
from migration.run.timing import estimate, estimate_text
from migration.sources.detect import doubtful
from migration.sources.evidence import is_log
from migration.sql import number, rows


@dataclass(frozen=True)
class Preflight:
    """Look at everything that could stand in the way of a migration."""

    settings: Settings
    kind: Kind = Kind.MIGRATE_PREFLIGHT

    def run(self, context: Context) -> PreflightResult:
        """Return the checks; nothing is touched."""
        return self.look(context)[0]

    def look(self, context: Context) -> tuple[PreflightResult, Basis | None]:
        """Return the checks and what a rehearsal would rest on, None where that cannot be read."""
        settings = self.settings
        files = migrated_files(settings, read_scripts())
        conditions = [_condition(file) for file in files]
        checks = [_exists(files), *conditions, _versions(), _point(settings)]
        if any(check.ok is False for check in conditions):
            checks += _way_back(context, settings, files, 0)
            return PreflightResult(checks=tuple(checks), plans=()), None
        plans, basis, noted = run_in_process(_read, context, files)
        checks.insert(1, _space(context, settings, files, basis))
        checks += _way_back(context, settings, files, needed_bytes(context, files, basis))
        problems = [text for plan in plans for text in plan.problems]
        checks += [Check(name="history", ok=False, what=text) for text in problems]
        checks.append(_pending(sum(len(plan.pending) for plan in plans)))
        checks.append(_integrity(context, settings, files))
        checks += noted
        pending = any(plan.pending for plan in plans)
        if pending and (known := estimate(settings)) is not None:
            checks.append(Check(name="estimate", ok=None, what=estimate_text(known)))
        checks += _records(settings)
        return PreflightResult(checks=tuple(checks), plans=plans), basis


def _read(
    context: Context, files: tuple[GuardedFile, ...]
) -> tuple[tuple[DatabasePlan, ...], Basis, list[Check]]:
    """Read all that is read of the live databases as they are, in one process."""
    noted = [_positions(context, files), *_doubts(context, files)]
    return read_plans(context, files), read_basis(context, files), noted


def _doubts(context: Context, files: tuple[GuardedFile, ...]) -> list[Check]:
    found: list[Check] = []

    def ask(file: GuardedFile, connection: apsw.Connection) -> None:
        context.check()
        found.extend(
            Check(name="sources", ok=None, what=text)
            for text in doubtful(connection, {file.name: "main"})
        )

    each_live(files, ask)
    return found


def _records(settings: Settings) -> Iterator[Check]:
    """Yield what is wrong with the console's own records; a run needs the decisions."""
    if (unusable := unusable_rehearsal(settings)) is not None:
        yield Check(name="rehearsal", ok=None, what=unusable)
    try:
        read_decisions(settings)
    except OperationError as error:
        yield Check(name="decisions", ok=False, what=error.happened)


def _exists(files: tuple[GuardedFile, ...]) -> Check:
    names = ", ".join(file.name for file in files)
    if files:
        what = translate("migration", "Databases to migrate: {names}.", names=names)
    else:
        what = translate("migration", "None of the databases to migrate exists.")
    return Check(name="databases", ok=bool(files), what=what)


def _pending(count: int) -> Check:
    if count:
        what = translate("migration", "{count} scripts are to run.", count=count)
    else:
        what = translate("migration", "Everything is migrated already.")
    return Check(name="pending", ok=True if count else None, what=what)


def _space(
    context: Context, settings: Settings, files: tuple[GuardedFile, ...], basis: Basis
) -> Check:
    needed, free = needed_bytes(context, files, basis), free_bytes(settings.home)
    return Check(
        name="space",
        ok=free >= needed,
        what=translate(
            "migration", "About {needed_bytes} are needed, {free_bytes} are free.",
            needed_bytes=needed, free_bytes=free,
        ),
    )  # fmt: skip


def _condition(file: GuardedFile) -> Check:
    state = examine(file)
    return Check(
        name=f"condition {file.name}",
        ok=state.condition in {Condition.OK, Condition.LOCKED, Condition.EMPTY},
        what=translate(
            "migration", "{name}: {condition}, {size_bytes}.",
            name=file.name, condition=condition_words(state.condition), size_bytes=state.size,
        ),
    )  # fmt: skip


def _way_back(
    context: Context, settings: Settings, files: tuple[GuardedFile, ...], copies: int
) -> list[Check]:
    """Try the swap, and look whether one could go back; *copies* are bytes for those that run."""
    what = translate("migration", "the copies of the migration")
    # The last of them are those that wait beside the live files.
    more = Need(settings.home, what, max(copies - live_bytes(files), 0))
    names = [file.name for file in files]
    states = {"ok": True, "warning": None, "failed": False}
    return [
        Check(name=one.name, ok=states[one.state], what=told(one))
        for one in check_way_back(context, settings, None, names, more=(more,))
    ]


def _versions() -> Check:
    return Check(
        name="versions",
        ok=apsw.SQLITE_VERSION_NUMBER >= 3_054_000,
        what=translate(
            "migration",
            "Console {console}, SQLite {version}, which writes numbers into JSON exactly since "
            "3.54.",
            console=__version__, version=apsw.sqlite_lib_version(),
        ),
    )  # fmt: skip


def _point(settings: Settings) -> Check:
    good = next(iter(good_points(settings, Store(settings.store).listed())), None)
    if good is None:
        what = translate("migration", "There is no restore point yet; one will be made first.")
    else:
        what = translate(
            "migration", "Newest restore point: {id}, of {when}.",
            id=good.point.id, when=good.point.moment or good.point.created,
        )  # fmt: skip
    return Check(name="restore_point", ok=None, what=what)


def _integrity(context: Context, settings: Settings, files: tuple[GuardedFile, ...]) -> Check:
    with work_folder(settings) as folder:
        wrong = run_in_process(_integrity_of, context, files, folder)
    return Check(
        name="integrity",
        ok=not wrong,
        what=translate("migration", "SQLite found damage: {what}", what="; ".join(wrong))
        if wrong
        else translate("migration", "SQLite finds every page, row and index in order."),
    )


def _integrity_of(
    context: Context, files: tuple[GuardedFile, ...], folder: Path
) -> tuple[str, ...]:
    wrong = []
    for name, path in copy_live(context, files, folder).items():
        context.progress(0, None, Unit.ROWS, translate("snapshot", "Checking {name}", name=name))
        connection = open_immutable(path)
        try:
            lines = rows(connection, "PRAGMA integrity_check(5)")
        except apsw.Error as error:
            lines = [(str(error),)]
        finally:
            attempt(connection.close)
        if lines != [("ok",)]:
            wrong.append(f"{name}: {lines[0][0]!s}")
    return tuple(wrong)


def _positions(context: Context, files: tuple[GuardedFile, ...]) -> Check:
    """Count open positions, by their columns: a market and a volume that is not zero."""
    context.check()
    found = 0
    for name, tables in live_counts(context, files).items():
        path = next(file.path for file in files if file.name == name)
        connection = look(path)
        with concluding(connection.close):
            for table in tables:
                columns = {
                    str(row[1]).lower()
                    for row in rows(connection, f"PRAGMA table_info({quote(table)})")
                }
                volume = next(
                    (one for one in ("volume", "quantity", "amount") if one in columns), ""
                )
                if is_log(table):
                    continue  # what was held once, not what is held
                if volume and "position" in table.lower() and {"market", "symbol"} & columns:
                    closed = "AND closed_at IS NULL" if "closed_at" in columns else ""
                    found += number(
                        connection,
                        f"SELECT count(*) FROM {quote(table)} WHERE {volume} <> 0 {closed}",
                    )
    return Check(
        name="positions",
        ok=None,
        what=translate("migration", "Open positions in the data: {count}.", count=found)
        if found
        else translate("migration", "The data shows no open position."),
    )
