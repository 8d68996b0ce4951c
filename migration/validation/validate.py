"""Validates a staged migration: what holds for any, and what its adapter proves of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import apsw
from pydantic import JsonValue

from core.base.cleanup import attempt
from core.base.operation import Unit
from core.base.sqlite import open_immutable, quote, uri
from core.base.text import Text, translate
from migration.adapter import Conversions, Migrated
from migration.engine.apply import Staged, ask_while_busy
from migration.engine.scripts import Deployment, Script
from migration.models import ValidationResult, ValidatorResult, validator_words
from migration.sql import Source, number
from migration.validation.expected import Expected, expect
from migration.validation.integrity import validate_integrity
from migration.validation.validate import validate_record_counts


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
