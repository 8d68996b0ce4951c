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
from core.base.cleanup import attempt
from core.base.config.models import GuardedFile, Settings
from core.base.databases import Condition, condition_words, examine
from core.base.operation import Context, Kind, OperationError, Unit
from core.base.process import run_in_process
from core.base.sqlite import open_immutable
from core.base.text import told, translate
from core.switchover.way_back.checks import check_way_back
from core.switchover.way_back.room import Need
from migration.adapter import Conversions, ScriptSet, script_set
from migration.engine.plan import DatabasePlan
from migration.models import Check
from migration.run.models import PreflightResult
from migration.run.records import Basis, read_basis, read_decisions, unusable_rehearsal
from migration.run.rehearse import needed_bytes, work_folder
from migration.run.stage import (
    copy_live,
    each_live,
    free_bytes,
    migrated_files,
    read_plans,
)
from migration.run.timing import estimate, estimate_text
from migration.sql import rows


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
        files, scripts = migrated_files(settings), script_set(settings)
        conditions = [_condition(file) for file in files]
        checks = [_exists(files), *conditions, _versions(), _point(settings)]
        if any(check.ok is False for check in conditions):
            checks += _way_back(context, settings, files, 0)
            return PreflightResult(checks=tuple(checks), plans=()), None
        plans, basis, noted = run_in_process(_read, context, scripts, files)
        checks.insert(1, _space(context, settings, files, basis))
        checks += _way_back(context, settings, files, needed_bytes(context, settings, files, basis))
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
    context: Context, scripts: ScriptSet, files: tuple[GuardedFile, ...]
) -> tuple[tuple[DatabasePlan, ...], Basis, list[Check]]:
    """Read all that is read of the live databases as they are, in one process."""
    own = scripts.conversions
    noted = [*own.notes(context, files), *_doubts(context, own, files)]
    return read_plans(context, scripts, files), read_basis(context, scripts, files), noted


def _doubts(
    context: Context, conversions: Conversions, files: tuple[GuardedFile, ...]
) -> list[Check]:
    found: list[Check] = []

    def ask(file: GuardedFile, connection: apsw.Connection) -> None:
        context.check()
        found.extend(
            Check(name="sources", ok=None, what=text)
            for text in conversions.doubtful(connection, {file.name: "main"})
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
    needed, free = needed_bytes(context, settings, files, basis), free_bytes(settings.home)
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
