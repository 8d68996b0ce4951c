"""Brings staged copies up to what was written while they were made, instead of making them anew.

The program has stopped by then, so the time this takes is time that it is down.  What changed is
found by comparing the copies that were migrated with copies of what is live now, page by page
and then row by row, and goes into the staged copies like this:

- rows of tables that no script reads are taken over as they are;
- of a converted condition the columns that nothing is derived from are taken over, in its table
  and in what it became (`apply_delta`);
- a database whose scripts read nothing of the others, such as the settings, is migrated and
  validated anew by itself;
- anything else, and whatever goes wrong here, means that all copies are made anew.

Afterwards the staged copies are compared with what is live: every table that was to stay must
be the same, value by value; conditions that changed are turned back, in SQL and by a digest
computed outside it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import apsw

from core.base.cleanup import concluding
from core.base.config.models import GuardedFile
from core.base.model import Model
from core.base.operation import Context, Unit
from core.base.sqlite import open_immutable
from core.base.text import translate
from core.diff.database import Outcome as Comparison
from core.diff.database import TablePlan
from core.diff.models import Status
from core.diff.rows import compare_files
from core.diff.sql import fold
from migration.adapter import Conversions, ScriptSet
from migration.engine.history import read_history
from migration.engine.scripts import NotVerified
from migration.run.apply_delta import Impossible, apply_delta
from migration.run.models import Decision
from migration.run.stage import copy_live, migrate_copies, table_counts, validate_copies
from migration.sql import Source

log = logging.getLogger(__name__)


class Again(NamedTuple):
    """How the copies were migrated, so that one of them can be once more."""

    moment: str
    decisions: tuple[Decision, ...]


class CaughtUp(Model):
    """What was taken in: copies of what is live now, and the rows by ``database.table``."""

    sources: dict[str, Path]
    rows: dict[str, int]
    counts: dict[str, dict[str, int]]
    """How many rows the tables that changed have now, by database."""
    heads: dict[str, str]
    """The hash of the newest row of the history of each database migrated anew by itself."""


def catch_up(
    context: Context,
    scripts: ScriptSet,
    files: tuple[GuardedFile, ...],
    before: dict[str, Path],
    targets: dict[str, Path],
    folder: Path,
    again: Again | None,
) -> CaughtUp | None:
    """Take into *targets*, made from the copies *before*, what is live now.

    *again* None: the copies were not migrated, only their histories changed.  Returns None when
    they must be made anew; they are not to be used then.
    """
    now = copy_live(context, files, folder / "now")
    try:
        return _catch_up(context, scripts, before, now, targets, folder, again)
    except (Impossible, NotVerified, apsw.Error, OSError) as why:
        log.info("the copies are made anew: %s", why)
        for target in targets.values():
            for suffix in ("", "-wal", "-shm", "-journal"):
                Path(f"{target}{suffix}").unlink(missing_ok=True)
        return None


def _catch_up(
    context: Context,
    scripts: ScriptSet,
    before: dict[str, Path],
    now: dict[str, Path],
    targets: dict[str, Path],
    folder: Path,
    again: Again | None,
) -> CaughtUp:
    if set(now) != set(before):
        raise Impossible("another database is there")
    conversions = scripts.conversions
    if again is not None and not conversions.holder:
        raise Impossible("nobody knows what the scripts read")
    found: dict[str, Mapping[str, TablePlan]] = {}
    counted: dict[str, int] = {}
    for at, name in enumerate(targets):
        what = translate("migration", "Comparing {name}", name=name)
        context.progress(at, len(targets), Unit.ROWS, what)
        compared = compare_files(context, name, before[name], now[name])
        found[name] = _plans(name, compared, conversions)
        counted |= {
            f"{name}.{table.table}": table.rows
            for table in compared.difference.tables
            if table.rows
        }
    read = _read_by_scripts(scripts, before, targets) if again is not None else {}
    if again is not None and _sources(conversions, before) != _sources(conversions, now):
        raise Impossible("other tables are converted now")
    alone = _migrated_alone(found, read, conversions.holder)
    for name, plans in found.items():
        if plans and name not in alone:
            of_name = read.get(name, {})
            apply_delta(context, name, before, now, targets[name], plans, of_name, conversions)
            _require_same(context, name, now[name], targets[name], of_name, conversions)
    if alone:
        if again is None:
            raise Impossible("nothing was migrated")
        anew = {name: targets[name] for name in alone}
        _migrate_alone(context, scripts, now, anew, folder, again)
    counts: dict[str, dict[str, int]] = {}
    heads: dict[str, str] = {}
    for name, plans in found.items():
        connection = open_immutable(targets[name])
        with concluding(connection.close):
            counts[name] = table_counts(connection, None if name in alone else set(plans))
            if name in alone:
                heads[name] = read_history(connection)[-1].hash
    return CaughtUp(sources=now, rows=counted, counts=counts, heads=heads)


def _plans(name: str, compared: Comparison, conversions: Conversions) -> Mapping[str, TablePlan]:
    if compared.difference.objects:
        raise Impossible(f"the schema of {name} changed")
    for table in compared.difference.tables:
        if table.status not in {Status.SAME, Status.CHANGED}:
            raise Impossible(f"{name}.{table.table}: {table.status}")
        if conversions.ours.fullmatch(table.table) and table.status is Status.CHANGED:
            raise Impossible(f"{name}.{table.table} changed")
    return compared.plans


def _read_by_scripts(
    scripts: ScriptSet, before: dict[str, Path], targets: dict[str, Path]
) -> dict[str, dict[str, Source | None]]:
    """Return, by database and folded name, the tables from which something was made.

    None stands for a table of which scripts make something in its own database alone.
    """
    found: dict[str, dict[str, Source | None]] = {name: {} for name in targets}
    for script in scripts.read():
        if script.database in found:
            found[script.database] |= dict.fromkeys(script.changes)
    for name, tables in scripts.conversions.adds.items():
        found.setdefault(name, {}).update(dict.fromkeys(tables))
    for name, path in before.items():
        connection = open_immutable(path)
        with concluding(connection.close):
            for source in scripts.conversions.detect(connection, {name: "main"}):
                found.setdefault(name, {})[fold(source.table)] = source
    return found


def _sources(conversions: Conversions, copies: Mapping[str, Path]) -> set[tuple[str, str, StrEnum]]:
    """Return the tables that are converted: what is written can make one of another."""
    found = set()
    for name, path in copies.items():
        connection = open_immutable(path)
        with concluding(connection.close):
            for one in conversions.detect(connection, {name: "main"}):
                found.add((name, one.table, one.shape))
    return found


def _migrated_alone(
    found: Mapping[str, Mapping[str, TablePlan]],
    read: Mapping[str, Mapping[str, Source | None]],
    holder: str,
) -> tuple[str, ...]:
    """Return the databases to migrate anew by themselves; raises `Impossible`."""
    alone = []
    for name, plans in found.items():
        touched = [table for table in plans if table in read.get(name, {})]
        own = [table for table in touched if read[name][table] is None]
        if (name == holder and own) or (name != holder and touched != own):
            raise Impossible(f"{', '.join(touched)} of {name} changed")
        if own:
            alone.append(name)
    return tuple(alone)


def _migrate_alone(
    context: Context,
    scripts: ScriptSet,
    now: dict[str, Path],
    targets: dict[str, Path],
    folder: Path,
    again: Again,
) -> None:
    migrate_copies(context, scripts, now, targets, again.moment, again.decisions)
    result = validate_copies(
        context, scripts, now, targets, again.moment, again.decisions, folder, {}
    )
    if not result.ok:
        raise Impossible(str(result.problems[0]))


def _require_same(
    context: Context,
    name: str,
    now: Path,
    target: Path,
    read: Mapping[str, Source | None],
    conversions: Conversions,
) -> None:
    """Require that every table that was to stay is what is live now."""
    compared = compare_files(context, name, now, target)
    for one in _kept(compared, read, conversions):
        raise Impossible(f"{name}.{one} is not as it is live")


def _kept(
    compared: Comparison, read: Mapping[str, Source | None], conversions: Conversions
) -> Iterator[str]:
    changed_by_scripts = {table for table, source in read.items() if source is None}
    for one in compared.difference.tables:
        new = one.status is Status.REMOVED  # only the staged copy has it
        ours = conversions.ours.fullmatch(one.table) or fold(one.table) in changed_by_scripts
        if one.status is not Status.SAME and not new and not ours:
            yield one.table
