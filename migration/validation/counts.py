"""How many rows there are of everything, where those of the legacy tables went, how many rules."""

from __future__ import annotations

from collections.abc import Sequence

import apsw
from pydantic import JsonValue

from core.base.sqlite import quote
from core.base.text import Text, translate
from migration.sources.detect import Source
from migration.sql import number
from migration.validation.expected import Expected
from migration.validation.lossless import rebuilt
from migration.validation.models import ValidatorResult
from migration.validation.rule_counts import compare_rule_counts


def validate_record_counts(
    databases: dict[str, tuple[apsw.Connection, Expected]], sources: Sequence[Source]
) -> ValidatorResult:
    """Count every table, of every legacy one what was converted, and the rules of strategies."""
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
    listed: list[JsonValue] = []
    holder = databases.get("strategies")
    for source in sources if holder is not None else ():
        connection = holder[0]  # type: ignore[index]
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
    rules: JsonValue = {}
    if holder is not None:
        rules, wrong = compare_rule_counts(holder[0], sources)
        problems += wrong
    return ValidatorResult(
        name="record_counts",
        ok=not problems,
        evidence={"rows": counted, "legacy_tables": listed, "rules": rules},
        problems=tuple(problems),
    )
