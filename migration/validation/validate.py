"""Validates a staged migration: what holds for any, and what its adapter proves of its own.

The migrated database is sound, and everything that was there still is.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import apsw
from pydantic import JsonValue

from core.base.cleanup import attempt
from core.base.operation import Context, Unit
from core.base.sqlite import open_immutable, quote, uri
from core.base.text import Text, translate
from migration.adapter import Conversions, Migrated
from migration.engine.apply import Staged, ask_while_busy
from migration.engine.history import Tampered, current, read_history
from migration.engine.scripts import Deployment, Script
from migration.models import ValidationResult, ValidatorResult, validator_words, why
from migration.sql import Source, number, rows
from migration.validation.expected import (
    Expected,
    expect,
    pragmas,
    schema_rows,
    table_digest,
    violations,
)

PROBLEMS = 20


def validate_integrity(
    context: Context,
    databases: dict[str, tuple[apsw.Connection, Expected]],
    scripts: tuple[Script, ...],
    json_columns: Mapping[str, Sequence[str]],
    *,
    full_check: bool = True,
) -> ValidatorResult:
    """Check every migrated database.

    *full_check* False leaves out SQLite's own integrity_check, which the caller has done.
    """
    problems: list[Text] = []
    evidence: dict[str, JsonValue] = {}
    for name, (connection, expected) in databases.items():
        context.check()
        problems += _sound(connection, name, expected, full_check=full_check)
        problems += _json(connection, json_columns)
        problems += _history(connection, name, scripts)
        found, digests = _tables(context, connection, name, expected)
        problems += found
        evidence[name] = {"tables": digests, "schema_objects": len(expected.schema)}
    return ValidatorResult(
        name="integrity", ok=not problems, evidence=evidence, problems=tuple(problems[:PROBLEMS])
    )


def _sound(
    connection: apsw.Connection, name: str, expected: Expected, *, full_check: bool
) -> list[Text]:
    found: list[Text] = []
    if full_check:
        lines = [str(line) for (line,) in rows(connection, "PRAGMA main.integrity_check(10)")]
        if lines != ["ok"]:
            found.append(
                translate("migration", "{database} is damaged: {why}", database=name, why=lines[0])
            )
    new = violations(connection) - expected.violations
    if new:
        found.append(
            translate(
                "migration", "{count} rows of {database} refer to nothing.",
                count=len(new), database=name,
            )
        )  # fmt: skip
    now = schema_rows(connection, "main")
    lost = sorted(one[1] for one in expected.before - now)
    strange = sorted(one[1] for one in now ^ expected.schema)
    found += [
        translate("migration", "{what} of {database} is not as it was.", what=one, database=name)
        for one in lost
    ]
    found += [
        translate(
            "migration", "{what} of {database} is not as it should be.", what=one, database=name
        )
        for one in strange
        if one not in lost
    ]
    found += [
        translate("migration", "The changes of {table} cannot be taken back exactly.", table=table)
        for table in expected.stuck
    ]
    if pragmas(connection) != expected.pragmas:
        found.append(
            translate("migration", "The settings of the file of {database} changed.", database=name)
        )
    return found


def _json(connection: apsw.Connection, json_columns: Mapping[str, Sequence[str]]) -> list[Text]:
    found = []
    there = {
        str(table)
        for (table,) in rows(connection, "SELECT name FROM main.sqlite_schema WHERE type = 'table'")
    }
    for table, columns in json_columns.items():
        if table not in there:
            continue
        for column in columns:
            wrong = number(
                connection,
                f"SELECT count(*) FROM main.{table} WHERE {quote(column)} IS NOT NULL "
                f"AND NOT json_valid({quote(column)})",
            )
            if wrong:
                found.append(
                    translate(
                        "migration", "{count} values of {table}.{column} are not JSON.",
                        count=wrong, table=table, column=column,
                    )
                )  # fmt: skip
    return found


def _history(connection: apsw.Connection, name: str, scripts: tuple[Script, ...]) -> list[Text]:
    try:
        done = current(read_history(connection))
    except Tampered as error:
        return [
            translate(
                "migration", "The migration history of {database} was tampered with: {why}.",
                database=name, why=why(error),
            )
        ]  # fmt: skip
    return [
        translate("migration", "{name} is not in the history of {database}.",
                  name=script.name, database=name)
        for script in scripts
        if script.database == name
        and (script.version not in done or not script.is_what(done[script.version].sha256))
    ]  # fmt: skip


def _tables(
    context: Context, connection: apsw.Connection, name: str, expected: Expected
) -> tuple[list[Text], JsonValue]:
    problems: list[Text] = []
    digests: dict[str, JsonValue] = {}
    for table, digest in (expected.kept | expected.made).items():
        context.check()
        kept = table in expected.kept
        try:
            found = table_digest(connection, "main", table)
        except apsw.SQLError:
            found = None
        digests[table] = {
            "rows": digest.rows, "digest": digest.value, "kind": "as before" if kept else "new",
        }  # fmt: skip
        if found != digest:
            problems.append(
                translate("migration", "The table {table} of {database} is not as it was.",
                          table=table, database=name)
                if kept
                else translate(
                    "migration", "The table {table} of {database} is not what a second run makes.",
                    table=table, database=name)
            )  # fmt: skip
    return problems, digests


def validate_record_counts(
    databases: dict[str, tuple[apsw.Connection, Expected]],
) -> ValidatorResult:
    """Count every table."""
    problems: list[Text] = []
    counted: dict[str, JsonValue] = {}
    for name, (connection, expected) in databases.items():
        tables: dict[str, JsonValue] = {}
        for table, digest in (expected.kept | expected.made).items():
            try:
                found = number(connection, f"SELECT count(*) FROM main.{quote(table)}")
            except apsw.SQLError:
                found = -1
            tables[table] = found
            if found != digest.rows:
                problems.append(
                    translate(
                        "migration",
                        "{table} of {database} has {found} rows instead of {wanted}.",
                        table=table, database=name, found=found, wanted=digest.rows,
                    )
                )  # fmt: skip
        counted[name] = tables
    return ValidatorResult(
        name="record_counts",
        ok=not problems,
        evidence={"rows": counted},
        problems=tuple(problems),
    )


STEPS = 5


def attach_before(
    connection: apsw.Connection, sources: Mapping[str, Path], conversions: Conversions
) -> Sequence[Source]:
    """Attach the databases as they were, as ``was_NAME``, and return their legacy tables."""
    order = [conversions.holder, *(name for name in sources if name != conversions.holder)]
    there = [name for name in order if name in sources]
    for name in there:
        connection.execute(
            f"ATTACH ? AS {quote(f'was_{name}')}", (uri(sources[name], "mode=ro&immutable=1"),)
        ).fetchall()
    return conversions.detect(connection, {name: f"was_{name}" for name in there})


@contextmanager
def opened(staged: list[Staged]) -> Iterator[dict[str, apsw.Connection]]:
    """Open staged copies at rest, read-only."""
    found: dict[str, apsw.Connection] = {}
    try:
        for one in staged:
            found[one.name] = open_immutable(one.path)
        yield found
    finally:
        for connection in found.values():
            attempt(connection.close)


def validate(
    staged: list[Staged],
    scripts: tuple[Script, ...],
    deployment: Deployment,
    scratch: Path,
    live: Mapping[str, Path],
    conversions: Conversions,
) -> ValidationResult:
    """Validate the staged copies against the databases as they were."""
    context = deployment.context

    def say(done: int, name: str) -> None:
        context.check()
        context.progress(
            done,
            STEPS,
            Unit.ROWS,
            translate("migration", "Validating: {what}", what=validator_words(name)),
        )

    say(0, "repeat")
    expected: dict[str, Expected] = {
        one.name: expect(one, scripts, deployment, scratch, conversions) for one in staged
    }
    with opened(staged) as connections:
        for connection in connections.values():
            ask_while_busy(connection, context)
        databases = {name: (one, expected[name]) for name, one in connections.items()}
        say(1, "record_counts")
        results = [validate_record_counts(databases)]
        say(2, "integrity")
        results.append(validate_integrity(context, databases, scripts, conversions.json_columns))
        before = staged[0].sources if staged else {}
        migrated = Migrated(context, connections, before, live, deployment.moment)
        done = itertools.count(2)
        results += conversions.validate(migrated, lambda name: say(next(done), name))
        say(STEPS, results[-1].name)
    return ValidationResult(validators=_joined(results))


def _joined(results: list[ValidatorResult]) -> tuple[ValidatorResult, ...]:
    """Return one result for each validator: core's and the adapter's together."""
    found: dict[str, ValidatorResult] = {}
    for one in results:
        first = found.get(one.name)
        found[one.name] = one if first is None else first.model_copy(
            update={
                "ok": first.ok and one.ok,
                "evidence": first.evidence | one.evidence,
                "problems": first.problems + one.problems,
            }
        )  # fmt: skip
    return tuple(found.values())
