"""Where the rows of the legacy tables went, and how many rules their strategies have."""

from __future__ import annotations

from collections.abc import Sequence

import apsw
from pydantic import JsonValue

from core.base.text import Text, translate
from migration.engine.source import Source
from migration.models import ValidatorResult
from migration.sql import number
from migration.upbit.validation.lossless import rebuilt
from migration.upbit.validation.rule_counts import compare_rule_counts


def count_legacy_rows(connection: apsw.Connection, sources: Sequence[Source]) -> ValidatorResult:
    """Count of every legacy table what was converted, and the rules of strategies."""
    problems: list[Text] = []
    listed: list[JsonValue] = []
    for source in sources:
        before = number(connection, f"SELECT count(*) FROM {source.rows_sql}")
        converted, review = (
            number(connection, f"SELECT count(*) FROM {way.place}") for way in rebuilt(source)
        )
        listed.append(
            {"database": source.database, "table": source.table, "shape": source.shape.value,
             "rows": before, "converted": converted, "needing_review": review}
        )  # fmt: skip
        if before != converted + review:
            problems.append(
                translate(
                    "migration",
                    "Of {rows} rows of {table} {converted} were converted, {review} need review.",
                    rows=before, table=source.table, converted=converted, review=review,
                )
            )  # fmt: skip
    rules, wrong = compare_rule_counts(connection, sources)
    problems += wrong
    return ValidatorResult(
        name="record_counts",
        ok=not problems,
        evidence={"legacy_tables": listed, "rules": rules},
        problems=tuple(problems),
    )
