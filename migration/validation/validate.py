"""Validates a staged migration: four validators, one result."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from core.base.cleanup import attempt
from core.base.operation import Unit
from core.base.sqlite import open_immutable, quote, uri
from core.base.text import translate
from migration.engine.apply import Staged, ask_while_busy
from migration.engine.scripts import Deployment, Script
from migration.sources.detect import Source, detect
from migration.validation.business import read_candles, validate_business_logic
from migration.validation.counts import validate_record_counts
from migration.validation.expected import Expected, expect
from migration.validation.integrity import validate_integrity
from migration.validation.models import ValidationResult, ValidatorResult
from migration.validation.performance import validate_performance

HOLDER = "strategies"
"""The database that holds the new schema."""


def attach_before(connection: apsw.Connection, sources: dict[str, Path]) -> tuple[Source, ...]:
    """Attach the databases as they were, as ``was_NAME``, and return their legacy tables."""
    order = [HOLDER, *(name for name in sources if name != HOLDER)]
    there = [name for name in order if name in sources]
    for name in there:
        connection.execute(
            f"ATTACH ? AS {quote(f'was_{name}')}", (uri(sources[name], "mode=ro&immutable=1"),)
        ).fetchall()
    return detect(connection, {name: f"was_{name}" for name in there})


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
    market_data: Path | None,
) -> ValidationResult:
    """Validate the staged copies against the databases as they were."""
    context = deployment.context

    def say(done: int, name: str) -> None:
        context.check()
        context.progress(
            done, 5, Unit.ROWS, translate("migration", "Validating: {what}", what=name)
        )

    say(0, "repeat")
    expected: dict[str, Expected] = {
        one.name: expect(one, scripts, deployment, scratch) for one in staged
    }
    series = read_candles(market_data)
    with opened(staged) as connections:
        sources: tuple[Source, ...] = ()
        for connection in connections.values():
            ask_while_busy(connection, context)
        holder = connections.get(HOLDER)
        if holder is not None:
            of_holder = next(one for one in staged if one.name == HOLDER)
            sources = attach_before(holder, of_holder.sources)
        databases = {name: (one, expected[name]) for name, one in connections.items()}
        say(1, "record_counts")
        results: list[ValidatorResult] = [validate_record_counts(databases, sources)]
        say(2, "integrity")
        results.append(validate_integrity(context, databases, sources, scripts))
        if holder is not None:
            say(3, "business_logic")
            results.append(
                validate_business_logic(context, holder, sources, series, deployment.moment)
            )
            say(4, "performance")
            results.append(validate_performance(holder, sources))
        say(5, "performance")
    return ValidationResult(validators=tuple(results))
