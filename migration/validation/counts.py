"""How many rows there are of everything."""

from __future__ import annotations

import apsw
from pydantic import JsonValue

from core.base.sqlite import quote
from core.base.text import Text, translate
from migration.models import ValidatorResult
from migration.sql import number
from migration.validation.expected import Expected


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
