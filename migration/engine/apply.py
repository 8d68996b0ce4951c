"""Runs the pending scripts of one database, on a staged copy and in one transaction."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import NamedTuple

import apsw

from core.base.cleanup import attempt, concluding
from core.base.operation import Context, OperationError, Unit
from core.base.sqlite import open_own, quote, uri
from core.base.text import Text, translate
from migration.engine.history import TABLE, append, read_history
from migration.engine.lint import Action, Rule, confined, lint, only_reads, schema_of
from migration.engine.plan import plan_database, refusal, require_runnable
from migration.engine.scripts import Deployment, NotVerified, Script
from migration.models import UserError, why
from migration.sql import Row, rows

STEPS_BETWEEN_CHECKS = 20_000
SECONDS_BETWEEN_CHECKS = 0.01
"""Asking costs a worker process some 20 µs, and a fast statement takes those steps in 200."""
ANALYSED_ROWS = 1_000
"""Rows of an index that ANALYZE looks at (https://www.sqlite.org/pragma.html#pragma_analysis_limit)."""
_FORBIDDEN = {
    apsw.SQLITE_DELETE: translate("migration", "it would delete rows of a table that is to stay"),
    apsw.SQLITE_UPDATE: translate("migration", "it would change rows of a table that is to stay"),
    apsw.SQLITE_DROP_TABLE: translate("migration", "it would drop a table that is to stay"),
    apsw.SQLITE_ALTER_TABLE: translate("migration", "it would alter a table that is to stay"),
    apsw.SQLITE_DROP_VIEW: translate("migration", "it would drop a view that is to stay"),
}


class AppliedScript(NamedTuple):
    """One script that ran, and how long it took in seconds."""

    database: str
    version: int
    name: str
    sha256: str
    seconds: float


class Staged(NamedTuple):
    """A database to migrate: its staged copy, and every database as it was."""

    name: str
    path: Path
    sources: dict[str, Path]


def open_staged(staged: Staged) -> apsw.Connection:
    """Open a staged copy for migrating, with the other databases as they were attached to it.

    A crash discards the copy, so nothing is synced until `settle`; the journal stays in memory.
    """
    connection = open_own(staged.path)
    try:
        for pragma in (
            "main.journal_mode = MEMORY", "synchronous = OFF", "foreign_keys = OFF",
            "temp_store = FILE", "cache_size = -65536",
        ):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}").fetchall()
        for name, path in staged.sources.items():
            if name != staged.name:
                connection.execute(
                    f"ATTACH ? AS {quote(name)}", (uri(path, "mode=ro&immutable=1"),)
                ).fetchall()
    except BaseException:
        attempt(connection.close)
        raise
    return connection


def apply(
    staged: Staged, scripts: tuple[Script, ...], deployment: Deployment
) -> tuple[AppliedScript, ...]:
    """Run what is pending and return it; the copy is durable and at rest afterwards.

    Raises `OperationError`, and `core.base.operation.Cancelled`; the copy is to be discarded then.
    """
    pragmas = _pragmas(staged.path)
    try:
        connection = open_staged(staged)
    except apsw.Error as error:
        raise failed(staged.name, error) from error
    ask_while_busy(connection, deployment.context)
    try:
        plan = plan_database(connection, staged.name, scripts)
        require_runnable(plan)
        waiting = {one.version for one in plan.pending}
        chosen = [one for one in scripts if one.database == staged.name and one.version in waiting]
        violations = _violations(connection)
        done = []
        with connection:
            before = _tables(connection)
            for script in chosen:
                done.append(_run(connection, script, deployment, before))
            new = _violations(connection) - violations
            if new:
                raise _refused_by_keys(staged.name, new)
        if done:
            _tidy(connection, deployment, before)
        settle(connection, staged.path, pragmas)
    except (apsw.Error, UserError, OSError) as error:
        # Cancelled within a statement that writes, SQLite has rolled all of it back by itself, and
        # the rollback that follows is what fails.
        deployment.context.check()
        raise failed(staged.name, error) from error
    finally:
        attempt(connection.close)
    return tuple(done)


def revert(
    staged: Staged, scripts: tuple[Script, ...], deployment: Deployment, down_to: int
) -> None:
    """Undo the scripts later than *down_to* on a staged copy, newest first."""
    pragmas = _pragmas(staged.path)
    connection = open_staged(staged)
    with concluding(connection.close):
        with connection:
            done = {record.version for record in read_history(connection)}
            for script in reversed(scripts):
                if script.database == staged.name and script.version > down_to:
                    if script.version not in done:
                        continue
                    with confined(connection):
                        script.revert(connection, deployment)
                    append(
                        connection, version=script.version, name=script.name,
                        sha256=script.sha256, applied_at=deployment.moment, seconds=0.0,
                        outcome="removed",
                    )  # fmt: skip
        settle(connection, staged.path, pragmas)


def _run(
    connection: apsw.Connection, script: Script, deployment: Deployment, before: frozenset[str]
) -> AppliedScript:
    begun = time.monotonic()
    deployment.context.check()
    deployment.context.progress(
        0, None, Unit.ROWS, translate("migration", "Running {name}", name=script.name)
    )
    findings = lint(script, schema_of(connection))
    if findings:
        raise refusal(
            translate(
                "migration", "The script {name} would destroy data: it {what}.",
                name=script.name, what=findings[0].what,
            ),
            translate("migration", "Do not run it; ask its author for one that keeps the data."),
        )  # fmt: skip
    with confined(connection, keeping(before - script.changes)):
        script.deploy(connection, deployment)
    with confined(connection, only_reads):
        script.verify(connection, deployment)
    seconds = time.monotonic() - begun
    append(
        connection, version=script.version, name=script.name, sha256=script.sha256,
        applied_at=deployment.moment, seconds=seconds, outcome="success",
    )  # fmt: skip
    return AppliedScript(script.database, script.version, script.name, script.sha256, seconds)


def keeping(kept: frozenset[str]) -> Rule:
    """Return the rule that refuses what would change rows or shape of the tables *kept*."""

    def refuse(action: Action) -> Text | None:
        # ALTER TABLE names the database first, the table second.
        table = action.two if action.code == apsw.SQLITE_ALTER_TABLE else action.one
        if action.code in _FORBIDDEN and action.database != "temp" and table.lower() in kept:
            return translate(
                "migration", "{what}: {table}", what=_FORBIDDEN[action.code], table=table
            )
        return None

    return refuse


def ask_while_busy(connection: apsw.Connection, context: Context) -> None:
    """Let the operator cancel in the middle of a statement."""
    asked = 0.0

    def ask() -> bool:
        nonlocal asked
        now = time.monotonic()
        if now - asked >= SECONDS_BETWEEN_CHECKS:
            asked = now
            context.check()
        return False

    connection.set_progress_handler(ask, STEPS_BETWEEN_CHECKS)


def settle(connection: apsw.Connection, path: Path, pragmas: dict[str, str]) -> None:
    """Close the copy: durable, with the journal mode it came with and nothing beside it."""
    connection.set_progress_handler(None)
    connection.execute("PRAGMA synchronous = FULL").fetchall()
    connection.execute(f"PRAGMA main.journal_mode = {pragmas['journal_mode']}").fetchall()
    connection.execute("PRAGMA main.wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def settle_copy(connection: apsw.Connection, path: Path, source: Path) -> None:
    """Do the same for a copy of *source*."""
    settle(connection, path, _pragmas(source))


def _pragmas(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        header = file.read(100)
    return {"journal_mode": "WAL" if header[18:20] == b"\2\2" else "DELETE"}


def _tables(connection: apsw.Connection) -> frozenset[str]:
    """Return the tables, views included, that were there before, in lower case."""
    return frozenset(
        str(name).lower()
        for (name,) in rows(
            connection, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')"
        )
        if name != TABLE and not str(name).startswith("sqlite_")
    )


def _violations(connection: apsw.Connection) -> frozenset[Row]:
    """Return the violated foreign keys; those that were there before are not our doing."""
    try:
        return frozenset(rows(connection, "PRAGMA foreign_key_check"))
    except apsw.SQLError:
        # A key that names a column which is not unique: SQLite cannot check that table at all.
        return frozenset(
            row
            for (table,) in rows(connection, "SELECT name FROM sqlite_schema WHERE type = 'table'")
            for row in _violations_of(connection, str(table))
        )


def _violations_of(connection: apsw.Connection, table: str) -> list[Row]:
    try:
        return rows(connection, f"PRAGMA foreign_key_check({quote(table)})")
    except apsw.SQLError:
        return []


def _tidy(connection: apsw.Connection, deployment: Deployment, before: frozenset[str]) -> None:
    """Gather statistics of the new tables; those of the others are as the program left them.

    Indexes that bulk work would have slowed down were built anew by the scripts.
    """
    what = translate("migration", "Gathering statistics")
    deployment.context.progress(0, None, Unit.ROWS, what)
    connection.execute(f"PRAGMA analysis_limit = {ANALYSED_ROWS}").fetchall()
    for table in sorted(_tables(connection) - before):
        deployment.context.check()
        connection.execute(f"ANALYZE main.{quote(table)}").fetchall()


def _refused_by_keys(database: str, violations: frozenset[Row]) -> OperationError:
    table, _, parent, _ = sorted(violations, key=str)[0]
    return failed(
        database,
        NotVerified(
            translate(
                "migration",
                "{count} rows of {table} refer to nothing in {parent}",
                count=len(violations),
                table=str(table),
                parent=str(parent),
            )
        ),
    )


def failed(database: str, error: Exception) -> OperationError:
    """Return the error of a migration that did not work out."""
    return OperationError(
        translate(
            "migration",
            "The migration of {database} failed: {why}",
            database=database,
            why=why(error),
        ),
        data_state=translate(
            "migration", "It ran on a copy, which was discarded; the live data was not touched."
        ),
        to_do=translate("migration", "Read the reason, remove the cause, then rehearse again."),
    )
